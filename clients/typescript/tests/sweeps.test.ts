/** Sweeps: what the server is asked for. */

import assert from "node:assert/strict";
import test from "node:test";
import { json, routes, serve } from "./support/server.js";

test("a sweep is one request, which tells its scenarios apart by what differs", async (t) => {
  const { client, requests } = await serve(t, routes({ "/batch": json([{ id: "a" }], 201) }));
  const session = await client.session();
  const grid = { max_open: [2, 3], cost: { from: 0.2, to: 1, step: 0.4 } };
  const found = await session.sweep("Locate", ["x", "y"], grid, {
    tag: "my {sweep}",
    parameters: { fast: true },
    repetitions: 2,
    seedParameter: "seed",
    labels: { region: "north" },
    idempotencyKey: "mine",
  });
  assert.deepEqual(found, [{ id: "a" }]);
  const { body, headers } = requests[1]!;
  assert.equal(headers["idempotency-key"], "mine");
  assert.deepEqual(JSON.parse(body.toString()), {
    tag: "my {{sweep}} dataset={dataset} max_open={max_open} cost={cost} repetition={repetition}",
    dataset_keys: ["x", "y"],
    algo_name: "Locate",
    algo_params: { fast: true },
    data_params: null,
    grid,
    repetitions: 2,
    seed_parameter: "seed",
    label: { sweep: "my {sweep}", region: "north" },
    note: null,
    run: true,
  });
});

test("a sweep without a tag has one that no other has", async (t) => {
  const { client, requests } = await serve(t, routes({ "/batch": json([], 201) }));
  const session = await client.session();
  await session.sweep("Locate", "x", { cost: [1] }, { run: false });
  await session.sweep("Locate", "x", { cost: [1] });
  const bodies = requests.slice(1).map(({ body }) => JSON.parse(body.toString()));
  assert.match(bodies[0].tag, /^Locate [0-9a-f]{6} cost=\{cost\}$/);
  assert.notEqual(bodies[0].tag, bodies[1].tag);
  assert.deepEqual(
    bodies.map(({ run }) => run),
    [false, true],
  );
});
