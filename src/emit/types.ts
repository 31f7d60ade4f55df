import { formatDatetime } from '../base/index.js';
import type { Literal } from '../ir/index.js';
import { number, Sql, sql, text } from '../sql/index.js';
import type { KqlType } from '../tables/index.js';

/** The ClickHouse type of an expression of a KQL type, without Nullable. */
export const engineTypes: Record<KqlType, string> = {
  string: 'String',
  int: 'Int32',
  long: 'Int64',
  real: 'Float64',
  decimal: 'Decimal(38, 18)',
  bool: 'Bool',
  datetime: "DateTime64(7, 'UTC')",
  timespan: 'Int64',
  guid: 'UUID',
  dynamic: 'String',
};

/** Column declaration in `values()` and casts: strings are never null, everything else may be. */
export const nullableType = (type: KqlType): string =>
  type === 'string' ? 'String' : `Nullable(${engineTypes[type]})`;

/** A literal with its exact type, so that a union or comparison never widens by accident. */
export function emitLiteral({ type, value }: Literal): Sql {
  if (type === 'string') return text(value === null ? '' : String(value));
  if (value === null) return sql`CAST(NULL, ${text(nullableType(type))})`;
  switch (type) {
    case 'int':
      return sql`toInt32(${number(value as bigint)})`;
    case 'long':
      return int64(value as bigint);
    case 'timespan':
      return int64(value as bigint);
    case 'real':
      return sql`toFloat64(${number(value as number)})`;
    case 'decimal':
      return sql`toDecimal128(${text(plainDecimal(String(value)))}, 18)`;
    case 'bool':
      return Sql.of(value ? 'true' : 'false', true);
    case 'datetime':
      return sql`toDateTime64(${text(
        formatDatetime(value as bigint)
          .replace('T', ' ')
          .replace('Z', ''),
      )}, 7, 'UTC')`;
    case 'guid':
      return sql`toUUID(${text(String(value))})`;
    default:
      return text(String(value));
  }
}

/** ClickHouse types a bare number by its size; -2^63 cannot be written as a negated number. */
function int64(value: bigint): Sql {
  return value === -(2n ** 63n) ? sql`toInt64('-9223372036854775808')` : sql`toInt64(${number(value)})`;
}

/** A time that the run fills in: `now`, or a bound of its window. */
export const timeParameter = (parameter: 'now' | 'window_from' | 'window_to'): Sql =>
  Sql.of(`toDateTime64({${parameter}:String}, 7, 'UTC')`, true);

/** Text of a parameter's value. */
export const timeText = (ticks: bigint): string => formatDatetime(ticks).replace('T', ' ').replace('Z', '');

/** Decimal text without an exponent. */
function plainDecimal(t: string): string {
  const m = /^(-?)(\d*)\.?(\d*)e([+-]?\d+)$/i.exec(t);
  if (!m) return t;
  const [, sign, whole = '', fraction = '', exponent] = m;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padEnd(point, '0');
  return point > 0
    ? `${sign}${digits.slice(0, point)}.${digits.slice(point) || '0'}`
    : `${sign}0.${'0'.repeat(-point)}${digits}`;
}
