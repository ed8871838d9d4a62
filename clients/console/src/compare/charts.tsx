/** Charts of a comparison: bars of one KPI, all KPIs as parallel coordinates, and two of them as a scatter. */

import type { Comparison, Schemas } from "algomancy-client";
import { useState } from "preact/hooks";
import { Chart, colorOf } from "../shared/chart.tsx";
import { Field } from "../shared/parts.tsx";
import { isParetoOptimal } from "./pareto.ts";

type Kpi = Schemas["ComparedKpi"];

export function Charts({ comparison }: { comparison: Comparison }) {
  const kpis = comparison.kpis.filter(({ values }) => values.some(({ value }) => value !== null));
  if (kpis.length === 0) return null;
  return (
    <div class="charts">
      <Bars comparison={comparison} kpis={kpis} />
      {kpis.length > 1 && <Scatter comparison={comparison} kpis={kpis} />}
      {kpis.length > 1 && <Coordinates comparison={comparison} kpis={kpis} />}
    </div>
  );
}

interface ChartsProps {
  comparison: Comparison;
  kpis: readonly Kpi[];
}

function Bars({ comparison: { scenarios }, kpis }: ChartsProps) {
  const [key, setKey] = useState<string>();
  const kpi = kpis.find((each) => each.key === key) ?? kpis[0]!;
  const tags = scenarios.map(({ tag }) => tag);
  return (
    <figure>
      <figcaption>
        <Choice label="Bars of" kpis={kpis} chosen={kpi} choose={setKey} />
      </figcaption>
      <Chart
        title={`${kpi.name} of each scenario: ${tags.map((tag, at) => `${tag} ${kpi.values[at]!.pretty ?? "none"}`).join(", ")}`}
        kind="bars"
        x={{ label: "", values: tags.map((_, position) => position), textOf: (position) => tags[position] ?? "" }}
        y={{ label: kpi.unit ?? "" }}
        series={[{ label: kpi.name, values: kpi.values.map(({ value }) => value) }]}
        line={kpi.threshold ?? undefined}
      />
    </figure>
  );
}

function Scatter({ comparison: { scenarios }, kpis }: ChartsProps) {
  const [keys, setKeys] = useState<{ across?: string; up?: string }>({});
  const across = kpis.find(({ key }) => key === keys.across) ?? kpis[0]!;
  const up = kpis.find(({ key }) => key === keys.up) ?? kpis[1]!;
  const points = scenarios
    .map(({ tag }, at) => ({ tag, x: across.values[at]!.value, y: up.values[at]!.value }))
    .filter((each): each is { tag: string; x: number; y: number } => each.x !== null && each.y !== null)
    .sort((a, b) => a.x - b.x);
  const best = points.map((point) => isParetoOptimal(point, points, across.better_when, up.better_when));
  const tags = (isBest: boolean) => points.filter((_, at) => best[at] === isBest).map(({ tag }) => tag);
  return (
    <figure>
      <figcaption>
        <Choice label="Across" kpis={kpis} chosen={across} choose={(key) => setKeys({ ...keys, across: key })} />
        <Choice label="Up" kpis={kpis} chosen={up} choose={(key) => setKeys({ ...keys, up: key })} />
      </figcaption>
      <Chart
        title={`${up.name} over ${across.name}; not dominated: ${tags(true).join(", ") || "none"}`}
        kind="points"
        x={{ label: `${across.name} (${across.unit ?? "?"})`, values: points.map(({ x }) => x) }}
        y={{ label: `${up.name} (${up.unit ?? "?"})` }}
        series={[
          { label: "Not dominated", values: points.map(({ y }, at) => (best[at] ? y : null)) },
          { label: "Dominated", values: points.map(({ y }, at) => (best[at] ? null : y)), color: colorOf(5) },
        ]}
      />
      <p>Not dominated: {tags(true).join(", ") || "none"}</p>
    </figure>
  );
}

function Coordinates({ comparison: { scenarios }, kpis }: ChartsProps) {
  const scaled = kpis.map(({ values }) => shares(values.map(({ value }) => value)));
  const names = kpis.map(({ name }) => name);
  return (
    <figure>
      <figcaption>All KPIs, each from its least to its largest value</figcaption>
      <Chart
        title={`${names.join(", ")} of each scenario, each from its least to its largest value`}
        x={{ label: "", values: names.map((_, position) => position), textOf: (position) => names[position] ?? "" }}
        series={scenarios.map(({ tag }, at) => ({ label: tag, values: scaled.map((each) => each[at] ?? null) }))}
      />
    </figure>
  );
}

/** Values as shares of their range. */
function shares(values: readonly (number | null)[]): (number | null)[] {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  const range = Math.max(...known) - least;
  return values.map((value) => (value === null ? null : range === 0 ? 0.5 : (value - least) / range));
}

interface ChoiceProps {
  label: string;
  kpis: readonly Kpi[];
  chosen: Kpi;
  choose: (key: string) => void;
}

function Choice({ label, kpis, chosen, choose }: ChoiceProps) {
  return (
    <Field label={label}>
      <select value={chosen.key} onChange={(event) => choose(event.currentTarget.value)}>
        {kpis.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}
