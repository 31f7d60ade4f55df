import type { Graph } from './graph.js';
import type { MatchSettings, PatternEdge } from './pattern.js';

/** Edges from left to right as one reads the pattern, and the nodes that they touch: one more than edges. */
export interface Path {
  readonly edges: readonly number[];
  readonly nodes: readonly number[];
}

/** Where the nodes and edges of a pattern lie. */
export interface Found {
  readonly nodes: readonly number[];
  readonly paths: readonly Path[];
}

/** Steps between two chances for others to have a turn. */
const turn = 4096;

/** One edge of the pattern to walk from an end that is placed already. */
interface Leg {
  readonly at: number;
  readonly edge: PatternEdge;
  readonly start: number;
  readonly end: number;
  readonly backwards: boolean;
}

/** Places a pattern by going on from what is placed. Yields nothing now and then, for others to have a turn. */
export class Search {
  private readonly placed: number[];
  private readonly paths: Path[] = [];
  private readonly usedEdges = new Set<number>();
  private readonly usedNodes = new Set<number>();
  private steps = 0;

  constructor(
    private readonly graph: Graph,
    private readonly pattern: MatchSettings,
  ) {
    this.placed = pattern.nodes.map(() => -1);
  }

  *run(): Generator<Found | undefined> {
    const { first, candidates } = this.start();
    const legs = this.plan(first);
    for (const node of candidates) {
      this.placed[first] = node;
      this.usedNodes.add(node);
      yield* this.walk(legs, 0);
      this.usedNodes.delete(node);
    }
  }

  /** The node of the pattern that fewest nodes can be. */
  private start() {
    let best: { first: number; candidates: number[] } | undefined;
    for (const first of this.pattern.nodes.keys()) {
      const candidates = [...this.graph.nodes.keys()].filter((n) => this.fits(n, first));
      if (!best || candidates.length < best.candidates.length) best = { first, candidates };
    }
    return best!;
  }

  private plan(first: number): Leg[] {
    const legs: Leg[] = [];
    const reached = new Set([first]);
    const left = new Set(this.pattern.edges.keys());
    while (left.size > 0) {
      const open = [...left].filter((i) => {
        const { from, to } = this.pattern.edges[i]!;
        return reached.has(from) || reached.has(to);
      });
      // An edge between two placed nodes only tests, so it comes first.
      const closed = (i: number) => reached.has(this.pattern.edges[i]!.from) && reached.has(this.pattern.edges[i]!.to);
      const at = open.find(closed) ?? open[0]!;
      const edge = this.pattern.edges[at]!;
      const backwards = !reached.has(edge.from);
      legs.push({
        at,
        edge,
        start: backwards ? edge.to : edge.from,
        end: backwards ? edge.from : edge.to,
        backwards,
      });
      reached.add(edge.from).add(edge.to);
      left.delete(at);
    }
    return legs;
  }

  private *walk(legs: readonly Leg[], k: number): Generator<Found | undefined> {
    const leg = legs[k];
    if (!leg) yield { nodes: [...this.placed], paths: [...this.paths] };
    else {
      const start = this.placed[leg.start]!;
      yield* this.go(legs, k, leg, [], [start]);
    }
  }

  private *go(
    legs: readonly Leg[],
    k: number,
    leg: Leg,
    edges: number[],
    nodes: number[],
  ): Generator<Found | undefined> {
    if (++this.steps % turn === 0) yield undefined;
    const { edge } = leg;
    const here = nodes.at(-1)!;
    if (edges.length >= edge.min && this.endsAt(here, leg)) {
      const before = this.placed[leg.end]!;
      this.placed[leg.end] = here;
      this.paths[leg.at] = leg.backwards
        ? { edges: [...edges].reverse(), nodes: [...nodes].reverse() }
        : { edges: [...edges], nodes: [...nodes] };
      yield* this.walk(legs, k + 1);
      this.placed[leg.end] = before;
    }
    if (edges.length >= edge.max) return;
    if (edges.length > 0 && !holds(this.graph.nodes[here]!, edge.inner)) return;
    for (const next of this.graph.from(here, leg.backwards ? opposite[edge.direction] : edge.direction)) {
      if (!holds(this.graph.edges[next]!.row, edge.where)) continue;
      if (this.pattern.cycles !== 'all' && this.usedEdges.has(next)) continue;
      const there = this.graph.beyond(next, here);
      if (this.pattern.cycles === 'none' && this.usedNodes.has(there)) continue;
      this.usedEdges.add(next);
      if (this.pattern.cycles === 'none') this.usedNodes.add(there);
      edges.push(next);
      nodes.push(there);
      yield* this.go(legs, k, leg, edges, nodes);
      edges.pop();
      nodes.pop();
      if (this.pattern.cycles === 'none') this.usedNodes.delete(there);
      this.usedEdges.delete(next);
    }
  }

  private endsAt(node: number, leg: Leg): boolean {
    const placed = this.placed[leg.end]!;
    return placed >= 0 ? placed === node : this.fits(node, leg.end);
  }

  private fits(node: number, at: number): boolean {
    return holds(this.graph.nodes[node]!, this.pattern.nodes[at]!.where);
  }
}

export const opposite = { out: 'in', in: 'out', any: 'any' } as const;

export const holds = (row: readonly unknown[], conditions: readonly number[]): boolean =>
  conditions.every((c) => row[c] === true);
