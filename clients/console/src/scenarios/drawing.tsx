/** Shapes in a plane, as large as fits. */

import type { Point, Shape } from "./shapes.ts";

/** Units: the size of a drawing, whose points are scaled to it. */
const SIDE = 400;
const MARGIN = 8;

/** Points: with more of them, they are drawn smaller. */
const MANY = 200;

export function Drawing({ shapes }: { shapes: readonly Shape[] }) {
  const place = placing(shapes.flatMap(({ points }) => points));
  const count = shapes.filter(({ kind }) => kind === "points").reduce((sum, { points }) => sum + points.length, 0);
  return (
    <svg
      class="drawing"
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      role="img"
      aria-label={`A drawing of the result, with ${count} ${count === 1 ? "point" : "points"}`}
    >
      {shapes.map((shape, position) => (
        <ShapeView key={position} shape={shape} place={place} radius={count > MANY ? 1 : 2.5} />
      ))}
    </svg>
  );
}

interface ShapeProps {
  shape: Shape;
  place: (point: Point) => readonly [string, string];
  radius: number;
}

function ShapeView({ shape: { kind, points }, place, radius }: ShapeProps) {
  const placed = points.map(place);
  if (kind === "line") return <polyline points={placed.join(" ")} />;
  if (kind === "area") return <polygon points={placed.join(" ")} />;
  // Lines without a length, whose round ends are dots: one element, however many points there are.
  return <path class="points" d={placed.map((place) => `M${place}h0`).join("")} stroke-width={2 * radius} />;
}

/** Where points are in the drawing: with equal scales, and the second coordinate upwards. */
function placing(points: readonly Point[]): (point: Point) => readonly [string, string] {
  const [left, right] = rangeOf(points.map(([x]) => x));
  const [low, high] = rangeOf(points.map(([, y]) => y));
  const factor = (SIDE - 2 * MARGIN) / (Math.max(right - left, high - low) || 1);
  return ([x, y]) => [(MARGIN + (x - left) * factor).toFixed(1), (SIDE - MARGIN - (y - low) * factor).toFixed(1)];
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [Infinity, -Infinity],
  );
}
