import { Sql, sql } from '../sql/index.js';
import { bind } from './bind.js';
import type { Arg, EmitContext } from './entry.js';

/** Pieces of SQL that several families share. */

/** Ticks since the Unix epoch of a datetime; keeps NULL. */
export const ticksOf = (datetime: Sql): Sql => sql`reinterpretAsInt64(${datetime})`;

/** The datetime of ticks since the Unix epoch; keeps NULL. */
export const datetimeOf = (ticks: Sql): Sql =>
  Sql.of(`reinterpret(${sql`toInt64(${ticks})`.text}, 'DateTime64(7, \\'UTC\\')')`, true);

/** As `datetimeOf`, null outside the years 1 to 9999. */
export const boundedDatetimeOf = (ticks: Sql): Sql =>
  sql`if(${ticks} BETWEEN -621355968000000000 AND 2534023007999999999, ${datetimeOf(ticks)}, NULL)`;

/** Text of a datetime in Kusto's JSON form. */
export const datetimeText = (datetime: Sql): Sql => sql`concat(replaceOne(toString(${datetime}), ' ', 'T'), 'Z')`;

/** Text of a timespan: `[-][d.]hh:mm:ss[.fffffff]`. */
export function timespanText(ticks: Sql): Sql {
  const t = sql`abs(${ticks})`;
  const two = (n: Sql) => sql`leftPad(toString(${n}), 2, '0')`;
  return sql`concat(if(${ticks} < 0, '-', ''), if(${t} >= 864000000000, concat(toString(intDiv(${t}, 864000000000)), '.'), ''), ${two(sql`intDiv(${t}, 36000000000) % 24`)}, ':', ${two(sql`intDiv(${t}, 600000000) % 60`)}, ':', ${two(sql`intDiv(${t}, 10000000) % 60`)}, if(${t} % 10000000 = 0, '', concat('.', leftPad(toString(${t} % 10000000), 7, '0'))))`;
}

/**
 * Text of a real as Kusto prints it: at least one decimal (`1.0`), exponents as in .NET for large and small ones.
 * ClickHouse prints 1e21 as `1e21`, and whole numbers without a point.
 */
export const realText = (real: Sql): Sql =>
  sql`multiIf(isNaN(${real}), 'NaN', isInfinite(${real}), if(${real} > 0, 'Infinity', '-Infinity'), position(toString(${real}), '.') > 0 OR position(toString(${real}), 'e') > 0, toString(${real}), concat(toString(${real}), '.0'))`;

/** Any value as the JSON text that stands for it inside a dynamic; NULL stays NULL, an empty string stays a string. */
export function toDynamic(arg: Arg): Sql {
  const s = arg.sql;
  switch (arg.type) {
    case 'dynamic':
      return s;
    case 'string':
      return sql`toJSONString(${s})`;
    case 'int':
    case 'long':
      return sql`toString(${s})`;
    case 'bool':
      return arg.nullable ? sql`multiIf(${s}, 'true', NOT ${s}, 'false', NULL)` : sql`if(${s}, 'true', 'false')`;
    case 'real':
      return sql`if(isFinite(${s}), ${realText(s)}, concat('"', ${realText(s)}, '"'))`;
    case 'decimal':
      return sql`concat('"', toString(${s}), '"')`;
    case 'datetime':
      return sql`concat('"', ${datetimeText(s)}, '"')`;
    case 'timespan':
      return sql`concat('"', ${timespanText(s)}, '"')`;
    case 'guid':
      return sql`concat('"', toString(${s}), '"')`;
  }
}

/** As `toDynamic`, with the word null for NULL: what stands inside an array or bag. */
export const toElement = (arg: Arg): Sql => (arg.nullable ? sql`ifNull(${toDynamic(arg)}, 'null')` : toDynamic(arg));

