import { call, column, type Expr, literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type Context, findColumn, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { ask } from '../facts.js';
import { groupKeys } from '../operators/summarize.js';
import { passOn, project } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';

/** Aggregates and their forms that take a condition. */
const conditional: Record<string, string> = {
  count: 'countif',
  sum: 'sumif',
  avg: 'avgif',
  min: 'minif',
  max: 'maxif',
  dcount: 'dcountif',
  take_any: 'take_anyif',
  any: 'take_anyif',
  stdev: 'stdevif',
  variance: 'varianceif',
  make_list: 'make_list_if',
  make_set: 'make_set_if',
  make_bag: 'make_bag_if',
  // Older names.
  makelist: 'make_list_if',
  makeset: 'make_set_if',
};

/** Kusto stops at so many columns too. */
const maxColumns = 500;

/** Turns values of a column into columns: those that the query declares, else all that the rows have, in order. */
export const pivot: LowerPlugin = (node, input, cx, operator) => {
  const declared = operator
    .child('Schema')
    ?.child('Schema')
    ?.list('Columns')
    .map((c): Column => ({ name: c.get('Name').name, type: c.get('Type').text.toLowerCase() as KqlType }));
  const row = withRow(cx, input.columns);
  const [by, aggregate, ...groups] = node.get('ArgumentList').list('Expressions');
  const pivoted = lowerExpr(by!, row);
  if (pivoted.kind !== 'Column') return unsupported(by!, 'pivot wants a column');
  if (aggregate && aggregate.kind !== 'FunctionCallExpression')
    return unsupported(aggregate, 'pivot wants an aggregate');
  const name = aggregate?.get('Name').name ?? 'count';
  const args = (aggregate?.child('ArgumentList')?.list('Expressions') ?? []).map((a) => lowerExpr(a, row));
  const form = conditional[name] ?? unsupported(aggregate!, `pivot with ${name} is not supported`);
  const used = new Set([pivoted.name, ...args.flatMap((a) => (a.kind === 'Column' ? [a.name] : []))]);
  const rest = groups.length
    ? groups.map((g) => findColumn(input.columns, g.name) ?? unsupported(g, `there is no column '${g.name}'`))
    : input.columns.filter((c) => !c.hidden && !used.has(c.name));
  const keys: NamedExpr[] = [...groupKeys(cx).filter((g) => !rest.some((r) => r.name === g.name)), ...passOn(rest)];
  const text = pivoted.type === 'string' ? pivoted : call('tostring', 'string', [pivoted]);
  const type = aggregate?.type ?? (name === 'count' ? 'long' : (args[0]?.type ?? 'long'));
  const values = declared
    ? declared.filter((d) => !rest.some((r) => r.name === d.name))
    : valuesOf(input, text, by!, cx).map((value): Column => ({ name: value, type }));
  const calls = values.map((v) => {
    const test = call('==', 'bool', [text, literal('string', v.name)]);
    return { name: v.name, call: { name: form, type: v.type, args: [...args.slice(0, 1), test], span: node.span } };
  });
  const columns: Column[] = [...keys.map((k) => ({ name: k.name, type: k.expr.type })), ...values];
  // Without rows no value names a column, and a table of no columns has no rows.
  if (columns.length === 0) return { kind: 'Values', columns, rows: [], span: node.span };
  const result: Rel = { kind: 'Aggregate', input, keys, calls, columns };
  if (!declared) return result;
  const order = declared.map((d) => findColumn(columns, d.name)).filter((c) => c !== undefined);
  return project(
    result,
    [
      ...passOn(columns.filter((c) => !order.includes(c) && cx.per?.some((p) => p.name === c.name))),
      ...order.map((c) => ({ name: c.name, expr: column(c) })),
    ],
    node.span,
  );
};

function valuesOf(input: Rel, value: Expr, node: Node, cx: Context): string[] {
  const columns: Column[] = [{ name: 'value', type: 'string' }];
  const answer = ask(cx, { kind: 'Aggregate', input, keys: [{ name: 'value', expr: value }], calls: [], columns });
  if (answer.length > maxColumns)
    return unsupported(node, `the column has ${answer.length} values; pivot takes ${maxColumns}`);
  const values = answer.map(([v]) => String(v)).sort();
  if (values[0] === '')
    return unsupported(node, 'a value is the empty text, which names no column', 'leave such rows out: isnotempty()');
  return values;
}
