/** Waits: by events, or else by long polls, or else by polls, and always confirmed. */

import assert from "node:assert/strict";
import test from "node:test";
import { type Session, type Standing, WaitTimeout } from "algomancy-client";
import {
  type Answer,
  type Arrived,
  error,
  event,
  inTurn,
  json,
  lost,
  routes,
  serve,
  state,
  stream,
} from "./support/server.js";

type State = ReturnType<typeof state>;

function changes(scenarios: State[], gone: string[] = []): Answer {
  return json({ scenarios, gone, done: false, snapshot: true, cursor: "c1" });
}

const ACTIVE = changes([state("a", "processing", 10)]);
const COMPLETE = changes([state("a", "complete", 100)]);
const END = stream([event("status", state("a", "complete", 100), "2")], "open");

async function waiting(
  t: test.TestContext,
  answers: { confirmations: Answer[]; events: Answer[]; waits?: Answer[] },
): Promise<{ session: Session; asked: (path: string) => string[]; requests: Arrived[] }> {
  const confirm = inTurn(...answers.confirmations);
  const long = inTurn(...(answers.waits ?? [error(500, "nobody waits")]));
  const wait: Answer = (response, request) => (request.url.includes("wait=") ? long : confirm)(response, request);
  const { client, requests } = await serve(t, routes({ "/wait": wait, "/events": inTurn(...answers.events) }));
  const session = await client.session();
  const asked = (part: string) => requests.map(({ url }) => url).filter((url) => url.includes(part));
  return { session, requests, asked };
}

test("what has ended already is not waited for, and the order is that of the ids", async (t) => {
  const both = changes([state("a", "complete"), state("b", "created")]);
  const { session, requests } = await waiting(t, { confirmations: [both], events: [] });
  const found = await session.waitFor([{ id: "b" }, "a", "b"]);
  assert.deepEqual(
    found.map(({ id, status }) => [id, status]),
    [
      ["b", "created"],
      ["a", "complete"],
    ],
  );
  assert.equal(requests.length, 2);
});

test("nothing is waited for without runs", async (t) => {
  const { session, requests } = await waiting(t, { confirmations: [], events: [] });
  assert.deepEqual(await session.waitFor([]), []);
  assert.equal(requests.length, 1);
});

test("events tell of the end, and a GET confirms it", async (t) => {
  const { session, asked } = await waiting(t, { confirmations: [ACTIVE, COMPLETE], events: [END] });
  const standings: Standing[] = [];
  const [scenario] = await session.waitFor(["a"], { onProgress: (standing) => void standings.push(standing) });
  assert.equal(scenario!.status, "complete");
  assert.deepEqual(standings, [
    { total: 1, ended: 0, failed: 0, percent: 10 },
    { total: 1, ended: 1, failed: 0, percent: 100 },
  ]);
  assert.equal(asked("/scenarios/wait").length, 2);
  assert.deepEqual(asked("/events"), ["/api/v1/sessions/s1/events?ids=a"]);
});

test("an end that the GET does not confirm is none", async (t) => {
  const { session, asked } = await waiting(t, { confirmations: [ACTIVE, ACTIVE, COMPLETE], events: [END] });
  await session.waitFor(["a"]);
  assert.equal(asked("/events").length, 2);
});

test("streams that break off, and a server that is away, are waited for", async (t) => {
  const confirmations = [ACTIVE, lost, error(503, "away"), ACTIVE, COMPLETE];
  const { session, asked } = await waiting(t, { confirmations, events: [stream([], "break"), lost, END] });
  await session.waitFor(["a"]);
  assert.equal(asked("/events").length >= 2, true);
  assert.deepEqual(asked("wait="), []);
});

test("without events, it is by long polls, with the cursor", async (t) => {
  const refused = error(429, "too many streams");
  const answers = { confirmations: [ACTIVE, ACTIVE, ACTIVE, COMPLETE], events: [refused], waits: [ACTIVE, COMPLETE] };
  const { session, asked } = await waiting(t, answers);
  await session.waitFor(["a"]);
  assert.equal(asked("/events").length, 1);
  assert.deepEqual(asked("wait="), Array(2).fill("/api/v1/sessions/s1/scenarios/wait?ids=a&cursor=c1&wait=20"));
});