/** The text of a dynamic: a JSON string without its quotes, anything else as JSON; null is empty. */
export const dynamicText = (dynamic: Sql): Sql =>
  bind(dynamic, 'json', (json) => sql`ifNull(if(startsWith(${json}, '"'), JSONExtractString(${json}), ${json}), '')`);

/** Elements of a dynamic array as JSON texts; of anything else none. */
export const dynamicElements = (dynamic: Sql): Sql => sql`JSONExtractArrayRaw(ifNull(${dynamic}, ''))`;

/** A JSON array out of JSON texts. */
export const jsonArray = (texts: Sql): Sql => sql`concat('[', arrayStringConcat(${texts}, ','), ']')`;

/**
 * Text of a real that becomes a string. Where the shortest text is not the only one of its length, Kusto prints the largest
 * (`tostring(0.1 + 0.2)` is `0.30000000000000007`): RapidJSON, which it prints with, leaves out the last step of Grisu2, to
 * move towards the value, when more than eight digits came after scaling by its table of powers of ten. Inside a dynamic and
 * in a result, reals have their usual text.
 */
function realString(real: Sql): Sql {
  return bind(real, 'real', (r) =>
    bind(realText(r), 'digits', (t) => {
      const binaryExponent = sql`bitAnd(bitShiftRight(reinterpretAsUInt64(${r}), 52), 2047) - 1086`;
      const scale = sql`intDiv(toInt32(ceil((-61 - (${binaryExponent})) * 0.30102999566398114 + 347)), 8) * 8 - 340`;
      const mantissa = sql`splitByChar('e', ${t})[1]`;
      const decimals = sql`length(${mantissa}) - position(${mantissa}, '.') - toInt32OrZero(splitByChar('e', ${t})[2])`;
      const isUnrounded = sql`length(${t}) >= 17 AND abs(${r}) < 1e16 AND NOT endsWith(${t}, '.0') AND ${decimals} - (${scale}) > 8`;
      const largest = sql`arrayMap(p -> concat(p[1], toString(arrayMax(arrayFilter(d -> toFloat64OrZero(concat(p[1], toString(d), p[3])) = ${r}, range(toUInt8OrZero(p[2]), 10)))), p[3]), [extractGroups(${t}, '^([^e]*)([0-9])(e.*)?$')])[1]`;
      return sql`if(${isUnrounded}, ${largest}, ${t})`;
    }),
  );
}

/** Any value as text, as `tostring()` gives it. */
export function stringOf(arg: Arg): Sql {
  const s = arg.sql;
  switch (arg.type) {
    case 'string':
      return s;
    case 'dynamic':
      return dynamicText(s);
    case 'bool':
      return sql`multiIf(${s}, 'True', NOT ${s}, 'False', '')`;
    case 'real':
      return sql`ifNull(${realString(s)}, '')`;
    case 'datetime':
      return sql`ifNull(${datetimeText(s)}, '')`;
    case 'timespan':
      return sql`ifNull(${timespanText(s)}, '')`;
    default:
      return sql`ifNull(toString(${s}), '')`;
  }
}

/**
 * A number as a decimal: what is not finite is null; what has more than 20 digits before its point ends the query. The null
 * has its type, as a constant condition would leave nothing else of it.
 */
export const decimalOf = (number: Sql, type: Arg['type']): Sql =>
  type === 'real' || type === 'dynamic'
    ? sql`if(isFinite(${number}), toDecimal128(${number}, 18), CAST(NULL, 'Nullable(Decimal(38, 18))'))`
    : sql`toDecimal128(${number}, 18)`;

/** Makes the SQL type follow the KQL type of the result, so that columns and unions agree. */
export function typed(value: Sql, cx: Pick<EmitContext, 'type'>): Sql {
  switch (cx.type) {
    case 'int':
      return sql`toInt32(${value})`;
    case 'long':
    case 'timespan':
      return sql`toInt64(${value})`;
    case 'real':
      return sql`toFloat64(${value})`;
    case 'decimal':
      return sql`toDecimal128(${value}, 18)`;
    default:
      return value;
  }
}
