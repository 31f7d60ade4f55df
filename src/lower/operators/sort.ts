import type { Rel, SortKey } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import { type Context, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import type { LowerOperator } from './index.js';

/** Kusto sorts downwards unless told otherwise; nulls come last downwards and first upwards. */
function sortKey(node: Node, cx: Context): SortKey {
  const ordering = node.kind === 'OrderedExpression' ? node.child('Ordering') : undefined;
  const expr = lowerExpr(node.kind === 'OrderedExpression' ? node.get('Expression') : node, cx);
  const words = ordering?.text.toLowerCase() ?? '';
  const descending = !/\basc\b/.test(words);
  const nullsFirst = /nulls\s+first/.test(words) || (!/nulls\s+last/.test(words) && !descending);
  return { expr, descending, nullsFirst };
}

export const sort: LowerOperator = (node, input, cx) => ({
  kind: 'Sort',
  input,
  columns: input.columns,
  by: node.list('Expressions').map((e) => sortKey(e, withRow(cx, input.columns))),
});

export const top: LowerOperator = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const sorted: Rel = {
    kind: 'Sort',
    input,
    columns: input.columns,
    by: [sortKey(node.get('ByExpression'), row)],
    span: node.span,
  };
  return {
    kind: 'Limit',
    input: sorted,
    columns: input.columns,
    count: lowerExpr(node.get('Expression'), row),
    per: cx.per?.map((c) => c.name),
  };
};
