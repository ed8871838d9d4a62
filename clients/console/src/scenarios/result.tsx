/** A result: as a drawing, if it has points, and as a tree. */

import { useState } from "preact/hooks";
import { client } from "../server.ts";
import { useLoaded } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { textOf } from "../shared/texts.ts";

/** Entries: of a list or an object, so many are shown at once. */
const SHOWN = 100;

/** Units: the size of a drawing, whose points are scaled to it. */
const SIDE = 400;
const MARGIN = 8;

export function ResultView({ path }: { path: { session_id: string; scenario_id: string } }) {
  const { value, error } = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/scenarios/{scenario_id}", { params: { path }, signal }),
    [path.session_id, path.scenario_id],
  );
  const result: unknown = value?.result;
  const points = pointsOf(result);
  return (
    <>
      <Fault error={error} />
      {points && <Drawing points={points} />}
      <details>
        <summary>Result</summary>
        <ul class="tree">{value && <Node name="result" value={result} isOpen />}</ul>
      </details>
    </>
  );
}

type Point = readonly [number, number];

/** The points of a result, such as those of a tour, in their order. */
function pointsOf(result: unknown): readonly Point[] | undefined {
  const points = (result as { points?: unknown } | null)?.points;
  return Array.isArray(points) && points.length > 1 && points.every(isPoint) ? points : undefined;
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
}

function Drawing({ points }: { points: readonly Point[] }) {
  const scaled = scale(points).map((point) => point.map((each) => each.toFixed(1)));
  return (
    <svg
      class="drawing"
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      role="img"
      aria-label={`The ${points.length} points of the result, in their order`}
    >
      <polygon points={scaled.join(" ")} />
      {scaled.map(([x, y], position) => (
        <circle key={position} cx={x!} cy={y!} r={points.length > 200 ? 1 : 2.5} />
      ))}
    </svg>
  );
}

/** Points in the square of the drawing, with equal scales, and the second coordinate upwards. */
function scale(points: readonly Point[]): Point[] {
  const [left, right] = rangeOf(points.map(([x]) => x));
  const [low, high] = rangeOf(points.map(([, y]) => y));
  const factor = (SIDE - 2 * MARGIN) / (Math.max(right - left, high - low) || 1);
  return points.map(([x, y]) => [MARGIN + (x - left) * factor, SIDE - MARGIN - (y - low) * factor]);
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [Infinity, -Infinity],
  );
}

function Node({ name, value, isOpen = false }: { name: string; value: unknown; isOpen?: boolean }) {
  const [shown, setShown] = useState(isOpen ? SHOWN : 0);
  if (typeof value !== "object" || value === null) {
    return (
      <li>
        <b>{name}</b>: {value === null ? "null" : textOf(value)}
      </li>
    );
  }
  const entries = Object.entries(value);
  return (
    <li>
      <details open={isOpen} onToggle={(event) => event.currentTarget.open && setShown(shown || SHOWN)}>
        <summary>
          <b>{name}</b> {Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}
        </summary>
        <ul class="tree">
          {entries.slice(0, shown).map(([key, each]) => (
            <Node key={key} name={key} value={each} />
          ))}
          {shown > 0 && entries.length > shown && (
            <li>
              <button type="button" onClick={() => setShown(shown + SHOWN)}>
                {entries.length - shown} more
              </button>
            </li>
          )}
        </ul>
      </details>
    </li>
  );
}
