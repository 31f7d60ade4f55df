import { number, Sql, sql } from '../../sql/index.js';
import { datetimeOf, jsonArray, ticksOf, toDynamic, toElement, typed } from '../dynamic-sql.js';
import { type Arg, aggregate, type EmitContext } from '../entry.js';

const docs = (name: string) =>
  `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-aggregation-function`;

/** Predicate of an `…if` aggregate; null counts as false. */
const when = (p: Arg): Sql => (p.nullable ? sql`ifNull(${p.sql}, false)` : p.sql);

const numberOf = (x: Arg): Sql =>
  x.type === 'dynamic' ? sql`toFloat64OrNull(${x.sql})` : x.type === 'bool' ? sql`toInt64(${x.sql})` : x.sql;

/** Sums keep the KQL type of the result: ints sum to long. */
function summed(value: Sql, cx: EmitContext): Sql {
  return cx.type === 'long' || cx.type === 'int' || cx.type === 'timespan' ? sql`toInt64(${value})` : value;
}

const total = (name: string, conditional: boolean) =>
  aggregate({
    name,
    nulls: 'never',
    docs: docs(name),
    trap: 'A sum over no value is zero in Kusto, null in SQL.',
    emit: ([x, p], cx) => {
      if (x!.type === 'datetime')
        return cx.refuse('points in time have no sum', 'avg() of them, or a sum of timespans');
      const v = sql`assumeNotNull(ifNull(${numberOf(x!)}, ${cx.type === 'real' ? sql`toFloat64(0)` : sql`0`}))`;
      return summed(conditional ? sql`sumIf(${v}, ${when(p!)})` : sql`sum(${v})`, cx);
    },
    examples: conditional
      ? [['datatable(a:long)[1,2,3] | summarize v=sumif(a, a > 1)', [[5]]]]
      : [
          ['datatable(a:long)[1,2,3] | summarize v=sum(a)', [[6]]],
          ['datatable(a:long)[] | summarize v=sum(a)', [[0]]],
        ],
  });

const mean = (name: string, conditional: boolean) =>
  aggregate({
    name,
    docs: docs(name),
    trap: 'The mean of no values is NaN, as Kusto has it; of Nullable ones ClickHouse says NULL.',
    emit: ([x, p], cx) => {
      if (x!.type === 'datetime') {
        // Ticks of many times exceed 64 bits together.
        const ticks = sql`toInt128(${ticksOf(x!.sql)})`;
        const isTime = sql`isNotNull(${x!.sql})`;
        const counts = conditional ? sql`${isTime} AND ${when(p!)}` : isTime;
        const n = sql`countIf(${counts})`;
        return sql`if(${n} = 0, NULL, ${datetimeOf(sql`toInt64(intDivOrZero(sumIf(assumeNotNull(${ticks}), ${counts}), ${n}))`)})`;
      }
      if (cx.type === 'decimal') {
        // The mean of decimals is a decimal, of which the engine would make a float.
        const counts = conditional ? sql`isNotNull(${x!.sql}) AND ${when(p!)}` : sql`isNotNull(${x!.sql})`;
        const n = sql`countIf(${counts})`;
        const sum = sql`sumIf(assumeNotNull(${x!.sql}), ${counts})`;
        return sql`if(${n} = 0, NULL, toDecimal128(divideDecimal(${sum}, toDecimal128(greatest(${n}, 1), 0), 18), 18))`;
      }
      const v = sql`toNullable(${numberOf(x!)})`;
      const avg = conditional ? sql`avgIf(${v}, ${when(p!)})` : sql`avg(${v})`;
      return cx.type === 'timespan' ? sql`toInt64(round(${avg}))` : sql`ifNull(${avg}, nan)`;
    },
    examples: conditional
      ? [
          ['datatable(a:long)[1,2,3] | summarize v=avgif(a, a > 1)', [[2.5]]],
          [
            'datatable(a:decimal)[decimal(1), decimal(2.5), decimal(null)] | summarize v=avgif(a, true), w=avgif(a, a > 5)',
            [['1.75', null]],
          ],
        ]
      : [
          ['datatable(a:long)[1,2] | summarize v=avg(a)', [[1.5]]],
          ['datatable(a:long)[] | summarize v=avg(a)', [['NaN']]],
          [
            'datatable(a:decimal)[decimal(12345678901234567.1), decimal(12345678901234567.3)] | summarize v=avg(a)',
            [['12345678901234567.2']],
          ],
          [
            'datatable(t:datetime)[datetime(2020-01-01), datetime(2020-01-03), datetime(null)] | summarize v=avg(t)',
            [['2020-01-02T00:00:00Z']],
          ],
        ],
  });

