import { joinSql, number, Sql, sql } from '../../sql/index.js';
import { datetimeOf, decimalOf, dynamicText, stringOf, ticksOf, typed } from '../dynamic-sql.js';
import { type Arg, type EmitContext, type Example, scalar } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

const numeric = new Set(['int', 'long', 'real', 'decimal']);

/** Bytes of a value of a type that has a width. */
const widths: Readonly<Record<string, number>> = {
  ...{ bool: 1, int: 4, long: 8, real: 8, datetime: 8, timespan: 8 },
  ...{ decimal: 16, guid: 16 },
};

/** A number as a float. */
function real(x: Arg, cx: EmitContext): Sql {
  if (x.type === 'real') return x.sql;
  if (x.type === 'dynamic') return sql`toFloat64OrNull(${dynamicText(x.sql)})`;
  return numeric.has(x.type) ? sql`toFloat64(${x.sql})` : cx.refuse(`a ${x.type} is no number`);
}

/** A function of one real number. */
const unary = (name: string, of: (x: Sql) => Sql, examples: readonly Example[], trap?: string) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    ...(trap ? { trap } : {}),
    emit: ([x], cx) => of(real(x!, cx)),
    examples,
  });

const plain = (name: string, engine: string, examples: readonly Example[]) =>
  unary(name, (x) => sql`${Sql.of(engine, true)}(${x})`, examples);

const logarithm = (name: string, engine: string, examples: readonly Example[]) =>
  unary(
    name,
    (x) => sql`if(${x} < 0, NULL, ${Sql.of(engine, true)}(${x}))`,
    examples,
    'Of a negative number null, where ClickHouse gives NaN.',
  );

/** Rounds halves away from zero: ClickHouse rounds them to even. */
function rounded(x: Sql, digits: Arg | undefined): Sql {
  const away = (v: Sql) => sql`if(abs(${v} - trunc(${v})) >= 0.5, trunc(${v}) + sign(${v}), trunc(${v}))`;
  if (!digits) return away(x);
  // From 2^53 on there is nothing behind the point, and the product may be infinite.
  const finer = (scale: Sql) =>
    sql`if(abs(${x}) * ${scale} >= 9007199254740992, ${x}, ${away(sql`${x} * ${scale}`)} / ${scale})`;
  if (typeof digits.literal === 'bigint') {
    // Beyond these a real has no digits, or none but zeros.
    const n = Math.max(-300, Math.min(300, Number(digits.literal)));
    if (n === 0) return away(x);
    const scale = number(10 ** Math.abs(n));
    return n > 0 ? finer(scale) : sql`${away(sql`${x} / ${scale}`)} * ${scale}`;
  }
  const scale = sql`exp10(least(abs(${digits.sql}), 300))`;
  return sql`if(${digits.sql} >= 0, ${finer(scale)}, ${away(sql`${x} / ${scale}`)} * ${scale})`;
}

const test = (name: string, of: (x: Sql) => Sql, examples: readonly Example[]) =>
  scalar({ name, nulls: 'possible', docs: docs(name), emit: ([x], cx) => of(real(x!, cx)), examples });

const extreme = (name: 'min_of' | 'max_of', engine: 'least' | 'greatest', examples: readonly Example[]) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    trap: 'A null loses against any value; NaN wins.',
    emit: (args, cx) => {
      const mixed = args.some((a) => a.type !== args[0]!.type && a.literal !== null);
      if (args.some((a) => a.type === 'dynamic'))
        return cx.refuse('dynamic values have no order', 'convert them first');
      if (mixed && !args.every((a) => numeric.has(a.type))) return cx.refuse('all arguments must have the same type');
      const f = Sql.of(engine, true);
      // Over DateTime64 the engine forgets the scale.
      if (cx.type === 'datetime')
        return datetimeOf(
          sql`${f}(${joinSql(
            args.map((a) => ticksOf(a.sql)),
            ', ',
          )})`,
        );
      // A version is a decimal of more digits than others.
      const kept = (value: Sql) => (args.every((a) => a.type === 'decimal') ? value : typed(value, cx));
      if (cx.type !== 'real')
        return kept(
          sql`${f}(${joinSql(
            args.map((a) => (mixed && cx.type === 'decimal' ? decimalOf(a.sql, a.type) : a.sql)),
            ', ',
          )})`,
        );
      const values = args.map((a) => real(a, cx));
      const nan = joinSql(
        values.map((v) => sql`isNaN(${v})`),
        ' OR ',
      );
      return sql`if(${nan}, nan, ${f}(${joinSql(values, ', ')}))`;
    },
    examples,
  });

