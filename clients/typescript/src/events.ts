/** Server-Sent Events over `fetch`, which sends the header of a token: an `EventSource` cannot. */

import { createParser } from "eventsource-parser";
import { UnexpectedAnswer } from "./errors.js";
import type { Link } from "./link.js";
import { Outage, answeredOnce, failed, within } from "./retries.js";
import type { ScenarioState } from "./types.js";

/** Milliseconds: a stream that is silent for longer is broken, since a comment comes every 15 seconds. */
const SILENCE = 25_000;

/** What events say, by their type. */
interface DataOfEvent {
  /** The state of all, first and after events were missed. Datasets are in that of a session without a filter. */
  snapshot: { scenarios: ScenarioState[]; datasets?: { key: string; id: string }[] };
  /** The status of a scenario has changed, or it is new. */
  status: ScenarioState;
  /** Only its progress, or what its algorithm reports, has changed. */
  progress: ScenarioState;
  /** A scenario is deleted, or has lost the label of the filter. */
  deleted: { id: string };
  dataset_added: { key: string; id: string };
  dataset_deleted: { key: string };
  /** The session is deleted; there are no further events. */
  gone: { id: string };
}

type EventOf<Types extends Record<keyof Types, unknown>> = {
  [Type in keyof Types]: {
    type: Type;
    data: Types[Type];
    /** Resumes the stream after this event, as `lastEventId`; undefined before the first id. */
    id: string | undefined;
  };
}[keyof Types];

/** An event of a session. */
export type SessionEvent = EventOf<DataOfEvent>;

/** An event of one scenario. Its snapshot is its state. */
export type ScenarioEvent = EventOf<Pick<DataOfEvent, "status" | "progress" | "deleted"> & { snapshot: ScenarioState }>;

/** How a stream is read. */
export interface StreamOptions {
  /** The id of the last event that is known, to go on after it. */
  lastEventId?: string | undefined;
  /** Ends the stream; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called with false when the connection is lost, and with true when there is one. */
  onConnection?: ((isConnected: boolean) => void) | undefined;
}

/** The scenarios that a stream of a session is about; all of them, and the datasets, without a filter. */
export interface Filter {
  /** Their ids, up to 1,000. */
  ids?: readonly string[] | undefined;
  /** Labels that they have: `name`, or `name:text`. */
  label?: string | readonly string[] | undefined;
}

/** One event, before its data is read. */
export interface Message {
  type: string;
  data: string;
  id: string | undefined;
}

const TYPES: ReadonlySet<string> = new Set<SessionEvent["type"]>([
  "snapshot",
  "status",
  "progress",
  "deleted",
  "dataset_added",
  "dataset_deleted",
  "gone",
]);

/**
 * The events of a path, over lost connections and restarts of the server, until the server says that there are no more.
 *
 * @throws {ConnectionFailed} The server has been away for longer than `retries.outage`.
 * @throws {StatusError} It refuses the stream.
 */
export async function* events<Event extends SessionEvent | ScenarioEvent>(
  link: Link,
  path: string,
  { lastEventId, signal, onConnection }: StreamOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const outage = new Outage(link.retries);
  for (;;) {
    try {
      const body = await open(link, path, lastEventId, signal);
      if (body === undefined) return;
      outage.isOver();
      onConnection?.(true);
      for await (const { type, data, id } of messages(body, lastEventId, signal)) {
        outage.isForgotten();
        lastEventId = id;
        // A newer server may have further types.
        if (TYPES.has(type)) yield { type, data: parsed(data), id } as Event;
        if (type === "gone") return;
      }
    } catch (error) {
      outage.check(error);
    }
    onConnection?.(false);
    await outage.pause(signal);
  }
}

/** A new stream of a path, or undefined if there are no further events. */
export async function open(
  link: Link,
  path: string,
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const headers = await link.equip(new Headers({ Accept: "text/event-stream" }), "GET");
  if (lastEventId !== undefined) headers.set("Last-Event-ID", lastEventId);
  const response = await within(SILENCE, (silence) => {
    const either = signal === undefined ? silence : AbortSignal.any([signal, silence]);
    return answeredOnce(() => link.fetch(link.base + path, { headers, cache: "no-store", signal: either }), signal);
  });
  if (response.status === 204) return undefined;
  if (response.body === null || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    throw new UnexpectedAnswer(`${link.base}${path} has no events: is the address that of an algomancy-api?`);
  }
  return response.body;
}

/** The messages of a stream, until it ends. */
export async function* messages(
  body: ReadableStream<Uint8Array>,
  lastEventId?: string,
  signal?: AbortSignal,
): AsyncGenerator<Message, void, undefined> {
  const found: Message[] = [];
  const parser = createParser({
    onEvent: ({ event, data, id }) => {
      lastEventId = id ?? lastEventId;
      found.push({ type: event ?? "message", data, id: lastEventId });
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await chunkOf(reader, signal);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function chunkOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    // Between two reads, the program may take its time.
    return await within(SILENCE, () => reader.read());
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(error);
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new UnexpectedAnswer(`An event is not JSON: ${data.slice(0, 100)}`, { cause: error });
  }
}

/** The states in a message of a stream of a session: of all in a snapshot, of one in others, or none. */
export function statesOf({ type, data }: Message): ScenarioState[] {
  if (type === "snapshot") return (parsed(data) as DataOfEvent["snapshot"]).scenarios;
  return type === "status" || type === "progress" ? [parsed(data) as ScenarioState] : [];
}

/** Whether a message of a stream of a session says that one of some scenarios is no more. */
export function isOfLost(message: Message, ids: readonly string[]): boolean {
  if (message.type === "deleted") return ids.includes((parsed(message.data) as DataOfEvent["deleted"]).id);
  if (message.type !== "snapshot") return false;
  const there = new Set(statesOf(message).map(({ id }) => id));
  return !ids.every((id) => there.has(id));
}

/** The path of the events of a session. */
export function pathOfSession(sessionId: string, { ids, label }: Filter = {}): string {
  const query = new URLSearchParams();
  if (ids !== undefined) query.set("ids", ids.join(","));
  for (const each of typeof label === "string" ? [label] : (label ?? [])) query.append("label", each);
  return `/sessions/${encodeURIComponent(sessionId)}/events${query.size ? `?${query}` : ""}`;
}

/** The path of the events of a scenario. */
export function pathOfScenario(sessionId: string, scenarioId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}/scenarios/${encodeURIComponent(scenarioId)}/events`;
}