/** The binder takes the extreme of ints for a long. */
const widened = (value: Sql, x: Arg, cx: EmitContext): Sql => (x.type === cx.type ? value : typed(value, cx));

/** min and max skip nulls, and NaN is the result wherever it occurs; of strings Kusto compares ordinally, as ClickHouse does. */
const extreme = (name: 'min' | 'max', conditional: boolean) =>
  aggregate({
    name: conditional ? `${name}if` : name,
    docs: docs(name),
    emit: ([x, p], cx) => {
      if (x!.type === 'dynamic')
        return cx.refuse('the extreme of dynamic values is not supported', 'convert them first');
      const f = Sql.of(conditional ? `${name}If` : name, true);
      const value = sql`toNullable(${x!.sql})`;
      const result = conditional ? sql`${f}(${value}, ${when(p!)})` : sql`${f}(${value})`;
      if (cx.type === 'real') {
        const poisoned = conditional ? sql`isNaN(${x!.sql}) AND ${when(p!)}` : sql`isNaN(${x!.sql})`;
        return sql`if(countIf(${poisoned}) > 0, nan, ${result})`;
      }
      return cx.type === 'string' ? sql`ifNull(${result}, '')` : widened(result, x!, cx);
    },
    examples: conditional
      ? [[`datatable(a:real)[1.0, real(nan)] | summarize v=${name}if(a, a < 5)`, [[1]]]]
      : [[`datatable(a:long)[1,int(null),3] | summarize v=${name}(a)`, [[name === 'min' ? 1 : 3]]]],
  });

/** The row of the extreme key: nulls lose against any value; a group of null keys alone still gives one of its rows. */
const argument = (direction: 'max' | 'min') => {
  const order = (key: Arg) =>
    // NaN beats every number, of a minimum too.
    key.type === 'real'
      ? sql`(isNotNull(${key.sql}), ifNull(isNaN(${key.sql}), false), ifNull(${key.sql}, 0))`
      : key.nullable
        ? sql`(isNotNull(${key.sql}), assumeNotNull(${key.sql}))`
        : key.type === 'string'
          ? sql`(${key.sql} != '', ${key.sql})`
          : sql`(true, ${key.sql})`;
  // arg_min wants the smallest non-null key, so there nulls must sort last.
  const orderMin = (key: Arg) =>
    key.type === 'real'
      ? sql`(isNull(${key.sql}), NOT ifNull(isNaN(${key.sql}), false), ifNull(${key.sql}, 0))`
      : key.nullable
        ? sql`(isNull(${key.sql}), assumeNotNull(${key.sql}))`
        : key.type === 'string'
          ? sql`(${key.sql} = '', ${key.sql})`
          : sql`(false, ${key.sql})`;
  const by = direction === 'max' ? order : orderMin;
  const f = direction === 'max' ? sql`argMax` : sql`argMin`;
  // A tuple carries NULL through: the bare aggregate would skip rows whose value is NULL. Over no rows the result is null.
  const pick = (value: Arg, key: Arg) => {
    const isText = value.type === 'string';
    // The common case, a text by a time that is never null, needs neither tuple.
    return !value.nullable && !key.nullable && key.type !== 'string' && key.type !== 'real'
      ? sql`${f}${isText ? sql`` : sql`OrNull`}(${value.sql}, ${key.sql})`
      : sql`tupleElement(${f}(tuple(${isText ? value.sql : sql`toNullable(${value.sql})`}), ${by(key)}), 1)`;
  };
  return [
    aggregate({ name: `arg_${direction}_key`, emit: ([key]) => pick(key!, key!) }),
    aggregate({ name: `arg_${direction}_value`, emit: ([key, value]) => pick(value!, key!) }),
  ];
};

const any = (name: string, conditional: boolean) =>
  aggregate({
    name,
    docs: docs('take_any'),
    trap: 'A value that is not null is preferred.',
    emit: ([x, p], cx) => {
      const value = cx.type === 'string' ? sql`nullIf(${x!.sql}, '')` : sql`toNullable(${x!.sql})`;
      const result = conditional ? sql`anyIf(${value}, ${when(p!)})` : sql`any(${value})`;
      return cx.type === 'string' ? sql`ifNull(${result}, '')` : widened(result, x!, cx);
    },
  });

