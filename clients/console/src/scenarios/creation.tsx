/** A form for a new scenario, or for a sweep over values of its parameters. */

import type { Session } from "algomancy-client";
import { useState } from "preact/hooks";
import { client } from "../server.ts";
import { useAction, useLoaded } from "../shared/loading.ts";
import { Fault, Field } from "../shared/parts.tsx";
import { type Entry, ParameterFields, entriesOf, gridOf, valuesOf } from "./parameters.tsx";

interface CreationProps {
  session: Session;
  created: (scenarios: readonly { id: string }[]) => void;
}

export function NewScenario(props: CreationProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="creation" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>New scenario</summary>
      {isOpen && <Form {...props} />}
    </details>
  );
}

function Form({ session, created }: CreationProps) {
  const path = { session_id: session.id };
  const algorithms = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/algorithms", { params: { path, query: { details: true } }, signal }),
    [session.id],
  );
  const datasets = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/data", { params: { path }, signal }),
    [session.id],
  );
  const [tag, setTag] = useState("");
  const [dataset, setDataset] = useState<string>();
  const [algorithm, setAlgorithm] = useState<string>();
  const details = algorithms.value?.details ?? [];
  const keys = datasets.value?.keys ?? [];
  const described = details.find(({ name }) => name === algorithm) ?? details[0];
  const key = dataset !== undefined && keys.includes(dataset) ? dataset : keys[0];
  const creation = useAction();

  const create = (entries: readonly Entry[], isRun: boolean) =>
    creation.run(async () => {
      const grid = gridOf(entries);
      const options = { tag, parameters: valuesOf(entries), run: isRun };
      if (Object.keys(grid).length > 0) created(await session.sweep(described!.name, key!, grid, options));
      else created([await createOne({ ...options, algorithm: described!.name, dataset: key! })]);
      setTag("");
    });
  const createOne = (each: {
    tag: string;
    algorithm: string;
    dataset: string;
    parameters: Record<string, unknown>;
    run: boolean;
  }) =>
    client.POST("/sessions/{session_id}/scenarios", {
      params: { path },
      body: {
        tag: each.tag,
        dataset_key: each.dataset,
        algo_name: each.algorithm,
        algo_params: each.parameters,
        run: each.run,
      },
    });

  if (datasets.value && keys.length === 0) return <p>Upload a dataset first.</p>;
  return (
    <>
      <Fault error={algorithms.error ?? datasets.error} />
      <div class="row">
        <Field label="Name">
          <input value={tag} onInput={(event) => setTag(event.currentTarget.value)} />
        </Field>
        <Field label="Dataset">
          <select value={key} onChange={(event) => setDataset(event.currentTarget.value)}>
            {keys.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </Field>
        <Field label="Algorithm">
          <select value={described?.name} onChange={(event) => setAlgorithm(event.currentTarget.value)}>
            {details.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
      </div>
      {described && key !== undefined && (
        <Values
          key={described.name}
          initial={entriesOf(described.parameters)}
          isReady={tag.trim() !== "" && !creation.isRunning}
          create={create}
        />
      )}
      <Fault error={creation.error} />
    </>
  );
}

interface ValuesProps {
  initial: readonly Entry[];
  isReady: boolean;
  create: (entries: readonly Entry[], isRun: boolean) => void;
}

function Values({ initial, isReady, create }: ValuesProps) {
  const [entries, setEntries] = useState(initial);
  const [isRun, setRun] = useState(true);
  const submit = (event: Event) => {
    event.preventDefault();
    create(entries, isRun);
  };
  return (
    <form aria-label="New scenario" onSubmit={submit}>
      <ParameterFields entries={entries} change={setEntries} />
      <div class="row">
        <label>
          <input type="checkbox" checked={isRun} onChange={(event) => setRun(event.currentTarget.checked)} /> Run it at
          once
        </label>
        <button type="submit" disabled={!isReady}>
          {entries.some(({ isSwept }) => isSwept) ? "Create the sweep" : "Create"}
        </button>
      </div>
    </form>
  );
}
