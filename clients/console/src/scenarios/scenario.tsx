/** One scenario: its state, KPIs and parameters, the reports and the log of its run, and its result. */

import type { ScenarioSummary, Session } from "algomancy-client";
import { useEffect, useState } from "preact/hooks";
import { client } from "../server.ts";
import { useLoaded } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { RowsView } from "../shared/rows.tsx";
import { listed } from "../shared/scenarios.ts";
import { textOf, timeOf } from "../shared/texts.ts";
import { State } from "./list.tsx";
import { LogView } from "./log.tsx";
import { Reports } from "./reports.tsx";
import { ResultView } from "./result.tsx";

export function ScenarioView({ session, id }: { session: Session; id: string }) {
  const path = { session_id: session.id, scenario_id: id };
  const scenario = useLoaded((signal) => summaryOf(session, id, signal), [session.id, id]);
  const state = useEvents(session, id, scenario.reload);
  const { value } = scenario;
  if (value === undefined) return <Fault error={scenario.error} />;
  const now = { ...value, ...state };
  return (
    <section aria-label={`Scenario ${value.tag}`}>
      <h3>
        {value.tag} <State scenario={now} />
      </h3>
      <Fault error={scenario.error} />
      {value.error && <pre class="fault">{value.error}</pre>}
      <Facts scenario={value} />
      <Reports key={`reports ${value.run_started_at}`} path={path} isRunning={now.status === "processing"} />
      <LogView key={`log ${value.run_started_at}`} path={path} />
      {value.status === "complete" && (
        <>
          <ResultView path={path} />
          <Tables path={path} />
        </>
      )}
    </section>
  );
}

/** What the list says of a scenario. */
async function summaryOf(session: Session, id: string, signal: AbortSignal): Promise<ScenarioSummary> {
  const { scenarios } = await listed(session, { id }, signal);
  if (scenarios[0] === undefined) throw new Error(`Scenario '${id}' not found`);
  return scenarios[0];
}

interface RunState {
  status: ScenarioSummary["status"];
  progress: number;
}

/** The state of a scenario as its events have it; `reload` is called when a run begins or ends. */
function useEvents(session: Session, id: string, reload: () => void): Partial<RunState> {
  const [state, setState] = useState<Partial<RunState>>({});
  useEffect(() => {
    const left = new AbortController();
    const watch = async () => {
      for await (const event of session.events({ ids: [id], signal: left.signal })) {
        if (event.type === "status" || event.type === "progress") {
          setState({ status: event.data.status, progress: event.data.progress });
        }
        if (event.type === "status" || event.type === "deleted") reload();
      }
    };
    watch().catch(() => undefined); // the scenario itself says what is wrong
    return () => left.abort();
  }, [session, id, reload]);
  return state;
}

function Facts({ scenario }: { scenario: ScenarioSummary }) {
  const facts: [string, unknown][] = [
    ["Dataset", scenario.input_data_key],
    ["Algorithm", scenario.algorithm.name],
    ...Object.entries(scenario.algorithm.parameters),
    ...Object.entries(scenario.data_parameters),
    ["Started", timeOf(scenario.run_started_at)],
    ["Finished", timeOf(scenario.run_finished_at)],
    ...Object.entries(scenario.labels ?? {}),
    ["Note", scenario.note],
  ];
  const kpis = Object.values(scenario.kpis).filter(({ value }) => value !== null);
  return (
    <div class="columns">
      <dl>
        {facts
          .filter(([, value]) => textOf(value) !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{textOf(value)}</dd>
            </div>
          ))}
      </dl>
      {kpis.length > 0 && (
        <dl>
          {kpis.map(({ name, value, unit }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {textOf(value)} {unit}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

/** The tables of the result, if it has some. */
function Tables({ path }: { path: { session_id: string; scenario_id: string } }) {
  const [open, setOpen] = useState<string>();
  const tables = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/scenarios/{scenario_id}/tables", { params: { path }, signal }),
    [path.session_id, path.scenario_id],
  );
  const list = tables.value?.tables ?? [];
  const table = list.find(({ name }) => name === open) ?? list[0];
  if (table === undefined) return <Fault error={tables.error} />;
  return (
    <>
      <h4>Tables</h4>
      <nav class="tabs" aria-label="Tables of the result">
        {list.map(({ name }) => (
          <button key={name} type="button" aria-pressed={name === table.name} onClick={() => setOpen(name)}>
            {name}
          </button>
        ))}
      </nav>
      <RowsView
        key={table.name}
        columns={table.fields.map(({ name }) => name)}
        path="/sessions/{session_id}/scenarios/{scenario_id}/tables/{table}"
        names={{ ...path, table: table.name }}
      />
    </>
  );
}
