/** A figure that can be drawn: marks over two axes. Plotly's and Vega-Lite's are read as one. */

/** A position on both axes. */
export type Point = readonly [number, number];

/** A rectangle from one corner to the opposite one. */
export type Box = readonly [from: Point, to: Point];

/** Marks of one colour, which the legend names together. */
export interface Marks {
  label: string;
  /** Points one after the other, joined by lines or not; the area is the one between the line and zero. */
  lines: readonly (readonly Point[])[];
  areas: readonly (readonly Point[])[];
  points: readonly Point[];
  boxes: readonly Box[];
  /** A colour of CSS; without one, it is that of the position. */
  color?: string | undefined;
}

/** An axis: of numbers, of times as seconds since 1970, or of the positions of names. */
export type Axis = { title: string } & ({ kind: "number" | "time" } | { kind: "names"; names: readonly string[] });

export interface Figure {
  title: string;
  x: Axis;
  y: Axis;
  marks: readonly Marks[];
}

/** What keeps a figure from being drawn. */
export class NotDrawn extends Error {}

/** Marks of some kinds. A line or an area without a point is none. */
export function marksOf(
  label: string,
  { lines = [], areas = [], points = [], boxes = [], color }: Partial<Marks>,
): Marks {
  const drawn = (runs: typeof lines) => runs.filter(({ length }) => length > 0);
  return { label, lines: drawn(lines), areas: drawn(areas), points, boxes, color };
}
