import { call, column, type Expr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import type { LowerOperator } from '../operators/index.js';
import { parametersOf } from '../operators/union.js';
import { passOn, project } from '../rel-helpers.js';
import { type Graph, graphOf } from './graph.js';

/** Nodes or edges as rows. Named by `as`, they are tables that later statements read. */
export const graphToTable: LowerOperator = (node, input, cx) => {
  const graph = graphOf(input, node);
  const tables = node.list('OutputClause').map((clause): Rel => {
    const rel = tableOf(clause, graph);
    const name = clause.child('AsClause')?.get('Name').name;
    if (name === undefined) return rel;
    const shared: Rel = { kind: 'Shared', name, named: true, input: rel, columns: rel.columns, span: clause.span };
    cx.scope.set(name, { kind: 'rel', get: () => shared });
    return shared;
  });
  return tables[0]!;
};

/** Whether the query goes on with the names that it gives, so that it is no result itself. */
export function namesTables(query: Node): boolean {
  const last = query.kind === 'PipeExpression' ? query.get('Operator') : query;
  return last.kind === 'GraphToTableOperator' && last.list('OutputClause').every((c) => c.child('AsClause'));
}

function tableOf(clause: Node, graph: Graph): Rel {
  const parameters = parametersOf(clause);
  const hash = (parameter: string, key: Column) => {
    const name = parameters.get(parameter)?.name;
    const value: Expr = call('hash', 'long', [column(key)]);
    return name === undefined ? [] : [{ name, expr: value }];
  };
  if (/^nodes\b/i.test(clause.text.trim()))
    return project(graph.nodes, [...hash('with_node_id', graph.key), ...passOn(graph.nodeColumns)], clause.span);
  return project(
    graph.edges,
    [...hash('with_source_id', graph.from), ...hash('with_target_id', graph.to), ...passOn(graph.edgeColumns)],
    clause.span,
  );
}
