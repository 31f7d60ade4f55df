import { type Sql, sql } from '../../sql/index.js';
import { bind } from '../bind.js';
import { realText, toDynamic } from '../dynamic-sql.js';
import { type Arg, aggregate, type EmitContext } from '../entry.js';

const docs = (name: string) =>
  `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-aggregation-function`;

const list = (texts: Sql): Sql => sql`arrayStringConcat(${texts}, ',')`;
const true_ = (p: Arg | undefined): Sql => (p ? sql`ifNull(${p.sql}, false)` : sql`true`);

/**
 * The state of a distinct count: `[[1024,14],[hashes],[]]` while there are at most 1024 hashes, then
 * `[[1024,14],[],[register, rank, …]]` of a HyperLogLog of 2^14 registers.
 */
const hllState = (hashes: Sql, registers: Sql, isDense: Sql): Sql =>
  sql`if(length(${hashes}) > 1024 OR ${isDense}, concat('[[1024,14],[],[', ${list(
    sql`arrayMap((k, r) -> concat(toString(k), ',', toString(r)), tupleElement(${registers}, 1), tupleElement(${registers}, 2))`,
  )}, ']]'), concat('[[1024,14],[', ${list(
    sql`arrayMap(h -> concat('"', toString(reinterpretAsInt64(h)), '"'), ${hashes})`,
  )}, '],[]]'))`;

const register = (hash: Sql): Sql => sql`toUInt32(bitAnd(${hash}, 16383))`;
/** One more than the zeros at the end of the other 50 bits. */
const rank = (hash: Sql): Sql => {
  const rest = sql`bitShiftRight(${hash}, 14)`;
  return sql`toUInt32(if(${rest} = 0, 51, bitCount(bitXor(${rest}, ${rest} - 1))))`;
};

const approximateHll =
  'exact up to 1024 values, then within about 1.6%; the state is in a format of our own, so that states that Kusto wrote can be counted while they are small, and not be merged with these';

const hll = (name: string, conditional: boolean) =>
  aggregate({
    name,
    nulls: 'never',
    docs: docs(name.replace('hll_if', 'hll-if')),
    approximate: approximateHll,
    trap: 'The accuracy argument is not looked at.',
    emit: ([x, p]) => {
      const counts = sql`isNotNull(${x!.sql}) AND ${true_(conditional ? p : undefined)}`;
      const hash = sql`cityHash64(assumeNotNull(${toDynamic(x!)}))`;
      const registers = sql`maxMapIf([${register(hash)}], [${rank(hash)}], ${counts})`;
      return bind(sql`groupUniqArrayIf(1025)(${hash}, ${counts})`, 'hashes', (hashes) =>
        hllState(hashes, registers, sql`false`),
      );
    },
    examples: conditional
      ? [['range x from 1 to 100 step 1 | summarize h = hll_if(x, x > 90) | project dcount_hll(h)', [[10]]]]
      : [
          ['datatable(s:string)["a", "b", "a", ""] | summarize h = hll(s) | project dcount_hll(h)', [[3]]],
          ['datatable(x:long)[] | summarize h = hll(x) | project dcount_hll(h)', [[0]]],
          [
            'range x from 1 to 100 step 1 | summarize a = hll(iff(x % 2 == 0, x, 0)), b = hll(iff(x % 3 == 0, x, 0)), c = hll(iff(x % 5 == 0, x, 0)) | evaluate dcount_intersect(a, b, c) | project s0 - 1, s1 - 1, s2 - 1',
            [[50, 16, 3]],
          ],
          [
            'range x from 1 to 100000 step 1 | summarize a = hll(x), b = hll(x * 2) | evaluate dcount_intersect(a, b) | project abs(s1 - 50000) < 5000',
            [[true]],
          ],
          [
            'range x from 1 to 100000 step 1 | summarize h = hll(x) | project abs(dcount_hll(h) - 100000) < 3000',
            [[true]],
          ],
        ],
  });

const hllMerge = aggregate({
  name: 'hll_merge',
  nulls: 'never',
  docs: docs('hll_merge'),
  approximate: approximateHll,
  emit: ([x]) => {
    // What is no state of a distinct count, such as one of a digest, counts nothing.
    const given = sql`ifNull(${x!.sql}, '')`;
    const state = sql`if(startsWith(${given}, '[[1024,14],'), ${given}, '')`;
    const hashes = sql`arrayMap(h -> reinterpretAsUInt64(toInt64OrZero(h)), JSONExtract(${state}, 2, 'Array(String)'))`;
    const pairs = sql`JSONExtract(${state}, 3, 'Array(UInt32)')`;
    const every = (odd: Sql) => sql`arrayFilter((v, i) -> i % 2 = ${odd}, ${pairs}, arrayEnumerate(${pairs}))`;
    const keys = sql`arrayConcat(arrayMap(h -> ${register(sql`h`)}, ${hashes}), ${every(sql`1`)})`;
    const ranks = sql`arrayConcat(arrayMap(h -> ${rank(sql`h`)}, ${hashes}), ${every(sql`0`)})`;
    return bind(sql`groupUniqArrayArray(1025)(${hashes})`, 'hashes', (merged) =>
      hllState(merged, sql`maxMap(${keys}, ${ranks})`, sql`max(length(${pairs})) > 0`),
    );
  },
  examples: [
    [
      'range x from 1 to 100 step 1 | summarize h = hll(x % 30) by x % 2 | summarize m = hll_merge(h) | project dcount_hll(m)',
      [[30]],
    ],
    [
      'range x from 1 to 30000 step 1 | summarize h = hll(x) by x % 2 | summarize m = hll_merge(h) | project abs(dcount_hll(m) - 30000) < 900',
      [[true]],
    ],
  ],
});

