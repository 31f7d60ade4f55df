import type { HostedValue } from '../../entry.js';
import type { HostedOperation } from '../operation.js';
import { Graph, graphColumns } from './graph.js';

/** Numbers the connected components of a graph in the order in which the edges name their nodes. */
export const graphComponents: HostedOperation = {
  name: 'graph-components',
  async run(table, settings, host) {
    const graph = await Graph.of(table, host);
    const { kind } = settings as { kind: 'weak' | 'strong' };
    const of = kind === 'strong' ? strong(graph) : weak(graph);
    const numbers = new Map<number, number>();
    const number = (node: number) => {
      const component = of(node);
      if (!numbers.has(component)) numbers.set(component, numbers.size);
      return numbers.get(component)!;
    };
    for (const { from, to } of graph.edges) {
      number(from);
      number(to);
    }
    return graph.nodes.map((row, at): HostedValue[] => [row[graphColumns.from]!, number(at)]);
  },
};

function weak(graph: Graph): (node: number) => number {
  const parent = [...graph.nodes.keys()];
  const root = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const { from, to } of graph.edges) parent[root(from)] = root(to);
  return root;
}

/** Tarjan's algorithm with a stack of its own: a chain of a million nodes would end that of the process. */
function strong(graph: Graph): (node: number) => number {
  const order: number[] = [];
  const low: number[] = [];
  const component: number[] = [];
  const open: number[] = [];
  let count = 0;
  for (const root of graph.nodes.keys()) {
    if (order[root] !== undefined) continue;
    const work = [{ node: root, next: 0 }];
    while (work.length > 0) {
      const top = work.at(-1)!;
      const { node } = top;
      if (top.next === 0) {
        order[node] = count;
        low[node] = count++;
        open.push(node);
      }
      const edge = graph.out[node]![top.next++];
      if (edge !== undefined) {
        const there = graph.edges[edge]!.to;
        if (order[there] === undefined) work.push({ node: there, next: 0 });
        else if (component[there] === undefined) low[node] = Math.min(low[node]!, order[there]!);
        continue;
      }
      work.pop();
      const below = work.at(-1);
      if (below) low[below.node] = Math.min(low[below.node]!, low[node]!);
      if (low[node] !== order[node]) continue;
      for (;;) {
        const member = open.pop()!;
        component[member] = node;
        if (member === node) break;
      }
    }
  }
  return (node) => component[node]!;
}
