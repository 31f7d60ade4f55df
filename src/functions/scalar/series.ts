import { joinSql, Sql, sql } from '../../sql/index.js';
import { dynamicElements, jsonArray, realText, toElement } from '../dynamic-sql.js';
import { type Arg, type EmitContext, type Example, scalar } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

const isArray = (x: Arg): Sql => (x.type === 'dynamic' ? sql`startsWith(ifNull(${x.sql}, ''), '[')` : sql`true`);
/** Numbers of a series, null for what is none. */
const numbers = (x: Arg): Sql => sql`arrayMap(e -> toFloat64OrNull(e), ${dynamicElements(x.sql)})`;
const wholeText = (e: Sql): Sql => sql`match(${e}, '^-?[0-9]+$')`;
/** A number, or null, as JSON; what JSON cannot say as text. */
const json = (v: Sql): Sql => sql`ifNull(if(isFinite(${v}), ${realText(v)}, concat('"', ${realText(v)}, '"')), 'null')`;

const series = (
  name: string,
  emit: (args: readonly Arg[], cx: EmitContext) => Sql,
  examples: readonly Example[],
  trap?: string,
) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    ...(trap ? { trap } : {}),
    emit: (args, cx) => {
      if (!args.some((a) => a.type === 'dynamic')) return cx.refuse('it wants a series');
      return sql`if(${isArray(args[0]!)}, ${emit(args, cx)}, NULL)`;
    },
    examples,
  });

/** Element by element; where one side has none, null. A number on either side stands for a series of it. */
function pairwise(a: Arg, b: Arg, of: (x: Sql, y: Sql) => Sql): Sql {
  const lists = [a, b].map((v) => (v.type === 'dynamic' ? dynamicElements(v.sql) : undefined));
  const lengths = lists.filter((l) => l !== undefined).map((l) => sql`length(${l})`);
  const length = lengths.length === 1 ? lengths[0]! : sql`greatest(${joinSql(lengths, ', ')})`;
  const [x, y] = [a, b].map((v, i) =>
    lists[i] ? sql`arrayResize(${lists[i]}, ${length}, 'null')` : sql`arrayWithConstant(${length}, ${toElement(v)})`,
  );
  return jsonArray(sql`arrayMap((x, y) -> ${of(sql`x`, sql`y`)}, ${x!}, ${y!})`);
}

const [fx, fy] = [sql`toFloat64OrNull(x)`, sql`toFloat64OrNull(y)`];

/** Whole numbers stay whole. */
const arithmetic = (name: string, operator: string, examples: readonly Example[]) => {
  const op = Sql.of(operator, true);
  return series(
    name,
    ([a, b]) =>
      pairwise(
        a!,
        b!,
        (x, y) =>
          sql`if(${wholeText(x)} AND ${wholeText(y)}, toString(toInt64OrZero(x) ${op} toInt64OrZero(y)), ${json(sql`(${fx} ${op} ${fy})`)})`,
      ),
    examples,
  );
};

const comparison = (name: string, operator: string, examples: readonly Example[]) =>
  series(
    name,
    ([a, b]) =>
      pairwise(
        a!,
        b!,
        () =>
          sql`multiIf(isNull(${fx}) OR isNull(${fy}), 'null', ${fx} ${Sql.of(operator, true)} ${fy}, 'true', 'false')`,
      ),
    examples,
  );

const mapped = (name: string, of: (v: Sql) => Sql, example: Example) =>
  series(name, ([a]) => jsonArray(sql`arrayMap(v -> ${json(of(sql`v`))}, ${numbers(a!)})`), [example]);

const engine = (name: string, f: string, example: Example) =>
  mapped(name, (v) => sql`${Sql.of(f, true)}(${v})`, example);

/** Whole elements stay whole. */
const wholeMapped = (name: string, f: string, examples: readonly Example[]) =>
  series(
    name,
    ([a]) =>
      jsonArray(
        sql`arrayMap(x -> if(${wholeText(sql`x`)}, toString(toInt64(${Sql.of(f, true)}(toInt64OrZero(x)))), ${json(sql`${Sql.of(f, true)}(${fx})`)}), ${dynamicElements(a!.sql)})`,
      ),
    examples,
  );

