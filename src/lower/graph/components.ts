import { column, type Rel } from '../../ir/index.js';
import type { Column } from '../../tables/index.js';
import { findColumn, unsupported } from '../context.js';
import type { LowerOperator } from '../operators/index.js';
import { joinOf } from '../operators/join.js';
import { parametersOf } from '../operators/union.js';
import { freshName, passOn, project } from '../rel-helpers.js';
import { graphAsRel, graphOf } from './graph.js';
import { sentGraph } from './match.js';

/** Gives each node the number of its connected component as a property. */
export const graphMarkComponents: LowerOperator = (node, input) => {
  const graph = graphOf(input, node);
  const parameters = parametersOf(node);
  const kind = parameters.get('kind')?.text.toLowerCase() ?? 'weak';
  if (kind !== 'weak' && kind !== 'strong') return unsupported(node, `kind=${kind} is not known`, 'weak or strong');
  const name = parameters.get('with_component_id')?.name ?? 'ComponentId';
  if (findColumn(graph.nodeColumns, name))
    return unsupported(node, `the nodes have a property '${name}' already`, 'with_component_id=…');
  const added: Column = { name, type: 'long' };
  const keys = [...(graph.part ? [graph.part] : []), graph.key];
  const sent = keys.map((k) => ({ name: freshName(`component_${k.name}`, graph.nodes.columns), type: k.type }));
  const marked: Rel = {
    kind: 'Hosted',
    input: sentGraph(graph, []),
    operation: { name: 'graph-components', settings: { kind }, per: keys.length - 1 },
    columns: [...keys, added],
  };
  const renamed = project(marked, [
    ...keys.map((k, i) => ({ name: sent[i]!.name, expr: column(k) })),
    { name, expr: column(added) },
  ]);
  const on = keys.map((k, i) => ({ left: column(k), right: column(sent[i]!) }));
  const joined = joinOf('inner', graph.nodes, renamed, on);
  const rows = project(joined, passOn([...graph.nodes.columns, added]));
  const nodes: Rel = { kind: 'Shared', name: 'nodes', input: rows, columns: rows.columns };
  return graphAsRel({ ...graph, nodes, nodeColumns: [...graph.nodeColumns, added] }, node);
};
