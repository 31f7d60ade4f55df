import { edgePairs } from './pairs.js';
import type { Edge } from './shapes.js';
import { closest, crossing, minus, norm, type Point } from './vector.js';

/** Vertices nearer to each other than this are one (25 nm): cells that share a corner write it with different last digits. */
const near = 4e-15;
const step = 1e-13;

/** Points by number; a point near a known one is that one. */
export class Vertices {
  readonly points: Point[] = [];
  private readonly grid = new Map<string, number[]>();

  add(p: Point): number {
    const cell = p.map((v) => Math.floor(v / step));
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dz = -1; dz <= 1; dz++) {
          for (const id of this.grid.get(`${cell[0]! + dx} ${cell[1]! + dy} ${cell[2]! + dz}`) ?? []) {
            if (norm(minus(this.points[id]!, p)) < near) return id;
          }
        }
      }
    }
    const id = this.points.push(p) - 1;
    const key = cell.join(' ');
    const here = this.grid.get(key);
    if (here) here.push(id);
    else this.grid.set(key, [id]);
    return id;
  }
}

/** A part of an edge between two vertices; `edge` numbers the edges of the first shape and then those of the second. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly edge: number;
}

export interface Overlay {
  readonly points: readonly Point[];
  /** The edges of each shape, cut where they meet the other. */
  readonly pieces: readonly [readonly Piece[], readonly Piece[]];
  /** Vertices at which edges of both cross in their insides. */
  readonly crossings: ReadonlySet<number>;
  /** Vertices that both shapes had, or that lie on an edge of the other. */
  readonly touched: ReadonlySet<number>;
}

export function overlay(first: readonly Edge[], second: readonly Edge[]): Overlay {
  const vertices = new Vertices();
  const ends = [...first, ...second].map(([a, b]): [number, number] => [vertices.add(a), vertices.add(b)]);
  const edges = ends.map(([a, b]): Edge => [vertices.points[a]!, vertices.points[b]!]);
  const cuts = edges.map(() => new Set<number>());
  const crossings = new Set<number>();
  const own = [new Set(ends.slice(0, first.length).flat()), new Set(ends.slice(first.length).flat())] as const;
  const touched = new Set([...own[0]].filter((v) => own[1].has(v)));

  /** Cuts an edge at an end of another that lies on it. */
  const touch = (edge: number, end: number): boolean => {
    if (ends[edge]!.includes(end)) return true;
    const [p, [a, b]] = [vertices.points[end]!, edges[edge]!];
    if (norm(minus(closest(p, a, b), p)) >= near) return false;
    cuts[edge]!.add(end);
    touched.add(end);
    return true;
  };
  const isReal = (e: number) => ends[e]![0] !== ends[e]![1];
  for (const [i, j] of edgePairs(edges)) {
    if (i < first.length === j < first.length || !isReal(i) || !isReal(j)) continue;
    const meet = [...ends[j]!.map((end) => touch(i, end)), ...ends[i]!.map((end) => touch(j, end))];
    if (meet.includes(true)) continue;
    const at = crossing(...edges[i]!, ...edges[j]!);
    if (!at) continue;
    const id = vertices.add(at);
    crossings.add(id);
    cuts[i]!.add(id);
    cuts[j]!.add(id);
  }

  const cut = (from: number, to: number): Piece[] => {
    const pieces: Piece[] = [];
    for (let e = from; e < to; e++) {
      const [start, end] = ends[e]!;
      const far = (v: number) => norm(minus(vertices.points[v]!, vertices.points[start]!));
      const inner = [...cuts[e]!].filter((v) => v !== start && v !== end).sort((p, q) => far(p) - far(q));
      const all = [start, ...inner, end];
      for (let k = 1; k < all.length; k++) {
        if (all[k] !== all[k - 1]) pieces.push({ from: all[k - 1]!, to: all[k]!, edge: e });
      }
    }
    return pieces;
  };
  const pieces = [cut(0, first.length), cut(first.length, edges.length)] as const;
  return { points: vertices.points, pieces, crossings, touched };
}

export const pieceKey = ({ from, to }: Piece): string => `${from} ${to}`;
export const reverseKey = ({ from, to }: Piece): string => `${to} ${from}`;

export function groupedBy(pieces: readonly Piece[], of: (piece: Piece) => number): Map<number, Piece[]> {
  const groups = new Map<number, Piece[]>();
  for (const piece of pieces) {
    const group = groups.get(of(piece));
    if (group) group.push(piece);
    else groups.set(of(piece), [piece]);
  }
  return groups;
}

/** Lines of consecutive pieces: broken where a vertex has not exactly one piece in and one out. */
export function chains(pieces: readonly Piece[]): Piece[][] {
  const leaving = groupedBy(pieces, (p) => p.from);
  const arriving = groupedBy(pieces, (p) => p.to);
  const passes = (v: number) => leaving.get(v)?.length === 1 && arriving.get(v)?.length === 1;
  const used = new Set<Piece>();
  const follow = (first: Piece): Piece[] => {
    const chain = [first];
    used.add(first);
    for (let at = first.to; passes(at); at = chain.at(-1)!.to) {
      const next = leaving.get(at)![0]!;
      if (used.has(next)) break;
      used.add(next);
      chain.push(next);
    }
    return chain;
  };
  const open = pieces.filter((p) => !passes(p.from)).map(follow);
  const closed = pieces.filter((p) => !used.has(p)).flatMap((p) => (used.has(p) ? [] : [follow(p)]));
  return [...open, ...closed].sort((a, b) => a[0]!.edge - b[0]!.edge);
}

export const chainPoints = (chain: readonly Piece[], points: readonly Point[]): Point[] => [
  points[chain[0]!.from]!,
  ...chain.map((p) => points[p.to]!),
];
