import type { Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Context, unsupported } from './context.js';
import { lowerOperator } from './relation.js';

/** Operators that start with the rows of a group, as mv-apply and partition hold them. */
export function lowerSubquery(node: Node, rows: Rel, cx: Context): Rel {
  if (node.kind === 'PipeExpression') {
    return lowerOperator(node.get('Operator'), lowerSubquery(node.get('Expression'), rows, cx), cx);
  }
  if (node.kind.endsWith('Operator')) return lowerOperator(node, rows, cx);
  return unsupported(node, 'a subquery over groups must start with an operator');
}
