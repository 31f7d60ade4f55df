import type { Graph } from './graph.js';
import type { MatchSettings } from './pattern.js';
import { type Found, holds, type Path } from './search.js';

interface Arrival {
  readonly edge: number;
  readonly from: number;
}

const turn = 4096;

/**
 * The shortest paths from each first to each last node of a pattern of one edge: one or all of a pair. Breadth first, so a
 * node remembers the edges by which it was reached soonest; a way back to the start is a path too.
 */
export function* shortestPaths(graph: Graph, pattern: MatchSettings): Generator<Found | undefined> {
  const edge = pattern.edges[0]!;
  const [first, last] = [pattern.nodes[edge.from]!, pattern.nodes[edge.to]!];
  const loop = edge.from === edge.to;
  let steps = 0;
  for (const start of graph.nodes.keys()) {
    if (!holds(graph.nodes[start]!, first.where)) continue;
    const arrivals = new Map<number, { readonly level: number; readonly by: Arrival[] }>();
    let frontier = [start];
    for (let level = 0; level < edge.max && frontier.length > 0; level++) {
      const next: number[] = [];
      for (const node of frontier) {
        if (level > 0 && !holds(graph.nodes[node]!, edge.inner)) continue;
        for (const e of graph.from(node, edge.direction)) {
          if (++steps % turn === 0) yield undefined;
          if (!holds(graph.edges[e]!.row, edge.where)) continue;
          const there = graph.beyond(e, node);
          const known = arrivals.get(there);
          if (known) {
            if (known.level === level + 1) known.by.push({ edge: e, from: node });
            continue;
          }
          arrivals.set(there, { level: level + 1, by: [{ edge: e, from: node }] });
          if (there !== start) next.push(there);
        }
      }
      frontier = next;
    }
    const paths = function* (node: number, tail: Path): Generator<Path> {
      for (const { edge: e, from } of arrivals.get(node)!.by) {
        const path = { edges: [e, ...tail.edges], nodes: [from, ...tail.nodes] };
        if (from === start) yield path;
        else yield* paths(from, path);
      }
    };
    const placed = (end: number, path: Path): Found => {
      const nodes: number[] = [];
      nodes[edge.from] = start;
      nodes[edge.to] = end;
      return { nodes, paths: [path] };
    };
    if (edge.min === 0 && holds(graph.nodes[start]!, last.where)) yield placed(start, { edges: [], nodes: [start] });
    for (const end of arrivals.keys()) {
      if (loop && end !== start) continue;
      if (edge.min === 0 && end === start) continue;
      if (!holds(graph.nodes[end]!, last.where)) continue;
      for (const path of paths(end, { edges: [], nodes: [end] })) {
        yield placed(end, path);
        if (pattern.shortest === 'any') break;
      }
    }
  }
}
