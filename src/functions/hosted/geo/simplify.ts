import { fail } from '../../../base/index.js';
import { type HostedValue, hosted } from '../../entry.js';
import { docs, geometry, optional } from './arguments.js';
import { directed } from './loops.js';
import { chainPoints, chains, overlay } from './overlay.js';
import { pathOf, regionOf } from './regions.js';
import { cellAt } from './s2.js';
import { lineShape, polygonShape, polygonsOf, type Rings, type Shape, signedArea } from './shapes.js';
import { solidOf } from './union.js';
import { angle, cross, dot, earthRadius, normal, type Point, unit } from './vector.js';

/** Vertices of all chains, thinned out so that none is within the radius of another, with those that became each. */
class Sites {
  readonly points: Point[] = [];
  private readonly of = new Map<string, number>();
  private readonly merged: Point[][] = [];

  constructor(chainsOf: readonly (readonly Point[])[], radius: number) {
    const all = new Map(chainsOf.flat().map((p) => [p.join(), p]));
    // S2 goes along its curve.
    const sorted = [...all.values()]
      .map((p) => ({ p, cell: cellAt(p, 30) }))
      .sort((a, b) => (a.cell < b.cell ? -1 : 1));
    for (const { p } of sorted) if (!this.points.some((s) => angle(s, p) < radius)) this.points.push(p);
    this.merged = this.points.map(() => []);
    for (const [key, p] of all) {
      const far = this.points.map((s) => angle(s, p));
      const nearest = far.indexOf(Math.min(...far));
      this.of.set(key, nearest);
      this.merged[nearest]!.push(p);
    }
  }

  /** A chain over sites, each once in a row. */
  chain(points: readonly Point[]): number[] {
    return points.map((p) => this.of.get(p.join())!).filter((s, i, all) => i === 0 || s !== all[i - 1]);
  }

  /** The chain with as few edges as pass every vertex left out within the radius, as far as each can reach. */
  straightened(chain: readonly number[], radius: number): number[] {
    const out = [chain[0]!];
    for (let start = 0; start < chain.length - 1; ) {
      let end = start + 1;
      const from = this.points[chain[start]!]!;
      const window = new Directions(from);
      while (end + 1 < chain.length) {
        const passed = this.merged[chain[end]!]!.every((p) => window.pass(p, radius));
        const next = this.points[chain[end + 1]!]!;
        if (!passed || chain[end + 1] === chain[start] || !window.allows(next)) break;
        end++;
      }
      out.push(chain[end]!);
      start = end;
    }
    return out;
  }
}

/** The directions from a point in which a line passes all discs so far. */
class Directions {
  private reference: Point | undefined;
  private low = -Math.PI;
  private high = Math.PI;

  constructor(private readonly from: Point) {}

  private to(p: Point): number {
    const n = unit(normal(this.from, p));
    this.reference ??= n;
    return Math.atan2(dot(this.from, cross(this.reference, n)), dot(this.reference, n));
  }

  pass(p: Point, radius: number): boolean {
    const far = angle(this.from, p);
    if (far <= radius) return true;
    const [at, half] = [this.to(p), Math.asin(Math.min(1, Math.sin(radius) / Math.sin(far)))];
    this.low = Math.max(this.low, at - half);
    this.high = Math.min(this.high, at + half);
    return this.low <= this.high;
  }

  allows(p: Point): boolean {
    const at = this.to(p);
    return at >= this.low && at <= this.high;
  }
}

/** Chains between the sites where others meet them; a chain that two shapes share becomes the same in both. */
function simplified(all: readonly (readonly Point[])[], closed: boolean, radius: number): Point[][] {
  const sites = new Sites(all, radius);
  const paths = all.map((points) => sites.chain(closed ? [...points, points[0]!] : points));
  const neighbours = new Map<number, Set<number>>();
  const meet = (a: number, b: number) => neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
  for (const path of paths)
    for (let i = 1; i < path.length; i++) meet(path[i - 1]!, path[i]!) && meet(path[i]!, path[i - 1]!);
  const isJunction = (s: number) => neighbours.get(s)?.size !== 2;

  const part = (chain: number[]): number[] => {
    const backwards = chain[0]! > chain.at(-1)! || (chain[0] === chain.at(-1) && chain[1]! > chain.at(-2)!);
    const result = sites.straightened(backwards ? [...chain].reverse() : chain, radius);
    return backwards ? result.reverse() : result;
  };
  return paths.map((path) => {
    if (path.length < 2) return [];
    let way = path;
    if (closed) {
      const ring = path.slice(0, -1);
      const start = ring.findIndex(isJunction);
      const first = start >= 0 ? start : ring.indexOf(Math.min(...ring));
      way = [...ring.slice(first), ...ring.slice(0, first), ring[first]!];
    }
    const out = [way[0]!];
    for (let i = 0, j = 1; j < way.length; j++) {
      if (j < way.length - 1 && !isJunction(way[j]!)) continue;
      out.push(...part(way.slice(i, j + 1)).slice(1));
      i = j;
    }
    return out.map((s) => sites.points[s]!);
  });
}

/** A ring from where its input began, if that is left. */
function rotated(ring: readonly Point[], input: readonly Point[]): Point[] {
  const place = new Map(input.map((p, i) => [p.join(), i]));
  const order = ring.map((p) => place.get(p.join()) ?? input.length);
  const start = order.indexOf(Math.min(...order));
  return [...ring.slice(start), ...ring.slice(0, start)];
}