/** Arrays among the collected values count by their elements. */
const flattened = (list: Sql): Sql =>
  sql`arrayFlatten(arrayMap(e -> if(startsWith(e, '['), JSONExtractArrayRaw(e), [e]), ${list}))`;

/** Distinct values as a JSON array; null and the empty string do not count as values of a set. */
const maxSet = 1_048_576;

/** The most values that a list, set or bag shall hold, when it is given. */
function sizeOf(size: Arg | undefined, cx: EmitContext): number | undefined {
  if (!size) return undefined;
  if (typeof size.literal !== 'bigint') return cx.refuse('the size must be a literal');
  if (size.literal <= 0n) return cx.refuse('the number of values must be positive');
  return Number(size.literal);
}

const collected = (name: string, distinct: boolean, conditional: boolean) =>
  aggregate({
    name,
    nulls: 'never',
    ordered: true,
    docs: docs(name),
    trap: distinct ? 'Order is arbitrary, as in Kusto. Nulls are left out.' : 'Nulls are left out.',
    emit: (args, cx) => {
      const [x] = args;
      const p = conditional ? args[1]! : undefined;
      const size = args[conditional ? 2 : 1];
      const limit = sizeOf(size, cx) ?? maxSet;
      // A list keeps the nulls of dynamic values, and of no others.
      const value = x!.type === 'dynamic' && !distinct ? toElement(x!) : toDynamic(x!);
      // With a size the aggregate stops at the first that many values, as Kusto does.
      const cap = size && x!.type !== 'dynamic' ? sql`(${number(limit)})` : sql``;
      const f = Sql.of(`${distinct ? 'groupUniqArray' : 'groupArray'}${p ? 'If' : ''}${cap.text}`, true);
      // Texts are collected bare: escaping each row's would cost more than collecting it.
      const isText = x!.type === 'string';
      const element = isText ? x!.sql : value;
      const bare = p ? sql`${f}(${element}, ${when(p)})` : sql`${f}(${element})`;
      const list = isText ? sql`arrayMap(v -> toJSONString(v), ${bare})` : bare;
      if (x!.type !== 'dynamic') return jsonArray(sql`arraySlice(${list}, 1, ${number(limit)})`);
      const flat = flattened(list);
      return jsonArray(sql`arraySlice(${distinct ? sql`arrayDistinct(${flat})` : flat}, 1, ${number(limit)})`);
    },
  });

const distinctCount = (name: string, conditional: boolean, exact: boolean) =>
  aggregate({
    name,
    nulls: 'never',
    docs: docs(name),
    trap: exact
      ? 'Counts exactly.'
      : 'Kusto estimates with a HyperLogLog of its own; ours counts exactly, which is within its error bound. Null counts as no value, the empty string as one.',
    emit: ([x, p]) =>
      sql`toInt64(${conditional ? sql`uniqExactIf(${x!.sql}, ${when(p!)})` : sql`uniqExact(${x!.sql})`})`,
    examples: conditional ? [] : [[`datatable(a:string)["x","y","x"] | summarize v=${name}(a)`, [[2]]]],
  });

const spread = (name: string, f: Sql, conditional: boolean) =>
  aggregate({
    name,
    docs: docs(name),
    emit: ([x, p], cx) => {
      if (x!.type === 'timespan' || x!.type === 'datetime')
        return cx.refuse(`the spread of ${x!.type} values is not supported`);
      const v = sql`toFloat64(${numberOf(x!)})`;
      const n = conditional ? sql`countIf(isNotNull(${v}) AND ${when(p!)})` : sql`count(${v})`;
      const raw = conditional ? sql`${f}If(${v}, ${when(p!)})` : sql`${f}(${v})`;
      // One value has no spread: Kusto says 0 where the sample formula divides by zero.
      return sql`multiIf(${n} <= 1, toFloat64(0), isNaN(${conditional ? sql`sumIf(${v}, ${when(p!)})` : sql`sum(${v})`}), nan, ${raw})`;
    },
  });

const bits = (name: string, f: Sql) =>
  aggregate({
    name,
    docs: docs(name),
    emit: ([x], cx) =>
      x!.type === 'int' || x!.type === 'long' || x!.type === 'timespan'
        ? typed(sql`${f}(reinterpretAsUInt64(toInt64(assumeNotNull(${x!.sql}))))`, cx)
        : cx.refuse(`a ${x!.type} has no bits`, 'tolong() of it'),
  });

