import { withRow } from '../context.js';
import { namedItems } from '../naming.js';
import { passOn } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { groupKeys } from './summarize.js';

export const distinct: LowerOperator = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const own = namedItems(node, node.list('Expressions'), [], row);
  const groups = groupKeys(cx).filter((g) => !own.some((k) => k.name === g.name));
  const keys = own.length ? [...groups, ...own] : passOn(input.columns);
  return { kind: 'Aggregate', input, keys, calls: [], columns: keys.map((k) => ({ name: k.name, type: k.expr.type })) };
};
