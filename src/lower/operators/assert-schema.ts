import { fail } from '../../base/index.js';
import type { LowerOperator } from './index.js';

/** Passes the rows on when their columns are the ones named, in order. */
export const assertSchema: LowerOperator = (node, input) => {
  const wanted = node
    .get('Schema')
    .list('Columns')
    .map((c) => `${c.get('Name').name}:${c.get('Type').text.toLowerCase()}`);
  const found = input.columns.filter((c) => !c.hidden).map((c) => `${c.name}:${c.type}`);
  if (wanted.join() !== found.join())
    fail('KQL1002', `the columns are (${found.join(', ')}), not (${wanted.join(', ')})`, { span: node.span });
  return input;
};
