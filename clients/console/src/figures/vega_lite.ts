/** Figures of Vega-Lite: points, lines, areas and bars of data that they hold, as Altair's `to_dict` writes them. */

import { type Kind, type Scale, scaleOf } from "./axes.ts";
import { Bars } from "./bars.ts";
import { type Fields, fieldsOf, textIn } from "./fields.ts";
import { type Box, type Figure, type Marks, NotDrawn, type Point, marksOf } from "./figure.ts";

const MARKS: Record<string, "points" | "lines" | "areas" | "bars"> = {
  point: "points",
  circle: "points",
  square: "points",
  line: "lines",
  trail: "lines",
  area: "areas",
  bar: "bars",
};

/** What stands for parts of a figure that are not drawn, by their names. */
const COMPOSED = ["facet", "hconcat", "vconcat", "concat", "repeat", "transform", "resolve"];

const KINDS: Record<string, Kind> = { quantitative: "number", temporal: "time", nominal: "names", ordinal: "names" };

/** Of no values, there is none: what is not finite is not drawn. */
const AGGREGATES: Record<string, (values: readonly number[]) => number> = {
  count: (values) => values.length,
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value), Infinity),
  max: (values) => values.reduce((largest, value) => Math.max(largest, value), -Infinity),
};

type Row = Fields;

/** A layer: rows, a mark for them, and what of them is where. */
interface Layer {
  mark: "points" | "lines" | "areas" | "bars";
  /** Whether a line shows its points, too. */
  hasPoints: boolean;
  rows: readonly Row[];
  encoding: Fields;
}

export function ofVegaLite(spec: Fields): Figure {
  const layers = layersOf(spec, {}, [], fieldsOf(spec["datasets"]));
  const [x, y] = [scaleOfLayers(layers, "x"), scaleOfLayers(layers, "y")];
  return {
    title: textIn(spec["title"]),
    x: x.axis,
    y: y.axis,
    marks: layers.flatMap((layer) => marksOfLayer(layer, x, y)),
  };
}

/** The layers of a figure; those inside one have its data and its encoding, unless they have their own. */
function layersOf(spec: Fields, outer: Fields, rows: readonly Row[], datasets: Fields): Layer[] {
  const composed = COMPOSED.find((name) => name in spec);
  if (composed !== undefined) throw new NotDrawn(`'${composed}'`);
  const own = "data" in spec ? rowsOf(fieldsOf(spec["data"]), datasets) : rows;
  const encoding = { ...outer, ...fieldsOf(spec["encoding"]) };
  if (Array.isArray(spec["layer"])) {
    return spec["layer"].flatMap((layer) => layersOf(fieldsOf(layer), encoding, own, datasets));
  }
  const type = textIn(fieldsOf(spec["mark"])["type"] ?? spec["mark"]);
  const mark = MARKS[type];
  if (mark === undefined) throw new NotDrawn(`the mark '${type}'`);
  const hasPoints = Boolean(fieldsOf(spec["mark"])["point"]);
  return [{ mark, hasPoints, rows: aggregated(own, encoding), encoding }];
}

function rowsOf(data: Fields, datasets: Fields): readonly Row[] {
  if ("url" in data) throw new NotDrawn("data of another address");
  const values = data["values"] ?? datasets[textIn(data["name"])];
  if (!Array.isArray(values)) throw new NotDrawn("data that the figure does not hold");
  return values.map(fieldsOf);
}

/** Rows with the aggregates in place of the values, one for each group; the rows themselves without any. */
function aggregated(rows: readonly Row[], encoding: Fields): readonly Row[] {
  const channels = Object.values(encoding).map(fieldsOf);
  const aggregates = channels.filter(({ aggregate }) => aggregate !== undefined);
  if (aggregates.length === 0) return rows;
  const keys = channels.filter(({ aggregate, field }) => aggregate === undefined && field !== undefined).map(fieldIn);
  const groups = grouped(rows, (row) => JSON.stringify(keys.map((key) => row[key])));
  return [...groups.values()].map((group) => ({
    ...group[0],
    ...Object.fromEntries(aggregates.map((channel) => [fieldIn(channel), aggregate(channel, group)])),
  }));
}

function aggregate(channel: Fields, rows: readonly Row[]): number {
  const name = textIn(channel["aggregate"]);
  const reduce = AGGREGATES[name];
  if (reduce === undefined) throw new NotDrawn(`the aggregate '${name}'`);
  if (channel["field"] === undefined) return reduce(rows.map(() => 0));
  return reduce(rows.map((row) => row[textIn(channel["field"])]).filter((value) => typeof value === "number"));
}

