import type { Host, HostedValue } from '../../entry.js';
import type { HostedTable } from '../operation.js';

type Row = readonly HostedValue[];

/** Places of the columns that nodes and edges share: which of them the row is, the edge's number, and the ends. */
export const graphColumns = { isEdge: 0, id: 1, from: 2, to: 3 } as const;

export interface Edge {
  readonly row: Row;
  readonly from: number;
  readonly to: number;
}

/** A graph in memory. Nodes and edges are numbers; edges stand in the order in which the query gave them. */
export class Graph {
  readonly nodes: Row[] = [];
  readonly edges: Edge[] = [];
  readonly out: number[][] = [];
  readonly into: number[][] = [];

  /** @param table rows of nodes, whose `from` is their key, and of edges; every key of an edge has a node */
  static async of(table: HostedTable, host: Host): Promise<Graph> {
    const graph = new Graph();
    const { isEdge, id, from, to } = graphColumns;
    const places = new Map<HostedValue, number>();
    for (const row of table.rows) {
      if (row[isEdge] === true) continue;
      places.set(row[from]!, graph.nodes.length);
      graph.nodes.push(row);
      graph.out.push([]);
      graph.into.push([]);
      if (graph.nodes.length % 512 === 0) await host.breathe();
    }
    const edges = table.rows.filter((row) => row[isEdge] === true);
    edges.sort((a, b) => Number(a[id]) - Number(b[id]));
    for (const [at, row] of edges.entries()) {
      const edge = { row, from: places.get(row[from]!)!, to: places.get(row[to]!)! };
      graph.edges.push(edge);
      graph.out[edge.from]!.push(at);
      graph.into[edge.to]!.push(at);
      if (at % 512 === 0) await host.breathe();
    }
    return graph;
  }

  /** The edges that lead on from a node, each once. */
  from(node: number, direction: 'out' | 'in' | 'any'): readonly number[] {
    if (direction === 'out') return this.out[node]!;
    if (direction === 'in') return this.into[node]!;
    const loops = (e: number) => this.edges[e]!.from === this.edges[e]!.to;
    return [...this.out[node]!, ...this.into[node]!.filter((e) => !loops(e))];
  }

  /** The node at the other end. */
  beyond(edge: number, node: number): number {
    const { from, to } = this.edges[edge]!;
    return from === node ? to : from;
  }
}
