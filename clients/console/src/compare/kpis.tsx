/** The KPIs of the scenarios, in the colours of their verdicts. */

import type { Comparison, Schemas, Session } from "algomancy-client";
import { addressOf } from "../places.ts";
import { Scrolling } from "../shared/parts.tsx";
import { textOf } from "../shared/texts.ts";

const DIRECTIONS: Record<string, string> = {
  HIGHER: "higher is better",
  LOWER: "lower is better",
  AT_LEAST: "at least",
  AT_MOST: "at most",
};

/** What a verdict is beside its colour, which not everybody sees. */
const SIGNS: Record<Schemas["Verdict"], string> = {
  better: "▲ better",
  worse: "▼ worse",
  equal: "",
  "not comparable": "?",
};

interface KpisProps {
  comparison: Comparison;
  /** The positions of the scenarios that are shown. */
  shown: readonly number[];
  session: Session;
}

export function Kpis({ comparison, shown, session }: KpisProps) {
  const { kpis, baseline } = comparison;
  const scenarios = shown.map((position) => comparison.scenarios[position]!);
  return (
    <Scrolling label="KPIs">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">KPI</th>
            {scenarios.map(({ id, tag, status }) => (
              <th key={id} scope="col">
                <a href={addressOf(session.id, "scenarios", id)}>{tag}</a>
                {id === baseline && <small> (baseline)</small>}
                {status !== "complete" && <small> ({status})</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kpis.map((kpi) => (
            <tr key={kpi.key}>
              <th scope="row">
                {kpi.name}
                <small>
                  {kpi.better_when && DIRECTIONS[kpi.better_when]} {kpi.pretty_threshold}
                </small>
              </th>
              {scenarios.map(({ id }, at) => (
                <Card key={id} value={kpi.values[shown[at]!]!} isBest={kpi.best.includes(id)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

function Card({ value, isBest }: { value: Schemas["ComparedValue"]; isBest: boolean }) {
  return (
    <td class={`verdict ${value.verdict.replace(" ", "-")}`}>
      {value.pretty ?? textOf(value.value)}
      {isBest && <span title="best"> ★</span>}
      <small>
        {value.relative_delta
          ? `${value.relative_delta > 0 ? "+" : ""}${(100 * value.relative_delta).toFixed(1)} % `
          : ""}
        {value.value !== null && SIGNS[value.verdict]}
        {value.passed === false && " missed"}
      </small>
    </td>
  );
}
