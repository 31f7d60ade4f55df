import { type Sql, sql, text } from '../../sql/index.js';
import { bind } from '../bind.js';
import { datetimeOf, decimalOf, dynamicText, stringOf, ticksOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

/** Text that a number, date or guid is read from; a string that holds white space around still counts. */
const textOf = (arg: Arg): Sql =>
  sql`trim(BOTH ${text(' \t\r\n')} FROM ${arg.type === 'string' ? arg.sql : dynamicText(arg.sql)})`;

/** The text that a value is read from, by a name where it is long: it is read in several ways. */
const read = (text: Sql, body: (text: Sql) => Sql): Sql => bind(text, 'spelled', body, 400);

const isText = (arg: Arg) => arg.type === 'string' || arg.type === 'dynamic';

/** Hexadecimal text counts as a whole number, as in Kusto; a fraction makes the text no whole number. */
const wholeFromText = (text: Sql, type: 'Int32' | 'Int64'): Sql =>
  type === 'Int32'
    ? sql`if(isNotNull(toInt32OrNull(${text})), toInt32OrNull(${text}), if(match(${text}, '^-?0[xX][0-9a-fA-F]{1,8}$'), toInt32(reinterpretAsInt32(reverse(unhex(leftPad(substring(${text}, 3), 8, '0'))))), NULL))`
    : sql`if(isNotNull(toInt64OrNull(${text})), toInt64OrNull(${text}), if(match(${text}, '^0[xX][0-9a-fA-F]{1,16}$'), reinterpretAsInt64(reverse(unhex(leftPad(substring(${text}, 3), 16, '0')))), NULL))`;

/** A real cut to a whole number; beyond the range of the type its end, as in Kusto. What is not finite gives null. */
function saturated(real: Sql, type: 'Int32' | 'Int64'): Sql {
  const [least, most] =
    type === 'Int32' ? ['-2147483648', '2147483647'] : ['-9223372036854775808', '9223372036854775807'];
  const end = (digits: string) => sql`CAST(${text(digits)}, ${text(type)})`;
  const past = type === 'Int32' ? sql`2147483647` : sql`9223372036854775807.`;
  return sql`multiIf(NOT isFinite(${real}), NULL, ${real} >= ${past}, ${end(most!)}, ${real} <= -${past}, ${end(least!)}, accurateCastOrNull(trunc(${real}), ${text(type)}))`;
}

function toWhole(arg: Arg, type: 'Int32' | 'Int64', cx: EmitContext): Sql {
  const s = arg.sql;
  const convert = (v: Sql) =>
    type === 'Int32' ? sql`accurateCastOrNull(${v}, 'Int32')` : sql`accurateCastOrNull(${v}, 'Int64')`;
  switch (arg.type) {
    case 'int':
      return type === 'Int32' ? s : sql`toInt64(${s})`;
    case 'long':
      return type === 'Int64' ? s : convert(s);
    case 'real':
      return saturated(s, type);
    case 'decimal':
      return convert(sql`trunc(${s})`);
    case 'bool':
      return type === 'Int32' ? sql`toInt32(${s})` : sql`toInt64(${s})`;
    case 'timespan':
      return type === 'Int64' ? s : convert(s);
    case 'datetime':
      return type === 'Int64' ? sql`${ticksOf(s)} + 621355968000000000` : cx.refuse('a datetime does not fit');
    case 'string':
      return read(textOf(arg), (t) => wholeFromText(t, type));
    case 'dynamic':
      // A JSON number may have a fraction, which is cut; the words true and false count 1 and 0. As in Kusto, a real beyond
      // the range gives its end, and of a whole number that does not fit an int the lower half is left.
      return bind(
        s,
        'json',
        (json) => {
          const t = textOf({ ...arg, sql: json });
          const whole = wholeFromText(t, 'Int64');
          const number = type === 'Int32' ? sql`toInt32(${whole})` : whole;
          return sql`multiIf(startsWith(${json}, '"'), ${wholeFromText(t, type)}, ${json} = 'true', 1, ${json} = 'false', 0, position(${t}, '.') > 0 OR position(${t}, 'e') > 0, ${saturated(sql`toFloat64OrNull(${t})`, type)}, ${number})`;
        },
        400,
      );
    default:
      return cx.refuse(`a ${arg.type} is no number`);
  }
}

const named = sql`'^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$'`;

function toReal(arg: Arg, cx: EmitContext): Sql {
  if (arg.type === 'string' || arg.type === 'dynamic') {
    const parsed = read(
      textOf(arg),
      (t) =>
        sql`multiIf(match(${t}, ${named}), toFloat64OrNull(${t}), lower(${t}) = 'nan', nan, ${t} IN ('inf', 'Inf', 'Infinity', '+Infinity'), inf, ${t} IN ('-inf', '-Inf', '-Infinity'), -inf, NULL)`,
    );
    return arg.type === 'dynamic' ? sql`multiIf(${arg.sql} = 'true', 1, ${arg.sql} = 'false', 0, ${parsed})` : parsed;
  }
  if (arg.type === 'datetime') return sql`toFloat64(${ticksOf(arg.sql)} + 621355968000000000)`;
  if (arg.type === 'guid') return cx.refuse('a guid is no number');
  return sql`toFloat64(${arg.sql})`;
}

function toBool(arg: Arg, cx: EmitContext): Sql {
  if (isText(arg)) {
    return read(
      sql`lower(${textOf(arg)})`,
      (t) =>
        sql`multiIf(${t} = 'true', true, ${t} = 'false', false, match(${t}, '^[-+]?[0-9]+([.][0-9]+)?$'), toFloat64OrNull(${t}) != 0, NULL)`,
    );
  }
  if (arg.type === 'bool') return arg.sql;
  if (arg.type === 'datetime' || arg.type === 'timespan' || arg.type === 'guid')
    return cx.refuse(`a ${arg.type} is no bool`);
  return sql`${arg.sql} != 0`;
}

/** ISO text and what else the best-effort reader takes, when it looks like a date at all: `12` alone is none. */
export const datetimeFromText = (spelled: Sql): Sql =>
  read(
    spelled,
    (t) =>
      sql`if(match(${t}, '[-/: ]|^[0-9]{4}$'), multiIf(match(${t}, '^[0-9]{4}$'), parseDateTime64BestEffortOrNull(concat(${t}, '-01-01'), 7, 'UTC'), match(${t}, '^[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}'), parseDateTime64BestEffortUSOrNull(${t}, 7, 'UTC'), parseDateTime64BestEffortOrNull(${t}, 7, 'UTC')), NULL)`,
  );

function toDatetime(arg: Arg, cx: EmitContext): Sql {
  if (arg.type === 'datetime') return arg.sql;
  if (isText(arg)) return datetimeFromText(textOf(arg));
  if (arg.type === 'long' || arg.type === 'int') {
    const ticks = sql`toInt64(${arg.sql}) - 621355968000000000`;
    return sql`if(${arg.sql} BETWEEN 0 AND 3155378975999999999, ${datetimeOf(ticks)}, NULL)`;
  }
  return cx.refuse(`a ${arg.type} is no datetime`);
}

/** `[-][d.]hh:mm[:ss[.fffffff]]`, a number with a unit, or a bare number of days. */
const timespanFromText = (spelled: Sql): Sql => bind(spelled, 'spelled', timespanOf);

function timespanOf(text: Sql): Sql {
  const g = sql`extractGroups(${text}, '^(-?)(?:([0-9]+)[.])?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.]([0-9]{1,7}))?)?$')`;
  const n = (i: Sql) => sql`toInt64OrZero(${g}[${i}])`;
  const clock = sql`if(${g}[1] = '-', -1, 1) * (${n(sql`2`)} * 864000000000 + ${n(sql`3`)} * 36000000000 + ${n(sql`4`)} * 600000000 + ${n(sql`5`)} * 10000000 + toInt64OrZero(rightPad(${g}[6], 7, '0')))`;
  const valid = sql`length(${g}) = 6 AND ${n(sql`3`)} < 24 AND ${n(sql`4`)} < 60 AND ${n(sql`5`)} < 60`;
  const u = sql`extractGroups(${text}, '^(-?[0-9]+(?:[.][0-9]+)?)(d|h|m|s|ms|microsecond|tick)$')`;
  const unit = sql`transform(${u}[2], ['d', 'h', 'm', 's', 'ms', 'microsecond', 'tick'], [864000000000, 36000000000, 600000000, 10000000, 10000, 10, 1], 0)`;
  return sql`multiIf(${valid}, ${clock}, length(${u}) = 2, toInt64(toFloat64OrZero(${u}[1]) * ${unit}), match(${text}, '^-?[0-9]+$'), toInt64OrZero(${text}) * 864000000000, NULL)`;
}

function toTimespan(arg: Arg, cx: EmitContext): Sql {
  if (arg.type === 'timespan') return arg.sql;
  if (isText(arg)) return timespanFromText(textOf(arg));
  if (arg.type === 'long' || arg.type === 'int') return sql`toInt64(${arg.sql})`;
  return cx.refuse(`a ${arg.type} is no timespan`);
}

const converter = (
  names: readonly string[],
  emit: (arg: Arg, cx: EmitContext) => Sql,
  examples: (name: string) => readonly (readonly [string, unknown])[],
) =>
  names.map((name) =>
    scalar({
      name,
      nulls: 'possible',
      docs: `https://learn.microsoft.com/kusto/query/${name}-function`,
      emit: ([x], cx) => emit(x!, cx),
      examples: examples(name),
    }),
  );

export const conversion = [
  scalar({
    name: 'tostring',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/tostring-function',
    trap: 'Null becomes the empty string; a dynamic string loses its quotes.',
    emit: ([x]) => stringOf(x!),
    examples: [
      ['tostring(123)', '123'],
      ['tostring(int(null))', ''],
      ['tostring(dynamic({"a":1}))', '{"a":1}'],
      ['tostring(dynamic("x"))', 'x'],
      ['tostring(1d)', '1.00:00:00'],
      ['tostring(0.1 + 0.2)', '0.30000000000000007'],
      [
        'strcat(-0.000000123456789012345, "|", 9007199254740992.0, "|", 4.35)',
        '-1.23456789012345e-7|9007199254740992.0|4.35',
      ],
    ],
  }),
  ...converter(
    ['toint'],
    (x, cx) => toWhole(x, 'Int32', cx),
    (n) => [
      [`${n}("12")`, 12],
      [`${n}("x")`, null],
      [`${n}(2.9)`, 2],
    ],
  ),
  ...converter(
    ['tolong'],
    (x, cx) => toWhole(x, 'Int64', cx),
    (n) => [
      [`${n}("12")`, 12],
      [`${n}("")`, null],
      [`${n}(dynamic("7"))`, 7],
      [`${n}(dynamic(7.9))`, 7],
    ],
  ),
  ...converter(['toreal', 'todouble'], toReal, (n) => [
    [`${n}("1.5")`, 1.5],
    [`${n}("a")`, null],
    [`${n}(2)`, 2],
  ]),
  ...converter(['tobool', 'toboolean'], toBool, (n) => [
    [`${n}("true")`, true],
    [`${n}("\\tfalse\\r\\n")`, false],
    [`${n}(2)`, true],
    [`${n}("x")`, null],
  ]),
  ...converter(['todatetime'], toDatetime, (n) => [
    [`${n}("2015-12-24")`, '2015-12-24T00:00:00Z'],
    [`${n}("12-02-2022") == datetime(12-02-2022)`, true],
    [`${n}("x")`, null],
  ]),
  ...converter(['totimespan', 'totime'], toTimespan, (n) => [
    [`${n}("0.00:01:00")`, '00:01:00'],
    [`${n}("x")`, null],
  ]),
  ...converter(
    ['toguid'],
    (x, cx) =>
      isText(x) ? sql`toUUIDOrNull(${textOf(x)})` : x.type === 'guid' ? x.sql : cx.refuse(`a ${x.type} is no guid`),
    (n) => [[`${n}("70fc66f7-8279-44fc-9092-d364d70fce44")`, '70fc66f7-8279-44fc-9092-d364d70fce44']],
  ),
  ...converter(
    ['todecimal'],
    (x, cx) =>
      isText(x)
        ? sql`toDecimal128OrNull(${textOf(x)}, 18)`
        : x.type === 'datetime' || x.type === 'guid'
          ? cx.refuse(`a ${x.type} is no decimal`)
          : decimalOf(x.sql, x.type),
    () => [],
  ),
];
