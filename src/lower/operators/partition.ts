import { type Context, Scope, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { extend, freshName, passOn, project } from '../rel-helpers.js';
import { lowerSubquery } from '../subquery.js';
import type { LowerOperator } from './index.js';

/** Runs operators within the rows of each value of a column; a copy of it tells the groups apart to the end. */
export const partition: LowerOperator = (node, input, cx) => {
  const operand = node.get('Operand');
  if (operand.kind !== 'PartitionSubquery')
    return unsupported(operand, 'a partition over a source of its own is not supported', 'use ( … ) instead of { … }');
  const key = lowerExpr(node.get('ByExpression'), withRow(cx, input.columns));
  const per = { name: freshName('partition_id', input.columns, node.columns ?? []), type: key.type };
  const rows = extend(input, [{ name: per.name, expr: key }]);
  const outer = cx.per ?? [];
  const inner: Context = { ...cx, per: [...outer, per], scope: new Scope(cx.scope), steps: undefined };
  const result = lowerSubquery(operand.get('Subquery'), rows, inner);
  return project(result, passOn(result.columns.filter((c) => c.name !== per.name)), node.span, true);
};
