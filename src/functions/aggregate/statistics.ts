import { joinSql, number, Sql, sql } from '../../sql/index.js';
import { jsonArray, toDynamic } from '../dynamic-sql.js';
import { type Arg, aggregate, type EmitContext, toArg } from '../entry.js';

const docs = (name: string) =>
  `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-aggregation-function`;

const sortable = new Set(['int', 'long', 'real', 'decimal', 'datetime', 'timespan']);

/** A percentage; a literal array gives several. */
function percentages(args: readonly Arg[], cx: EmitContext): number[] {
  return args.flatMap((a) => {
    const value = a.type === 'dynamic' && typeof a.literal === 'string' ? JSON.parse(a.literal) : a.literal;
    const list = (Array.isArray(value) ? value : [value]).map(Number);
    if (a.literal === undefined || list.some((p) => !(p >= 0 && p <= 100)))
      return cx.refuse('percentiles must be literal numbers from 0 to 100');
    return list;
  });
}

/** The smallest value that at least p percent of the values do not exceed. */
function nearestRank(x: Arg, weight: Arg | undefined, p: number, cx: EmitContext): Sql {
  if (!sortable.has(x.type)) return cx.refuse(`a ${x.type} has no percentiles`, 'convert it first');
  const percent = number(p);
  if (!weight) {
    const sorted = sql`arraySort(groupArray(${x.sql}))`;
    const place = sql`toUInt64(greatest(1, ceil(length(${sorted}) * ${percent} / 100)))`;
    return sql`if(empty(${sorted}), NULL, ${sorted}[${place}])`;
  }
  const known = sql`isNotNull(${x.sql}) AND ifNull(${weight.sql}, 0) > 0`;
  const pairs = sql`arraySort(groupArrayIf((assumeNotNull(${x.sql}), assumeNotNull(${weight.sql})), ${known}))`;
  const sums = sql`arrayCumSum(arrayMap(t -> t.2, ${pairs}))`;
  const place = sql`arrayFirstIndex(s -> s * 100 >= (${sums})[-1] * ${percent}, ${sums})`;
  return sql`if(empty(${pairs}), NULL, (${pairs})[${place}].1)`;
}

const typed = (value: Sql, cx: EmitContext): Sql =>
  cx.type === 'long' || cx.type === 'timespan'
    ? sql`toInt64(${value})`
    : cx.type === 'int'
      ? sql`toInt32(${value})`
      : cx.type === 'real'
        ? sql`toFloat64(${value})`
        : value;

const trap = 'The nearest rank, exactly; over many values Kusto estimates it.';

const percentile = (name: string, weighted: boolean) =>
  aggregate({
    name,
    docs: docs('percentiles'),
    trap,
    emit: (args, cx) => {
      const [x, ...rest] = args;
      const weight = weighted ? rest.shift() : undefined;
      return typed(nearestRank(x!, weight, percentages(rest, cx)[0]!, cx), cx);
    },
    examples: weighted
      ? [['datatable(n:long, v:long)[8,10, 6,20, 3,30, 1,40] | summarize p = percentilew(v, n, 75)', [[20]]]]
      : [
          ['range x from 1 to 20 step 1 | summarize percentile(x, 95)', [[19]]],
          ['range x from 1 to 100 step 1 | summarize percentile(x, 7)', [[7]]],
          ['range x from 1 to 3 step 1 | summarize percentiles(x, 0, 50, 100)', [[1, 2, 3]]],
          ['datatable(x:long)[] | summarize percentile(x, 50)', [[null]]],
        ],
  });

const percentileArray = (name: string, weighted: boolean) =>
  aggregate({
    name,
    docs: docs('percentiles'),
    trap,
    emit: ([x, ...rest], cx) => {
      const weight = weighted ? rest.shift() : undefined;
      const values = percentages(rest, cx).map((p) => {
        const value = toArg(x!.expr, nearestRank(x!, weight, p, cx), true);
        return sql`ifNull(${toDynamic(value)}, 'null')`;
      });
      return jsonArray(sql`[${joinSql(values, ', ')}]`);
    },
    examples: weighted ? [] : [['range x from 1 to 4 step 1 | summarize p = percentiles_array(x, 25, 50)', [[[1, 2]]]]],
  });

const covariance = (name: string, engine: string, conditional: boolean) =>
  aggregate({
    name,
    docs: docs('covariance'),
    trap: 'Pairs with a null do not count.',
    emit: ([x, y, p]) => {
      const known = sql`isNotNull(${x!.sql}) AND isNotNull(${y!.sql})`;
      const counts = conditional ? sql`${known} AND ifNull(${p!.sql}, false)` : known;
      const assumed = sql`assumeNotNull(toFloat64(${x!.sql})), assumeNotNull(toFloat64(${y!.sql}))`;
      return sql`if(countIf(${counts}) <= 1, toFloat64(0), ${Sql.of(`${engine}If`, true)}(${assumed}, ${counts}))`;
    },
    examples: conditional
      ? []
      : [
          [
            `datatable(x:real, y:real)[1.0,2.0, 2.0,4.0, 3.0,6.0] | summarize c = round(${name}(x, y), 6)`,
            [[engine === 'covarSamp' ? 2 : 1.333333]],
          ],
        ],
  });

export const statistics = [
  percentile('percentile', false),
  percentile('percentilew', true),
  percentileArray('percentiles_array', false),
  percentileArray('percentilesw_array', true),
  covariance('covariance', 'covarSamp', false),
  covariance('covarianceif', 'covarSamp', true),
  covariance('covariancep', 'covarPop', false),
  covariance('covariancepif', 'covarPop', true),
];
