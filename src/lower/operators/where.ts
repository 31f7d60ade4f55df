import { call } from '../../ir/index.js';
import { unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { filter } from '../rel-helpers.js';
import { windowed } from '../window-calls.js';
import type { LowerOperator } from './index.js';

export const where: LowerOperator = (node, input, cx) => {
  const predicate = lowerExpr(node.get('Condition'), withRow(cx, input.columns));
  if (predicate.type === 'dynamic')
    return windowed(filter(input, call('tobool', 'bool', [predicate], predicate.span)), cx);
  if (predicate.type !== 'bool')
    return unsupported(node.get('Condition'), `where wants a bool, not a ${predicate.type}`);
  return windowed(filter(input, predicate), cx);
};