/** The field of a channel. An aggregate has one of its own, beside the field that it is of. */
function fieldIn(channel: Fields): string {
  const [field, aggregate] = [textIn(channel["field"]), textIn(channel["aggregate"])];
  return [aggregate, field].filter(Boolean).join(" of ");
}

function scaleOfLayers(layers: readonly Layer[], name: "x" | "y"): Scale {
  const channels = layers.map(({ encoding }) => fieldsOf(encoding[name]));
  for (const channel of channels) {
    const unknown = ["bin", "timeUnit"].find((option) => channel[option]);
    if (unknown !== undefined) throw new NotDrawn(`'${unknown}'`);
    if (textIn(fieldsOf(channel["scale"])["type"]) === "log") throw new NotDrawn("a logarithmic axis");
  }
  const first = channels.find((channel) => Object.keys(channel).length > 0) ?? {};
  const values = layers.flatMap(({ rows, encoding }) => [
    ...rows.map(valueOf(encoding, name)),
    ...rows.map(valueOf(encoding, `${name}2`)),
  ]);
  const kind = first["aggregate"] === undefined ? KINDS[textIn(first["type"])] : "number";
  const ordered = kind === "names" ? sorted(values, first["sort"]) : values;
  // The first name is at the left, or at the top.
  return scaleOf(textIn(first["title"]) || fieldIn(first), name === "x" ? ordered : ordered.toReversed(), kind);
}

/** Names in the order of a figure: that of the alphabet, unless it has another. */
function sorted(values: readonly unknown[], sort: unknown): unknown[] {
  const known = [...new Set(values.filter((value) => value !== null && value !== undefined))];
  if (Array.isArray(sort)) return [...sort.filter((value) => known.includes(value)), ...known];
  if (sort !== undefined && sort !== "ascending" && sort !== "descending") return known;
  const ascending = known.toSorted((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
  return sort === "descending" ? ascending.toReversed() : ascending;
}

function valueOf(encoding: Fields, name: string): (row: Row) => unknown {
  const channel = fieldsOf(encoding[name]);
  if ("datum" in channel) return () => channel["datum"];
  const field = fieldIn(channel);
  return (row) => row[field];
}

function marksOfLayer(layer: Layer, x: Scale, y: Scale): Marks[] {
  const { mark, rows, encoding } = layer;
  const by = fieldIn(fieldsOf(encoding["color"])) || fieldIn(fieldsOf(encoding["detail"]));
  const groups = [...grouped(rows, (row) => (by ? String(row[by]) : y.axis.title))];
  if (mark === "bars") return barsOf(layer, groups, x, y);
  return groups.map(([label, group]) => {
    const points = group.flatMap((row): Point[] => {
      const [across, up] = [x.at(valueOf(encoding, "x")(row)), y.at(valueOf(encoding, "y")(row))];
      return across === undefined || up === undefined ? [] : [[across, up]];
    });
    if (mark === "points") return marksOf(label, { points });
    const lines = ["order" in encoding ? points : points.toSorted(([a], [b]) => a - b)];
    return marksOf(label, { lines, areas: mark === "areas" ? lines : [], points: layer.hasPoints ? points : [] });
  });
}

/** Bars between two values, or from zero; those of one place are on top of each other, or beside with an offset. */
function barsOf(
  { rows, encoding }: Layer,
  groups: readonly (readonly [string, readonly Row[]])[],
  x: Scale,
  y: Scale,
): Marks[] {
  const isUpright = !("x2" in encoding) && (x.axis.kind !== "number" || y.axis.kind === "number");
  const [placeName, lengthName] = isUpright ? (["x", "y"] as const) : (["y", "x"] as const);
  const [places, lengths] = isUpright ? [x, y] : [y, x];
  const placeOf = (row: Row) => (placeName in encoding ? places.at(valueOf(encoding, placeName)(row)) : 0);
  const isBeside = `${placeName}Offset` in encoding;
  const bars = new Bars(isUpright, rows.map(placeOf), isBeside ? groups.length : 1);
  return groups.map(([label, group], at) => {
    const boxes = group.flatMap((row): Box[] => {
      const [place, end] = [placeOf(row), lengths.at(valueOf(encoding, lengthName)(row))];
      if (place === undefined || end === undefined) return [];
      const start = lengths.at(valueOf(encoding, `${lengthName}2`)(row));
      if (start !== undefined) return [bars.bar(place, end, start)];
      return [isBeside ? bars.bar(place, 0, end, at) : bars.stacked(place, end)];
    });
    return marksOf(label, { boxes });
  });
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