export const mathFunctions = [
  scalar({
    name: 'abs',
    nulls: 'possible',
    docs: docs('abs'),
    emit: ([x], cx) => typed(sql`abs(${x!.type === 'dynamic' ? real(x!, cx) : x!.sql})`, cx),
    examples: [
      ['abs(-5)', 5],
      ['abs(-1.5)', 1.5],
      ['abs(-2h)', '02:00:00'],
    ],
  }),
  unary('sign', (x) => sql`toFloat64(sign(${x}))`, [
    ['sign(-42)', -1],
    ['sign(-2) / 4', -0.25],
    ['sign(0)', 0],
    ['sign(11.2)', 1],
  ]),
  plain('sqrt', 'sqrt', [
    ['sqrt(256)', 16],
    ['sqrt(-1.0)', 'NaN'],
  ]),
  plain('exp', 'exp', [['exp(0)', 1]]),
  plain('exp2', 'exp2', [['exp2(3)', 8]]),
  plain('exp10', 'exp10', [['exp10(3)', 1000]]),
  logarithm('log', 'log', [
    ['log(1)', 0],
    ['log(-1.0)', null],
    ['log(0.0)', '-Infinity'],
  ]),
  logarithm('log2', 'log2', [['log2(8)', 3]]),
  logarithm('log10', 'log10', [['log10(1000)', 3]]),
  ...(['sin', 'cos', 'tan', 'asin', 'acos', 'atan'] as const).map((name) =>
    plain(name, name, [[`${name}(${name === 'acos' ? 1 : 0})`, name === 'cos' ? 1 : 0]]),
  ),
  unary('cot', (x) => sql`1 / tan(${x})`, [['round(cot(1), 6)', 0.642093]]),
  scalar({
    name: 'atan2',
    docs: docs('atan2'),
    nulls: 'possible',
    emit: ([y, x], cx) => sql`atan2(${real(y!, cx)}, ${real(x!, cx)})`,
    examples: [['atan2(0, 1)', 0]],
  }),
  plain('radians', 'radians', [['radians(180) == pi()', true]]),
  plain('degrees', 'degrees', [['degrees(pi())', 180]]),
  plain('gamma', 'tgamma', [['round(gamma(5), 6)', 24]]),
  plain('loggamma', 'lgamma', [['loggamma(1)', 0]]),
  plain('erf', 'erf', [['erf(0)', 0]]),
  plain('erfc', 'erfc', [['erfc(0)', 1]]),
  scalar({
    name: 'pi',
    nulls: 'never',
    docs: docs('pi'),
    emit: () => sql`pi()`,
    examples: [['pi() between (3.14159 .. 3.1416)', true]],
  }),
  scalar({
    name: 'pow',
    docs: docs('pow'),
    nulls: 'possible',
    emit: ([base, exponent], cx) => sql`pow(${real(base!, cx)}, ${real(exponent!, cx)})`,
    examples: [['pow(2, 3)', 8]],
  }),
  scalar({
    name: 'round',
    nulls: 'possible',
    docs: docs('round'),
    trap: 'Halves go away from zero.',
    emit: ([x, digits], cx) => typed(rounded(real(x!, cx), digits), cx),
    examples: [
      ['round(1e300, 300)', 1e300],
      ['round(7, 9223372036854775807)', 7],
      ['round(2.98765, 3)', 2.988],
      ['round(2.15, 1)', 2.2],
      ['round(2.5)', 3],
      ['round(-2.5)', -3],
      ['round(-50.55, -2)', -100],
      ['round(21.5, -1)', 20],
    ],
  }),
  test('isnan', (x) => sql`toBool(isNaN(${x}))`, [
    ['isnan(0.0 / 0)', true],
    ['isnan(1)', false],
  ]),
  test('isinf', (x) => sql`toBool(isInfinite(${x}))`, [['isinf(1.0 / 0)', true]]),
  test('isfinite', (x) => sql`toBool(isFinite(${x}))`, [
    ['isfinite(1)', true],
    ['isfinite(1.0 / 0)', false],
  ]),
  extreme('min_of', 'least', [
    ['min_of(10, 1, -3, 17)', -3],
    ['min_of(int(null), 5)', 5],
    ['min_of(real(nan), 1.0)', 'NaN'],
  ]),
  extreme('max_of', 'greatest', [
    ['max_of(10, 1, -3, 17)', 17],
    ['max_of(1, 2.5)', 2.5],
    ['max_of(decimal(1.5), 2.5, 2)', '2.5'],
    ['max_of(datetime(2020-01-01), datetime(2021-01-01))', '2021-01-01T00:00:00Z'],
  ]),
  scalar({
    name: 'rand',
    nulls: 'never',
    docs: docs('rand'),
    trap: 'Another number in every row and run; equal calls in one query differ by where they stand.',
    emit: ([n], cx) => {
      const random = sql`randCanonical(${number(cx.span?.start ?? 0)})`;
      return n ? typed(sql`floor(${random} * ${n.sql})`, cx) : random;
    },
    examples: [['rand() < 1', true]],
  }),
  scalar({
    name: 'new_guid',
    nulls: 'never',
    docs: docs('new_guid'),
    emit: (_, cx) => sql`generateUUIDv4(${number(cx.span?.start ?? 0)})`,
    examples: [['isnull(new_guid())', false]],
  }),
  scalar({
    name: 'estimate_data_size',
    nulls: 'never',
    docs: docs('estimate_data_size'),
    approximate: 'numbers, times and guids by their width, texts by their bytes, dynamic values by those of their JSON',
    emit: (args) => {
      const sizes = args.map((x) => {
        const width = widths[x.type];
        return width ? number(width) : sql`toInt64(length(${stringOf(x)}))`;
      });
      return sql`toInt64(${joinSql(sizes, ' + ')})`;
    },
  }),
];
