/** Arrays of NumPy as Plotly writes them: base64 of their bytes, in the order of the least first. */

import { fieldsOf } from "./fields.ts";

/** The readers of numbers, by NumPy's name of their type without the order of bytes, and their sizes. */
const READERS: Record<string, [size: number, read: (view: DataView, at: number) => number]> = {
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
};

/** The numbers of such an array; undefined for anything else. */
export function numbersOf(value: unknown): number[] | undefined {
  const { dtype, bdata } = fieldsOf(value);
  const reader = typeof dtype === "string" ? READERS[dtype] : undefined;
  if (reader === undefined || typeof bdata !== "string") return undefined;
  const [size, read] = reader;
  const view = new DataView(Uint8Array.from(atob(bdata), (character) => character.charCodeAt(0)).buffer);
  return Array.from({ length: Math.floor(view.byteLength / size) }, (_, position) => read(view, position * size));
}