/** A value of the whole series; null when an element is no number. */
const folded = (name: string, of: (lists: readonly Sql[]) => Sql, examples: readonly Example[]) =>
  series(
    name,
    (args) => {
      const series = args.find((a) => a.type === 'dynamic')!;
      const lists = args.map((a) =>
        a.type === 'dynamic'
          ? numbers(a)
          : sql`arrayWithConstant(length(${dynamicElements(series.sql)}), toFloat64(${a.sql}))`,
      );
      const known = joinSql(
        lists.map((l) => sql`arrayAll(v -> isNotNull(v), ${l})`),
        ' AND ',
      );
      return sql`if(${known}, ${of(lists.map((l) => sql`arrayMap(v -> assumeNotNull(v), ${l})`))}, NULL)`;
    },
    examples,
  );

// The engine multiplies before it knows whether the lengths are equal.
const dot = (a: Sql, b: Sql): Sql => sql`arraySum(arrayMap((x, y) -> x * y, ${a}, arrayResize(${b}, length(${a}))))`;
const sameLength = (a: Sql, b: Sql, value: Sql): Sql => sql`if(length(${a}) = length(${b}), ${value}, NULL)`;
const centred = (a: Sql): Sql => sql`arrayMap(v -> v - arrayAvg(${a}), ${a})`;

/** Whether an element stands for a missing value: null unless the call names another. */
function missing(e: Sql, placeholder: Arg | undefined): Sql {
  if (!placeholder || placeholder.literal === null) return sql`${e} = 'null'`;
  return sql`ifNull(toFloat64OrNull(${e}) = toFloat64(${placeholder.sql}), false)`;
}

const filled = (name: string, f: string, examples: readonly Example[]) =>
  series(
    name,
    ([a, placeholder]) =>
      jsonArray(sql`${Sql.of(f, true)}(x -> NOT (${missing(sql`x`, placeholder)}), ${dynamicElements(a!.sql)})`),
    examples,
  );

function fillLinear([a, placeholder, edges, constant]: readonly Arg[]): Sql {
  const list = dynamicElements(a!.sql);
  const known = (i: Sql) => sql`NOT (${missing(sql`${list}[${i}]`, placeholder)})`;
  const marks = sql`arrayMap(i -> if(${known(sql`i`)}, i, 0), arrayEnumerate(${list}))`;
  const before = sql`arrayFill(m -> m != 0, ${marks})`;
  const after = sql`arrayReverseFill(m -> m != 0, ${marks})`;
  const edge = edges ? sql`ifNull(${edges.sql}, true)` : sql`true`;
  const empty = constant ? toElement(constant) : sql`'0.0'`;
  const at = (i: Sql) => sql`toFloat64OrNull(${list}[${i}])`;
  const between = sql`${at(sql`p`)} + (${at(sql`n`)} - ${at(sql`p`)}) * (i - p) / (n - p)`;
  // Elements lose their decimal point when they are taken out, so the text of the series tells reals.
  const whole = sql`NOT match(${a!.sql}, '[.eE]')`;
  const value = sql`multiIf(m != 0, ${list}[i], p = 0 AND n = 0, ${empty}, p = 0, if(${edge}, ${list}[n], ${list}[i]), n = 0, if(${edge}, ${list}[p], ${list}[i]), ${whole}, ifNull(toString(toInt64(trunc(${between}))), 'null'), ${json(between)})`;
  return jsonArray(
    sql`arrayMap((i, m, p, n) -> ${value}, arrayMap(i -> toInt64(i), arrayEnumerate(${list})), ${marks}, arrayMap(i -> toInt64(i), ${before}), arrayMap(i -> toInt64(i), ${after}))`,
  );
}

/** Y[i] = (b0 X[i] + b1 X[i-1] + … - a1 Y[i-1] - …) / a0, values before the start being zero. */
const iir = ([x, b, a]: readonly Sql[]): Sql => {
  const term = (c: Sql, of: Sql, from: Sql) =>
    sql`arraySum(arrayMap((c, j) -> if(j >= ${from} AND i >= j, c * ${of}[i - j + 1], 0), ${c}, arrayEnumerate(${c})))`;
  const next = sql`(${term(b!, x!, sql`1`)} - ${term(a!, sql`done`, sql`2`)}) / (${a!})[1]`;
  return jsonArray(
    sql`arrayMap(v -> ${json(sql`v`)}, arrayFold((done, i) -> arrayPushBack(done, ${next}), arrayEnumerate(${x!}), CAST([], 'Array(Float64)')))`,
  );
};

