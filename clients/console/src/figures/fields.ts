/** Fields of JSON of which nothing is known. */

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A text, or that under `text`, as titles have it; empty without one. */
export function textIn(value: unknown): string {
  const text = fieldsOf(value)["text"] ?? value;
  return typeof text === "string" ? text : "";
}
