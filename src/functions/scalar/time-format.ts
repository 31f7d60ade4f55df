import { joinSql, number, type Sql, sql, text } from '../../sql/index.js';
import { bind } from '../bind.js';
import { dayOfMonthOf, eraTicks, monthOf, yearOf } from '../calendar.js';
import { ticksOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

const padded = (value: Sql, width: number): Sql =>
  width <= 1 ? sql`toString(${value})` : sql`leftPad(toString(${value}), ${number(width)}, '0')`;

/** Parts of a format: elements as the documentation lists them, each as long as it can be, and delimiters. */
function split(format: string, elements: RegExp, cx: EmitContext): string[] {
  const found = format.match(new RegExp(`${elements.source}|[\\s\\S]`, 'gu')) ?? [];
  for (const part of found) {
    if (!new RegExp(`^(${elements.source}|[-/ :,._[\\]])$`, 'u').test(part))
      cx.refuse(`'${part}' is no element of a format`, 'put the text around it with strcat()');
  }
  found.forEach((part, i) => {
    if (part.startsWith('F') && found[i - 1] === '.')
      cx.refuse("'.' before F is not documented for a fraction of zero", 'use f');
  });
  return found;
}

/** Whole units of a tick count within the next larger unit. */
const unit = (t: Sql, ticks: number, within: number): Sql => sql`intDiv(${t}, ${number(ticks)}) % ${number(within)}`;
const fraction = (t: Sql, digits: number): Sql =>
  padded(sql`intDiv(${t} % 10000000, ${number(10 ** (7 - digits))})`, digits);

/** Elements that datetimes and timespans share; `t` counts ticks from zero up. */
function clockElement(part: string, t: Sql): Sql | undefined {
  switch (part[0]) {
    case 'H':
      return padded(unit(t, 36_000_000_000, 24), part.length);
    case 'm':
      return padded(unit(t, 600_000_000, 60), part.length);
    case 's':
      return padded(unit(t, 10_000_000, 60), part.length);
    case 'f':
      return fraction(t, part.length);
    case 'F':
      return sql`replaceRegexpOne(${fraction(t, part.length)}, '0+$', '')`;
    default:
      return undefined;
  }
}

function datetimeElement(part: string, ticks: Sql): Sql {
  const t = eraTicks(ticks);
  const hour = unit(t, 36_000_000_000, 24);
  switch (part) {
    case 'd':
    case 'dd':
      return padded(dayOfMonthOf(ticks), part.length);
    case 'M':
    case 'MM':
      return padded(monthOf(ticks), part.length);
    case 'y':
    case 'yy':
      return padded(sql`${yearOf(ticks)} % 100`, part.length);
    case 'yyyy':
      return padded(yearOf(ticks), 4);
    case 'h':
    case 'hh':
      return padded(sql`if(${hour} % 12 = 0, 12, ${hour} % 12)`, part.length);
    case 'tt':
      return sql`if(${hour} < 12, 'AM', 'PM')`;
    default:
      return clockElement(part, t) ?? text(part);
  }
}

function timespanElement(part: string, t: Sql): Sql {
  if (part.startsWith('d')) {
    const days = sql`toString(intDiv(${t}, 864000000000))`;
    return part.length === 1 ? days : sql`leftPad(${days}, greatest(length(${days}), ${number(part.length)}), '0')`;
  }
  return clockElement(part.replaceAll('h', 'H'), t) ?? text(part);
}

function literalFormat(format: Arg, cx: EmitContext): string {
  return typeof format.literal === 'string' ? format.literal : cx.refuse('the format must be a literal');
}

/** `''` for null, whatever the parts. */
const joined = (parts: readonly Sql[]): Sql =>
  parts.length === 0
    ? sql`''`
    : sql`ifNull(${parts.length === 1 ? parts[0]! : sql`concat(${joinSql(parts, ', ')})`}, '')`;

const clockSource = 'f{1,7}|F{1,7}|h{1,2}|H{1,2}|m{1,2}|s{1,2}';

export const timeFormat = [
  scalar({
    name: 'format_datetime',
    nulls: 'never',
    docs: docs('format_datetime'),
    trap: 'Elements are not those of .NET: dddd is dd twice, y is the year of the century.',
    emit: ([t, format], cx) => {
      if (t!.type !== 'datetime') return cx.refuse(`a ${t!.type} is no datetime`, 'convert it first: todatetime(…)');
      const parts = split(literalFormat(format!, cx), new RegExp(`yyyy|yy?|MM?|dd?|tt|${clockSource}`), cx);
      return bind(ticksOf(t!.sql), 't', (x) => joined(parts.map((p) => datetimeElement(p, x))));
    },
    examples: [
      ["format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]')", '17-01-29 [09:00:05]'],
      ["format_datetime(datetime(2015-12-14 02:03:04.12345), 'y-M-d h:m:s.fffffff')", '15-12-14 2:3:4.1234500'],
      ["format_datetime(datetime(2020-06-15 00:45:09), 'M/d/yyyy h:mm:ss tt')", '6/15/2020 12:45:09 AM'],
      ["format_datetime(datetime(0900-01-01), 'yyyy')", '0900'],
      ["format_datetime(datetime(null), 'yyyy')", ''],
    ],
  }),
  scalar({
    name: 'format_timespan',
    nulls: 'never',
    docs: docs('format_timespan'),
    emit: ([t, format], cx) => {
      if (t!.type !== 'timespan') return cx.refuse(`a ${t!.type} is no timespan`, 'convert it first: totimespan(…)');
      const parts = split(literalFormat(format!, cx), new RegExp(`d{1,8}|${clockSource}`), cx);
      return bind(t!.sql, 't', (x) =>
        joined([sql`if(${x} < 0, '-', '')`, ...parts.map((p) => timespanElement(p, sql`abs(${x})`))]),
      );
    },
    examples: [
      ["format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss:FF')", '29.09:00:05:12'],
      ["format_timespan(time(29.09:00:05.12345), 'ddd.h:mm:ss [fffffff]')", '029.9:00:05 [1234500]'],
      ["format_timespan(-2h - 30m, 'hh:mm')", '-02:30'],
      ["format_timespan(time(2.05:00:00), 'd.h')", '2.5'],
    ],
  }),
];
