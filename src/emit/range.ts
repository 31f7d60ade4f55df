import type { Range } from '../ir/index.js';
import { qualified, sql, text } from '../sql/index.js';
import type { Emission } from './context.js';
import { emitExpr } from './expression.js';
import type { Select } from './select.js';
import { engineTypes } from './types.js';

/** `range x from a to b step c`: a, a + c, … up to b, downwards when c is negative; nothing when c leads away from b. */
export function emitRange(rel: Range, e: Emission): Select {
  const { name: column, type } = rel.columns[0]!;
  const scope = new Map();
  const value = (x: Range['from']) => emitExpr(x, scope, e).sql;
  const isTime = type === 'datetime';
  const plain = (x: Range['from']) =>
    isTime && x.type === 'datetime' ? sql`reinterpretAsInt64(${value(x)})` : value(x);
  const [from, to, step] = [plain(rel.from), plain(rel.to), plain(rel.step)];
  const real = type === 'real' || type === 'decimal';
  const distance = real
    ? sql`floor(toFloat64(${to} - ${from}) / toFloat64(${step}))`
    : sql`intDivOrZero(${to} - ${from}, ${step})`;
  const forward = sql`ifNull((${to} >= ${from} AND ${step} > 0) OR (${to} <= ${from} AND ${step} < 0), false)`;
  const rows = sql`if(${forward}, toUInt64(assumeNotNull(${distance})) + 1, 0)`;
  const alias = e.alias();
  const n = qualified(alias, 'number');
  const raw = real ? sql`${from} + ${n} * ${step}` : sql`toInt64(${from}) + toInt64(${n}) * toInt64(${step})`;
  const typed = isTime
    ? sql`reinterpret(${raw}, ${text(engineTypes.datetime)})`
    : sql`CAST(${raw}, ${text(engineTypes[type])})`;
  return {
    items: [{ name: column, sql: typed, type, nullable: false, plain: false }],
    from: sql`numbers(${rows}) AS ${alias}`,
    where: [],
  };
}
