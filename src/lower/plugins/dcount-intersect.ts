import { call, literal, type NamedExpr } from '../../ir/index.js';
import { unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { extend } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';

/** Subsets of the sketches are counted, so their number doubles with each. */
const mostSets = 10;

/** Adds s0, s1, …: how many values the first sketch has, the first two share, the first three share, …. */
export const dcountIntersect: LowerPlugin = (node, input, cx) => {
  const args = node.get('ArgumentList').list('Expressions');
  if (args.length > mostSets) return unsupported(node, `at most ${mostSets} sets can be intersected`);
  const states = args.map((a) => lowerExpr(a, withRow(cx, input.columns)));
  const counts = call('hll_intersections', 'dynamic', states, node.span);
  const items = args.map((_, i): NamedExpr => {
    const count = call('.', 'dynamic', [counts, literal('long', BigInt(i))], node.span);
    return { name: `s${i}`, expr: call('tolong', 'long', [count], node.span) };
  });
  return extend(input, items, node.span);
};
