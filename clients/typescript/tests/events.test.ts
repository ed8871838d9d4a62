/** Events: over lost connections, with the token and the id of the last event. */

import assert from "node:assert/strict";
import test from "node:test";
import { type SessionEvent, UnexpectedAnswer } from "algomancy-client";
import { type Answer, error, event, inTurn, lost, routes, serve, state, stream } from "./support/server.js";

const SNAPSHOT = event("snapshot", { scenarios: [state("a", "queued")] }, "1");
const GONE = event("gone", { id: "s1" }, "9");

/** A session whose events these are, the requests for them, and all that comes of them. */
async function watched(t: test.TestContext, ...answers: Answer[]) {
  const { client, requests } = await serve(t, routes({ "/events": inTurn(...answers) }), { token: "secret" });
  const session = await client.session();
  return { session, requests, asked: () => requests.slice(1) };
}

async function all<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const found: Event[] = [];
  for await (const each of events) found.push(each);
  return found;
}

test("events have their type, data and id, and the request the token", async (t) => {
  const { session, asked } = await watched(t, stream([SNAPSHOT, GONE]));
  assert.deepEqual(await all(session.events()), [
    { type: "snapshot", data: { scenarios: [state("a", "queued")] }, id: "1" },
    { type: "gone", data: { id: "s1" }, id: "9" },
  ]);
  const { authorization, accept } = asked()[0]!.headers;
  assert.deepEqual([authorization, accept], ["Bearer secret", "text/event-stream"]);
});

test("a stream that ends or breaks off is resumed after the last event", async (t) => {
  const status = event("status", state("a", "processing"), "2");
  const withoutId = event("progress", state("a", "processing", 50));
  const cases = [stream([SNAPSHOT, status]), stream([withoutId], "break"), lost, error(503, "away"), stream([GONE])];
  const { session, asked } = await watched(t, ...cases);
  const connected: boolean[] = [];
  const events = await all(session.events({ onConnection: (isConnected) => void connected.push(isConnected) }));
  assert.deepEqual(
    events.map(({ type, id }) => [type, id]),
    [
      ["snapshot", "1"],
      ["status", "2"],
      ["progress", "2"],
      ["gone", "9"],
    ],
  );
  assert.deepEqual(
    asked().map(({ headers }) => headers["last-event-id"]),
    [undefined, "2", "2", "2", "2"],
  );
  assert.deepEqual(connected, [true, false, true, false, false, false, true]);
});

test("a stream can begin after an event that is known", async (t) => {
  const { session, asked } = await watched(t, stream([GONE]));
  await all(session.events({ lastEventId: "7" }));
  assert.equal(asked()[0]!.headers["last-event-id"], "7");
});

test("the stream of a scenario ends when the server says that there is no more", async (t) => {
  const end = event("status", state("a", "complete", 100), "5");
  const { session, asked } = await watched(t, stream([end]), (response) => void response.writeHead(204).end());
  const events = await all(session.scenarioEvents("a/b"));
  assert.deepEqual(events, [{ type: "status", data: state("a", "complete", 100), id: "5" }]);
  assert.deepEqual(
    asked().map(({ url, headers }) => [url, headers["last-event-id"]]),
    [
      ["/api/v1/sessions/s1/scenarios/a%2Fb/events", undefined],
      ["/api/v1/sessions/s1/scenarios/a%2Fb/events", "5"],
    ],
  );
});

test("some scenarios are asked for by ids or labels", async (t) => {
  const { session, asked } = await watched(t, stream([GONE]));
  await all(session.events({ ids: ["a", "b"] }));
  await all(session.events({ label: "sweep:s 1" }));
  await all(session.events({ label: ["x", "y:1"] }));
  assert.deepEqual(
    asked().map(({ url }) => url.split("?")[1]),
    ["ids=a%2Cb", "label=sweep%3As+1", "label=x&label=y%3A1"],
  );
});

test("pieces may end anywhere, and comments and unknown types are passed over", async (t) => {
  const added = event("dataset_added", { key: "Köln", id: "d" }, "3");
  const bytes = [...Buffer.from(`: alive\r\n${event("later", { x: 1 }, "2")}${added}${GONE}`)];
  const { session } = await watched(t, stream(bytes.map((byte) => Buffer.from([byte]))));
  const events = await all(session.events());
  assert.deepEqual(
    events.map(({ type }) => type),
    ["dataset_added", "gone"],
  );
  assert.deepEqual(events[0]!.data, { key: "Köln", id: "d" });
});

test("a refusal is thrown, unless it passes", async (t) => {
  const { session, asked } = await watched(t, error(429, "too many streams", { "Retry-After": "0" }), error(404, "no"));
  await assert.rejects(all(session.events()), { name: "NotFound", detail: "no" });
  assert.equal(asked().length, 2);
});

test("a page in the place of events is said to be one", async (t) => {
  const page: Answer = (response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<html>");
  const { session } = await watched(t, page);
  await assert.rejects(all(session.events()), UnexpectedAnswer);
});

test("an event that is not JSON is thrown", async (t) => {
  const { session } = await watched(t, stream(["event: status\ndata: {\n\n"]));
  await assert.rejects(all(session.events()), UnexpectedAnswer);
});

test("an outage has an end", async (t) => {
  const answer = routes({ "/events": inTurn(stream([SNAPSHOT], "break"), lost) });
  const { client } = await serve(t, answer, { retries: { first: 1, outage: 20 } });
  await assert.rejects(all((await client.session()).events()), { name: "ConnectionFailed" });
});

/** Events, and what tells when their connection has ended. */
async function open(t: test.TestContext) {
  let hasEnded: () => void;
  const ended = new Promise<void>((resolve) => (hasEnded = resolve));
  const answer: Answer = (response, request) => {
    response.on("close", () => hasEnded());
    return stream([SNAPSHOT], "open")(response, request);
  };
  return { ended, ...(await watched(t, answer)) };
}

test("a loop that is left closes the connection", async (t) => {
  const { session, ended } = await open(t);
  for await (const _ of session.events()) break;
  await ended;
});

test("an abort ends the stream with its reason, and closes the connection", async (t) => {
  const { session, ended } = await open(t);
  const controller = new AbortController();
  const reason = new Error("enough");
  const events: SessionEvent[] = [];
  const read = async () => {
    for await (const each of session.events({ signal: controller.signal })) {
      events.push(each);
      setImmediate(() => controller.abort(reason));
    }
  };
  await assert.rejects(read(), reason);
  await ended;
  assert.equal(events.length, 1);
});

test("a stream that is silent is taken for broken", async (t) => {
  const { session, asked } = await watched(t, stream([SNAPSHOT], "open"), stream([GONE]));
  const events = session.events();
  assert.equal((await events.next()).value!.type, "snapshot");
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const next = events.next();
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(24_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked().length, 1);
  t.mock.timers.tick(1);
  t.mock.timers.reset();
  assert.equal((await next).value!.type, "gone");
  assert.equal(asked().length, 2);
});
