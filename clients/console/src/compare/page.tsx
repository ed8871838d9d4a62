/** Scenarios side by side: KPIs beside a baseline, parameters, and charts. */

import type { Comparison, Session } from "algomancy-client";
import { useState } from "preact/hooks";
import type { PageProps } from "../app.tsx";
import { addressOf } from "../places.ts";
import { client } from "../server.ts";
import { download } from "../shared/download.ts";
import { useAction, useLoaded } from "../shared/loading.ts";
import { Pager } from "../shared/pager.tsx";
import { Fault, Field } from "../shared/parts.tsx";
import { listed } from "../shared/scenarios.ts";
import { Charts } from "./charts.tsx";
import { Kpis } from "./kpis.tsx";
import { Settings } from "./settings.tsx";

/** Scenarios: without a choice, so many that have ended last are compared. */
const LAST = 10;

/** Scenarios: the most in one table, beside the baseline. */
const MOST_IN_A_TABLE = 50;

export function ComparePage({ session, names: ids }: PageProps) {
  const [baseline, setBaseline] = useState<string>();
  const [onlyDifferences, setOnly] = useState(false);
  const comparison = useLoaded(
    async (signal) => {
      const chosen = ids.length > 0 ? ids : await lastOf(session, signal);
      if (chosen.length === 0) return undefined;
      return client.POST("/sessions/{session_id}/compare", {
        params: { path: { session_id: session.id } },
        body: selectionOf(chosen, baseline, onlyDifferences),
        signal,
      }) as Promise<Comparison>;
    },
    [session.id, ids.join("/"), baseline, onlyDifferences],
  );
  const { value } = comparison;
  return (
    <>
      <h2>Compare</h2>
      <Fault error={comparison.error} />
      {value === undefined && !comparison.isLoading && !comparison.error && (
        <p>
          No scenario is complete yet. Choose some in the list of{" "}
          <a href={addressOf(session.id, "scenarios")}>scenarios</a>.
        </p>
      )}
      {value && (
        <>
          <div class="row">
            <Field label="Baseline">
              <select value={value.baseline ?? ""} onChange={(event) => setBaseline(event.currentTarget.value)}>
                {value.scenarios.map(({ id, tag }) => (
                  <option key={id} value={id}>
                    {tag}
                  </option>
                ))}
              </select>
            </Field>
            <label>
              <input
                type="checkbox"
                checked={onlyDifferences}
                onChange={(event) => setOnly(event.currentTarget.checked)}
              />{" "}
              Only differences
            </label>
            <Download
              session={session}
              ids={value.scenarios.map(({ id }) => id)}
              baseline={value.baseline ?? undefined}
            />
          </div>
          <Tables key={value.baseline} comparison={value} session={session} />
          <Charts comparison={value} />
        </>
      )}
    </>
  );
}

/** The tables, in parts that begin with the baseline. */
function Tables({ comparison, session }: { comparison: Comparison; session: Session }) {
  const [offset, setOffset] = useState(0);
  const { scenarios } = comparison;
  const baseline = scenarios.findIndex(({ id }) => id === comparison.baseline);
  const isInParts = scenarios.length > MOST_IN_A_TABLE;
  const positions = scenarios.map((_, position) => position);
  const others = positions.filter((position) => position !== baseline);
  const shown = isInParts ? [baseline, ...others.slice(offset, offset + MOST_IN_A_TABLE)] : positions;
  return (
    <>
      {isInParts && (
        <Pager offset={offset} size={MOST_IN_A_TABLE} total={others.length} noun="scenarios" go={setOffset} />
      )}
      <Kpis comparison={comparison} shown={shown} session={session} />
      <Settings comparison={comparison} shown={shown} />
    </>
  );
}

function selectionOf(ids: readonly string[], baseline: string | undefined, onlyDifferences: boolean) {
  return {
    ids: [...ids],
    ...(baseline !== undefined && ids.includes(baseline) && { baseline }),
    ...(onlyDifferences && { only: "differences" as const }),
  };
}

async function lastOf(session: Session, signal: AbortSignal): Promise<string[]> {
  const query = { status: "complete", order: "-created", limit: LAST, fields: "id" };
  const { scenarios } = await listed(session, query, signal);
  return scenarios.map(({ id }) => id).reverse();
}

interface DownloadProps {
  session: Session;
  ids: readonly string[];
  baseline: string | undefined;
}

/** The comparison as a file: a link cannot send a token. */
function Download({ session, ids, baseline }: DownloadProps) {
  const action = useAction();
  const save = () =>
    action.run(async () => {
      const { data } = await client.api.POST("/sessions/{session_id}/compare", {
        params: { path: { session_id: session.id } },
        body: selectionOf(ids, baseline, false),
        headers: { Accept: "text/csv" },
        parseAs: "blob",
      });
      download(data as unknown as Blob, "comparison.csv");
    });
  return (
    <>
      <button type="button" disabled={action.isRunning} onClick={save}>
        Save as CSV
      </button>
      <Fault error={action.error} />
    </>
  );
}
