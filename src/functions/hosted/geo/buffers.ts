import { type HostedValue, hosted } from '../../entry.js';
import { docs, geometry, number } from './arguments.js';
import { directed } from './loops.js';
import { type Path, pathOf, type Region, regionOf } from './regions.js';
import { location, polygonShape, type Rings, type Shape } from './shapes.js';
import { solidOf, unionOf } from './union.js';
import { angle, cross, dot, earthRadius, normal, type Point, plus, same, side, times, unit } from './vector.js';

/** Where S2 puts vertices: every `turn` around a vertex, every `along` on an edge, and evenly on a circle. */
interface Widening {
  readonly radius: number;
  readonly turn: number;
  readonly along: number;
}

/** Undefined for a radius or tolerance that is not valid. Metres. */
function widening(radius: HostedValue | undefined, tolerance: HostedValue | undefined): Widening | undefined {
  const [metres, error] = [number(radius), tolerance === undefined ? 10 : number(tolerance)];
  if (metres === undefined || error === undefined || !(metres > 0) || !(error >= metres * 1e-6)) return undefined;
  const r = metres / earthRadius;
  if (r >= Math.PI / 2) return undefined;
  const share = Math.min(error / metres, 1);
  const ratio = Math.tan(r * (1 - share)) / Math.tan(r);
  const outer = Math.tan(r) / Math.tan(Math.min(r * (1 + share), Math.PI / 2));
  const widest = (2 * Math.PI) / 3 + 1e-15;
  return { radius: r, turn: Math.min(widest, 2 * Math.acos(ratio)), along: 2 * Math.acos(Math.max(outer, 0)) };
}

const ray = (from: Point, direction: Point, at: number): Point =>
  unit(plus(times(from, Math.cos(at)), times(direction, Math.sin(at))));

/** A direction across a point, as S2 chooses it. */
function across(p: Point): Point {
  const size = p.map(Math.abs);
  const largest = size[0]! > size[1]! ? (size[0]! > size[2]! ? 0 : 2) : size[1]! > size[2]! ? 1 : 2;
  const axis = [0.012, 0.0053, 0.00457];
  axis[(largest + 2) % 3] = 1;
  return unit(cross(p, axis as unknown as Point));
}

function circle(centre: Point, { radius, turn }: Widening): Point[] {
  const start = across(centre);
  const left = cross(centre, start);
  const count = Math.ceil((2 * Math.PI) / turn);
  return Array.from({ length: count }, (_, i) => ray(centre, ray(start, left, (2 * Math.PI * i) / count), radius));
}

/**
 * What lies to the right of a closed way within the radius, in parts: beside each edge, and around each left turn. The
 * border of a line begins with the cap at its start.
 */
function partsBeside(way: readonly Point[], wide: Widening, isLine: boolean): { parts: Point[][]; border: Point[] } {
  const parts: Point[][] = [];
  const border: Point[] = [];
  let cap = 0;
  const n = way.length;
  const right = (a: Point, b: Point) => times(unit(normal(a, b)), -1);
  for (let i = 0; i < n; i++) {
    const [a, b, c] = [way[i]!, way[(i + 1) % n]!, way[(i + 2) % n]!];
    const out = right(a, b);
    const ahead = unit(cross(normal(a, b), a));
    const edge = [ray(a, out, wide.radius)];
    for (let at = wide.along; at < angle(a, b); at += wide.along) edge.push(ray(ray(a, ahead, at), out, wide.radius));
    edge.push(ray(b, out, wide.radius));
    parts.push([a, ...edge, b]);
    border.push(...edge);
    cap = border.length - 1;
    const next = right(b, c);
    const back = same(a, c);
    if (!back && side(a, b, c) <= 0) continue;
    const left = cross(b, out);
    const span = back ? Math.PI : Math.atan2(dot(next, left), dot(next, out));
    const arc: Point[] = [];
    for (let at = wide.turn; at < span - 1e-12; at += wide.turn) arc.push(ray(b, ray(out, left, at), wide.radius));
    const end = ray(b, next, wide.radius);
    if (arc.length > 0 || !same(edge.at(-1)!, end)) parts.push([b, edge.at(-1)!, ...arc, end]);
    border.push(...arc);
  }
  return { parts, border: isLine ? [...border.slice(cap), ...border.slice(0, cap)] : border };
}

