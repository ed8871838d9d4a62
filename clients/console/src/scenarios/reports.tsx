/** What an algorithm has reported: objective and bound over time. */

import type { Schemas } from "algomancy-client";
import { useEffect } from "preact/hooks";
import { client } from "../server.ts";
import { Chart } from "../shared/chart.tsx";
import { useLoaded } from "../shared/loading.ts";
import { textOf } from "../shared/texts.ts";

/** Milliseconds: the reports of a run that goes on are loaded again so often. */
const REFRESHED = 1_000;

interface ReportsProps {
  path: { session_id: string; scenario_id: string };
  isRunning: boolean;
}

export function Reports({ path, isRunning }: ReportsProps) {
  const { value, reload } = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/scenarios/{scenario_id}/progress", { params: { path }, signal }),
    [path.session_id, path.scenario_id, isRunning],
  );
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(reload, REFRESHED);
    return () => clearInterval(timer);
  }, [isRunning, reload]);
  const points = (value?.points ?? []).filter(({ objective, bound }) => objective !== null || bound !== null);
  if (points.length === 0) return null;
  return (
    <>
      <p>{summaryOf(points.at(-1)!)}</p>
      <Chart
        title="Objective and bound over time"
        x={{ label: "s", values: points.map(({ seconds }) => seconds) }}
        series={[
          { label: "Objective", values: points.map(({ objective }) => objective) },
          { label: "Bound", values: points.map(({ bound }) => bound) },
        ]}
      />
    </>
  );
}

function summaryOf({ objective, bound, gap, message }: Schemas["ReportedPoint"]): string {
  const facts: [string, string][] = [
    ["Objective", textOf(objective)],
    ["bound", textOf(bound)],
    ["gap", gap === null ? "" : `${textOf(gap * 100)} %`],
  ];
  const known = facts.filter(([, text]) => text).map(([name, text]) => `${name} ${text}`);
  return [...known, ...(message ? [message] : [])].join(", ");
}
