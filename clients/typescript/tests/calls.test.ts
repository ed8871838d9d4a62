/** Calls: where they go, what they carry, and what becomes of an answer that is none. */

import assert from "node:assert/strict";
import test from "node:test";
import { Client, NotFound, UnexpectedAnswer } from "algomancy-client";
import { error, inTurn, json, routes, serve } from "./support/server.js";

test("a call resolves to the body, and names in its path may have any character", async (t) => {
  const { client, requests } = await serve(t, json({ keys: ["a"] }));
  const body = await client.GET("/sessions/{session_id}/data", { params: { path: { session_id: "what if/é?" } } });
  assert.deepEqual(body, { keys: ["a"] });
  assert.equal(requests[0]!.url, "/api/v1/sessions/what%20if%2F%C3%A9%3F/data");
});

test("an answer without a body is undefined", async (t) => {
  const { client } = await serve(t, (response) => void response.writeHead(204).end());
  const params = { path: { session_id: "s1", scenario_id: "x" } };
  assert.equal(await client.DELETE("/sessions/{session_id}/scenarios/{scenario_id}", { params }), undefined);
});

test("the headers of an answer are in what `api` gives", async (t) => {
  const { client } = await serve(t, json([], 200, { ETag: '"1"' }));
  const params = { path: { session_id: "s1" } };
  const { response } = await client.api.GET("/sessions/{session_id}/scenarios", { params });
  assert.equal(response.headers.get("ETag"), '"1"');
});

test("an address may end in slashes, and the API be under another path", async (t) => {
  const { url, requests } = await serve(t, json({}));
  await new Client({ url: `${url}/tools//`, prefix: "/v2/" }).GET("/health");
  assert.equal(requests[0]!.url, "/tools/v2/health");
});

test("the token is sent, and a function gives the one of the moment", async (t) => {
  const tokens = ["first", undefined, "second"];
  const { client, requests } = await serve(t, json({}), { token: async () => tokens.shift() });
  for (const _ of [1, 2, 3]) await client.GET("/health");
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    ["Bearer first", undefined, "Bearer second"],
  );
});

test("every POST has a key of its own, unless the caller gives one", async (t) => {
  const { client, requests } = await serve(t, json({}, 201));
  const body = { display_name: "new" };
  await client.POST("/sessions", { body });
  await client.POST("/sessions", { body });
  await client.POST("/sessions", { body, headers: { "Idempotency-Key": "mine" } });
  await client.GET("/health");
  const keys = requests.map(({ headers }) => headers["idempotency-key"]);
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2), ["mine", undefined]);
});

test("a session is found by its id or its name, or is the default one", async (t) => {
  const sessions = [
    { id: "s1", display_name: "main" },
    { id: "s2", display_name: "s1" },
  ];
  const { client } = await serve(t, json({ default: "s2", sessions }));
  assert.equal((await client.session()).id, "s2");
  assert.equal((await client.session("main")).id, "s1");
  assert.equal((await client.session("s1")).name, "main"); // an id is unique, a name comes after it
  await assert.rejects(client.session("other"), (reason) => {
    assert(reason instanceof NotFound);
    assert.match(reason.message, /'other' not found; there are 'main', 's1'/);
    return true;
  });
});

test("a page instead of an answer is said to be one", async (t) => {
  const page = inTurn((response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<html>"));
  const { client } = await serve(t, page);
  await assert.rejects(client.GET("/sessions"), UnexpectedAnswer);
});

test("an abort rejects with its reason, and is not sent again", async (t) => {
  const { client, requests } = await serve(t, error(503, "busy"), { retries: { first: 60_000 } });
  const reason = new Error("enough");
  const controller = new AbortController();
  const call = client.GET("/health", { signal: controller.signal });
  while (!requests.length) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  await assert.rejects(call, reason);
  assert.equal(requests.length, 1);
});

test("a client can be given what sends its requests", async (t) => {
  const asked: string[] = [];
  const own: typeof fetch = async (input, init) => {
    asked.push(input instanceof Request ? input.url : String(input));
    return fetch(input, init);
  };
  const { client, url } = await serve(t, routes({ "/etl": json({ success: true, messages: [], keys: [] }) }), {
    fetch: own,
  });
  await (await client.session()).upload("k", [new File(["x"], "a.csv")], { onProgress: () => undefined });
  assert.deepEqual(asked, [`${url}/api/v1/sessions`, `${url}/api/v1/sessions/s1/etl`]);
});
