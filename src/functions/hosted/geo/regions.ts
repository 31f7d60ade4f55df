import type { HostedValue } from '../../entry.js';
import { s2, toS2 } from './s2.js';
import { type Edge, edgesOf, type Line, lineEdges, linesOf, orient, polygonsOf, type Rings } from './shapes.js';
import { angle, closest, type Point } from './vector.js';

/** Polygons with what is needed to ask where a point lies. */
export class Region {
  readonly edges: readonly Edge[];
  private loops: readonly (readonly InstanceType<ReturnType<typeof s2>['Loop']>[])[] | undefined;

  constructor(readonly polygons: readonly Rings[]) {
    this.edges = polygons.flatMap(edgesOf);
  }

  /** As S2 tells it: of polygons that share a border exactly one contains a point of the border. */
  contains(p: Point): boolean {
    this.loops ??= this.polygons.map((rings) => rings.map((ring) => new (s2().Loop)(orient([...ring]).map(toS2))));
    const at = toS2(p);
    return this.loops.some((rings) => rings.filter((loop) => loop.containsPoint(at)).length % 2 === 1);
  }
}

export class Path {
  readonly edges: readonly Edge[];

  constructor(readonly lines: readonly Line[]) {
    this.edges = lines.flatMap(lineEdges);
  }
}

/** The point of the edges that is closest to p. */
export function closestOf(p: Point, edges: readonly Edge[]): Point {
  let best = edges[0]![0];
  let least = Number.POSITIVE_INFINITY;
  for (const [a, b] of edges) {
    const at = closest(p, a, b);
    const far = angle(p, at);
    if (far < least) [best, least] = [at, far];
  }
  return best;
}

/** Shapes that were read before: a query asks about the same few again and again. */
function remembered<T>(read: (value: HostedValue) => T | undefined) {
  const known = new Map<string, T | undefined>();
  let size = 0;
  return (value: HostedValue | undefined): T | undefined => {
    if (value === null || typeof value !== 'object') return undefined;
    const key = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
    if (!known.has(key)) {
      size += key.length;
      if (size > 4 << 20) {
        known.clear();
        size = key.length;
      }
      known.set(key, read(value));
    }
    return known.get(key);
  };
}

/** A polygon or multipolygon; undefined when it is not valid. */
export const regionOf = remembered((value) => {
  const polygons = polygonsOf(value);
  return polygons && new Region(polygons);
});

/** A line or multiline; undefined when it is not valid. */
export const pathOf = remembered((value) => {
  const lines = linesOf(value);
  return lines && new Path(lines);
});
