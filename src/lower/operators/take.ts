import { lowerExpr } from '../expression.js';
import type { LowerOperator } from './index.js';

/** `take`, `limit`, and `sample`: any rows will do for all of them. */
export const take: LowerOperator = (node, input, cx) => ({
  kind: 'Limit',
  input,
  columns: input.columns,
  count: lowerExpr(node.get('Expression'), { ...cx, row: undefined }),
  per: cx.per?.map((c) => c.name),
});
