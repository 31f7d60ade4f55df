import {
  type Aggregate,
  columnsRead,
  conjunctsOf,
  type Expr,
  type Filter,
  type Hosted,
  isRepeatable,
  type Join,
  type Limit,
  type Project,
  type Range,
  type Rel,
  type Scan,
  type Shared,
  type Sort,
  type Union,
  type Values,
  type Window,
} from '../ir/index.js';
import { joinSql, name, qualified, Sql, sql, text } from '../sql/index.js';
import type { Emission } from './context.js';
import { emitExpand } from './expand.js';
import { emitAggregate, emitExpr, emitWindow, isOrdered } from './expression.js';
import { emitHosted } from './hosted.js';
import { emitJoin } from './join.js';
import { emitRange } from './range.js';
import { acceptsWhere, type Columns, closed, columnsOf, type Item, renderSelect, type Select, wrap } from './select.js';
import { emitSteps } from './steps.js';
import { emitLiteral, nullableType, timeParameter } from './types.js';

type Emitters = { [K in Rel['kind']]: (rel: Extract<Rel, { kind: K }>, e: Emission) => Select };

/** One emitter a kind of node; the compiler proves that none is missing. */
const emitters: Emitters = {
  Scan: emitScan,
  Values: emitValues,
  Filter: emitFilter,
  Project: emitProject,
  Aggregate: emitAggregateRel,
  Join: (rel: Join, e) => emitJoin(rel, e),
  Union: emitUnion,
  Sort: emitSort,
  Limit: emitLimit,
  Expand: (rel, e) => emitExpand(rel, e),
  Range: (rel: Range, e) => emitRange(rel, e),
  Window: emitWindowRel,
  Steps: (rel, e) => emitSteps(rel, e),
  Hosted: (rel: Hosted, e) => emitHosted(rel, e),
  Shared: emitShared,
};

export function emitRel(rel: Rel, e: Emission): Select {
  return (emitters[rel.kind] as (rel: Rel, e: Emission) => Select)(rel, e);
}

/** Never-null columns of every table: a partition key cannot be null. */
const neverNull = new Set(['TimeGenerated', '_TimeReceived']);

function emitScan(rel: Scan, e: Emission): Select {
  if (!e.options.exists(rel.table)) return emitValues({ kind: 'Values', columns: rel.columns, rows: [] }, e);
  const alias = e.alias();
  const table = e.options.database ? qualified(name(e.options.database), rel.table) : name(rel.table);
  const items = rel.columns.map(
    (c): Item => ({
      name: c.name,
      sql: qualified(alias, c.name),
      type: c.type,
      nullable: c.type !== 'string' && !neverNull.has(c.name),
      plain: true,
    }),
  );
  const windowOn = rel.windowless ? undefined : e.options.windowOn;
  const time = windowOn && qualified(alias, windowOn);
  return {
    items,
    from: sql`${table} AS ${alias}`,
    where: time ? [sql`${time} >= ${timeParameter('window_from')}`, sql`${time} < ${timeParameter('window_to')}`] : [],
  };
}

function emitValues(rel: Values, e: Emission): Select {
  if (rel.columns.length === 0 && rel.rows.length === 1) return { items: [], from: undefined, where: [] };
  const items = (value: (i: number) => Sql): Item[] =>
    rel.columns.map((c, i) => ({
      name: c.name,
      sql: value(i),
      type: c.type,
      nullable: c.type !== 'string',
      plain: true,
    }));
  if (rel.rows.length === 0) {
    const empty = items((i) => emitLiteral({ kind: 'Literal', type: rel.columns[i]!.type, value: null }));
    return { items: empty.map((i) => ({ ...i, plain: false })), from: undefined, where: [sql`0`] };
  }
  const schema = rel.columns.map((c) => `${name(c.name).text} ${nullableType(c.type)}`).join(', ');
  const rows = rel.rows.map((r) => sql`(${joinSql(r.map(emitLiteral), ', ')})`);
  const alias = e.alias();
  return {
    items: items((i) => qualified(alias, rel.columns[i]!.name)),
    from: sql`values(${text(schema)}, ${joinSql(rel.columns.length === 1 ? rel.rows.map((r) => emitLiteral(r[0]!)) : rows, ', ')}) AS ${alias}`,
    where: [],
  };
}

/** The SELECT itself when conditions and expressions can still join it, else a new one around it. */
function open(select: Select, e: Emission, used: (columns: Columns) => readonly Item[]): Select {
  const needed = used(columnsOf(select));
  return acceptsWhere(select) && needed.every((i) => i.plain) ? select : wrap(select, e.alias());
}

const usedItems = (exprs: readonly Expr[]) => (columns: Columns) =>
  [...columnsRead(exprs)].flatMap((n) => columns.get(n) ?? []);

