import type { Join } from '../../ir/index.js';
import { unsupported } from '../context.js';
import type { LowerOperator } from './index.js';
import { joinKeys, joinOf, rightSide } from './join.js';
import { parametersOf } from './union.js';

/** A join onto a small table whose key columns are not repeated in the result. */
export const lookup: LowerOperator = (node, input, cx) => {
  const right = rightSide(node, cx);
  const kind = parametersOf(node).get('kind')?.text.toLowerCase() ?? 'leftouter';
  if (kind !== 'leftouter' && kind !== 'inner') return unsupported(node, `lookup kind=${kind} is not known`);
  const keys = joinKeys(node, input, right, cx);
  const full = joinOf(kind, input, right, keys);
  const keyNames = new Set(keys.map((k) => (k.right.kind === 'Column' ? k.right.name : '')));
  const kept = full.output.map((o) => !(o.side === 'right' && keyNames.has(o.column)));
  // Names are given anew: a right column is numbered only when a column that stays has its name.
  const slim: Join = { ...full, output: full.output.filter((_, i) => kept[i]), columns: [] };
  const columns: { name: string; type: (typeof full.columns)[number]['type'] }[] = [];
  for (const o of slim.output) {
    const source = (o.side === 'left' ? input : right).columns.find((c) => c.name === o.column)!;
    let name = source.name;
    for (let n = 1; columns.some((c) => c.name === name); n++) name = `${source.name}${n}`;
    columns.push({ ...source, name });
  }
  return { ...slim, columns, span: node.span };
};
