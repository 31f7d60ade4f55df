import { withRow } from '../context.js';
import { namedItems } from '../naming.js';
import { extend } from '../rel-helpers.js';
import { windowed } from '../window-calls.js';
import type { LowerOperator } from './index.js';

/** Rows keep their order anyway; the expressions are those of extend. */
export const serialize: LowerOperator = (node, input, cx) => {
  const items = namedItems(node, node.list('Expressions'), input.columns, withRow(cx, input.columns));
  const rows = windowed(extend(input, items, node.span), cx, true);
  cx.session.serialized.add(rows);
  return rows;
};
