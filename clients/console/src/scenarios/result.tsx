/** A result: as a drawing, if it has shapes, with its figures, and as a tree. */

import { useMemo, useState } from "preact/hooks";
import { figuresOf } from "../figures/reading.ts";
import { FigureView } from "../figures/view.tsx";
import { client } from "../server.ts";
import { useLoaded } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { textOf } from "../shared/texts.ts";
import { Drawing } from "./drawing.tsx";
import { shapesOf } from "./shapes.ts";

/** Entries: of a list or an object, so many are shown at once. */
const SHOWN = 100;

export function ResultView({ path }: { path: { session_id: string; scenario_id: string } }) {
  const { value, error } = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/scenarios/{scenario_id}", { params: { path }, signal }),
    [path.session_id, path.scenario_id],
  );
  const result: unknown = value?.result;
  const shapes = useMemo(() => shapesOf(result), [result]);
  const figures = useMemo(() => figuresOf(result), [result]);
  return (
    <>
      <Fault error={error} />
      {shapes.length > 0 && <Drawing shapes={shapes} />}
      {figures.length > 0 && (
        <div class="charts">
          {figures.map((figure) => (
            <FigureView key={figure.name} figure={figure} />
          ))}
        </div>
      )}
      <details>
        <summary>Result</summary>
        <ul class="tree">{value && <Node name="result" value={result} isOpen />}</ul>
      </details>
    </>
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
