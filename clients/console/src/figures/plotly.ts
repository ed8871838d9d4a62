/** Figures of Plotly: `scatter`, `scattergl` and `bar`, as `Figure.to_dict` and `to_json` write them. */

import { type Scale, scaleOf } from "./axes.ts";
import { Bars } from "./bars.ts";
import { type Fields, fieldsOf, textIn } from "./fields.ts";
import { type Figure, type Marks, NotDrawn, type Point, marksOf } from "./figure.ts";
import { numbersOf } from "./typed_arrays.ts";

/** The modes in which bars without a base are on top of each other. */
const STACKED = ["stack", "relative"];

/** Points: lines of fewer show them, too, unless the trace says what it shows. */
const FEW = 20;

/** The kinds of Plotly's axes that the values do not tell. */
const KINDS: Record<string, "number" | "time" | "names"> = { linear: "number", date: "time", category: "names" };

interface Trace {
  type: string;
  label: string;
  xs: readonly unknown[];
  ys: readonly unknown[];
  fields: Fields;
}

export function ofPlotly(data: readonly unknown[], layout: Fields): Figure {
  const traces = data.map(fieldsOf).filter(({ visible }) => visible !== false && visible !== "legendonly");
  const read = traces.map((fields, position) => traceOf(fields, position));
  const isSideways = read.some(isHorizontal);
  const x = axisOf(
    layout,
    "xaxis",
    read.flatMap((trace) => (isSideways && basesOf(trace)) || trace.xs),
  );
  const y = axisOf(
    layout,
    "yaxis",
    read.flatMap((trace) => (!isSideways && basesOf(trace)) || trace.ys),
  );
  const mode = textIn(layout["barmode"]) || "group";
  const barTraces = read.filter(({ type }) => type === "bar");
  const places = barTraces.flatMap((trace) => placesOf(trace, x, y));
  const bars = new Bars(!isSideways, places, mode === "group" ? barTraces.length : 1);
  return {
    title: textIn(layout["title"]),
    x: x.axis,
    y: y.axis,
    marks: read.map((trace) =>
      trace.type === "bar" ? barred(trace, barTraces, bars, mode, x, y) : scattered(trace, x, y),
    ),
  };
}

function traceOf(fields: Fields, position: number): Trace {
  const type = textIn(fields["type"]) || "scatter";
  if (!["scatter", "scattergl", "bar"].includes(type)) throw new NotDrawn(`a trace of type '${type}'`);
  for (const name of ["xaxis", "yaxis"]) {
    if (/\d/.test(textIn(fields[name]))) throw new NotDrawn("subplots");
  }
  const [xs, ys] = [valuesOf(fields["x"]), valuesOf(fields["y"])];
  const positions = (values: readonly unknown[]) => values.map((_, at) => at);
  return {
    type,
    label: textIn(fields["name"]) || `trace ${position}`,
    xs: xs.length > 0 ? xs : positions(ys),
    ys: ys.length > 0 ? ys : positions(xs),
    fields,
  };
}

/** Where the bars of a trace begin, of which their lengths are no places then; undefined for zero. */
function basesOf({ type, fields }: Trace): readonly unknown[] | undefined {
  return type === "bar" && "base" in fields ? valuesOf(fields["base"]) : undefined;
}

function isHorizontal({ type, fields }: Trace): boolean {
  return type === "bar" && fields["orientation"] === "h";
}

function axisOf(layout: Fields, name: string, values: readonly unknown[]): Scale {
  const fields = fieldsOf(layout[name]);
  const type = textIn(fields["type"]);
  if (type === "log") throw new NotDrawn("a logarithmic axis");
  return scaleOf(textIn(fields["title"]), values, KINDS[type]);
}

function scattered({ label, xs, ys, fields }: Trace, x: Scale, y: Scale): Marks {
  const mode = textIn(fields["mode"]) || (xs.length < FEW ? "lines+markers" : "lines");
  const runs = runsOf(xs.map((value, at) => pointOf(x.at(value), y.at(ys[at]))));
  const isFilled = textIn(fields["fill"]).startsWith("to");
  return marksOf(label, {
    lines: mode.includes("lines") ? runs : [],
    areas: isFilled ? runs : [],
    points: mode.includes("markers") ? runs.flat() : [],
    color: textIn(fieldsOf(fields["line"])["color"]) || textIn(fieldsOf(fields["marker"])["color"]) || undefined,
  });
}

function pointOf(x: number | undefined, y: number | undefined): Point | undefined {
  return x === undefined || y === undefined ? undefined : [x, y];
}

/** Points in runs, between those that have no place. */
function runsOf(points: readonly (Point | undefined)[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point === undefined) runs.push([]);
    else runs.at(-1)!.push(point);
  }
  return runs;
}

/** The bars of a trace, of all of whose kind `traces` is. */
function barred(trace: Trace, traces: readonly Trace[], bars: Bars, mode: string, x: Scale, y: Scale): Marks {
  const length = isHorizontal(trace) ? x : y;
  const lengths = isHorizontal(trace) ? trace.xs : trace.ys;
  const bases = basesOf(trace) ?? [];
  const boxes = placesOf(trace, x, y).flatMap((place, at) => {
    const base = length.at(bases[at] ?? bases[0]);
    // The length of a bar over times is in milliseconds.
    const size = length.axis.kind === "time" ? Number(lengths[at]) / 1000 : length.at(lengths[at]);
    if (place === undefined || size === undefined || !Number.isFinite(size)) return [];
    if (base === undefined && STACKED.includes(mode)) return [bars.stacked(place, size)];
    return [bars.bar(place, base ?? 0, (base ?? 0) + size, mode === "group" ? traces.indexOf(trace) : 0)];
  });
  const color = fieldsOf(trace.fields["marker"])["color"];
  return marksOf(trace.label, { boxes, color: typeof color === "string" ? color : undefined });
}

function placesOf(trace: Trace, x: Scale, y: Scale): (number | undefined)[] {
  return isHorizontal(trace) ? trace.ys.map(y.at) : trace.xs.map(x.at);
}

function valuesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : (numbersOf(value) ?? [value]);
}
