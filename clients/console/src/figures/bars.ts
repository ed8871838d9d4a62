/** Bars: where they begin and end. */

import type { Box } from "./figure.ts";

/** The width of the bars of one place, as a part of the distance between two of them. */
const WIDTH = 0.8;

/** The bars of a figure, several of which may have the same place. */
export class Bars {
  /** Where the next bar of a stack begins, by its place and the sign of its length. */
  private readonly ends = new Map<string, number>();
  private readonly width: number;

  /**
   * @param isUpright Whether they stand, and do not lie.
   * @param places Where all of them are.
   * @param groups How many of one place are beside each other.
   */
  constructor(
    private readonly isUpright: boolean,
    places: readonly (number | undefined)[],
    private readonly groups = 1,
  ) {
    this.width = (stepOf(places) * WIDTH) / groups;
  }

  /** A bar, which is the `group`th of its place. */
  bar(place: number, from: number, to: number, group = 0): Box {
    const middle = place + (group - (this.groups - 1) / 2) * this.width;
    const [left, right] = [middle - this.width / 2, middle + this.width / 2];
    const [one, other] = [
      [left, from],
      [right, to],
    ] as const;
    return this.isUpright
      ? [one, other]
      : [
          [one[1], one[0]],
          [other[1], other[0]],
        ];
  }

  /** A bar on top of those of its place before it. */
  stacked(place: number, length: number): Box {
    const key = `${place} ${length < 0}`;
    const from = this.ends.get(key) ?? 0;
    this.ends.set(key, from + length);
    return this.bar(place, from, from + length);
  }
}

/** The least distance between two places. */
function stepOf(places: readonly (number | undefined)[]): number {
  const known = [...new Set(places.filter((place) => place !== undefined))].sort((a, b) => a - b);
  const steps = known.slice(1).map((place, at) => place - known[at]!);
  return steps.length > 0 ? steps.reduce((least, step) => Math.min(least, step)) : 1;
}
