import type { Expand } from '../ir/index.js';
import { joinSql, number, Sql, sql } from '../sql/index.js';
import type { Emission } from './context.js';
import { emitElements, emitExpr } from './expression.js';
import { emitRel } from './relation.js';
import { columnsOf, type Item, type Select, wrap } from './select.js';

/**
 * The elements of a dynamic value as JSON texts: of an array its elements, of a bag one-entry bags (or [name, value]
 * pairs), of any other value itself.
 */
function elements(value: Sql, pairs: boolean): Sql {
  const entry = pairs
    ? sql`concat('[', toJSONString(kv.1), ',', kv.2, ']')`
    : sql`concat('{', toJSONString(kv.1), ':', kv.2, '}')`;
  const text = sql`ifNull(${value}, '')`;
  // An empty array gives no row, a null one row with null; '' is turned into null further up.
  return sql`multiIf(startsWith(${text}, '['), JSONExtractArrayRaw(${text}), startsWith(${text}, '{'), arrayMap(kv -> ${entry}, JSONExtractKeysAndValuesRaw(${text})), [${text}])`;
}

export function emitExpand(rel: Expand, e: Emission): Select {
  const select = wrap(emitRel(rel.input, e), e.alias());
  const columns = columnsOf(select);
  const lists = rel.items.map(
    (i) => emitElements(i.expr, columns, e) ?? elements(emitExpr(i.expr, columns, e).sql, rel.pairs),
  );
  const taken = new Set(select.items.map((i) => i.name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  const arrayName = (i: number) => free(`list_${i}`);
  // The lists are named one SELECT below, so that each is computed once however often its length is asked for.
  const named: Select = {
    ...select,
    items: [
      ...select.items,
      ...lists.map(
        (sqlText, i): Item => ({ name: arrayName(i), sql: sqlText, type: 'dynamic', nullable: false, plain: false }),
      ),
    ],
  };
  const outer = wrap(named, e.alias());
  const own = columnsOf(outer);
  const arrays = rel.items.map((_, i) => own.get(arrayName(i))!.sql);
  const longest =
    arrays.length === 1
      ? sql`length(${arrays[0]!})`
      : sql`greatest(${joinSql(
          arrays.map((a) => sql`length(${a})`),
          ', ',
        )})`;
  const cut = rel.limit ? sql`least(${longest}, toUInt64(${emitExpr(rel.limit, own, e).sql}))` : longest;
  const index = e.alias();
  const position = Sql.of(index.text, true);
  const from = Sql.of(`${outer.from!.text}\nARRAY JOIN range(1, toUInt64(${cut.text}) + 1) AS ${index.text}`);
  const elementOf = (i: number): Sql => sql`nullIf(nullIf(${arrays[i]!}[${position}], ''), 'null')`;
  const items = rel.columns.map((c): Item => {
    const at = rel.items.findIndex((i) => i.name === c.name);
    if (at >= 0) return { name: c.name, sql: elementOf(at), type: 'dynamic', nullable: true, plain: false };
    if (c.name === rel.indexName)
      return {
        name: c.name,
        sql: sql`toInt64(${position}) - ${number(1)}`,
        type: 'long',
        nullable: false,
        plain: false,
      };
    return own.get(c.name)!;
  });
  return { items, from, where: [] };
}
