/** Errors: their class, and what they say. */

import assert from "node:assert/strict";
import test from "node:test";
import * as errors from "algomancy-client";
import { error, json, serve } from "./support/server.js";

const CLASSES = {
  400: errors.BadRequest,
  401: errors.Unauthorized,
  403: errors.Forbidden,
  404: errors.NotFound,
  409: errors.Conflict,
  410: errors.Gone,
  413: errors.TooLarge,
  418: errors.StatusError,
  422: errors.Unprocessable,
  429: errors.TooManyRequests,
  500: errors.ServerError,
  503: errors.Unavailable,
  507: errors.StorageFull,
};

for (const [status, kind] of Object.entries(CLASSES)) {
  test(`a ${status} is a ${kind.name}, with detail, status and the id of the request`, async (t) => {
    const answer = error(Number(status), "No such thing", { "X-Request-ID": "r-1" });
    const { client } = await serve(t, answer, { retries: { attempts: 1 } });
    const thrown = await client.GET("/health").catch((reason: unknown) => reason);
    assert(thrown instanceof errors.StatusError && thrown instanceof errors.AlgomancyError);
    assert.equal(thrown.constructor, kind);
    assert.equal(thrown.name, kind.name);
    assert.deepEqual([thrown.detail, thrown.status, thrown.requestId], ["No such thing", Number(status), "r-1"]);
    assert.equal(thrown.message, `No such thing (status ${status}, request r-1)`);
  });
}

test("a refusal that is not of the API has its text, and no id", async (t) => {
  const page = `<html>${"x".repeat(1000)}`;
  const { client } = await serve(t, (response) => void response.writeHead(413).end(page));
  await assert.rejects(client.GET("/health"), { detail: page.slice(0, 200), requestId: undefined });
});

test("a detail that is no text, an empty body and a body that is null have a detail all the same", async (t) => {
  const bodies = ['{"detail": [{"loc": "x"}]}', "", "null"];
  const { client } = await serve(t, (response) => void response.writeHead(400).end(bodies.shift()));
  await assert.rejects(client.GET("/health"), { detail: '[{"loc":"x"}]' });
  await assert.rejects(client.GET("/health"), { detail: "Bad Request" });
  await assert.rejects(client.GET("/health"), { detail: "null" });
});

test("data that is refused says where and why", async (t) => {
  const message = { severity: "ERROR", message: "No such city", table: "roads", row: 0, column: "to", code: null };
  const messages = [
    message,
    { severity: "INFO", message: "Begun", table: null, code: null },
    { severity: "CRITICAL", message: "Nothing left", table: null, code: null },
  ];
  const { client } = await serve(t, (response, request) =>
    request.url.endsWith("/sessions")
      ? json({ default: "s1", sessions: [{ id: "s1", display_name: "main" }] })(response, request)
      : json({ dataset_name: 'a"b', success: false, keys: [], messages })(response, request),
  );
  const thrown = await (await client.session()).upload('a"b', []).catch((reason: unknown) => reason);
  assert(thrown instanceof errors.Refused);
  assert.deepEqual(thrown.messages, messages);
  assert.equal(thrown.message, 'Dataset "a\\"b" is refused:\n  roads, row 0, to: No such city\n  Nothing left');
});
