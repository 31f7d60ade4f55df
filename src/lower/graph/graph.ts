import type { Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { unsupported } from '../context.js';
import { project } from '../rel-helpers.js';

/** A graph: edges with a number and the keys of their ends, nodes with their key and degrees, all ends among the nodes. */
export interface Graph {
  readonly edges: Rel;
  /** What the author may name of an edge. */
  readonly edgeColumns: readonly Column[];
  readonly id: Column;
  readonly from: Column;
  readonly to: Column;
  readonly nodes: Rel;
  readonly nodeColumns: readonly Column[];
  readonly key: Column;
  readonly degreeIn: Column;
  readonly degreeOut: Column;
  /** Tells the graphs of `partitioned-by` apart, in edges and nodes. */
  readonly part?: Column | undefined;
}

/** Lets and operators hand relations on; a graph travels as one that stands for it. */
const graphs = new WeakMap<Rel, Graph>();

export function graphAsRel(graph: Graph, node: Node): Rel {
  const rel = { ...project(graph.edges, []), span: node.span };
  graphs.set(rel, graph);
  return rel;
}

export function findGraph(rel: Rel): Graph | undefined {
  let at = rel;
  while (at.kind === 'Shared' && !graphs.has(at)) at = at.input;
  return graphs.get(at);
}

export const graphOf = (rel: Rel, node: Node): Graph =>
  findGraph(rel) ?? unsupported(node, 'this operator wants a graph', 'make one first: make-graph From --> To …');