/**
 * The engine looks for conditions on an index in the whole of a computed column, as a tree: with `a = iff(c, f(a), a)`,
 * written fifteen times over, the first `a` stands there 32,768 times. Planning a thousand takes a tenth of a second.
 */
const maxSize = 1000;

function emitFilter(rel: Filter, e: Emission): Select {
  const input = emitRel(rel.input, e);
  const used = usedItems([rel.predicate]);
  const isHuge = used(columnsOf(input)).some((i) => (i.size ?? 1) > maxSize);
  const select = open(isHuge ? closed(input, () => e.alias()) : input, e, used);
  const conjuncts = conjunctsOf(rel.predicate).map((p) => emitExpr(p, columnsOf(select), e).sql);
  return { ...select, where: [...select.where, ...conjuncts] };
}

function emitProject(rel: Project, e: Emission): Select {
  const inner = emitRel(rel.input, e);
  const joins = !inner.union && !inner.groupBy && canJoin(rel, columnsOf(inner));
  const select = joins ? inner : wrap(inner, e.alias());
  const columns = columnsOf(select);
  return { ...select, items: rel.items.map((i) => item(i.name, i.expr, columns, e)) };
}

/**
 * Whether the expressions can stand beside those of the SELECT they read: a column that is computed there may be handed on,
 * once. A SELECT for each `extend` of a long chain would cost the engine seconds of analysis.
 */
function canJoin(rel: Project, columns: Columns): boolean {
  const exprs = rel.items.map((i) => i.expr);
  const handedOn = exprs.filter((x) => x.kind === 'Column').map((x) => x.name);
  const computed = handedOn.filter((n) => !columns.get(n)?.plain);
  const used = usedItems(exprs.filter((x) => x.kind !== 'Column'))(columns);
  return used.every((i) => i.plain) && new Set(computed).size === computed.length;
}

function item(itemName: string, expr: Expr, columns: Columns, e: Emission): Item {
  const { sql: value, nullable } = emitExpr(expr, columns, e);
  const passed = expr.kind === 'Column' ? columns.get(expr.name) : undefined;
  const size = passed ? passed.size : sizeOf(value, expr, columns);
  return { name: itemName, sql: value, type: expr.type, nullable, plain: passed?.plain ?? false, size };
}

const sizeOf = (value: Sql, expr: Expr, columns: Columns): number =>
  [...columnsRead([expr])].reduce((sum, n) => {
    const column = columns.get(n);
    return column ? Math.min(Number.MAX_SAFE_INTEGER, sum + usesOf(column.sql, value) * (column.size ?? 1)) : sum;
  }, 1);

const usesOf = (column: Sql, value: Sql): number => value.text.split(column.text).length - 1;

function emitAggregateRel(rel: Aggregate, e: Emission): Select {
  const exprs = [...rel.keys.map((k) => k.expr), ...rel.calls.flatMap((c) => c.call.args)];
  const emitted = emitRel(rel.input, e);
  const ordered = rel.calls.some((c) => isOrdered(c.call));
  // Groups come in any order; a list over them shall be the same each time, and Kusto's mostly follows the keys.
  const input = ordered && emitted.groupBy && !emitted.orderBy ? { ...emitted, orderBy: emitted.groupBy } : emitted;
  const kept = input.orderBy && ordered ? wrap(input, e.alias()) : input;
  const { orderBy: _, ...select } = open(kept, e, usedItems(exprs));
  const columns = columnsOf(select);
  const keys = rel.keys.map((k) => item(k.name, k.expr, columns, e));
  const calls = rel.calls.map((c): Item => {
    const { sql: value, nullable } = emitAggregate(c.call, columns, e);
    return { name: c.name, sql: value, type: c.call.type, nullable, plain: false };
  });
  // A constant key is no key for ClickHouse: grouping by it alone would give one row over no rows.
  const constant = rel.keys.length > 0 && rel.keys.every((k) => columnsRead([k.expr]).size === 0);
  // A bare number or bool would be the place of a column.
  const groupBy = keys.map((k) =>
    constant || /^(-?\d+|true|false)$/.test(k.sql.text) ? sql`materialize(${k.sql})` : k.sql,
  );
  return {
    ...select,
    items: [...(constant ? keys.map((k, i) => ({ ...k, sql: groupBy[i]! })) : keys), ...calls].map((i) => ({
      ...i,
      plain: false,
    })),
    groupBy,
    // Over no rows the engine makes a group of a constant key all the same, materialized or not.
    ...(constant ? { having: sql`count() > 0` } : {}),
  };
}

