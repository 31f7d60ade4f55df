import { joinSql, name, qualified, Sql, sql } from '../sql/index.js';
import type { KqlType } from '../tables/index.js';

/** One output column of a SELECT: what it computes over the FROM clause. */
export interface Item {
  readonly name: string;
  readonly sql: Sql;
  readonly type: KqlType;
  readonly nullable: boolean;
  /** A bare column of the FROM clause, which may be repeated at no cost. */
  readonly plain: boolean;
  /** How many stored columns the engine finds in it when it takes each use of a column for another one; 1 when left out. */
  readonly size?: number | undefined;
}

/** A SELECT under construction. Clauses apply in SQL's order, so a later operator joins in only where that keeps its place. */
export interface Select {
  readonly items: readonly Item[];
  readonly from: Sql | undefined;
  readonly where: readonly Sql[];
  readonly groupBy?: readonly Sql[] | undefined;
  readonly having?: Sql | undefined;
  readonly orderBy?: readonly Sql[] | undefined;
  readonly limitBy?: { readonly count: Sql; readonly columns: readonly Sql[] } | undefined;
  readonly limit?: Sql | undefined;
  /** Items look at other rows, which a further condition must not take away. */
  readonly windowed?: true | undefined;
  /** Further SELECTs of a UNION ALL; then this one is closed. */
  readonly union?: readonly Select[] | undefined;
}

export type Columns = ReadonlyMap<string, Item>;

export const columnsOf = (select: Select): Columns => new Map(select.items.map((i) => [i.name, i]));

/** Whether rows leave as they came in: nothing grouped, cut or expanded, so WHERE may still take a condition. */
export const acceptsWhere = (s: Select): boolean => !s.groupBy && !s.limit && !s.limitBy && !s.windowed && !s.union;

export function renderSelect(s: Select, indent = ''): string {
  if (s.union) return s.union.map((u) => renderSelect(u, indent)).join(`\n${indent}UNION ALL\n`);
  const joins = s.from !== undefined && / JOIN /.test(s.from.text);
  const items = s.items.length
    ? s.items
        .map((i) =>
          i.sql.text === name(i.name).text || (!joins && endsWithName(i))
            ? i.sql.text
            : `${i.sql.text} AS ${name(i.name).text}`,
        )
        .join(', ')
    : '1';
  const lines = [`SELECT ${items}`];
  if (s.from) lines.push(`FROM ${s.from.text}`);
  if (s.where.length) lines.push(`WHERE ${joinSql(s.where, ' AND ').text}`);
  if (s.groupBy?.length) lines.push(`GROUP BY ${joinSql(s.groupBy, ', ').text}`);
  if (s.having) lines.push(`HAVING ${s.having.text}`);
  if (s.orderBy?.length) lines.push(`ORDER BY ${joinSql(s.orderBy, ', ').text}`);
  if (s.limitBy) lines.push(`LIMIT ${s.limitBy.count.text} BY ${joinSql(s.limitBy.columns, ', ').text}`);
  if (s.limit) lines.push(`LIMIT ${s.limit.text}`);
  return lines.map((l) => indent + l).join('\n');
}

/** `t1.x` is already called x; not over a join, where a temporary table would get a column `t1.x` when both sides have an x. */
const endsWithName = (i: Item) => i.plain && i.sql.text.endsWith(`.${name(i.name).text}`);

/** More rows than there are: nothing is cut, and the engine moves no condition through it. */
const allRows = Sql.of('18446744073709551615', true);

/** A SELECT whose columns the engine does not take apart for conditions that stand above it. */
export const closed = (s: Select, alias: () => Sql): Select =>
  s.limit ? s : { ...(s.union || s.limitBy ? wrap(s, alias()) : s), limit: allRows };

/** Makes a SELECT the FROM clause of a new one that passes its columns on. */
export function wrap(s: Select, alias: Sql): Select {
  const inner = Sql.of(`(\n${renderSelect(s, '  ')}\n)`, true);
  return {
    items: s.items.map((i) => ({ ...i, sql: qualified(alias, i.name), plain: true })),
    from: sql`${inner} AS ${alias}`,
    where: [],
  };
}
