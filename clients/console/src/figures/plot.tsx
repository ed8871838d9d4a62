/** A figure in the frame of uPlot, which draws its axes; the marks, whose order is free, are drawn here. */

import uPlot from "uplot";
import { Framed, HEIGHT, axisStyle, colorOf, thinned, widthOf } from "../shared/chart.tsx";
import { shortened } from "../shared/texts.ts";
import type { Axis, Figure, Marks, Point } from "./figure.ts";

/** Pixels. */
const RADIUS = 3;
const LINE = 2;

/** Marks: a legend with more of them would hide the figure. */
const MOST_IN_LEGEND = 12;

export function Plot({ name, figure }: { name: string; figure: Figure }) {
  const create = (element: HTMLElement) => new uPlot(optionsOf(figure, element), dataOf(figure), element);
  return <Framed title={titleOf(name, figure)} create={create} inputs={[figure]} />;
}

function titleOf(name: string, { title, x, y, marks }: Figure): string {
  const axes = y.title && x.title ? `: ${y.title} over ${x.title}` : "";
  const labels = marks.map(({ label }) => label).filter(Boolean);
  return `${title || name}${axes}${labels.length > 0 ? `; ${labels.slice(0, MOST_IN_LEGEND).join(", ")}` : ""}`;
}

/** uPlot has no values to draw: only a series for each of the marks, which its legend shows and hides. */
function dataOf({ marks }: Figure): uPlot.AlignedData {
  return [[0, 1], ...marks.map(() => [null, null])] as uPlot.AlignedData;
}

function optionsOf(figure: Figure, element: HTMLElement): uPlot.Options {
  const { x, y, marks } = figure;
  const color = getComputedStyle(element).color;
  const colors = marks.map((each, position) => each.color ?? colorOf(position));
  return {
    width: widthOf(element),
    height: HEIGHT,
    scales: {
      x: { time: x.kind === "time", range: extentOf(x, marks, 0) },
      y: { time: y.kind === "time", range: extentOf(y, marks, 1) },
    },
    axes: [
      { ...axisStyle(color), ...axisOf(x), rotate: x.kind === "names" ? -30 : 0, size: x.kind === "names" ? 90 : 50 },
      { ...axisStyle(color), ...axisOf(y), size: y.kind === "number" ? 70 : 110 },
    ],
    series: [{}, ...marks.map(({ label }, at) => ({ label, stroke: colors[at]!, points: { show: false } }))],
    legend: { show: marks.length > 1 && marks.length <= MOST_IN_LEGEND, live: false },
    cursor: { show: false },
    hooks: { drawSeries: [(chart, series) => draw(chart, marks[series - 1]!, colors[series - 1]!)] },
  };
}

function axisOf(axis: Axis): uPlot.Axis {
  const label = axis.title ? { label: axis.title } : {};
  if (axis.kind !== "names") return label;
  const { names } = axis;
  const shown = thinned(names.map((_, position) => position));
  return { ...label, splits: () => shown, values: (_, splits) => splits.map((at) => shortened(names[at] ?? "")) };
}

/** From where to where marks go on an axis, which is the first or the second of a point, with some space around them. */
function extentOf(axis: Axis, marks: readonly Marks[], at: 0 | 1): [number, number] {
  let [least, largest] = [Infinity, -Infinity];
  const take = (value: number) => {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  };
  for (const { lines, areas, points, boxes } of marks) {
    for (const line of [...lines, ...areas, points]) for (const point of line) take(point[at]);
    for (const box of boxes) for (const corner of box) take(corner[at]);
    if (at === 1 && areas.length > 0) take(0);
  }
  if (axis.kind === "names") return [Math.min(least, -0.5), Math.max(largest, axis.names.length - 0.5)];
  const margin = (largest - least) * 0.04 || Math.abs(least) * 0.1 || 1;
  // Bars and areas stand on the axis.
  const stands = marks.some(({ areas, boxes }) => areas.length + boxes.length > 0);
  return [stands && least === 0 ? 0 : least - margin, stands && largest === 0 ? 0 : largest + margin];
}

function draw(chart: uPlot, marks: Marks, color: string): void {
  const { ctx, bbox } = chart;
  const ratio = uPlot.pxRatio;
  const at = ([x, y]: Point) => [chart.valToPos(x, "x", true), chart.valToPos(y, "y", true)] as const;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  Object.assign(ctx, { strokeStyle: color, fillStyle: color, lineWidth: LINE * ratio, lineJoin: "round" });
  ctx.globalAlpha = 0.25;
  for (const area of marks.areas) {
    const path = pathOf(area.map(at));
    const [first, last] = [area[0]!, area.at(-1)!];
    path.lineTo(...at([last[0], 0]));
    path.lineTo(...at([first[0], 0]));
    ctx.fill(path);
  }
  ctx.globalAlpha = 1;
  for (const line of marks.lines) ctx.stroke(pathOf(line.map(at)));
  for (const [from, to] of marks.boxes) {
    const [[left, low], [right, high]] = [at(from), at(to)];
    ctx.fillRect(left, low, right - left, high - low);
  }
  ctx.beginPath();
  for (const point of marks.points) {
    const [x, y] = at(point);
    ctx.moveTo(x + RADIUS * ratio, y);
    ctx.arc(x, y, RADIUS * ratio, 0, 2 * Math.PI);
  }
  ctx.fill();
  ctx.restore();
}

function pathOf(positions: readonly (readonly [number, number])[]): Path2D {
  const path = new Path2D();
  positions.forEach(([x, y], position) => (position === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  return path;
}
