import type { LowerOperator } from './index.js';

/** Gives the rows so far a name that later parts of the query can use. */
export const as: LowerOperator = (node, input, cx) => {
  const name = node.get('Name').name;
  const shared = {
    kind: 'Shared' as const,
    name,
    named: true as const,
    input,
    columns: input.columns,
    span: node.span,
  };
  cx.scope.set(name, { kind: 'rel', get: () => shared });
  return shared;
};
