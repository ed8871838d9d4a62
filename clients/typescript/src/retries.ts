/** How often a request is sent again, and after which pause. */

import { AlgomancyError, ConnectionFailed, StatusError, errorOf } from "./errors.js";

/** How often a request is sent again, and after which pause. Times are in milliseconds. */
export interface Retries {
  /** How often a request is sent at most; 1 for no retry. */
  attempts: number;
  /** The pause after the first attempt. Each further one is twice as long, and up to half of it is left out at random. */
  first: number;
  /** The longest pause. If the server asks for a longer one, its error is thrown. */
  longest: number;
  /** How long events and waits outlast a server that does not answer, such as one that restarts. */
  outage: number;
}

export const RETRIES: Readonly<Retries> = { attempts: 5, first: 250, longest: 30_000, outage: 300_000 };

/** Milliseconds: the longest pause in an outage, at the end of which somebody waits for news. */
const LONGEST_PAUSE = 5_000;

/** Statuses of 500 and above that another attempt does not change: not implemented, wrong version, no space left. */
const FINAL = new Set([501, 505, 507]);

/** Statuses below 500 whose cause passes by itself. */
const PASSING = new Set([408, 425, 429]);

/** Whether the cause of an error may be gone at the next attempt. */
export function isPassing(error: unknown): error is ConnectionFailed | StatusError {
  if (!(error instanceof StatusError)) return error instanceof ConnectionFailed;
  // A 409 that says when to come back is one of an earlier attempt that is still under way.
  if (error.status === 409) return error.retryAfter !== undefined;
  return PASSING.has(error.status) || (error.status >= 500 && !FINAL.has(error.status));
}

/** Milliseconds until the next attempt after so many that failed, or undefined if there is none. */
function pauseAfter(failed: number, error: unknown, retries: Readonly<Retries>): number | undefined {
  const asked = askedBy(error);
  if (failed >= retries.attempts || asked > retries.longest || !isPassing(error)) return undefined;
  return asked + backoff(failed, retries.first, retries.longest);
}

/** The pause that an error asks for, in milliseconds. */
function askedBy(error: unknown): number {
  return error instanceof StatusError ? (error.retryAfter ?? 0) : 0;
}

function backoff(failed: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** (failed - 1)) * (0.5 + Math.random() / 2);
}

/** A time in which a server does not answer to what goes on for long, and the pauses between attempts in it. */
export class Outage {
  #since: number | undefined;
  #failures = 0;
  #asked = 0;

  constructor(readonly retries: Readonly<Retries>) {}

  /** The server has answered. What it gave may break off soon. */
  isOver(): void {
    this.#since = undefined;
  }

  /** What it gave is of use: the next pause is short again. */
  isForgotten(): void {
    this.#failures = 0;
  }

  /** Throw an error, unless its cause may pass and there is time for that. */
  check(error: unknown): void {
    this.#since ??= Date.now();
    if (!isPassing(error) || Date.now() - this.#since > this.retries.outage) throw error;
    this.#asked = askedBy(error);
  }

  /** Wait until it is time for the next attempt. */
  async pause(signal?: AbortSignal | null): Promise<void> {
    const pause = backoff(++this.#failures, this.retries.first, LONGEST_PAUSE);
    await sleep(Math.min(this.#asked, this.retries.longest) + pause, signal);
    this.#asked = 0;
  }
}

/**
 * The answer to a request, which is sent again while the cause of a failure may pass.
 *
 * @param send Sends it once; a new body each time.
 * @throws {ConnectionFailed} There is no answer.
 * @throws {StatusError} The answer is an error.
 */
export async function answered(
  send: () => Promise<Response>,
  retries: Readonly<Retries>,
  signal?: AbortSignal | null,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await answeredOnce(send, signal);
    } catch (error) {
      const pause = pauseAfter(attempt, error, retries);
      if (pause === undefined) throw error;
      await sleep(pause, signal);
    }
  }
}

/** The answer to a request that is sent once, with the errors of `answered`. */
export async function answeredOnce(send: () => Promise<Response>, signal?: AbortSignal | null): Promise<Response> {
  signal?.throwIfAborted();
  let response;
  try {
    response = await send();
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(error);
  }
  if (response.ok || response.status === 304) return response;
  throw await errorOf(response).catch(failed);
}

/** What `fetch` has thrown, or a body that broke off, as an error of this package. */
export function failed(cause: unknown): AlgomancyError {
  if (cause instanceof AlgomancyError) return cause;
  const why = cause instanceof Error ? ((cause.cause as Error | undefined)?.message ?? cause.message) : String(cause);
  return new ConnectionFailed(`No answer: ${why}`, { cause });
}

/** The server has been silent. */
export class Silence extends ConnectionFailed {}

/**
 * What is awaited, or `Silence` after some time.
 *
 * @param begin Begins what is awaited. It is given a signal that ends it after that time.
 */
export async function within<Value>(
  milliseconds: number,
  begin: (silence: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Silence(`No answer within ${milliseconds / 1000} s`);
      reject(error);
      silence.abort(error);
    }, milliseconds);
  });
  try {
    return await Promise.race([begin(silence.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Wait, unless a signal ends it: then its reason is thrown. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}
