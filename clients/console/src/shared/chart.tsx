/** A chart of uPlot, in the colours of the page and as wide as its place. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { download } from "./download.ts";
import { shortened } from "./texts.ts";

/** Pixels. */
export const HEIGHT = 260;
const NARROWEST = 200;

/** The colours of series: told apart with each kind of colour vision, on light and on dark. */
const COLORS = ["#3b7ddd", "#d97706", "#2f9e6e", "#c2417c", "#7c5cd6", "#8a8f98", "#b8860b", "#1aa6b7"];

export interface Series {
  label: string;
  values: readonly (number | null)[];
  color?: string;
  width?: number;
}

export interface ChartProps {
  title: string;
  x: { label: string; values: readonly number[]; textOf?: (value: number) => string };
  y?: { label: string };
  series: readonly Series[];
  /** How the values are drawn: as a line, unless it says otherwise. */
  kind?: "lines" | "points" | "bars";
  /** A horizontal line, such as a threshold. */
  line?: number | undefined;
}

/** The colour of a series by its position. */
export function colorOf(position: number): string {
  return COLORS[position % COLORS.length]!;
}

export function Chart(props: ChartProps) {
  const create = (element: HTMLElement) =>
    new uPlot(optionsOf(props, widthOf(element), getComputedStyle(element).color), dataOf(props), element);
  return <Framed title={props.title} create={create} inputs={[JSON.stringify(props)]} />;
}

interface FramedProps {
  title: string;
  /** Makes the chart in an element, and again whenever one of `inputs` changes. */
  create: (element: HTMLElement) => uPlot;
  inputs: readonly unknown[];
}

/** A chart that is as wide as its place, with a button that saves it. */
export function Framed({ title, create, inputs }: FramedProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    let chart: uPlot | undefined;
    const observer = new ResizeObserver(() => chart?.setSize({ width: widthOf(element), height: HEIGHT }));
    // Later: several charts in one task would keep the page from everything else for too long.
    const timer = setTimeout(() => {
      chart = create(element);
      observer.observe(element);
    });
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      chart?.destroy();
    };
  }, [...inputs]);
  return (
    <>
      <div class="chart" ref={place} role="img" aria-label={title} />
      <button type="button" class="small" onClick={() => save(place.current!.querySelector("canvas")!)}>
        Save as picture
      </button>
    </>
  );
}

/** Save what a canvas shows, on the ground of the page: a picture in the dark scheme has light lines. */
function save(canvas: HTMLCanvasElement): void {
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const context = copy.getContext("2d")!;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  copy.toBlob((blob) => blob && download(blob, "chart.png"));
}

/** Pixels: how wide a chart in a place is. */
export function widthOf(element: HTMLElement): number {
  return Math.max(element.clientWidth, NARROWEST);
}

/** What the axes of all charts have, in a colour. */
export function axisStyle(color: string): uPlot.Axis {
  return { stroke: color, grid: { stroke: `color-mix(in srgb, ${color} 15%, transparent)` } };
}

/** Names on an axis: more would be drawn over each other. */
const MOST_NAMES = 40;

/** Positions that names have room at: all, or every second, third, … */
export function thinned(positions: readonly number[]): number[] {
  const step = Math.ceil(positions.length / MOST_NAMES);
  return positions.filter((_, at) => at % step === 0);
}

function dataOf({ x, series, line }: ChartProps): uPlot.AlignedData {
  const lines = line === undefined ? [] : [x.values.map(() => line)];
  return [[...x.values], ...series.map(({ values }) => [...values]), ...lines];
}

function optionsOf(props: ChartProps, width: number, color: string): uPlot.Options {
  const { x, y, series, kind = "lines", line } = props;
  const axis = axisStyle(color);
  const { textOf } = x;
  return {
    width,
    height: HEIGHT,
    padding: [null, textOf ? 60 : null, null, null],
    scales: {
      x: { time: false, ...(kind === "bars" && { range: (_, low, high) => [low - 0.7, high + 0.7] }) },
      ...(kind === "bars" && { y: { range: (_, low, high) => [Math.min(low, 0), Math.max(high, 0) * 1.05] } }),
    },
    axes: [
      {
        ...axis,
        label: x.label,
        ...(textOf && {
          splits: () => thinned(x.values),
          values: (_, splits) => splits.map((value) => shortened(textOf(value))),
          rotate: kind === "bars" ? 30 : 0,
          size: kind === "bars" ? 80 : 50,
        }),
      },
      { ...axis, size: 70, ...(y && { label: y.label }) },
    ],
    series: [
      { label: x.label, ...(textOf && { value: (_, value) => (value === null ? "" : textOf(value)) }) },
      ...series.map((each, position) => seriesOf(each, each.color ?? colorOf(position), kind)),
      ...(line === undefined ? [] : [{ label: "Threshold", stroke: color, dash: [6, 4], points: { show: false } }]),
    ],
    legend: { show: series.length <= COLORS.length, live: textOf === undefined },
  };
}

function seriesOf({ label, width = 2 }: Series, color: string, kind: NonNullable<ChartProps["kind"]>): uPlot.Series {
  const common = { label, stroke: color, spanGaps: true };
  if (kind === "points") return { ...common, paths: () => null, points: { show: true, size: 8, fill: color } };
  if (kind === "bars")
    return { ...common, fill: color, paths: uPlot.paths.bars!({ size: [0.6, 60] }), points: { show: false } };
  return { ...common, width };
}