export const basicAggregates = [
  ...['count', 'cnt'].map((name) =>
    aggregate({
      name,
      nulls: 'never',
      docs: docs('count'),
      emit: () => sql`toInt64(count())`,
      examples: [
        [`datatable(a:long)[1,2,3] | summarize ${name}()`, [[3]]],
        [`datatable(a:long)[] | summarize ${name}()`, [[0]]],
      ],
    }),
  ),
  aggregate({
    name: 'countif',
    nulls: 'never',
    docs: docs('countif'),
    emit: ([p]) => sql`toInt64(countIf(${when(p!)}))`,
    examples: [['datatable(a:long)[1,2,3] | summarize v=countif(a > 1)', [[2]]]],
  }),
  total('sum', false),
  total('sumif', true),
  mean('avg', false),
  mean('avgif', true),
  extreme('min', false),
  extreme('max', false),
  extreme('min', true),
  extreme('max', true),
  ...argument('max'),
  ...argument('min'),
  any('take_any', false),
  any('any', false),
  any('take_anyif', true),
  any('anyif', true),
  collected('make_set', true, false),
  collected('make_set_if', true, true),
  collected('makeset', true, false),
  collected('make_list', false, false),
  collected('make_list_if', false, true),
  collected('makelist', false, false),
  distinctCount('dcount', false, false),
  distinctCount('dcountif', true, false),
  distinctCount('count_distinct', false, true),
  distinctCount('count_distinctif', true, true),
  spread('stdev', sql`stddevSamp`, false),
  spread('stdevif', sql`stddevSamp`, true),
  spread('variance', sql`varSamp`, false),
  spread('varianceif', sql`varSamp`, true),
  spread('stdevp', sql`stddevPop`, false),
  spread('variancep', sql`varPop`, false),
  spread('variancepif', sql`varPop`, true),
  bits('binary_all_and', sql`groupBitAnd`),
  bits('binary_all_or', sql`groupBitOr`),
  bits('binary_all_xor', sql`groupBitXor`),
  aggregate({
    name: 'make_list_with_nulls',
    nulls: 'never',
    ordered: true,
    docs: docs('make_list_with_nulls'),
    emit: ([x]) => {
      const list = sql`groupArray(${toElement(x!)})`;
      return jsonArray(x!.type === 'dynamic' ? flattened(list) : list);
    },
  }),
  ...['make_bag', 'make_bag_if', 'make_dictionary'].map((name) =>
    aggregate({
      name,
      nulls: 'never',
      docs: docs(name),
      trap: 'Of equal keys one value survives, which one is arbitrary in Kusto too.',
      emit: ([x, p, third], cx) => {
        const [predicate, size] = name === 'make_bag_if' ? [p, third] : [undefined, p];
        const limit = number(sizeOf(size, cx) ?? (name === 'make_dictionary' ? 128 : maxSet));
        const all = predicate ? sql`groupArrayIf(${x!.sql}, ${when(predicate)})` : sql`groupArray(${x!.sql})`;
        const kvs = sql`arrayFlatten(arrayMap(b -> JSONExtractKeysAndValuesRaw(assumeNotNull(b)), ${all}))`;
        return sql`concat('{', arrayStringConcat(arrayMap(kv -> concat(toJSONString(kv.1), ':', kv.2), arraySlice(arrayFilter((kv, i) -> indexOf(arrayMap(x -> x.1, ${kvs}), kv.1) = i, ${kvs}, arrayEnumerate(${kvs})), 1, ${limit})), ','), '}')`;
      },
      examples:
        name === 'make_bag'
          ? [
              [
                'range x from 1 to 5 step 1 | summarize b = make_bag(bag_pack(tostring(x), x), 3) | project array_length(bag_keys(b))',
                [[3]],
              ],
              [
                'datatable(d:dynamic)[dynamic({"a":1}), dynamic([1]), dynamic(null)] | summarize b = make_bag(d)',
                [[{ a: 1 }]],
              ],
            ]
          : [],
    }),
  ),
  aggregate({
    name: 'distinct_values',
    nulls: 'never',
    trap: 'No function of Kusto: the different values as an array, for functions that look at all of them.',
    emit: ([x]) => jsonArray(sql`groupUniqArray(${toElement(x!)})`),
  }),
];
