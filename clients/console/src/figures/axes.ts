/** The axis that values are on, and where each of them is. */

import type { Axis } from "./figure.ts";

/** The kinds of an axis, which a figure may name; without one, the values tell. */
export type Kind = Axis["kind"] | undefined;

export interface Scale {
  axis: Axis;
  /** Where a value is; undefined for one that has no place, such as null. */
  at: (value: unknown) => number | undefined;
}

/** A day, with a time or without, as ISO 8601 has it or with a space between. */
const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/;

/** Characters: of a day. */
const DAY = 10;

export function scaleOf(title: string, values: readonly unknown[], kind?: Kind): Scale {
  const known = values.filter((value) => value !== null && value !== undefined);
  switch (kind ?? kindOf(known)) {
    case "number":
      return { axis: { title, kind: "number" }, at: numberOf };
    case "time":
      return { axis: { title, kind: "time" }, at: secondsOf };
    default:
      return ofNames(title, [...new Set(known.map(String))]);
  }
}

function kindOf(values: readonly unknown[]): Axis["kind"] {
  if (values.every((value) => typeof value === "number")) return "number";
  return values.every((value) => typeof value === "string" && TIME.test(value)) ? "time" : "names";
}

function ofNames(title: string, names: readonly string[]): Scale {
  const positions = new Map(names.map((name, position) => [name, position]));
  return {
    axis: { title, kind: "names", names },
    at: (value) => (value === null ? undefined : positions.get(String(value))),
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Seconds since 1970; a number is milliseconds, as in JavaScript. A time without a zone is here, and so is a day. */
function secondsOf(value: unknown): number | undefined {
  const text =
    typeof value !== "string" ? undefined : value.length === DAY ? `${value}T00:00` : value.replace(" ", "T");
  const time = text === undefined ? numberOf(value) : Date.parse(text);
  return time === undefined || Number.isNaN(time) ? undefined : time / 1000;
}