function fir(args: readonly Arg[], cx: EmitContext): Sql {
  const [x, f] = [args[0]!, args[1]!].map((a) => sql`arrayMap(v -> ifNull(v, nan), ${numbers(a)})`) as [Sql, Sql];
  if (args.slice(2).some((a) => typeof a.literal !== 'boolean'))
    return cx.refuse('normalize and center must be literals');
  const positive = sql`arrayAll(c -> c >= 0, ${f})`;
  const normal = args[2] ? (args[2].literal ? sql`true` : sql`false`) : positive;
  const divisor = sql`if(${normal}, arraySum(${f}), 1)`;
  const shift = args[3]?.literal ? sql`intDiv(length(${f}) - 1, 2)` : sql`0`;
  const at = sql`toInt64(i + ${shift}) - toInt64(j) + 1`;
  const sum = sql`arraySum(arrayMap((c, j) -> if(${at} BETWEEN 1 AND length(${x}), c * ${x}[${at}], 0), ${f}, arrayEnumerate(${f})))`;
  const wrong = args[2]?.literal === true ? sql`NOT (${positive})` : sql`false`;
  return sql`if(${wrong}, NULL, ${jsonArray(sql`arrayMap(i -> ${json(sql`${sum} / ${divisor}`)}, arrayEnumerate(${x}))`)})`;
}

