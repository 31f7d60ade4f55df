import type { Join } from '../ir/index.js';
import { joinSql, qualified, Sql, sql } from '../sql/index.js';
import type { Emission } from './context.js';
import { emitExpr } from './expression.js';
import { emitRel } from './relation.js';
import { type Columns, columnsOf, type Item, renderSelect, type Select, wrap } from './select.js';

/**
 * ClickHouse builds its hash table from the right operand, and SEMI keeps each row of the left one once. So
 * `innerunique`, which wants one left row per key, is the right side semi-joined with the left one: the columns of the
 * left side then come from a single match.
 */
const shapes: Record<Join['joinKind'], { words: string; swapped: boolean; outer: readonly ('left' | 'right')[] }> = {
  innerunique: { words: 'LEFT SEMI JOIN', swapped: true, outer: [] },
  inner: { words: 'INNER JOIN', swapped: false, outer: [] },
  leftouter: { words: 'LEFT JOIN', swapped: false, outer: ['right'] },
  rightouter: { words: 'RIGHT JOIN', swapped: false, outer: ['left'] },
  fullouter: { words: 'FULL JOIN', swapped: false, outer: ['left', 'right'] },
  leftsemi: { words: 'LEFT SEMI JOIN', swapped: false, outer: [] },
  rightsemi: { words: 'LEFT SEMI JOIN', swapped: true, outer: [] },
  leftanti: { words: 'LEFT ANTI JOIN', swapped: false, outer: [] },
  rightanti: { words: 'LEFT ANTI JOIN', swapped: true, outer: [] },
};

export function emitJoin(rel: Join, e: Emission): Select {
  const shape = shapes[rel.joinKind];
  const left = side(rel, 'left', shape.outer.includes('left'), e);
  const right = side(rel, 'right', shape.outer.includes('right'), e);
  const on = joinSql(
    rel.keys.map((k, i) => keyEquality(k.left.type === 'string', left.keys[i]!, right.keys[i]!)),
    ' AND ',
  );
  const [first, second] = shape.swapped ? [right, left] : [left, right];
  const items = rel.columns.map((c, i): Item => {
    const from = rel.output[i]!;
    const source = (from.side === 'left' ? left : right).columns.get(from.column)!;
    return { ...source, name: c.name, plain: true };
  });
  return { items, from: Sql.of(`${first.from.text}\n${shape.words} ${second.from.text} ON ${on.text}`), where: [] };
}

/** In a Kusto join null equals null, although `==` says otherwise. */
const keyEquality = (neverNull: boolean, left: Sql, right: Sql): Sql =>
  neverNull ? sql`${left} = ${right}` : sql`${left} <=> ${right}`;

interface Side {
  readonly from: Sql;
  readonly columns: Columns;
  readonly keys: readonly Sql[];
}

/**
 * One operand as a subquery with its keys as columns of their own. On an outer side every column but strings must be
 * Nullable, or an unmatched row would show a zero instead of null.
 */
function side(rel: Join, which: 'left' | 'right', outer: boolean, e: Emission): Side {
  const select = emitRel(which === 'left' ? rel.left : rel.right, e);
  const alias = e.alias();
  const body = select.union ? wrap(select, e.alias()) : select;
  const columns = columnsOf(body);
  const used = new Set(rel.output.filter((o) => o.side === which).map((o) => o.column));
  const keyItems: Item[] = [];
  const keys = rel.keys.map((k, i) => {
    const expr = which === 'left' ? k.left : k.right;
    if (expr.kind === 'Column') {
      used.add(expr.name);
      return qualified(alias, expr.name);
    }
    const { sql: value, nullable } = emitExpr(expr, columns, e);
    keyItems.push({ name: `key_${i}`, sql: value, type: expr.type, nullable, plain: false });
    return qualified(alias, `key_${i}`);
  });
  const kept = body.items
    .filter((i) => used.has(i.name))
    .map(
      (i): Item =>
        // Whether a value can be null says nothing of its type: that of `a != b` cannot hold one.
        outer && i.type !== 'string' ? { ...i, sql: sql`toNullable(${i.sql})`, nullable: true, plain: false } : i,
    );
  const final = { ...body, items: [...kept, ...keyItems] };
  return {
    from: Sql.of(`(\n${renderSelect(final, '  ')}\n) AS ${alias.text}`, true),
    columns: new Map(kept.map((i) => [i.name, { ...i, sql: qualified(alias, i.name), plain: true }])),
    keys,
  };
}
