import { fail } from '../../../base/index.js';
import { groupedBy, type Overlay, type Piece } from './overlay.js';
import { Region } from './regions.js';
import { orient, type Rings, signedArea } from './shapes.js';
import { cross, dot, interpolate, minus, type Point } from './vector.js';

/** Clockwise turn at a vertex from one direction to another, within (0, 2 pi]. */
function clockwise(at: Point, from: Point, to: Point): number {
  const [u, v] = [minus(from, at), minus(to, at)];
  const turn = Math.atan2(-dot(at, cross(u, v)), dot(u, v));
  return turn > 0 ? turn : turn + 2 * Math.PI;
}

/**
 * Directed pieces with the inside on their left, as simple rings. As S2 has it, a ring starts just after the last piece of
 * its highest-numbered edge, and rings are in the order of their first edges.
 */
function ringsOf(pieces: readonly Piece[], points: readonly Point[]): Piece[][] {
  const leaving = groupedBy(pieces, (p) => p.from);
  const unused = new Set(pieces);
  const rings: Piece[][] = [];
  for (const first of pieces) {
    if (!unused.has(first)) continue;
    let path: Piece[] = [];
    for (let piece: Piece | undefined = first; piece; ) {
      unused.delete(piece);
      path.push(piece);
      const start = path.findIndex((p) => p.from === piece!.to);
      if (start >= 0) {
        rings.push(path.slice(start));
        path = path.slice(0, start);
        if (path.length === 0) break;
      }
      const { from, to } = path.at(-1)!;
      const ways = (leaving.get(to) ?? []).filter((p) => unused.has(p));
      const turn = (p: Piece) => clockwise(points[to]!, points[from]!, points[p.to]!);
      if (ways.length === 0) {
        fail('KQL4005', 'polygons whose borders nearly coincide could not be combined', {
          hint: 'simplify them first',
        });
      }
      piece = ways.reduce((best: Piece | undefined, p) => (best && turn(best) <= turn(p) ? best : p), undefined);
    }
  }
  return rings
    .filter((ring) => ring.length > 2)
    .map(canonical)
    .sort((a, b) => a[0]!.edge - b[0]!.edge);
}

function canonical(ring: Piece[]): Piece[] {
  const highest = Math.max(...ring.map((p) => p.edge));
  const n = ring.length;
  const last = ring.findIndex((p, i) => p.edge === highest && ring[(i + 1) % n]!.edge !== highest);
  const start = (last + 1) % n;
  return [...ring.slice(start), ...ring.slice(0, start)];
}

/** Polygons of directed pieces: each hole goes to the smallest shell around it. */
export function polygonsFrom(pieces: readonly Piece[], { points }: Pick<Overlay, 'points'>): Rings[] {
  const rings = ringsOf(pieces, points).map((ring) => ring.map((p) => points[p.from]!));
  const shells = rings
    .filter((r) => signedArea(r) > 0)
    .map((ring) => ({ ring, holes: [] as Point[][], region: new Region([[ring]]), area: signedArea(ring) }));
  for (const hole of rings.filter((r) => signedArea(r) <= 0)) {
    const probe = interpolate(hole[0]!, hole[1]!, 0.5);
    const around = shells.filter((s) => s.region.contains(probe)).sort((a, b) => a.area - b.area)[0];
    around?.holes.push(hole);
  }
  return shells.map(({ ring, holes }) => [ring, ...holes]);
}

/** Rings with the inside on their left: the shell counterclockwise, holes clockwise. */
export const directed = (rings: Rings): Rings =>
  rings.map((ring, i) => (i === 0 ? orient([...ring]) : [...orient([...ring])].reverse()));