/** Rings begin where the way around the shape does. */
function begun(polygons: readonly Rings[], border: readonly Point[]): Rings[] {
  const order = new Map(border.map((p, i) => [p.join(), i]));
  const place = (p: Point) => order.get(p.join()) ?? border.length;
  return polygons.map((rings) =>
    rings.map((ring) => {
      const start = ring.reduce((best, p, i) => (place(p) < place(ring[best]!) ? i : best), 0);
      return [...ring.slice(start), ...ring.slice(0, start)];
    }),
  );
}

function around(solid: readonly Rings[], ways: readonly (readonly Point[])[], wide: Widening): Shape {
  const beside = ways.map((way) => partsBeside(way, wide, solid.length === 0));
  const parts = beside.flatMap((b) => b.parts).map((ring): Rings[] => [[ring]]);
  const whole = unionOf([...solid.map((p) => [p]), ...parts]);
  return polygonShape(
    begun(
      whole,
      beside.flatMap((b) => b.border),
    ),
  );
}

const lineWays = (path: Path) => path.lines.map((line) => [...line.slice(0, -1), ...[...line].reverse().slice(0, -1)]);
const polygonWays = (polygons: readonly Rings[]) => polygons.flatMap(directed);

const aroundLine = (path: Path, wide: Widening) => around([], lineWays(path), wide);
function aroundPolygon(region: Region, wide: Widening) {
  const solid = solidOf(region);
  return around(solid, polygonWays(solid), wide);
}

const approximate =
  'the border lies within the tolerance of the radius, with vertices that may differ from those of Kusto';
const keys =
  'dynamic({"type":"LineString","coordinates":[[-80.66634997047466,24.894526340592122],[-80.67373241820246,24.890808090321286]]})';
const tokyo =
  'dynamic({"type":"Polygon","coordinates":[[[139.813757,35.719666],[139.72558,35.71813],[139.727471,35.653231],[139.818721,35.657264],[139.813757,35.719666]]]})';

export const geoBuffers = [
  hosted({
    name: 'geo_point_buffer',
    docs: docs('geo_point_buffer'),
    approximate,
    evaluate: ([lng, lat, radius, tolerance]) => {
      const [at, wide] = [location(lng, lat), widening(radius, tolerance)];
      return geometry(at && wide ? polygonShape([[circle(at, wide)]]) : undefined);
    },
    examples: [
      ['array_length(geo_point_buffer(-80.81717403605833, 24.82658441221962, 3000).coordinates[0])', 40],
      ['round(geo_polygon_area(geo_point_buffer(0, 0, 1000, 0.01)) / (pi() * 1000 * 1000), 3)', 1],
      ['isnull(geo_point_buffer(200, 1, 0.1))', true],
      ['isnull(geo_point_buffer(10, 10, -1))', true],
    ],
  }),
  hosted({
    name: 'geo_line_buffer',
    docs: docs('geo_line_buffer'),
    approximate,
    trap: 'Ends are round.',
    evaluate: ([line, radius, tolerance]) => {
      const [path, wide] = [pathOf(line), widening(radius, tolerance)];
      return geometry(path && wide && aroundLine(path, wide));
    },
    examples: [
      [`array_length(geo_line_buffer(${keys}, 4, 0.1).coordinates[0])`, 19],
      [`geo_point_in_polygon(-80.66634, 24.894526, geo_line_buffer(${keys}, 4, 0.1))`, true],
      ['isnull(geo_line_buffer(dynamic({"type":"LineString"}), 5))', true],
      ['isnull(geo_line_buffer(dynamic({"type":"LineString","coordinates":[[0,0],[1,1]]}), 0))', true],
    ],
  }),
  hosted({
    name: 'geo_polygon_buffer',
    docs: docs('geo_polygon_buffer'),
    approximate,
    evaluate: ([polygon, radius, tolerance]) => {
      const [region, wide] = [regionOf(polygon), widening(radius, tolerance)];
      return geometry(region && wide && aroundPolygon(region, wide));
    },
    examples: [
      [`array_length(geo_polygon_buffer(${tokyo}, 10000).coordinates[0])`, 77],
      [`geo_point_in_polygon(139.62, 35.69, geo_polygon_buffer(${tokyo}, 10000))`, true],
      [`geo_point_in_polygon(139.6, 35.69, geo_polygon_buffer(${tokyo}, 10000))`, false],
      ['isnull(geo_polygon_buffer(dynamic({"type":"p"}), 1))', true],
      [
        'isnull(geo_polygon_buffer(dynamic({"type":"Polygon","coordinates":[[[10,10],[0,10],[0,0],[10,10]]]}), 0))',
        true,
      ],
    ],
  }),
];
