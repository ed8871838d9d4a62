/** The figures of a result, each as something that can be drawn. */

import { type Fields, fieldsOf } from "./fields.ts";
import { type Figure, NotDrawn } from "./figure.ts";
import { ofPlotly } from "./plotly.ts";
import { ofVegaLite } from "./vega_lite.ts";

/** A figure of a result: `spec` is what the result has, and `read` may throw a `NotDrawn`. */
export interface NamedFigure {
  name: string;
  spec: Fields;
  read: () => Figure;
}

/** What the result has under `figures`: one, several in a list, or several by name; each an object, or its JSON. */
export function figuresOf(result: unknown): NamedFigure[] {
  const given = parsed(fieldsOf(result)["figures"]);
  if (isFigure(given)) return [named("Figure", given)];
  const several = Array.isArray(given) ? given.entries() : Object.entries(fieldsOf(given));
  return [...several].flatMap(([key, value]) => {
    const name = typeof key === "number" ? `Figure ${key + 1}` : key;
    const spec = parsed(value);
    return isFigure(spec) ? [named(name, spec)] : [];
  });
}

function named(name: string, spec: Fields): NamedFigure {
  return { name, spec, read: () => readable(spec) };
}

/** A figure. What nobody has thought of must not end the page. */
function readable(spec: Fields): Figure {
  try {
    return read(spec);
  } catch (error) {
    throw error instanceof NotDrawn ? error : new NotDrawn(`a form that is not known (${String(error)})`);
  }
}

function read(spec: Fields): Figure {
  const figure = Array.isArray(spec["data"]) ? ofPlotly(spec["data"], fieldsOf(spec["layout"])) : ofVegaLite(spec);
  if (figure.marks.every(({ lines, areas, points, boxes }) => [lines, areas, points, boxes].every(isEmpty))) {
    throw new NotDrawn("a figure without values");
  }
  return figure;
}

/** Whether it is Plotly's or Vega-Lite's, by the names that every one of them has. */
function isFigure(value: unknown): value is Fields {
  const fields = fieldsOf(value);
  return Array.isArray(fields["data"]) || String(fields["$schema"]).includes("vega-lite") || "mark" in fields;
}

function isEmpty(list: readonly unknown[]): boolean {
  return list.length === 0;
}

/** What a text of JSON says; anything else as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
