/** What of a result can be drawn in a plane: its points in their order, or GeoJSON. */

export type Point = readonly [number, number];

/** Points, a line through them, or the area that they enclose. */
export interface Shape {
  kind: "points" | "line" | "area";
  points: readonly Point[];
}

/** The shapes of a result: those of its GeoJSON, or else its `points`, which are a tour. */
export function shapesOf(result: unknown): Shape[] {
  if (!isObject(result)) return [];
  const shapes = [result, ...Object.values(result)].flatMap(ofGeoJson);
  if (shapes.length > 0) return shapes;
  const points = pointsOf(result["points"]);
  if (points.length < 2) return [];
  return [
    { kind: "area", points },
    { kind: "points", points },
  ];
}

const GEOMETRIES: Record<string, (coordinates: unknown[]) => Shape[]> = {
  Point: (coordinates) => [{ kind: "points", points: pointsOf([coordinates]) }],
  MultiPoint: (coordinates) => [{ kind: "points", points: pointsOf(coordinates) }],
  LineString: (coordinates) => [{ kind: "line", points: pointsOf(coordinates) }],
  MultiLineString: (coordinates) => coordinates.map((line) => ({ kind: "line", points: pointsOf(line) })),
  Polygon: (coordinates) => coordinates.map((ring) => ({ kind: "area", points: pointsOf(ring) })),
  MultiPolygon: (coordinates) =>
    coordinates
      .flatMap((rings) => (Array.isArray(rings) ? rings : []))
      .map((ring) => ({ kind: "area", points: pointsOf(ring) })),
};

function ofGeoJson(value: unknown): Shape[] {
  if (!isObject(value)) return [];
  const { type, features, geometry, geometries, coordinates } = value;
  if (type === "FeatureCollection" && Array.isArray(features)) return features.flatMap(ofGeoJson);
  if (type === "Feature") return ofGeoJson(geometry);
  if (type === "GeometryCollection" && Array.isArray(geometries)) return geometries.flatMap(ofGeoJson);
  const shapes = typeof type === "string" && Array.isArray(coordinates) ? (GEOMETRIES[type]?.(coordinates) ?? []) : [];
  return shapes.filter(({ points }) => points.length > 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The points of a list, or none if one of them is no point. A third coordinate does not count. */
function pointsOf(list: unknown): Point[] {
  if (!Array.isArray(list) || !list.every(isPoint)) return [];
  return list.map(([x, y]) => [x, y]);
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length >= 2 && value.slice(0, 2).every((each) => Number.isFinite(each));
}
