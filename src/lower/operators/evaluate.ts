import { fail } from '../../base/index.js';
import { plugins } from '../plugins/index.js';
import { refusedPlugins } from '../refused.js';
import type { LowerOperator } from './index.js';

export const evaluate: LowerOperator = (node, input, cx) => {
  const called = node.get('FunctionCall');
  const name = called.get('Name').name;
  const plugin = plugins[name.toLowerCase()];
  if (!plugin) {
    const refusal = refusedPlugins[name.toLowerCase()];
    const why = refusal ? `: ${refusal.reason}` : '';
    fail('KQL4004', `the plugin ${name} is not supported${why}`, { span: called.span, hint: refusal?.instead });
  }
  return plugin(called, input, cx, node);
};