test("without long polls, it is by polls", async (t) => {
  const refused = error(404, "Not Found");
  const confirmations = [ACTIVE, ACTIVE, ACTIVE, ACTIVE, COMPLETE];
  const { session, asked } = await waiting(t, { confirmations, events: [refused], waits: [error(422, "no")] });
  await session.waitFor(["a"]);
  assert.equal(asked("/scenarios/wait").length, 6);
  assert.equal(asked("/events").length, 1);
  assert.equal(asked("wait=").length, 1);
});

test("events that something keeps back are not waited for again", async (t) => {
  const answers = {
    confirmations: [ACTIVE, ACTIVE, ACTIVE, COMPLETE],
    events: [stream([], "open")],
    waits: [COMPLETE],
  };
  const { session, asked } = await waiting(t, answers);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const wait = session.waitFor(["a"]);
  while (!asked("/events").length) await new Promise((resolve) => setImmediate(resolve));
  // The head of the stream arrives somewhat later, and then the time begins again.
  while (!asked("wait=").length) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(1_000);
  }
  t.mock.timers.reset();
  await wait;
  assert.equal(asked("/events").length, 1);
});

test("many ids are confirmed in parts, and watched with the whole session", async (t) => {
  const ids = Array.from({ length: 101 }, (_, number) => `id${number}`);
  const of =
    (status: string): Answer =>
    (response, request) => {
      const given = new URLSearchParams(request.url.split("?")[1]).get("ids")!.split(",");
      return changes(given.map((id) => state(id, status)))(response, request);
    };
  const snapshot = stream([event("snapshot", { scenarios: ids.map((id) => state(id, "complete")) }, "2")], "open");
  const { session, asked } = await waiting(t, {
    confirmations: [of("queued"), of("queued"), of("complete"), of("complete")],
    events: [snapshot],
  });
  const found = await session.waitFor(ids);
  assert.deepEqual(
    found.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(asked("/events"), ["/api/v1/sessions/s1/events"]);
  assert.equal(asked("/scenarios/wait").length, 4);
});

test("an id that never was is an error, and a scenario that is deleted meanwhile is left out", async (t) => {
  const missing = await waiting(t, { confirmations: [changes([], ["a"])], events: [] });
  await assert.rejects(missing.session.waitFor(["a"]), { name: "NotFound" });
  const both = changes([state("a", "queued"), state("b", "complete")]);
  const left = changes([state("b", "complete")], ["a"]);
  for (const said of [event("deleted", { id: "a" }, "2"), event("snapshot", { scenarios: [] }, "2")]) {
    const { session } = await waiting(t, { confirmations: [both, left], events: [stream([said], "open")] });
    const found = await session.waitFor(["a", "b"]);
    assert.deepEqual(
      found.map(({ id }) => id),
      ["b"],
    );
  }
});

test("a text is no list of ids", async (t) => {
  const { session } = await waiting(t, { confirmations: [], events: [] });
  assert.throws(() => session.waitFor("a"), TypeError);
});

test("a time-out says how far the runs are, and an abort has its reason", async (t) => {
  const { session } = await waiting(t, { confirmations: [ACTIVE], events: [stream([], "open")] });
  const thrown = await session.waitFor(["a"], { timeout: 50 }).catch((reason: unknown) => reason);
  assert(thrown instanceof WaitTimeout);
  assert.deepEqual(
    thrown.scenarios.map(({ id, progress }) => [id, progress]),
    [["a", 10]],
  );
  const reason = new Error("enough");
  await assert.rejects(session.waitFor(["a"], { signal: AbortSignal.abort(reason), timeout: 60_000 }), reason);
});

test("an error of the caller's own function ends the wait", async (t) => {
  const { session } = await waiting(t, { confirmations: [ACTIVE], events: [END] });
  const own = new Error("own");
  const wait = session.waitFor(["a"], {
    onProgress: () => {
      throw own;
    },
  });
  await assert.rejects(wait, own);
});

test("a server that is away for too long ends the wait", async (t) => {
  const retries = { first: 1, attempts: 2, outage: 20 };
  const { client } = await serve(t, routes({ "/wait": inTurn(ACTIVE, lost), "/events": lost }), { retries });
  await assert.rejects((await client.session()).waitFor(["a"]), { name: "ConnectionFailed" });
});
