/** The figures of a result: drawn, or with what keeps them from it. */

import { useMemo } from "preact/hooks";
import { download } from "../shared/download.ts";
import { type Figure, NotDrawn } from "./figure.ts";
import { Plot } from "./plot.tsx";
import type { NamedFigure } from "./reading.ts";

export function FigureView({ figure: { name, spec, read } }: { figure: NamedFigure }) {
  const figure = useMemo(() => drawable(read), [spec]);
  return (
    <figure>
      <figcaption>{(typeof figure !== "string" && figure.title) || name}</figcaption>
      {typeof figure === "string" ? (
        <p class="fault">
          The console does not draw this figure: it has {figure}. The program that made it draws it from the JSON.
        </p>
      ) : (
        <Plot name={name} figure={figure} />
      )}
      <button
        type="button"
        class="small"
        onClick={() => download(new Blob([JSON.stringify(spec)], { type: "application/json" }), `${name}.json`)}
      >
        Save as JSON
      </button>
    </figure>
  );
}

/** A figure, or what keeps it from being drawn. */
function drawable(read: () => Figure): Figure | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotDrawn) return error.message;
    throw error;
  }
}
