import { number, type Sql, sql } from '../../sql/index.js';
import { jsonArray, toElement } from '../dynamic-sql.js';
import { type Arg, aggregate, type EmitContext, scalar } from '../entry.js';
import { rangeElement, rangePosition } from '../scalar/range.js';

/** Kusto cuts a series here. */
const maxLength = 1_048_576;

const fractional = (...args: readonly Arg[]) => args.some((a) => a.type === 'real' || a.type === 'decimal');
const given = (a: Arg) => a.literal !== null;

/** Where the bins are counted from: the start of the series, else Kusto's zero. */
const origin = (from: Arg, cx: EmitContext): Sql =>
  given(from)
    ? rangePosition(from, cx)
    : from.type === 'datetime'
      ? sql`toInt64(-621355968000000000)`
      : sql`toInt64(0)`;

/** Values by the number of their bin, without gaps: '' where no row was. */
function dense(index: Arg, text: Sql, from: Arg, length: Arg): Sql {
  const pairs = sql`arraySort(groupArray((assumeNotNull(${index.sql}), ${text})))`;
  const places = sql`arrayMap(p -> p.1, ${pairs})`;
  const first = given(from) ? sql`toInt64(0)` : sql`(${places})[1]`;
  const before = sql`arrayPushFront(arrayPopBack(${places}), ${first} - 1)`;
  const all = sql`arrayFlatten(arrayMap((p, q) -> arrayPushBack(arrayWithConstant(toUInt64(p.1 - q - 1), ''), p.2), ${pairs}, ${before}))`;
  return given(length)
    ? sql`arrayResize(if(empty(${pairs}), CAST([], 'Array(String)'), ${all}), ${cut(length.sql)}, '')`
    : all;
}

const cut = (length: Sql): Sql => sql`toUInt64(least(greatest(assumeNotNull(${length}), 0), ${number(maxLength)}))`;

/** The parts that the operator make-series is made of; none is a function of Kusto's. */
export const makeSeries = [
  scalar({
    name: 'series_index',
    nulls: 'propagate',
    trap: 'The number of the bin that holds a value, counted from the start of the series.',
    emit: ([axis, step, from], cx) => {
      const distance = sql`${rangePosition(axis!, cx)} - ${origin(from!, cx)}`;
      const by = rangePosition(step!, cx);
      return fractional(axis!, step!, from!)
        ? sql`toInt64(floor((${distance}) / ${by}))`
        : sql`intDivOrZero((${distance}) - positiveModulo(${distance}, ${by}), ${by})`;
    },
  }),
  scalar({
    name: 'series_length',
    trap: 'The end is no part of the series.',
    emit: ([from, to, step], cx) => {
      const distance = sql`${rangePosition(to!, cx)} - ${rangePosition(from!, cx)}`;
      const by = rangePosition(step!, cx);
      return fractional(from!, to!, step!)
        ? sql`toInt64(ceil((${distance}) / ${by}))`
        : sql`intDivOrZero((${distance}) + ${by} - 1, ${by})`;
    },
  }),
  aggregate({
    name: 'series_values',
    nulls: 'never',
    emit: ([index, value, otherwise, from, length]) =>
      jsonArray(
        sql`arrayMap(v -> if(v = '', ${toElement(otherwise!)}, v), ${dense(index!, sql`assumeNotNull(${toElement(value!)})`, from!, length!)})`,
      ),
  }),
  aggregate({
    name: 'series_axis',
    nulls: 'never',
    emit: ([index, step, from, length], cx) => {
      const by = rangePosition(step!, cx);
      const whole = !fractional(step!, from!);
      const first = given(from!) ? sql`toInt64(0)` : sql`assumeNotNull(min(${index!.sql}))`;
      const count = given(length!)
        ? cut(length!.sql)
        : sql`toUInt64(assumeNotNull(max(${index!.sql}) - min(${index!.sql})) + 1)`;
      const value = sql`${origin(from!, cx)} + (toInt64(i) + ${first}) * ${by}`;
      return jsonArray(sql`arrayMap(i -> assumeNotNull(${rangeElement(from!.type, whole, value)}), range(${count}))`);
    },
    examples: [
      [
        'datatable(t:datetime, v:long)[datetime(2020-01-01),1, datetime(2020-01-03),3] | make-series s = sum(v) default = -1 on t from datetime(2020-01-01) to datetime(2020-01-04) step 1d | project s, n = array_length(t)',
        [[[1, -1, 3], 3]],
      ],
      [
        'datatable(x:long, g:string)[2,"a", 5,"a", 3,"b"] | make-series n = count() on x step 1 by g | order by g asc',
        [
          ['a', [1, 0, 0, 1], [2, 3, 4, 5]],
          ['b', [1], [3]],
        ],
      ],
      ['datatable(x:long)[] | make-series n = count() on x from 1 to 3 step 1', []],
      [
        'datatable(x:long)[] | make-series kind=nonempty n = count() on x from 1 to 3 step 1',
        [
          [
            [0, 0],
            [1, 2],
          ],
        ],
      ],
    ],
  }),
];
