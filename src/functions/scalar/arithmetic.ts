import { Sql, sql } from '../../sql/index.js';
import { boundedDatetimeOf, decimalOf, dynamicText, ticksOf, typed } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

/** A number for arithmetic: a dynamic becomes the number it holds. */
const numberOf = (a: Arg): Sql => (a.type === 'dynamic' ? sql`toFloat64OrNull(${dynamicText(a.sql)})` : a.sql);

/** The operators of ClickHouse add the scales of decimals, and overflow. */
const decimal = (f: string, a: Arg, b: Arg): Sql => {
  const [x, y] = [a, b].map((v) => decimalOf(numberOf(v), v.type));
  return sql`toDecimal128(${Sql.of(f, true)}(${x!}, ${y!}, 18), 18)`;
};

/**
 * A divisor that the engine takes: it computes a quotient before a condition around it can say that there is none, for
 * nulls too, and knows no remainder of the least number.
 */
function divided(y: Sql, by: Arg, one: Sql, quotient: (divisor: Sql) => Sql): Sql {
  const { type, literal } = by;
  if (typeof literal === 'bigint' && literal !== 0n && literal > -2147483648n) return quotient(y);
  const least = type === 'int' ? sql`-2147483648` : sql`toInt64('-9223372036854775808')`;
  const none =
    type === 'int' || type === 'long' || type === 'timespan' ? sql`${y} = 0 OR ${y} = ${least}` : sql`${y} = 0`;
  const no = sql`ifNull(${none}, true)`;
  return sql`if(${no}, NULL, ${quotient(sql`if(${no}, ${one}, assumeNotNull(${y}))`)})`;
}

/** A fraction of a timespan is cut; what no timespan can hold is null. */
const result = (value: Sql, args: readonly Arg[], cx: EmitContext): Sql =>
  (cx.type === 'timespan' || cx.type === 'long') && args.some((a) => /^(real|decimal|dynamic)$/.test(a.type))
    ? sql`accurateCastOrNull(trunc(${value}), 'Int64')`
    : typed(value, cx);

/** The number in a dynamic with the other sign; all its digits stay. */
const negated = (a: Arg): Sql => {
  const value = dynamicText(a.sql);
  const otherSign = sql`if(startsWith(${value}, '-'), substring(${value}, 2), concat('-', ${value}))`;
  return sql`multiIf(${numberOf(a)} = 0, '0', ${numberOf(a)} IS NULL, NULL, ${otherSign})`;
};

/** Whether a dynamic holds a span, a time or a number shows in the rows only, and with it the type of the result. */
function certain(a: Arg, b: Arg, cx: EmitContext): void {
  if ([a, b].some((x) => x.type === 'datetime') && [a, b].some((x) => x.type === 'dynamic'))
    cx.refuse('a dynamic beside a datetime has no certain meaning', 'convert it first: totimespan(…), todatetime(…)');
}

export const arithmetic = [
  scalar({
    name: '+',
    nulls: 'possible',
    emit: ([a, b], cx) => {
      certain(a!, b!, cx);
      if (a!.type === 'datetime') return boundedDatetimeOf(sql`${ticksOf(a!.sql)} + ${b!.sql}`);
      if (b!.type === 'datetime') return boundedDatetimeOf(sql`${a!.sql} + ${ticksOf(b!.sql)}`);
      return result(sql`${numberOf(a!)} + ${numberOf(b!)}`, [a!, b!], cx);
    },
    examples: [
      ['1 + 2', 3],
      ['datetime(2020-01-01) + 1d', '2020-01-02T00:00:00Z'],
      ['1h + 30m', '01:30:00'],
    ],
  }),
  scalar({
    name: '-',
    nulls: 'possible',
    emit: ([a, b], cx) => {
      certain(a!, b!, cx);
      if (a!.type === 'datetime' && b!.type === 'datetime') return sql`${ticksOf(a!.sql)} - ${ticksOf(b!.sql)}`;
      if (a!.type === 'datetime') return boundedDatetimeOf(sql`${ticksOf(a!.sql)} - ${b!.sql}`);
      if (b!.type === 'datetime') cx.refuse('a point in time cannot be taken from a timespan', 'swap the two');
      return result(sql`${numberOf(a!)} - ${numberOf(b!)}`, [a!, b!], cx);
    },
    examples: [
      ['3 - 5', -2],
      ['datetime(2020-01-02) - datetime(2020-01-01)', '1.00:00:00'],
    ],
  }),
  scalar({
    name: '*',
    nulls: 'possible',
    emit: ([a, b], cx) =>
      a!.type === 'datetime' || b!.type === 'datetime'
        ? cx.refuse('a point in time has no product')
        : cx.type === 'decimal'
          ? decimal('multiplyDecimal', a!, b!)
          : result(sql`${numberOf(a!)} * ${numberOf(b!)}`, [a!, b!], cx),
    examples: [
      ['todecimal(2147483648) * todecimal(2)', '4294967296'],
      ['3 * 4', 12],
      ['2 * 1h', '02:00:00'],
    ],
  }),
  scalar({
    name: '/',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/numerical-operators',
    trap: 'Whole numbers divide to whole numbers, rounded towards zero; by zero gives null.',
    emit: ([a, b], cx) => {
      const [x, y] = [numberOf(a!), numberOf(b!)];
      if (cx.type === 'long' || cx.type === 'int') return typed(sql`if(${y} = 0, NULL, intDivOrZero(${x}, ${y}))`, cx);
      if (cx.type === 'timespan') return sql`if(${y} = 0, NULL, accurateCastOrNull(trunc(${x} / ${y}), 'Int64'))`;
      if (cx.type === 'decimal') {
        const divisor = decimalOf(y, b!.type);
        const one = sql`toDecimal128(1, 18)`;
        return divided(
          divisor,
          b!,
          one,
          (d) => sql`toDecimal128(divideDecimal(${decimalOf(x, a!.type)}, ${d}, 18), 18)`,
        );
      }
      return typed(sql`${x} / ${y}`, cx);
    },
    examples: [
      ['7 / 2', 3],
      ['-7 / 2', -3],
      ['isnull(1 / 0)', true],
      ['7.0 / 2', 3.5],
      ['1h / 30m', 2],
    ],
  }),
  scalar({
    name: '%',
    nulls: 'possible',
    trap: 'The remainder is never negative, unlike that of ClickHouse.',
    emit: ([a, b], cx) => {
      // Nothing is left by -1, but the engine divides, and the least number has no quotient by it.
      const positive = (d: Sql) => (/^(int|long|timespan)$/.test(b!.type) ? sql`if(${d} = -1, 1, ${d})` : d);
      const remainder = divided(numberOf(b!), b!, sql`1`, (d) => sql`positiveModulo(${numberOf(a!)}, ${positive(d)})`);
      return result(remainder, [a!, b!], cx);
    },
    examples: [
      ['7 % 3', 1],
      ['-7 % 3', 2],
      ['-7 % -1', 0],
    ],
  }),
  scalar({
    name: 'unary-',
    nulls: 'possible',
    emit: ([a], cx) => (cx.type === 'dynamic' ? negated(a!) : typed(sql`negate(${numberOf(a!)})`, cx)),
    examples: [
      ['-(1 + 2)', -3],
      ['-dynamic(2.50)', -2.5],
      ['-dynamic("a")', null],
    ],
  }),
];
