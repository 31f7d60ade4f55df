import type { LowerOperator } from './index.js';
import { groupKeys } from './summarize.js';

export const count: LowerOperator = (node, input, cx) => {
  const name = node.columns?.at(-1)?.name ?? 'Count';
  const keys = groupKeys(cx);
  return {
    kind: 'Aggregate',
    input,
    keys,
    calls: [{ name, call: { name: 'count', type: 'long', args: [], span: node.span } }],
    columns: [...keys.map((k) => ({ name: k.name, type: k.expr.type })), { name, type: 'long' }],
  };
};
