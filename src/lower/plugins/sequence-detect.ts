import { call, type Expr, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { explicitName, unnamed } from '../naming.js';
import { filter, freshName, passOn, project } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';

/** Rows that follow each other in time and meet one condition after the other; rows of different dimensions never do. */
export const sequenceDetect: LowerPlugin = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const [timeline, maxStep, maxSpan, ...more] = node.get('ArgumentList').list('Expressions') as [
    Node,
    Node,
    Node,
    ...Node[],
  ];
  const time = lowerExpr(timeline, row);
  if (time.kind !== 'Column' || time.type !== 'datetime')
    return unsupported(timeline, 'sequence_detect wants a column of datetimes');
  const limits = [maxStep, maxSpan].map((n) => {
    const limit = lowerExpr(n, { ...row, row: undefined });
    return limit.type === 'timespan' ? limit : unsupported(n, 'sequence_detect wants a timespan here');
  });
  const lowered = more.map((n) => ({ node: n, name: explicitName(n), expr: lowerExpr(unnamed(n), row) }));
  const end = lowered.findIndex((l) => l.expr.type !== 'bool');
  const steps = end < 0 ? lowered : lowered.slice(0, end);
  const dimensions = end < 0 ? [] : lowered.slice(end);
  if (steps.length === 0) return unsupported(node, 'sequence_detect wants conditions after the windows');
  const named = (l: (typeof lowered)[number], what: string): string =>
    l.name ?? unsupported(l.node, `${what} of sequence_detect needs a name`, 'name = …');
  const columns: Column[] = dimensions.map((d) => ({ name: named(d, 'a dimension'), type: d.expr.type }));
  for (const s of steps) columns.push({ name: `${named(s, 'a step')}_${time.name}`, type: 'datetime' });
  columns.push({ name: 'Duration', type: 'timespan' });
  const twice = columns.find((c, i) => columns.findIndex((o) => o.name === c.name) !== i);
  if (twice) return unsupported(node, `the result would have two columns ${twice.name}`, 'name the steps differently');
  const per = (cx.per ?? []).filter((p) => !columns.some((c) => c.name === p.name));
  const groups: NamedExpr[] = [...passOn(per), ...dimensions.map((d, i) => ({ name: columns[i]!.name, expr: d.expr }))];
  const at: Column = { name: freshName('time', input.columns, columns, per), type: 'datetime' };
  const flags = steps.map((s, i) => ({ name: freshName(`step_${i}`, input.columns, columns, per), expr: s.expr }));
  const any = steps.map((s): Expr => s.expr).reduce((a, b) => call('or', 'bool', [a, b]));
  const keys: NamedExpr[] = [...groups, { name: at.name, expr: time }, ...flags];
  const events: Rel = {
    kind: 'Aggregate',
    input: filter(input, any),
    keys,
    calls: [],
    columns: keys.map((k): Column => ({ name: k.name, type: k.expr.type })),
  };
  const kept = passOn(events.columns);
  const limited = project(events, [
    ...kept.slice(0, groups.length),
    { name: freshName('max_step', events.columns), expr: limits[0]! },
    { name: freshName('max_span', events.columns), expr: limits[1]! },
    ...kept.slice(groups.length),
  ]);
  return {
    kind: 'Hosted',
    input: limited,
    operation: { name: 'sequence_detect', settings: {}, per: groups.length },
    columns: [...per.map(({ name, type }) => ({ name, type })), ...columns],
    span: node.span,
  };
};
