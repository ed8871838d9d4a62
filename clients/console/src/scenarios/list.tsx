/** The list of scenarios, of which some can be chosen. */

import type { Kpi, ScenarioSummary, Session } from "algomancy-client";
import { addressOf } from "../places.ts";
import { client } from "../server.ts";
import { useLoaded } from "../shared/loading.ts";
import { Scrolling, Status } from "../shared/parts.tsx";
import { textOf, timeOf } from "../shared/texts.ts";
import type { Listing } from "./listing.ts";

interface ListProps {
  session: Session;
  list: Listing;
  order: string;
  sort: (order: string) => void;
  chosen: ReadonlySet<string>;
  choose: (ids: readonly string[], isChosen: boolean) => void;
  open: string | undefined;
}

/** The columns that the server can sort by, and their titles. */
const COLUMNS = { tag: "Name", status: "Status", algorithm: "Algorithm", dataset: "Dataset", created: "Created" };

export function ScenarioList({ session, list, order, sort, chosen, choose, open }: ListProps) {
  const kpis = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/kpis", { params: { path: { session_id: session.id } }, signal }),
    [session.id],
  );
  const names = kpis.value?.kpis ?? [];
  const scenarios = list.scenarios ?? [];
  const columns = [...Object.entries(COLUMNS), ...names.map((name) => [`kpi.${name}`, name])] as [string, string][];
  return (
    <>
      <Scrolling label="Scenarios">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Choose all on this page"
                  checked={scenarios.length > 0 && scenarios.every(({ id }) => chosen.has(id))}
                  onChange={(event) =>
                    choose(
                      scenarios.map(({ id }) => id),
                      event.currentTarget.checked,
                    )
                  }
                />
              </th>
              {columns.map(([name, title]) => (
                <Heading key={name} name={name} title={title} order={order} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {scenarios.map((scenario) => (
              <tr key={scenario.id} {...(scenario.id === open && { "aria-current": true })}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose ${scenario.tag}`}
                    checked={chosen.has(scenario.id)}
                    onChange={(event) => choose([scenario.id], event.currentTarget.checked)}
                  />
                </td>
                <th scope="row">
                  <a href={addressOf(session.id, "scenarios", scenario.id)}>{scenario.tag}</a>
                </th>
                <td>
                  <State scenario={scenario} />
                </td>
                <td>{scenario.algorithm.name}</td>
                <td>{scenario.input_data_key}</td>
                <td>{timeOf(scenario.created_at)}</td>
                {names.map((name) => (
                  <td key={name} class="number">
                    <KpiValue kpi={scenario.kpis[name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
      {list.scenarios?.length === 0 && <p>No scenarios.</p>}
      {(list.previous || list.next) && (
        <p class="pager">
          <button type="button" disabled={!list.previous} onClick={list.previous}>
            Previous page
          </button>
          <button type="button" disabled={!list.next} onClick={list.next}>
            Next page
          </button>
        </p>
      )}
    </>
  );
}

interface HeadingProps {
  name: string;
  title: string;
  order: string;
  sort: (order: string) => void;
}

function Heading({ name, title, order, sort }: HeadingProps) {
  const direction = order === name ? "ascending" : order === `-${name}` ? "descending" : "none";
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" class="heading" onClick={() => sort(direction === "ascending" ? `-${name}` : name)}>
        {title}
        <span aria-hidden="true">{{ none: "", ascending: " ▲", descending: " ▼" }[direction]}</span>
      </button>
    </th>
  );
}

/** The status, with the progress of a run. */
export function State({ scenario }: { scenario: Pick<ScenarioSummary, "status" | "progress" | "tag"> }) {
  return (
    <>
      <Status status={scenario.status} />
      {scenario.status === "processing" && (
        <progress aria-label={`Progress of ${scenario.tag}`} max={100} value={scenario.progress} />
      )}
    </>
  );
}

function KpiValue({ kpi }: { kpi: Kpi | undefined }) {
  return kpi?.value == null ? null : <>{`${textOf(kpi.value)} ${kpi.unit}`}</>;
}