/** Centroids that a digest keeps at most, beside the least and the greatest value. */
const centroids = sql`1000`;

/** The state of a digest: `[[7],[values],[weights]]`, exact while there are few values. */
function digestState(sums: Sql, isWhole: Sql): Sql {
  return bind(sums, 'sums', (s) => {
    const [values, weights] = [sql`tupleElement(${s}, 1)`, sql`tupleElement(${s}, 2)`];
    const state = (v: Sql, w: Sql) => sql`concat('[[7],[', ${list(v)}, '],[', ${list(w)}, ']]')`;
    const whole = sql`arrayMap(v -> toString(toInt64(v)), ${values})`;
    const real = sql`arrayMap(v -> ${realText(sql`toFloat64(v)`)}, ${values})`;
    const exact = state(sql`if(${isWhole}, ${whole}, ${real})`, sql`arrayMap(w -> toString(w), ${weights})`);
    const total = sql`arraySum(${weights})`;
    const slot = sql`multiIf(i = 1, toInt64(-1), i = length(${values}), toInt64(1000000), toInt64(floor((c - w) * ${centroids} / ${total})))`;
    const slots = sql`arrayMap((i, c, w) -> ${slot}, arrayEnumerate(${values}), arrayCumSum(${weights}), ${weights})`;
    const groups = sql`arraySplit((p, starts) -> starts, arrayZip(arrayMap(v -> toFloat64(v), ${values}), ${weights}), arrayMap(d -> d != 0, arrayDifference(${slots})))`;
    const weight = sql`arraySum(arrayMap(p -> p.2, g))`;
    const middle = sql`arraySum(arrayMap(p -> p.1 * p.2, g)) / ${weight}`;
    const few = state(
      sql`arrayMap(g -> ${realText(middle)}, ${groups})`,
      sql`arrayMap(g -> toString(${weight}), ${groups})`,
    );
    return sql`if(length(${values}) <= ${centroids}, ${exact}, ${few})`;
  });
}

const approximateDigest =
  'exact up to 1000 different values, then within 0.1% of the rank; the format is that of Kusto, the choice of the values is ours';

function digestible(x: Arg, cx: EmitContext): Sql {
  if (x.type === 'int' || x.type === 'long') return sql`toInt64(${x.sql})`;
  if (x.type === 'real' || x.type === 'decimal') return sql`toFloat64(${x.sql})`;
  return cx.refuse(`a digest of ${x.type} values is not supported`, 'digest numbers: tolong(…)');
}

const digestMerge = (name: string) =>
  aggregate({
    name,
    nulls: 'never',
    docs: docs('tdigest_merge'),
    approximate: approximateDigest,
    emit: ([x]) => {
      const state = sql`ifNull(${x!.sql}, '')`;
      // What is no state of a digest counts nothing.
      const [values, weights] = [
        sql`JSONExtract(${state}, 2, 'Array(Float64)')`,
        sql`JSONExtract(${state}, 3, 'Array(Int64)')`,
      ];
      const sums = sql`sumMap(${values}, arrayResize(${weights}, length(${values})))`;
      return digestState(sums, sql`max(match(${state}, '[.eE]')) = 0`);
    },
    examples: [
      [
        `range x from 1 to 100 step 1 | summarize d = tdigest(x) by x % 7 | summarize m = ${name}(d) | project percentile_tdigest(m, 50, typeof(long))`,
        [[50]],
      ],
    ],
  });

export const sketches = [
  hll('hll', false),
  hll('hll_if', true),
  hllMerge,
  aggregate({
    name: 'tdigest',
    nulls: 'never',
    docs: docs('tdigest'),
    approximate: approximateDigest,
    emit: ([x, w], cx) => {
      const value = digestible(x!, cx);
      const weight = w ? sql`toInt64(ifNull(${w.sql}, 0))` : sql`toInt64(1)`;
      const counts = sql`isNotNull(${value}) AND isFinite(ifNull(${value}, 0)) AND ${weight} > 0`;
      const whole = x!.type === 'int' || x!.type === 'long' ? sql`true` : sql`false`;
      return digestState(sql`sumMapIf([assumeNotNull(${value})], [${weight}], ${counts})`, whole);
    },
    examples: [
      [
        'datatable(v:long)[800, 250, 800, 5] | summarize t = tdigest(v) | project tostring(t)',
        [['[[7],[5,250,800],[1,1,2]]']],
      ],
      [
        'datatable(v:real, w:long)[1.0, 1, 2.0, 2] | summarize t = tdigest(v, w) | project percentile_tdigest(t, 50)',
        [[2]],
      ],
      [
        'range x from 1 to 100000 step 1 | summarize t = tdigest(x) | project a = percentile_tdigest(t, 0, typeof(long)), b = percentile_tdigest(t, 100, typeof(long)), c = abs(percentile_tdigest(t, 25, typeof(long)) - 25000) < 100',
        [[1, 100000, true]],
      ],
      ['datatable(v:long)[] | summarize t = tdigest(v) | project percentile_tdigest(t, 50)', [[null]]],
    ],
  }),
  digestMerge('tdigest_merge'),
  digestMerge('merge_tdigest'),
];
