/** A server of a test, which answers as the test says. */

import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Client, type ClientOptions } from "algomancy-client";

/** A request that has arrived. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export type Answer = (response: ServerResponse, request: Arrived) => void | Promise<void>;

/** A server, the requests that have arrived at it, and a client of it. */
export interface Scripted {
  url: string;
  requests: Arrived[];
  client: Client;
}

/** Pauses that no test waits for. */
const SHORT = { first: 1, outage: 60_000 };

/** Serve until the end of a test. */
export async function serve(
  test: TestContext,
  answer: Answer,
  options: Partial<ClientOptions> = {},
): Promise<Scripted> {
  const requests: Arrived[] = [];
  const server = createServer((message, response) => {
    const answering = arrived(message).then((request) => {
      requests.push(request);
      return answer(response, request);
    });
    answering.catch(() => response.destroy()); // the client has gone
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const retries = { ...SHORT, ...options.retries };
  return { url, requests, client: new Client({ url, ...options, retries }) };
}

/** Answers one after the other, the last one again and again. */
export function inTurn(...answers: Answer[]): Answer {
  let turn = 0;
  return (response, request) => answers[Math.min(turn++, answers.length - 1)]!(response, request);
}

/** Answers by what the path ends with; the sessions are one, named `main`. */
export function routes(answers: Record<string, Answer>): Answer {
  return (response, request) => {
    const [path] = request.url.split("?");
    const found = Object.entries(answers).find(([end]) => path!.endsWith(end));
    if (found) return found[1](response, request);
    return path!.endsWith("/sessions") ? json(SESSIONS)(response, request) : error(404, "Not Found")(response, request);
  };
}

const SESSIONS = { default: "s1", sessions: [{ id: "s1", display_name: "main" }] };

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

export function error(status: number, detail: string, headers: Record<string, string> = {}): Answer {
  return json({ detail }, status, headers);
}

/** The connection ends without an answer. */
export const lost: Answer = (response) => {
  response.destroy();
};

/** A stream of these pieces, which then stays open, or ends, or breaks off. */
export function stream(pieces: (string | Buffer)[], then: "open" | "end" | "break" = "end"): Answer {
  return async (response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
    for (const piece of pieces) {
      await new Promise((resolve) => response.write(piece, resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (then === "end") response.end();
    if (then === "break") response.destroy();
  };
}

/** An event as a server writes it. */
export function event(type: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\r\n`}event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
}

export function state(id: string, status: string, progress = 0) {
  return { id, tag: id, status, progress };
}

async function arrived(message: IncomingMessage): Promise<Arrived> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return { method: message.method!, url: message.url!, headers: message.headers, body: Buffer.concat(pieces) };
}