export const seriesFunctions = [
  arithmetic('series_add', '+', [
    ['series_add(dynamic([1,2,4]), dynamic([4,2,1]))', [5, 4, 5]],
    ['series_add(dynamic([1,"x",4]), dynamic([4,2]))', [5, null, null]],
    ['series_add(dynamic([1,2.5]), 1)', [2, 3.5]],
  ]),
  arithmetic('series_subtract', '-', [['series_subtract(dynamic([1,2.5]), dynamic([4,2]))', [-3, 0.5]]]),
  arithmetic('series_multiply', '*', [['series_multiply(dynamic([1,2,4]), dynamic([4,2,1]))', [4, 4, 4]]]),
  series('series_divide', ([a, b]) => pairwise(a!, b!, () => json(sql`(${fx} / ${fy})`)), [
    ['series_divide(dynamic([1,2,4]), dynamic([4,2,1]))', [0.25, 1, 4]],
  ]),
  series('series_pow', ([a, b]) => pairwise(a!, b!, () => json(sql`pow(${fx}, ${fy})`)), [
    ['series_pow(dynamic([1,2,3]), dynamic([2,2,2]))', [1, 4, 9]],
  ]),
  comparison('series_equals', '=', [['series_equals(dynamic([1,2,4]), dynamic([4,2,1]))', [false, true, false]]]),
  comparison('series_not_equals', '!=', [['series_not_equals(dynamic([1,2]), dynamic([4,2]))', [true, false]]]),
  comparison('series_greater', '>', [['series_greater(dynamic([1,2,4]), dynamic([4,2,1]))', [false, false, true]]]),
  comparison('series_greater_equals', '>=', [['series_greater_equals(dynamic([1,2]), dynamic([4,2]))', [false, true]]]),
  comparison('series_less', '<', [['series_less(dynamic([1,2,4]), dynamic([4,2]))', [true, false, null]]]),
  comparison('series_less_equals', '<=', [['series_less_equals(dynamic([1,2]), dynamic([4,2]))', [true, true]]]),
  wholeMapped('series_abs', 'abs', [['series_abs(dynamic([-6.5,0,8]))', [6.5, 0, 8]]]),
  wholeMapped('series_sign', 'sign', [['series_sign(dynamic([-6,0,8.5]))', [-1, 0, 1]]]),
  wholeMapped('series_floor', 'floor', [['series_floor(dynamic([-1.5,1,2.5]))', [-2, 1, 2]]]),
  wholeMapped('series_ceiling', 'ceil', [['series_ceiling(dynamic([-1.5,1,2.5]))', [-1, 1, 3]]]),
  engine('series_exp', 'exp', ['series_exp(dynamic([0, null]))', [1, null]]),
  engine('series_log', 'log', ['series_log(dynamic([1]))', [0]]),
  engine('series_sin', 'sin', ['series_sin(dynamic([0]))', [0]]),
  engine('series_cos', 'cos', ['series_cos(dynamic([0]))', [1]]),
  engine('series_tan', 'tan', ['series_tan(dynamic([0]))', [0]]),
  engine('series_asin', 'asin', ['series_asin(dynamic([0]))', [0]]),
  engine('series_acos', 'acos', ['series_acos(dynamic([1]))', [0]]),
  engine('series_atan', 'atan', ['series_atan(dynamic([0]))', [0]]),
  folded('series_sum', ([a]) => sql`arraySum(${a!})`, [['series_sum(dynamic([1,2,3,4]))', 10]]),
  folded('series_product', ([a]) => sql`arrayProduct(${a!})`, [['series_product(dynamic([1,2,3,4]))', 24]]),
  folded('series_magnitude', ([a]) => sql`sqrt(${dot(a!, a!)})`, [['series_magnitude(dynamic([3,4]))', 5]]),
  folded('series_dot_product', ([a, b]) => sameLength(a!, b!, dot(a!, b!)), [
    ['series_dot_product(dynamic([1,2,4]), dynamic([4,2,1]))', 12],
  ]),
  folded(
    'series_cosine_similarity',
    ([a, b]) => sameLength(a!, b!, sql`${dot(a!, b!)} / (sqrt(${dot(a!, a!)}) * sqrt(${dot(b!, b!)}))`),
    [['series_cosine_similarity(dynamic([1,0]), dynamic([0,1]))', 0]],
  ),
  folded(
    'series_pearson_correlation',
    ([a, b]) => {
      const [x, y] = [centred(a!), centred(b!)];
      return sameLength(a!, b!, sql`${dot(x, y)} / sqrt(${dot(x, x)} * ${dot(y, y)})`);
    },
    [['round(series_pearson_correlation(dynamic([1,2,3]), dynamic([3,2,1])), 9)', -1]],
  ),
  series(
    'series_fill_const',
    ([a, value, placeholder], cx) =>
      jsonArray(
        sql`arrayMap(x -> if(${missing(sql`x`, placeholder)}, ${toElement(value ?? cx.refuse('it wants the value to fill in'))}, x), ${dynamicElements(a!.sql)})`,
      ),
    [['series_fill_const(dynamic([111,null,36]), -1)', [111, -1, 36]]],
  ),
  filled('series_fill_forward', 'arrayFill', [['series_fill_forward(dynamic([null,36,null,41]))', [null, 36, 36, 41]]]),
  filled('series_fill_backward', 'arrayReverseFill', [
    ['series_fill_backward(dynamic([null,36,null,41,null]))', [36, 36, 41, 41, null]],
  ]),
  series('series_fill_linear', fillLinear, [
    ['series_fill_linear(dynamic([null,111.0,null,36.0,null]))', [111, 111, 73.5, 36, 36]],
    ['series_fill_linear(dynamic([null,111,null,36,41,null,null,16]))', [111, 111, 73, 36, 41, 32, 24, 16]],
    ['series_fill_linear(dynamic([null,111,null,36,null]), real(null), false)', [null, 111, 73, 36, null]],
    ['series_fill_linear(dynamic([null,null]))', [0, 0]],
  ]),
  folded('series_iir', iir, [['series_iir(dynamic([1,2,3,4]), dynamic([1]), dynamic([1,-1]))', [1, 3, 6, 10]]]),
  series('series_fir', fir, [
    ['series_fir(dynamic([0,0,3,0,0]), dynamic([1,1,1]))', [0, 0, 1, 1, 1]],
    ['series_fir(dynamic([0,0,3,0,0]), dynamic([1,1,1]), true, true)', [0, 1, 1, 1, 0]],
    ['series_fir(dynamic([1,4,9]), dynamic([1,-1]))', [1, 3, 5]],
  ]),
];
