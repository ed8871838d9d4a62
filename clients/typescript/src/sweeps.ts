/** Sweeps: one scenario for each combination of values. */

import type { Api } from "./calls.js";
import { hexadecimal } from "./link.js";
import type { Range, ScenarioSummary } from "./types.js";

/** The values of each parameter of a sweep, by its name: a list, or a range, whose end is included. */
export type Grid = Record<string, readonly unknown[] | Range>;

/** What the scenarios of a sweep are. */
export interface SweepOptions {
  /** What their tags begin with, and their label `sweep`; without it, the algorithm and some random digits. */
  tag?: string | undefined;
  /** Values of parameters of the algorithm that are the same for all. */
  parameters?: Record<string, unknown> | undefined;
  /** Values of parameters of the datasets. */
  dataParameters?: Record<string, unknown> | undefined;
  /** How often each combination comes. */
  repetitions?: number | undefined;
  /** A parameter that gets the number of the repetition, from 1. */
  seedParameter?: string | undefined;
  /** Further labels of all of them, text by name. */
  labels?: Record<string, string> | undefined;
  /** A text about them. */
  note?: string | undefined;
  /** Whether they are put into the queue, which is so unless it is false. */
  run?: boolean | undefined;
  /** A key of this sweep: one of the same key is not created twice, even by another page. A new one without it. */
  idempotencyKey?: string | undefined;
  /** Ends the request; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * Create a scenario for each combination of values, all or none, and put them into the queue.
 *
 * @returns The scenarios: by dataset, then by the values in their order, then by repetition.
 * @throws {BadRequest} A parameter has no such value.
 * @throws {Unprocessable} There are too many combinations.
 */
export async function sweep(
  api: Api,
  sessionId: string,
  algorithm: string,
  datasets: string | readonly string[],
  grid: Grid,
  options: SweepOptions = {},
): Promise<ScenarioSummary[]> {
  const { parameters, dataParameters, repetitions = 1, seedParameter, labels, note, run = true } = options;
  const { idempotencyKey, signal } = options;
  const name = options.tag ?? `${algorithm} ${hexadecimal(3)}`;
  const keys = typeof datasets === "string" ? [datasets] : [...datasets];
  const varying = [
    ...(keys.length > 1 ? ["dataset"] : []),
    ...Object.keys(grid),
    ...(repetitions > 1 ? ["repetition"] : []),
  ];
  const { data } = await api.POST("/sessions/{session_id}/scenarios/batch", {
    params: { path: { session_id: sessionId } },
    body: {
      tag: tagOf(name, varying),
      dataset_keys: keys,
      algo_name: algorithm,
      algo_params: parameters ?? null,
      data_params: dataParameters ?? null,
      grid: grid as Record<string, unknown[] | Range>,
      repetitions,
      seed_parameter: seedParameter ?? null,
      label: { sweep: name, ...labels },
      note: note ?? null,
      run,
    },
    ...(idempotencyKey !== undefined && { headers: { "Idempotency-Key": idempotencyKey } }),
    ...(signal && { signal }),
  });
  return data!;
}

/** The tag of each scenario, with the names of what differs in braces. A brace of the text is written twice. */
function tagOf(name: string, varying: readonly string[]): string {
  return [name.replace(/[{}]/g, "$&$&"), ...varying.map((each) => `${each}={${each}}`)].join(" ");
}
