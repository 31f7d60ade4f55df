import { type AggregateCall, column, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Column } from '../../tables/index.js';
import { withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { unnamed } from '../naming.js';
import type { LowerOperator } from './index.js';
import { groupKeys } from './summarize.js';

/** `top-hitters`: the values that occur most, or whose sums are greatest. Kusto estimates them; these are exact. */
export const topHitters: LowerOperator = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const [name, total] = (node.columns ?? []).map((c) => c.name).slice(-2) as [string, string];
  const by = node.child('ByClause')?.child('Expression');
  const summed = by && lowerExpr(unnamed(by), row);
  const type = summed?.type === 'int' || !summed ? 'long' : summed.type;
  const hits: AggregateCall = summed ? { name: 'sum', type, args: [summed] } : { name: 'count', type, args: [] };
  const groups = groupKeys(cx);
  const keys: NamedExpr[] = [...groups, { name, expr: lowerExpr(unnamed(node.get('OfExpression')), row) }];
  const columns: Column[] = [...keys.map((k) => ({ name: k.name, type: k.expr.type })), { name: total, type }];
  const counted: Rel = { kind: 'Aggregate', input, keys, calls: [{ name: total, call: hits }], columns };
  const sorted: Rel = {
    kind: 'Sort',
    input: counted,
    // Which of equal values stay is arbitrary; the second key makes it the same ones every time.
    by: [column({ name: total, type }), column(columns.at(-2)!)].map((expr) => ({
      expr,
      descending: true,
      nullsFirst: false,
    })),
    columns,
  };
  const count = lowerExpr(node.get('Expression'), { ...cx, row: undefined });
  return { kind: 'Limit', input: sorted, count, columns, per: groups.length ? groups.map((g) => g.name) : undefined };
};

/** `sample-distinct`: some of the distinct values. */
export const sampleDistinct: LowerOperator = (node, input, cx) => {
  const name = node.columns!.at(-1)!.name;
  const expr = lowerExpr(unnamed(node.get('OfExpression')), withRow(cx, input.columns));
  const groups = groupKeys(cx);
  const keys: NamedExpr[] = [...groups, { name, expr }];
  const columns = keys.map((k): Column => ({ name: k.name, type: k.expr.type }));
  const distinct: Rel = { kind: 'Aggregate', input, keys, calls: [], columns };
  const count = lowerExpr(node.get('Expression'), { ...cx, row: undefined });
  return { kind: 'Limit', input: distinct, count, columns, per: groups.length ? groups.map((g) => g.name) : undefined };
};
