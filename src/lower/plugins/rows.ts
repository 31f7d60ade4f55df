import { column, type Rel } from '../../ir/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { freshName, passOn, project } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';
import { argumentsOf, constantArgument, lowerText } from './written.js';

const whole = (node: Parameters<LowerPlugin>[0], cx: Context) => {
  if (cx.per?.length) unsupported(node, 'this plugin inside a partition is not supported');
};

/** Each cell as a row of its own: the number of its row, its column, its text. */
export const narrow: LowerPlugin = (call, input, cx) => {
  whole(call, cx);
  const shown = input.columns.filter((c) => !c.hidden);
  const rows = project(
    input,
    shown.map((c, i) => ({ name: `c${i}`, expr: column(c) })),
  );
  const cells = shown.map((c, i) => `pack_array(${JSON.stringify(c.name)}, tostring(c${i}))`);
  const text = `
T | serialize r = row_number() - 1
| mv-expand cell = pack_array(${cells.join(', ')})
| project Row = r, Column = tostring(cell[0]), Value = tostring(cell[1])`;
  return lowerText(text, [{ name: 'T', rel: rows }], {}, cx);
};

/** Rows near those that meet a condition, in their order. */
export const rowsNear: LowerPlugin = (call, input, cx) => {
  whole(call, cx);
  const [condition, before, after] = argumentsOf(call);
  const [hit, place] = ['hit', 'place'].map((n) => freshName(n, input.columns));
  const rows: Rel = project(
    input,
    [...passOn(input.columns), { name: hit!, expr: lowerExpr(condition!, withRow(cx, input.columns)) }],
    undefined,
    true,
  );
  const values = { before: constantArgument(before!, cx), after: constantArgument(after ?? before!, cx) };
  const text = `
let R = materialize(T | serialize ${place} = row_number());
let Near = R | where ${hit} | mv-expand near = range(${place} - before, ${place} + after, 1) to typeof(long) | distinct near;
R | where ${place} in (Near) | sort by ${place} asc`;
  const result = lowerText(text, [{ name: 'T', rel: rows }], values, cx);
  return project(result, passOn(input.columns), call.span, true);
};
