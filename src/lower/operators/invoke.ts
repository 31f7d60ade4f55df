import { fail } from '../../base/index.js';
import { callTabularFunction } from '../functions.js';
import type { LowerOperator } from './index.js';

export const invoke: LowerOperator = (node, input, cx) => {
  const called = node.get('Function');
  const name = called.get('Name').name;
  const rel = callTabularFunction(called, name, cx, input);
  return rel ?? fail('KQL1001', `there is no function '${name}'`, { span: called.span });
};