function emitUnion(rel: Union, e: Emission): Select {
  const selects = rel.inputs.map((input) => {
    const select = emitRel(input, e);
    return select.union || select.orderBy || select.limit || select.limitBy ? wrap(select, e.alias()) : select;
  });
  const items = rel.columns.map(
    (c, i): Item => ({
      name: c.name,
      sql: name(c.name),
      type: c.type,
      nullable: selects.some((s) => s.items[i]!.nullable),
      plain: true,
      size: Math.max(...selects.map((s) => s.items[i]!.size ?? 1)),
    }),
  );
  return { items, from: undefined, where: [], union: selects };
}

function emitSort(rel: Sort, e: Emission): Select {
  const inner = emitRel(rel.input, e);
  const needed = usedItems(rel.by.map((b) => b.expr))(columnsOf(inner));
  const joins = !inner.union && !inner.groupBy && !inner.limit && !inner.limitBy && needed.every((i) => i.plain);
  const select = joins ? inner : wrap(inner, e.alias());
  const columns = columnsOf(select);
  const orderBy = rel.by.map((b) => {
    const key = emitExpr(b.expr, columns, e).sql;
    return Sql.of(`${key.text} ${b.descending ? 'DESC' : 'ASC'} NULLS ${b.nullsFirst ? 'FIRST' : 'LAST'}`, true);
  });
  return { ...select, orderBy };
}

function emitLimit(rel: Limit, e: Emission): Select {
  const inner = emitRel(rel.input, e);
  const select = inner.union || inner.limit || inner.limitBy ? wrap(inner, e.alias()) : inner;
  const count = limitCount(rel.count, e);
  if (!rel.per?.length) return { ...select, limit: count };
  const columns = columnsOf(select);
  return { ...select, limitBy: { count, columns: rel.per.map((p) => columns.get(p)!.sql) } };
}

function limitCount(count: Expr, e: Emission): Sql {
  if (count.kind === 'Literal' && typeof count.value === 'bigint') {
    return Sql.of(String(count.value < 0n ? 0n : count.value), true);
  }
  return sql`toUInt64(greatest(0, ${emitExpr(count, new Map(), e).sql}))`;
}

/**
 * Rows are numbered as they come out of the ordered subquery: a single stream, so the number is their place. With
 * partitions the engine scatters the rows; then the number is a column, and the result is put back into its order.
 */
function emitWindowRel(rel: Window, e: Emission): Select {
  const inner = wrap(emitRel(rel.input, e), e.alias());
  const place = sql`rowNumberInAllBlocks()`;
  const partitioned = rel.partitionBy !== undefined && rel.partitionBy.length > 0;
  const placed: Item = { name: 'row_place', sql: place, type: 'long', nullable: false, plain: false };
  const select = partitioned ? wrap({ ...inner, items: [...inner.items, placed] }, e.alias()) : inner;
  const columns = columnsOf(select);
  const order = partitioned ? columns.get(placed.name)!.sql : place;
  const partition = partitioned
    ? `PARTITION BY ${joinSql(
        rel.partitionBy.map((p) => emitExpr(p, columns, e).sql),
        ', ',
      )} `
    : '';
  const over = (frame: 'preceding' | 'following'): Sql => {
    const rows = frame === 'preceding' ? 'UNBOUNDED PRECEDING AND CURRENT ROW' : 'CURRENT ROW AND UNBOUNDED FOLLOWING';
    return Sql.of(`(${partition}ORDER BY ${order.text} ROWS BETWEEN ${rows})`, true);
  };
  const added = rel.items.map((i): Item => {
    const { sql: value, nullable } = emitWindow(i.call, over, columns, e);
    return { name: i.name, sql: value, type: i.call.type, nullable, plain: false };
  });
  const items = [...inner.items.map((i) => columns.get(i.name)!), ...added];
  return { ...select, items, windowed: true, ...(partitioned ? { orderBy: [order] } : {}) };
}

function emitShared(rel: Shared, e: Emission): Select {
  if ((e.uses.get(rel) ?? 1) < 2 || streams(rel.input)) return emitRel(rel.input, e);
  let known = e.shared.get(rel);
  if (!known) {
    const select = emitRel(rel.input, e);
    known = { name: e.stageName(rel.name), select };
    e.shared.set(rel, known);
    e.stages.push({ name: known.name.text, select: renderSelect(select), shared: rel });
  }
  const alias = e.alias();
  return {
    items: known.select.items.map((i) => ({ ...i, sql: qualified(alias, i.name), plain: true })),
    from: sql`${known.name} AS ${alias}`,
    where: [],
  };
}

/** A whole table costs less to read twice than to copy, and literal rows cost nothing. */
function streams(rel: Rel): boolean {
  return (
    rel.kind === 'Scan' ||
    rel.kind === 'Values' ||
    rel.kind === 'Hosted' ||
    (rel.kind === 'Project' && rel.items.every((i) => isRepeatable(i.expr)) && streams(rel.input))
  );
}