function polygonsSimplified(polygons: readonly Rings[], radius: number): Shape | undefined {
  const input = polygons.flatMap(directed);
  const rings = simplified(input, true, radius).map((r, i) => rotated(r.slice(0, -1), input[i]!));
  let at = 0;
  const kept = polygons.flatMap((p): Rings[] => {
    const own = p.map(() => rings[at++]!);
    const stands = (r: readonly Point[], i: number) => r.length > 2 && signedArea(r) > 0 === (i === 0);
    return stands(own[0]!, 0) ? [own.filter(stands)] : [];
  });
  if (kept.length === 0) return undefined;
  const shape = polygonShape(kept);
  if (!polygonsOf(shape as HostedValue)) {
    fail('KQL4005', 'borders would cross with this tolerance', { hint: 'a smaller tolerance' });
  }
  return shape;
}

const toleranceOf = (args: readonly HostedValue[]) => {
  const metres = optional(args, 1, 10, 0, 7_800_000);
  return metres === undefined ? undefined : metres / earthRadius;
};

const approximate =
  'other vertices may be left than in Kusto: none is nearer to another than the tolerance, and no line moves by more';
const straight =
  'dynamic({"type":"LineString","coordinates":[[-73.97033169865608,40.789063020152824],[-73.97039607167244,40.78897975920816],[-73.9704617857933,40.78888837512432],[-73.97052884101868,40.7887949601531],[-73.9706052839756,40.788698498903564],[-73.97065222263336,40.78862640672032],[-73.97072866559029,40.78852791445617],[-73.97079303860664,40.788434498977836]]})';
const corner =
  'dynamic({"type":"Polygon","coordinates":[[[-73.94885122776031,40.79673476355657],[-73.94885927438736,40.79692258628347],[-73.94887939095497,40.79692055577034],[-73.9488673210144,40.79693476936093],[-73.94888743758202,40.79693476936093],[-73.9488834142685,40.796959135509105],[-73.94890084862709,40.79695304397289],[-73.94906312227248,40.79710736271788],[-73.94923612475395,40.7968708081794],[-73.94885122776031,40.79673476355657]]]})';
const large = 'dynamic({"type":"Polygon","coordinates":[[[5,48],[0,50],[0,47],[4,47],[5,48]]]})';

export const geoSimplify = [
  hosted({
    name: 'geo_line_simplify',
    docs: docs('geo_line_simplify'),
    approximate,
    evaluate: (args) => {
      const [path, radius] = [pathOf(args[0]), toleranceOf(args)];
      if (!path || radius === undefined) return null;
      const { pieces, points } = overlay(path.edges, []);
      const lines = path.lines.length > 1 ? chains(pieces[0]).map((c) => chainPoints(c, points)) : path.lines;
      const left = simplified(lines, false, radius).filter((line) => line.length > 1);
      return geometry(left.length ? lineShape(left) : undefined);
    },
    examples: [
      [`array_length(geo_line_simplify(${straight}, 10).coordinates)`, 2],
      [`round(toreal(geo_line_simplify(${straight}, 10).coordinates[1][0]), 9)`, -73.970793039],
      ['isnull(geo_line_simplify(dynamic({"type":"LineString","coordinates":[[1, 1]]})))', true],
      ['isnull(geo_line_simplify(dynamic({"type":"LineString","coordinates":[[1, 1],[2,2]]}), -1))', true],
      ['isnull(geo_line_simplify(dynamic({"type":"LineString","coordinates":[[1.1, 1.1],[1.2,1.2]]}), 100000))', true],
    ],
  }),
  hosted({
    name: 'geo_polygon_simplify',
    docs: docs('geo_polygon_simplify'),
    approximate,
    evaluate: (args) => {
      const [region, radius] = [regionOf(args[0]), toleranceOf(args)];
      return geometry(region && radius !== undefined ? polygonsSimplified(solidOf(region), radius) : undefined);
    },
    examples: [
      [`array_length(geo_polygon_simplify(${corner}).coordinates[0])`, 4],
      [`round(toreal(geo_polygon_simplify(${corner}).coordinates[0][1][0]), 9)`, -73.949063122],
      ['isnull(geo_polygon_simplify(dynamic({"type":"Polygon","coordinates":[[[5,48],[5,48]]]})))', true],
      [`isnull(geo_polygon_simplify(${large}, -0.1))`, true],
      [`isnull(geo_polygon_simplify(${large}, 1000000))`, true],
    ],
  }),
  hosted({
    name: 'geo_simplify_polygons_array',
    docs: docs('geo_simplify_polygons_array'),
    approximate,
    trap: 'Borders that polygons share stay shared.',
    evaluate: (args) => {
      const radius = toleranceOf(args);
      if (!Array.isArray(args[0]) || args[0].length === 0 || radius === undefined) return null;
      const regions = args[0].map((v) => regionOf(v as HostedValue));
      if (regions.includes(undefined)) return null;
      return geometry(
        polygonsSimplified(
          regions.flatMap((r) => r!.polygons),
          radius,
        ),
      );
    },
    examples: [
      [`array_length(geo_simplify_polygons_array(pack_array(${corner}, ${large})).coordinates)`, 2],
      [`isnull(geo_simplify_polygons_array(pack_array(${corner}, ${large}), -1))`, true],
      [`isnull(geo_simplify_polygons_array(pack_array(${corner}), 10000))`, true],
      [
        `isnull(geo_simplify_polygons_array(pack_array(${large}, dynamic({"type":"Polygon","coordinates":[[[1,1]]]}))))`,
        true,
      ],
    ],
  }),
];
