import { call, column, type Expr, literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { explicitName, unnamed } from '../naming.js';
import { filter, freshName, passOn, project } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { AggregateCollector, groupKeys } from './summarize.js';
import { parametersOf } from './union.js';

const numeric = new Set(['int', 'long', 'real', 'decimal', 'timespan']);

/** `in range(start, stop, step)`: rows are grouped by bin(), and the bin that holds `stop` is the last. */
function wholeBins(clause: Node, cx: Context): Expr[] {
  const [start, stop, step] = clause
    .get('Arguments')
    .list('Expressions')
    .map((e) => lowerExpr(e, cx));
  const bin = (of: Expr) => call('bin', of.type, [of, step!]);
  return [bin(start!), call('+', stop!.type, [bin(stop!), step!]), step!];
}

/**
 * Aggregates by group and bin, then lines the bins of each group up as arrays in which absent ones have a default.
 * Without a start or an end a series spans the bins of its own group.
 */
export const makeSeries: LowerOperator = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const names = (node.columns ?? []).map((c) => c.name);
  const clause = node.get('RangeClause');
  const bound = (name: string): Expr | undefined => {
    const part = clause.child(name)?.child('Expression');
    return part && lowerExpr(part, { ...row, row: undefined });
  };
  const inRange = clause.kind !== 'MakeSeriesFromToStepClause';
  const [start, end, step] = inRange
    ? wholeBins(clause, { ...row, row: undefined })
    : ['MakeSeriesFromClause', 'MakeSeriesToClause', 'MakeSeriesStepClause'].map(bound);
  if (end && !start) return unsupported(clause, 'make-series with an end but no start is not supported', 'add from');
  const axis = lowerExpr(unnamed(node.get('OnClause').get('Expression')), row);
  const bounds = [start && call('>=', 'bool', [axis, start]), end && call('<', 'bool', [axis, end])];
  const within = [call('isnotnull', 'bool', [axis]), ...bounds].filter((b) => b !== undefined);
  const rows = within.reduce<Rel>((rel, predicate) => filter(rel, predicate), input);

  const byNodes = node.child('ByClause')?.list('Expressions') ?? [];
  const byKeys = byNodes.map((e, i): NamedExpr => ({ name: names[i]!, expr: lowerExpr(unnamed(e), row) }));
  const keys = [...groupKeys(cx).filter((g) => !byKeys.some((k) => k.name === g.name)), ...byKeys];
  const collector = new AggregateCollector(node, input, row);
  const from = start ?? literal(axis.type, null);
  const length = start && end ? call('series_length', 'long', [start, end, step!]) : literal('long', null);
  const index = freshName('series_index', input.columns, node.columns ?? []);
  const values = node.list('Aggregates').map((e, i) => {
    const expression = e.get('Expression');
    const value = collector.lower(unnamed(expression));
    if (!numeric.has(value.type)) return unsupported(e, `a series of ${value.type} values is not supported`);
    const otherwise = e.child('DefaultExpression')?.child('Expression');
    const name = explicitName(expression) ?? names[byKeys.length + i]!;
    return {
      name,
      value,
      otherwise: otherwise ? lowerExpr(otherwise, { ...row, row: undefined }) : literal('long', 0n),
    };
  });
  const keyColumns = keys.map((k): Column => ({ name: k.name, type: k.expr.type }));
  const indexColumn: Column = { name: index, type: 'long' };
  const binned: Rel = {
    kind: 'Aggregate',
    input: rows,
    keys: [...keys, { name: index, expr: call('series_index', 'long', [axis, step!, from]) }],
    calls: collector.calls,
    columns: [...keyColumns, indexColumn, ...collector.calls.map((c) => ({ name: c.name, type: c.call.type }))],
  };
  const flat = values.map((v, i) => ({ ...v, source: `series_value_${i}` }));
  const computed = project(binned, [
    ...passOn([...keyColumns, indexColumn]),
    ...flat.map((v) => ({ name: v.source, expr: v.value })),
  ]);
  const axisName = names.at(-1)!;
  const at = column(indexColumn);
  const calls = [
    ...flat.map((v) => ({
      name: v.name,
      call: {
        name: 'series_values',
        type: 'dynamic' as const,
        args: [at, column({ name: v.source, type: v.value.type }), v.otherwise, from, length],
      },
    })),
    { name: axisName, call: { name: 'series_axis', type: 'dynamic' as const, args: [at, step!, from, length] } },
  ];
  const result = [...keyColumns, ...calls.map((c): Column => ({ name: c.name, type: 'dynamic' }))];
  // Over no rows there is no series, unless asked for: a constant key keeps the engine from making one.
  const always = parametersOf(node).get('kind')?.text.toLowerCase() === 'nonempty';
  const single: NamedExpr[] = keys.length || always ? [] : [{ name: 'series_all', expr: literal('long', 0n) }];
  const arrays: Rel = {
    kind: 'Aggregate',
    input: computed,
    keys: [...passOn(keyColumns), ...single],
    calls,
    columns: [
      ...result.slice(0, keyColumns.length),
      ...single.map((s) => ({ name: s.name, type: s.expr.type })),
      ...result.slice(keyColumns.length),
    ],
  };
  return project(arrays, passOn(result), node.span);
};
