import { directed, polygonsFrom } from './loops.js';
import { overlay, type Piece, pieceKey, reverseKey } from './overlay.js';
import { Region } from './regions.js';
import { edgesOf, type Rings } from './shapes.js';
import { interpolate, type Point } from './vector.js';

/** Pieces of each side that lie inside the other, outside of it, or on pieces of it with the inside on the same side or not. */
export function classify(first: readonly Rings[], second: readonly Rings[]) {
  const [a, b] = [first.map(directed), second.map(directed)];
  const over = overlay(a.flatMap(edgesOf), b.flatMap(edgesOf));
  const regions = [new Region(a), new Region(b)] as const;
  const sorted = { inside: [] as Piece[], outside: [] as Piece[], along: [] as Piece[], against: [] as Piece[] };
  for (const side of [0, 1] as const) {
    const other = new Set(over.pieces[1 - side]!.map(pieceKey));
    for (const piece of over.pieces[side]) {
      if (other.has(pieceKey(piece))) {
        if (side === 0) sorted.along.push(piece);
      } else if (other.has(reverseKey(piece))) {
        if (side === 0) sorted.against.push(piece);
      } else {
        const middle: Point = interpolate(over.points[piece.from]!, over.points[piece.to]!, 0.5);
        (regions[1 - side]!.contains(middle) ? sorted.inside : sorted.outside).push(piece);
      }
    }
  }
  return { over, ...sorted };
}

function unionOfTwo(a: readonly Rings[], b: readonly Rings[]): readonly Rings[] {
  const { over, outside, along } = classify(a, b);
  const kept = [...outside, ...along].sort((p, q) => p.edge - q.edge);
  return polygonsFrom(kept, over);
}

/** The union of polygons. As S2 does it, the two with the fewest vertices merge first, and their vertices add up. */
export function unionOf(shapes: readonly (readonly Rings[])[]): readonly Rings[] {
  const size = (polygons: readonly Rings[]) => polygons.flat().reduce((sum, ring) => sum + ring.length, 0);
  const queue = shapes.map((polygons) => ({ polygons, size: size(polygons) }));
  queue.sort((a, b) => a.size - b.size);
  while (queue.length > 1) {
    const [a, b] = queue.splice(0, 2) as [(typeof queue)[0], (typeof queue)[0]];
    const merged = { polygons: unionOfTwo(a.polygons, b.polygons), size: a.size + b.size };
    const at = queue.findIndex((other) => other.size > merged.size);
    queue.splice(at < 0 ? queue.length : at, 0, merged);
  }
  return queue[0]?.polygons ?? [];
}

const solids = new WeakMap<Region, readonly Rings[]>();

/** Polygons of one shape may overlap, and they count as their union. */
export function solidOf(region: Region): readonly Rings[] {
  let solid = solids.get(region);
  if (!solid) {
    solid = region.polygons.length > 1 ? unionOf(region.polygons.map((p) => [p])) : region.polygons;
    solids.set(region, solid);
  }
  return solid;
}
