/**
 * Waits until runs have ended: by events, or else by long polls, or else by polls.
 *
 * Whatever the way, what it says is confirmed by a GET. A server that is away, such as one that restarts, is waited for.
 */

import { type Api, send } from "./calls.js";
import { AlgomancyError, NotFound, StatusError, UnexpectedAnswer, WaitTimeout } from "./errors.js";
import { isOfLost, messages, open, pathOfSession, statesOf } from "./events.js";
import type { Link } from "./link.js";
import { Outage, Silence, isPassing, sleep } from "./retries.js";
import type { ScenarioChanges, ScenarioState, ScenarioSummary, Status } from "./types.js";

/** Statuses of runs that go on. */
const ACTIVE: ReadonlySet<Status> = new Set<Status>(["queued", "processing"]);

/** Milliseconds: how long an answer that needs no wait may take. */
const PATIENCE = 30_000;

/** Milliseconds: between two polls of a server, or a proxy before it, that cannot wait. */
const INTERVAL = 1_000;

/** Seconds: the wait of a long poll. */
const LONG_POLL = 20;

/** Ids: as many as the line of a request has room for, behind any proxy. */
const IDS_AT_A_TIME = 100;

/** How far runs are. */
export interface Standing {
  total: number;
  /** Those that do not run or wait to run, `failed` included. */
  ended: number;
  failed: number;
  /** The mean progress of all, from 0 to 100; those that have ended count as 100. */
  percent: number;
}

/** How runs are waited for. */
export interface WaitOptions {
  /** Milliseconds: the longest wait; no limit without it. */
  timeout?: number | undefined;
  /** Ends the wait; its reason is thrown. The runs go on. */
  signal?: AbortSignal | undefined;
  /** Called when the standing has changed. */
  onProgress?: ((standing: Standing) => void) | undefined;
}

/** Waits for changes of runs, and takes over what it sees. */
type Way = (signal: AbortSignal | undefined) => Promise<void>;

/**
 * Wait until runs have ended, or do not run for another reason. Nothing that ends the wait ends the runs.
 *
 * @returns The scenarios as the server has them then, in the order of the ids, without those that are deleted meanwhile.
 * @throws {NotFound} There is no such scenario.
 * @throws {WaitTimeout} They have not ended in time.
 * @throws {ConnectionFailed} The server has been away for longer than `retries.outage`.
 */
export async function waitFor(
  link: Link,
  api: Api,
  sessionId: string,
  ids: readonly string[],
  { timeout, signal, onProgress }: WaitOptions = {},
): Promise<ScenarioSummary[]> {
  const time = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  const both = [signal, time].filter((each) => each !== undefined);
  const waiting = new Waiting(link, api, sessionId, ids, onProgress);
  try {
    return await waiting.wait(both.length ? AbortSignal.any(both) : undefined);
  } catch (error) {
    signal?.throwIfAborted();
    if (time?.aborted) throw new WaitTimeout(waiting.states);
    throw error;
  }
}

class Waiting {
  readonly #outage: Outage;
  readonly #found = new Map<string, ScenarioSummary>();
  readonly #known = new Map<string, ScenarioState>();
  #isFirst = true;
  #shown = "";

  constructor(
    readonly link: Link,
    readonly api: Api,
    readonly sessionId: string,
    readonly ids: readonly string[],
    readonly onProgress: ((standing: Standing) => void) | undefined,
  ) {
    this.#outage = new Outage(link.retries);
  }

