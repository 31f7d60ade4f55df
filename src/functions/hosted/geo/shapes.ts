import type { HostedValue } from '../../entry.js';
import { edgePairs } from './pairs.js';
import { crossing, dot, minus, type Point, type Position, pointOf, positionOf, same, side } from './vector.js';

/** A polygon: its rings without the repeated last vertex. Insides follow from nesting, so a hole is just another ring. */
export type Rings = readonly (readonly Point[])[];
export type Line = readonly Point[];
export type Edge = readonly [Point, Point];

export type Shape = { readonly [key: string]: unknown };

const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);
const numeric = (v: unknown): number | undefined => (typeof v === 'bigint' ? Number(v) : isNumber(v) ? v : undefined);

/** A valid longitude and latitude as a point; otherwise undefined. */
export function location(lng: HostedValue | undefined, lat: HostedValue | undefined): Point | undefined {
  const [x, y] = [numeric(lng), numeric(lat)];
  if (x === undefined || y === undefined || Math.abs(x) > 180 || Math.abs(y) > 90) return undefined;
  return pointOf([x, y]);
}

const list = (v: unknown): readonly unknown[] | undefined => (Array.isArray(v) ? v : undefined);

function all<T>(values: readonly unknown[] | undefined, read: (v: unknown) => T | undefined): T[] | undefined {
  if (!values) return undefined;
  const out: T[] = [];
  for (const value of values) {
    const item = read(value);
    if (item === undefined) return undefined;
    out.push(item);
  }
  return out;
}

function vertex(v: unknown): Point | undefined {
  const pair = list(v);
  return pair && pair.length >= 2 ? location(pair[0] as HostedValue, pair[1] as HostedValue) : undefined;
}

const antipodal = (a: Point, b: Point) => dot(a, b) < -1 + 1e-15;

function lineOf(v: unknown): Line | undefined {
  const points = all(list(v), vertex);
  if (!points || points.length < 2) return undefined;
  const distinct = points.filter((p, i) => i === 0 || !same(p, points[i - 1]!));
  if (distinct.length < 2 || distinct.some((p, i) => i > 0 && antipodal(p, distinct[i - 1]!))) return undefined;
  return distinct;
}

function ringOf(v: unknown): Point[] | undefined {
  const points = all(list(v), vertex);
  if (!points || points.length < 4 || !same(points[0]!, points.at(-1)!)) return undefined;
  const ring = points.slice(0, -1).filter((p, i, r) => !same(p, r[(i + 1) % r.length]!));
  if (ring.length < 3 || new Set(ring.map(String)).size < ring.length) return undefined;
  return ring.some((p, i) => antipodal(p, ring[(i + 1) % ring.length]!)) ? undefined : orient(ring);
}

const shape = (v: HostedValue | undefined): Shape | undefined =>
  v !== null && typeof v === 'object' && !Array.isArray(v) ? (v as Shape) : undefined;

/** The geometry of a line or multiline; undefined when it is not valid. */
export function linesOf(value: HostedValue | undefined): Line[] | undefined {
  const s = shape(value);
  if (s?.type === 'LineString') return all([s.coordinates], lineOf);
  const lines = s?.type === 'MultiLineString' ? all(list(s.coordinates), lineOf) : undefined;
  return lines?.length ? lines : undefined;
}

/** The polygons of a polygon or multipolygon; undefined when one is not valid. */
export function polygonsOf(value: HostedValue | undefined): Rings[] | undefined {
  const s = shape(value);
  const coordinates =
    s?.type === 'Polygon' ? [s.coordinates] : s?.type === 'MultiPolygon' ? list(s.coordinates) : undefined;
  const polygons = all(coordinates, (c) => all(list(c), ringOf));
  return polygons?.length && polygons.every((p) => p.length > 0 && !selfCrossing(p)) ? polygons : undefined;
}

export const ringEdges = (ring: readonly Point[]): Edge[] => ring.map((p, i) => [p, ring[(i + 1) % ring.length]!]);
export const edgesOf = (rings: Rings): Edge[] => rings.flatMap(ringEdges);
export const lineEdges = (line: Line): Edge[] => line.slice(1).map((p, i) => [line[i]!, p]);

function selfCrossing(rings: Rings): boolean {
  const edges = edgesOf(rings);
  for (const [i, j] of edgePairs(edges)) {
    const [[a, b], [c, d]] = [edges[i]!, edges[j]!];
    if (crossing(a, b, c, d)) return true;
    if ((same(a, c) && same(b, d)) || (same(a, d) && same(b, c))) return true;
  }
  return false;
}

/** The area to the left of a ring in steradians, of the smaller side: negative for a clockwise ring. */
export function signedArea(ring: readonly Point[]): number {
  let sum = 0;
  const a = ring[0]!;
  for (let i = 1; i + 1 < ring.length; i++) {
    const [b, c] = [ring[i]!, ring[i + 1]!];
    sum += 2 * Math.atan2(side(a, b, c), 1 + dot(a, b) + dot(b, c) + dot(c, a));
  }
  // Whole turns of the sphere can be lost in the fan of a big ring.
  while (sum > 2 * Math.PI) sum -= 4 * Math.PI;
  while (sum < -2 * Math.PI) sum += 4 * Math.PI;
  return sum;
}

/** Counterclockwise around the smaller side, as S2 normalises a loop. */
export const orient = (ring: Point[]): Point[] => (signedArea(ring) < 0 ? [...ring].reverse() : ring);

const positions = (points: readonly Point[]): Position[] => points.map(positionOf);
const closed = (ring: readonly Point[]): Position[] => positions([...ring, ring[0]!]);

export const pointShape = (p: Point): Shape => ({ type: 'Point', coordinates: positionOf(p) });
export const nothing: Shape = { type: 'GeometryCollection', geometries: [] };

export const lineShape = (lines: readonly Line[]): Shape =>
  lines.length === 1
    ? { type: 'LineString', coordinates: positions(lines[0]!) }
    : { type: 'MultiLineString', coordinates: lines.map(positions) };

export const polygonShape = (polygons: readonly Rings[]): Shape =>
  polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]!.map(closed) }
    : { type: 'MultiPolygon', coordinates: polygons.map((p) => p.map(closed)) };

/** One geometry as itself, several as a collection. */
export function collect(parts: readonly Shape[]): Shape {
  return parts.length === 1 ? parts[0]! : { type: 'GeometryCollection', geometries: parts };
}

export const chord = (a: Point, b: Point): number => Math.hypot(...minus(a, b));
