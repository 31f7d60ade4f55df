import { fail } from '../../../base/index.js';
import { type HostedValue, hosted } from '../../entry.js';
import { docs, geometry, optional } from './arguments.js';
import { pathOf, regionOf } from './regions.js';
import type { Shape } from './shapes.js';
import { angle, dot, earthRadius, interpolate, type Point, type Position, pointOf, positionOf } from './vector.js';

/** Where S2's tessellator compares an edge of the map with one of the sphere, and how it bounds the error by these two. */
const share = 0.31215691082248315;
const scale = 0.8382999256988851;

const between = ([x1, y1]: Position, [x2, y2]: Position, t: number): Position => [
  x1 + (x2 - x1) * t,
  y1 + (y2 - y1) * t,
];

function error(p: Position, a: Point, q: Position, b: Point): number {
  if (dot(a, b) < -1e-14) return Number.POSITIVE_INFINITY;
  const off = (t: number) => angle(interpolate(a, b, t), pointOf(between(p, q, t)));
  return Math.max(off(share), off(1 - share));
}

type Coordinates = readonly (readonly number[])[];

function densified(line: Coordinates, tolerance: number, crossing: boolean): Position[] {
  const out: Position[] = [];
  const add = (p: Position, a: Point, q: Position, b: Point): void => {
    if (error(p, a, q, b) <= tolerance) {
      out.push(positionOf(b));
      return;
    }
    const middle = between(p, q, 0.5);
    const m = pointOf(middle);
    add(p, a, middle, m);
    add(middle, m, q, b);
  };
  const points = line.map(([x, y]): Position => [x!, y!]);
  out.push(positionOf(pointOf(points[0]!)));
  for (let i = 1; i < points.length; i++) {
    const p = points[i - 1]!;
    let q = points[i]!;
    if (Math.abs(q[0] - p[0]) > 180) {
      if (!crossing) {
        fail('KQL4005', 'an edge across the antimeridian is densified only with preserve_crossing = true', {
          hint: 'geo_line_densify(line, 10, true)',
        });
      }
      q = [q[0] + (q[0] < p[0] ? 360 : -360), q[1]];
    }
    if (p[0] !== q[0] || p[1] !== q[1]) add(p, pointOf(p), q, pointOf(points[i]!));
  }
  return out;
}

function evaluate(args: readonly HostedValue[], isValid: (v: HostedValue) => unknown, depth: Record<string, number>) {
  const tolerance = optional(args, 1, 10, 0.1, 10000);
  const shape = args[0] as Shape | null;
  if (tolerance === undefined || !shape || !isValid(shape)) return null;
  const angleOf = Math.max((tolerance * scale) / earthRadius, 1e-13);
  const walk = (coordinates: unknown, level: number): unknown =>
    level === 0
      ? densified(coordinates as Coordinates, angleOf, args[2] === true)
      : (coordinates as unknown[]).map((c) => walk(c, level - 1));
  return geometry({ type: shape.type, coordinates: walk(shape.coordinates, depth[String(shape.type)]!) });
}

export const geoDensify = [
  hosted({
    name: 'geo_line_densify',
    docs: docs('geo_line_densify'),
    trap: 'Adds points so that edges that are straight on the map stay so on the sphere.',
    evaluate: (args) => evaluate(args, pathOf, { LineString: 0, MultiLineString: 1 }),
    examples: [
      [
        'array_length(geo_line_densify(dynamic({"type":"LineString","coordinates":[[50, 50], [51, 51]]})).coordinates)',
        9,
      ],
      [
        'round(toreal(geo_line_densify(dynamic({"type":"LineString","coordinates":[[50, 50], [51, 51]]})).coordinates[1][0]), 9)',
        50.125,
      ],
      [
        'array_length(geo_line_densify(dynamic({"type":"LineString","coordinates":[[-73.949247, 40.796860],[-73.973017, 40.764323]]})).coordinates)',
        2,
      ],
      ['isnull(geo_line_densify(dynamic({"type":"LineString","coordinates":[[300,1],[1,1]]})))', true],
      ['isnull(geo_line_densify(dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]}), 0))', true],
    ],
  }),
  hosted({
    name: 'geo_polygon_densify',
    docs: docs('geo_polygon_densify'),
    trap: 'Adds points so that edges that are straight on the map stay so on the sphere.',
    evaluate: (args) => evaluate(args, regionOf, { Polygon: 1, MultiPolygon: 2 }),
    examples: [
      [
        'array_length(geo_polygon_densify(dynamic({"type":"Polygon","coordinates":[[[10,10],[11,10],[11,11],[10,11],[10,10]]]})).coordinates[0])',
        11,
      ],
      [
        'isnull(geo_polygon_densify(dynamic({"type":"Polygon","coordinates":[[[10,900],[11,10],[11,11],[10,11],[10,10]]]})))',
        true,
      ],
      [
        'isnull(geo_polygon_densify(dynamic({"type":"Polygon","coordinates":[[[10,10],[11,10],[11,11],[10,11],[10,10]]]}), 0))',
        true,
      ],
    ],
  }),
];
