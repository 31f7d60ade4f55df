import { column, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Column } from '../../tables/index.js';
import { unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { unnamed } from '../naming.js';
import { passOn, project } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { joinOf } from './join.js';
import { AggregateCollector } from './summarize.js';

/** Each level keeps the top values within the values that the level above kept. */
export const topNested: LowerOperator = (node, input, cx) => {
  if (cx.per?.length) return unsupported(node, 'top-nested inside mv-apply or partition is not supported');
  const row = withRow(cx, input.columns);
  const names = (node.columns ?? []).map((c) => c.name);
  const rows: Rel = { kind: 'Shared', name: 'nested', input, columns: input.columns };
  const keys: NamedExpr[] = [];
  let above: Rel | undefined;
  node.list('Clauses').forEach((clause, level) => {
    if (clause.child('WithOthersClause')) unsupported(clause, 'with others is not supported');
    const name = names[2 * level]!;
    const total = names[2 * level + 1]!;
    keys.push({ name, expr: lowerExpr(unnamed(clause.get('OfExpression')), row) });
    const ordered = clause.get('ByExpression');
    const collector = new AggregateCollector(node, input, row);
    const value = collector.lower(unnamed(ordered.kind === 'OrderedExpression' ? ordered.get('Expression') : ordered));
    const ascending =
      ordered.kind === 'OrderedExpression' && ordered.child('Ordering')?.text.toLowerCase().startsWith('asc');
    const grouped: Rel = {
      kind: 'Aggregate',
      input: rows,
      keys: [...keys],
      calls: collector.calls,
      columns: [
        ...keys.map((k): Column => ({ name: k.name, type: k.expr.type })),
        ...collector.calls.map((c): Column => ({ name: c.name, type: c.call.type })),
      ],
    };
    const groups = grouped.columns.slice(0, keys.length);
    const valued = project(grouped, [...passOn(groups), { name: total, expr: value }]);
    const columns = valued.columns;
    let kept: Rel = valued;
    if (clause.child('Expression')) {
      const key = column(columns.at(-1)!);
      const sorted: Rel = {
        kind: 'Sort',
        input: valued,
        by: [{ expr: key, descending: !ascending, nullsFirst: false }],
        columns,
      };
      // Values of a parent that was not kept must not count against the limit of one that was.
      const per = groups.slice(0, -1).map((g) => g.name);
      const count = lowerExpr(clause.get('Expression'), { ...cx, row: undefined });
      kept = { kind: 'Limit', input: sorted, count, columns, per: per.length ? per : undefined };
    }
    above = above ? nested(above, kept, groups.slice(0, -1), columns.slice(-2)) : kept;
  });
  return above!;
};

/** The rows of a level beside those of the level above that they belong to. */
function nested(above: Rel, level: Rel, keys: readonly Column[], own: readonly Column[]): Rel {
  const renamed = keys.map((k, i): Column => ({ name: `nested_key_${i}`, type: k.type }));
  const right = project(level, [...keys.map((k, i) => ({ name: renamed[i]!.name, expr: column(k) })), ...passOn(own)]);
  const on = keys.map((k, i) => ({ left: column(k), right: column(renamed[i]!) }));
  return project(joinOf('inner', above, right, on), passOn([...above.columns, ...own]));
}
