import { fail } from '../../base/index.js';
import { plugins } from '../plugins/index.js';
import type { LowerOperator } from './index.js';

export const evaluate: LowerOperator = (node, input, cx) => {
  const called = node.get('FunctionCall');
  const name = called.get('Name').name;
  const plugin = plugins[name.toLowerCase()];
  if (!plugin) fail('KQL4004', `the plugin ${name} is not supported`, { span: called.span });
  return plugin(called, input, cx, node);
};
