/** Uploads: their form, their progress, and their retries. */

import assert from "node:assert/strict";
import test from "node:test";
import { Refused, type UploadProgress } from "algomancy-client";
import { error, inTurn, json, lost, routes, serve } from "./support/server.js";

const ACCEPTED = json({ dataset_name: "k", success: true, keys: ["k"], messages: [] });
const FILES = [new File(["id\n1\n"], "depots.csv"), new File(["x".repeat(300_000)], "städte.csv")];
const BYTES = 300_005;

/** The names and contents of the parts of a form that has arrived. */
async function partsOf(type: string, body: Buffer): Promise<[string, string, number][]> {
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
  return [...form].map(([name, value]) =>
    typeof value === "string" ? [name, value, 0] : [name, value.name, value.size],
  );
}

const PARTS = [
  ["dataset_name", "k", 0],
  ["files", "depots.csv", 5],
  ["files", "städte.csv", 300_000],
];

for (const isWatched of [false, true]) {
  test(`a form arrives, ${isWatched ? "with" : "without"} progress, and again after a failure`, async (t) => {
    const { client, requests } = await serve(t, routes({ "/etl": inTurn(lost, error(503, "busy"), ACCEPTED) }), {
      token: "secret",
    });
    const session = await client.session();
    const seen: UploadProgress[] = [];
    const options = isWatched ? { onProgress: (progress: UploadProgress) => void seen.push(progress) } : {};
    const outcome = await session.upload("k", FILES, options);
    assert.deepEqual(outcome.keys, ["k"]);
    const attempts = requests.slice(1);
    assert.equal(new Set(attempts.map(({ headers }) => headers["idempotency-key"])).size, 1);
    for (const { method, url, headers, body } of attempts) {
      assert.deepEqual([method, url], ["POST", "/api/v1/sessions/s1/etl"]);
      assert.equal(headers.authorization, "Bearer secret");
      assert.deepEqual(await partsOf(headers["content-type"]!, body), PARTS);
    }
    assert.equal(attempts.length, 3);
    if (!isWatched) return;
    assert.deepEqual(seen.at(-1), { loaded: BYTES, total: BYTES });
    assert(seen.length > 2 && seen.every(({ loaded, total }) => loaded > 0 && loaded <= total));
  });
}

test("a dataset can be replaced", async (t) => {
  const { client, requests } = await serve(t, routes({ "/etl": ACCEPTED }));
  await (await client.session()).upload("k", FILES, { replace: true });
  assert.equal(requests[1]!.url, "/api/v1/sessions/s1/etl?replace=true");
});

test("data that is refused is an error with the messages, and is not sent again", async (t) => {
  const messages = [{ severity: "ERROR", message: "no", table: null, code: null }];
  const refused = json({ dataset_name: "k", success: false, keys: [], messages });
  const { client, requests } = await serve(t, routes({ "/etl": refused }));
  const session = await client.session();
  await assert.rejects(session.upload("k", FILES), (thrown) => thrown instanceof Refused && thrown.key === "k");
  assert.equal(requests.length, 2);
});

test("an abort ends an upload with its reason", async (t) => {
  const { client } = await serve(t, routes({ "/etl": () => undefined }));
  const session = await client.session();
  for (const onProgress of [undefined, () => undefined]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    const upload = session.upload("k", FILES, { signal: controller.signal, onProgress });
    setImmediate(() => controller.abort(reason));
    await assert.rejects(upload, reason);
  }
});