  get states(): ScenarioState[] {
    return [...this.#known.values()];
  }

  async wait(signal: AbortSignal | undefined): Promise<ScenarioSummary[]> {
    const ways: Way[] = [this.#byEvents, this.#byLongPoll, this.#byPoll];
    for (;;) {
      try {
        await this.#confirm(signal);
        this.#outage.isOver();
        if (!this.#active().length) return [...this.#found.values()];
        await this.#once(ways, signal);
      } catch (error) {
        this.#outage.check(error);
      }
      if (this.#active().length) await this.#outage.pause(signal);
    }
  }

  /** Ask for all of them, with an answer at once. */
  async #confirm(signal: AbortSignal | undefined): Promise<void> {
    this.#found.clear();
    for (let start = 0; start < this.ids.length; start += IDS_AT_A_TIME) {
      const some = this.ids.slice(start, start + IDS_AT_A_TIME);
      const { scenarios, gone } = await this.#changes(some, {}, PATIENCE, signal);
      if (this.#isFirst && gone.length) throw new NotFound(`Scenario '${gone[0]}' not found`, 404);
      gone.forEach((id) => this.#known.delete(id));
      const byId = new Map(scenarios.map((scenario) => [scenario.id, scenario]));
      for (const scenario of some.map((id) => byId.get(id)).filter((each) => each !== undefined)) {
        this.#found.set(scenario.id, scenario);
        this.#known.set(scenario.id, scenario);
      }
    }
    this.#isFirst = false;
    this.#show();
  }

  /** Wait by the first way, which is left for good if the server, or a proxy before it, does not have it. */
  async #once(ways: Way[], signal: AbortSignal | undefined): Promise<void> {
    try {
      await ways[0]!(signal);
    } catch (error) {
      const isRefused = !isPassing(error) || (error instanceof StatusError && error.status === 429);
      if (!(error instanceof AlgomancyError) || (isRefused && ways.length === 1)) throw error;
      if (isRefused) ways.shift();
    }
  }

  /** Take over events until all runs have ended, one is deleted, or the stream breaks off. */
  #byEvents = async (signal: AbortSignal | undefined): Promise<void> => {
    const ids = this.#active();
    const path = pathOfSession(this.sessionId, ids.length <= IDS_AT_A_TIME ? { ids } : {});
    let isSilent = true;
    try {
      const body = await open(this.link, path, undefined, signal);
      if (body === undefined) return;
      for await (const message of messages(body, undefined, signal)) {
        isSilent = false;
        statesOf(message).forEach((state) => this.#take(state));
        if (!this.#active().length || isOfLost(message, ids)) return;
      }
    } catch (error) {
      if (isSilent && error instanceof Silence)
        throw new UnexpectedAnswer("Something keeps back events", { cause: error });
      throw error;
    }
  };

  /** Take over changes until one has ended: some are watched, and the others may move meanwhile. */
  #byLongPoll = async (signal: AbortSignal | undefined): Promise<void> => {
    const active = this.#active();
    const ids = active.slice(0, IDS_AT_A_TIME);
    let changes = await this.#changes(ids, {}, PATIENCE, signal);
    for (;;) {
      changes.scenarios.forEach((state) => this.#take(state));
      if (changes.gone.length || this.#active().length < active.length) return;
      const query = { cursor: changes.cursor, wait: LONG_POLL };
      changes = await this.#changes(ids, query, PATIENCE + 1000 * LONG_POLL, signal);
    }
  };

  /** Pause until it is time to ask again. */
  #byPoll = async (signal: AbortSignal | undefined): Promise<void> => {
    this.#outage.isForgotten();
    await sleep(INTERVAL, signal);
  };

  async #changes(
    ids: readonly string[],
    query: { cursor?: string; wait?: number },
    patience: number,
    signal: AbortSignal | undefined,
  ): Promise<ScenarioChanges> {
    // A wait that breaks off is confirmed before the next one.
    const retries = query.wait === undefined ? this.link.retries : { ...this.link.retries, attempts: 1 };
    const { data } = await this.api.GET("/sessions/{session_id}/scenarios/wait", {
      params: { path: { session_id: this.sessionId }, query: { ids: ids.join(","), ...query } },
      fetch: (request) => send(this.link, request, retries, patience),
      ...(signal && { signal }),
    });
    return data!;
  }

  #active(): string[] {
    return this.states.filter(({ status }) => ACTIVE.has(status)).map(({ id }) => id);
  }

  #take(state: ScenarioState): void {
    this.#outage.isForgotten();
    if (!this.#known.has(state.id)) return;
    this.#known.set(state.id, state);
    this.#show();
  }

  #show(): void {
    const standing = standingOf(this.states);
    const shown = JSON.stringify(standing);
    if (shown !== this.#shown) this.onProgress?.(standing);
    this.#shown = shown;
  }
}

function standingOf(states: readonly ScenarioState[]): Standing {
  const ended = states.filter(({ status }) => !ACTIVE.has(status)).length;
  const percents = states.map(({ status, progress }) => (ACTIVE.has(status) ? progress : 100));
  return {
    total: states.length,
    ended,
    failed: states.filter(({ status }) => status === "failed").length,
    percent: states.length ? percents.reduce((sum, percent) => sum + percent, 0) / states.length : 100,
  };
}
