/** Points that no other dominates. */

import type { Schemas } from "algomancy-client";

type Direction = Schemas["ComparedKpi"]["better_when"];

interface Point {
  x: number;
  y: number;
}

/** Whether no other point is better in one coordinate and as good in the other; false where a direction is not known. */
export function isParetoOptimal(point: Point, points: readonly Point[], x: Direction, y: Direction): boolean {
  const [across, up] = [signOf(x), signOf(y)];
  if (across === 0 || up === 0) return false;
  return !points.some((other) => {
    const [right, above] = [(other.x - point.x) * across, (other.y - point.y) * up];
    return right >= 0 && above >= 0 && right + above > 0;
  });
}

/** 1 where more is better, -1 where less is. */
function signOf(direction: Direction): number {
  if (direction === null) return 0;
  return direction === "HIGHER" || direction === "AT_LEAST" ? 1 : -1;
}
