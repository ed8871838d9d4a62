/** Values as texts for people. */

const NUMBER = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 6 });
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A value of a cell or a parameter. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : NUMBER.format(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A number of bytes. */
export function sizeOf(bytes: number | null): string {
  if (bytes === null) return "";
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${NUMBER.format(Number((bytes / 1000 ** step).toPrecision(3)))} ${UNITS[step]}`;
}

/** A moment. */
export function timeOf(moment: string | null | undefined): string {
  const time = moment ? new Date(moment) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? (moment ?? "") : TIME.format(time);
}

/** A number and its noun. */
export function countOf(number: number, noun: string): string {
  return `${number.toLocaleString()} ${noun}${number === 1 ? "" : "s"}`;
}

/** Characters: of a name on an axis. */
const LONGEST = 18;

/** A name that has room on an axis. */
export function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
