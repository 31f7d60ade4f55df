import { Sql, sql } from '../../sql/index.js';
import { dynamicText, stringOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

const numeric = new Set(['int', 'long', 'real', 'decimal']);

const whole = new Set(['int', 'long']);

/**
 * Both sides in a common SQL type; dynamic values take the type of the other side. Text is compared with a whole number by
 * the number's digits, as many public rules ask (`ResultType == 0`); the order of the two is an error of the binder.
 */
export function aligned(a: Arg, b: Arg, cx: EmitContext): { left: Sql; right: Sql; nullable: boolean } {
  const nullable = a.nullable || b.nullable;
  if (a.type === b.type) {
    if (a.type === 'dynamic') return { left: dynamicText(a.sql), right: dynamicText(b.sql), nullable: false };
    return { left: a.sql, right: b.sql, nullable };
  }
  if (numeric.has(a.type) && numeric.has(b.type)) {
    const real = a.type === 'real' || b.type === 'real';
    return real && (a.type === 'decimal' || b.type === 'decimal')
      ? { left: sql`toFloat64(${a.sql})`, right: sql`toFloat64(${b.sql})`, nullable }
      : { left: a.sql, right: b.sql, nullable };
  }
  if (a.type === 'dynamic') return { left: fromDynamic(a, b, cx), right: b.sql, nullable: true };
  if (b.type === 'dynamic') return { left: a.sql, right: fromDynamic(b, a, cx), nullable: true };
  if (a.type === 'bool' && numeric.has(b.type)) return { left: sql`toInt64(${a.sql})`, right: b.sql, nullable };
  if (b.type === 'bool' && numeric.has(a.type)) return { left: a.sql, right: sql`toInt64(${b.sql})`, nullable };
  if ((a.type === 'guid' && b.type === 'string') || (a.type === 'string' && b.type === 'guid')) {
    return { left: sql`lower(${stringOf(a)})`, right: sql`lower(${stringOf(b)})`, nullable: false };
  }
  if (a.type === 'string' && whole.has(b.type)) return { left: a.sql, right: sql`toString(${b.sql})`, nullable };
  if (whole.has(a.type) && b.type === 'string') return { left: sql`toString(${a.sql})`, right: b.sql, nullable };
  return cx.refuse(`a ${a.type} cannot be compared with a ${b.type}`);
}

function fromDynamic(dynamic: Arg, other: Arg, cx: EmitContext): Sql {
  const text = dynamicText(dynamic.sql);
  switch (other.type) {
    case 'string':
      return text;
    case 'int':
    case 'long':
    case 'real':
      return sql`toFloat64OrNull(${text})`;
    case 'bool':
      return sql`multiIf(${text} = 'true', true, ${text} = 'false', false, NULL)`;
    case 'datetime':
      return sql`parseDateTime64BestEffortOrNull(${text}, 7, 'UTC')`;
    case 'guid':
      return sql`toUUIDOrNull(${text})`;
    default:
      return cx.refuse(`a dynamic cannot be compared with a ${other.type}`, 'convert it first');
  }
}

const docs = 'https://learn.microsoft.com/kusto/query/scalar-data-types/null-values';

const isString = (a: Arg, b: Arg) => a.type === 'string' || b.type === 'string';

export const comparison = [
  scalar({
    name: '==',
    nulls: 'propagate',
    docs,
    trap: 'A null equals no value: null == 5 is false; only null == null is null.',
    emit: ([a, b], cx) => {
      const { left, right, nullable } = aligned(a!, b!, cx);
      if (!nullable || isString(a!, b!))
        return nullable ? sql`ifNull(${left} = ${right}, false)` : sql`${left} = ${right}`;
      if (!a!.nullable || !b!.nullable) return sql`ifNull(${left} = ${right}, false)`;
      return sql`if(isNull(${left}) != isNull(${right}), false, ${left} = ${right})`;
    },
    examples: [
      ['1 == 1', true],
      ['"a" == "A"', false],
      ['isnull(int(null) == int(null))', true],
      ['int(null) == 5', false],
      ['dynamic({"a":"x"}).a == "x"', true],
      ['"50126" == 50126', true],
      ['"50126" == 50127', false],
      ['"0" == int(null)', false],
    ],
  }),
  scalar({
    name: '!=',
    nulls: 'propagate',
    docs,
    trap: 'A null differs from every value: null != 5 is true, so such rows pass a filter.',
    emit: ([a, b], cx) => {
      const { left, right, nullable } = aligned(a!, b!, cx);
      if (!nullable || isString(a!, b!))
        return nullable ? sql`ifNull(${left} != ${right}, true)` : sql`${left} != ${right}`;
      if (!a!.nullable || !b!.nullable) return sql`ifNull(${left} != ${right}, true)`;
      return sql`if(isNull(${left}) != isNull(${right}), true, ${left} != ${right})`;
    },
    examples: [
      ['1 != 2', true],
      ['"0" != 0', false],
      ['"x" != 0', true],
      ['int(null) != 5', true],
      ['isnull(int(null) != int(null))', true],
    ],
  }),
  ...(['<', '<=', '>', '>='] as const).map((name) =>
    scalar({
      name,
      emit: ([a, b], cx) => {
        const { left, right } = aligned(a!, b!, cx);
        return sql`${left} ${Sql.of(name, true)} ${right}`;
      },
    }),
  ),
  scalar({
    name: 'between',
    docs: 'https://learn.microsoft.com/kusto/query/between-operator',
    emit: ([x, low, high], cx) => {
      const from = aligned(x!, low!, cx);
      const to = aligned(x!, high!, cx);
      return sql`(${from.left} >= ${from.right}) AND (${to.left} <= ${to.right})`;
    },
    examples: [
      ['5 between (1 .. 5)', true],
      ['datetime(2020-01-02) between (datetime(2020-01-01) .. 1d)', true],
    ],
  }),
  scalar({
    name: '!between',
    emit: ([x, low, high], cx) => {
      const from = aligned(x!, low!, cx);
      const to = aligned(x!, high!, cx);
      return sql`(${from.left} < ${from.right}) OR (${to.left} > ${to.right})`;
    },
    examples: [['5 !between (1 .. 4)', true]],
  }),
];
