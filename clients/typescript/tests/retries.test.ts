/** Requests that are sent again: which, how often, and with which key. */

import assert from "node:assert/strict";
import test from "node:test";
import { Client, ConnectionFailed, StatusError } from "algomancy-client";
import { error, inTurn, json, lost, serve } from "./support/server.js";

const SESSION = { body: { display_name: "new" } };
const SCENARIO = { params: { path: { session_id: "s1", scenario_id: "x" } } };

for (const passing of [lost, error(408, "slow"), error(429, "many"), error(500, "oops"), error(503, "busy")]) {
  test("what may pass is tried again, with the same key and body", async (t) => {
    const { client, requests } = await serve(t, inTurn(passing, passing, json({}, 201)));
    await client.POST("/sessions", SESSION);
    assert.equal(requests.length, 3);
    assert.equal(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size, 1);
    assert.deepEqual(
      requests.map(({ body }) => body.toString()),
      Array(3).fill('{"display_name":"new"}'),
    );
  });
}

test("a 409 that says when to come back is one of an attempt that is under way", async (t) => {
  for (const when of ["0", new Date().toUTCString()]) {
    const { client, requests } = await serve(
      t,
      inTurn(error(409, "under way", { "Retry-After": when }), json({}, 201)),
    );
    await client.POST("/sessions", SESSION);
    assert.equal(requests.length, 2);
  }
});

for (const status of [400, 401, 404, 409, 422, 501, 505, 507]) {
  test(`a ${status} is final`, async (t) => {
    const { client, requests } = await serve(t, error(status, "no"));
    await assert.rejects(client.POST("/sessions", SESSION), { status });
    assert.equal(requests.length, 1);
  });
}

test("the last attempt throws what it got", async (t) => {
  const { client, requests } = await serve(t, error(503, "busy"), { retries: { attempts: 3 } });
  await assert.rejects(client.GET("/health"), { status: 503, detail: "busy" });
  assert.equal(requests.length, 3);
});

test("a pause that is too long is not made", async (t) => {
  const { client, requests } = await serve(t, error(429, "many", { "Retry-After": "31" }));
  await assert.rejects(client.GET("/health"), (thrown) => (thrown as StatusError).retryAfter === 31_000);
  assert.equal(requests.length, 1);
});

test("a scenario that a lost attempt has deleted is deleted", async (t) => {
  const path = "/sessions/{session_id}/scenarios/{scenario_id}";
  const { client, requests } = await serve(t, inTurn(lost, error(404, "Scenario 'x' not found")));
  assert.equal(await client.DELETE(path, SCENARIO), undefined);
  await assert.rejects(client.DELETE(path, SCENARIO), { status: 404 });
  assert.equal(requests.length, 3);
});

test("without a server, an error says so, with its cause", async (t) => {
  const { url } = await serve(t, lost);
  const client = new Client({ url: url.replace(/\d+$/, "1"), retries: { attempts: 2, first: 1 } });
  const thrown = await client.GET("/health").catch((reason: unknown) => reason);
  assert(thrown instanceof ConnectionFailed);
  assert(thrown.cause instanceof TypeError);
});
