import { number, type Sql, sql, text } from '../../sql/index.js';
import { bind } from '../bind.js';
import { daysOfMonth, startOfMonthTicks, ticksPerDay } from '../calendar.js';
import { boundedDatetimeOf, datetimeOf, dynamicText, ticksOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { timeZones } from './time-zones.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

function numeric(x: Arg, cx: EmitContext): Sql {
  if (x.type === 'dynamic') return sql`toFloat64OrNull(${dynamicText(x.sql)})`;
  if (x.type === 'int' || x.type === 'long' || x.type === 'real') return x.sql;
  if (x.type === 'decimal') return sql`toFloat64(${x.sql})`;
  return cx.refuse(`a ${x.type} is no number`);
}

const wholeArg = (x: Arg | undefined, cx: EmitContext): Sql => {
  if (!x) return sql`toInt64(0)`;
  const value = numeric(x, cx);
  return x.type === 'real' || x.type === 'decimal'
    ? sql`accurateCastOrNull(trunc(${value}), 'Int64')`
    : sql`toInt64(${value})`;
};
/** Ticks of a number of seconds with a fraction. */
const secondsArg = (x: Arg | undefined, cx: EmitContext): Sql =>
  x ? sql`accurateCastOrNull(round(toFloat64(${numeric(x, cx)}) * 10000000), 'Int64')` : sql`toInt64(0)`;
const clockValid = (h: Sql, m: Sql, s: Sql): Sql =>
  sql`${h} BETWEEN 0 AND 23 AND ${m} BETWEEN 0 AND 59 AND ${s} BETWEEN 0 AND 599999999`;
const clockTicks = (h: Sql, m: Sql, s: Sql): Sql => sql`${h} * 36000000000 + ${m} * 600000000 + ${s}`;

/** A datetime of a count of units since the Unix epoch; `ticks` is how many ticks a unit has, below 1 for nanoseconds. */
const fromUnix = (unit: string, ticks: number) =>
  scalar({
    name: `unixtime_${unit}_todatetime`,
    nulls: 'possible',
    docs: docs(`unixtime_${unit}_todatetime`),
    emit: ([x], cx) => {
      const n = numeric(x!, cx);
      if (ticks < 1 && x!.type !== 'real' && x!.type !== 'dynamic') return boundedDatetimeOf(sql`intDiv(${n}, 100)`);
      const exact = x!.type === 'int' || x!.type === 'long';
      const scaled = exact
        ? sql`toInt128(${n}) * ${number(ticks)}`
        : sql`accurateCastOrNull(round(toFloat64(${n}) * ${number(ticks)}), 'Int64')`;
      return boundedDatetimeOf(scaled);
    },
    examples: [
      [
        `unixtime_${unit}_todatetime(${(15463008000000000n / BigInt(Math.round(ticks * 100))) * 100n})`,
        '2019-01-01T00:00:00Z',
      ],
      [`unixtime_${unit}_todatetime(0)`, '1970-01-01T00:00:00Z'],
    ],
  });

/** The time zone that a literal names, when there is one. */
function zone(x: Arg, cx: EmitContext): Sql {
  if (typeof x.literal !== 'string') return cx.refuse('the time zone must be a literal');
  try {
    new Intl.DateTimeFormat('en', { timeZone: x.literal });
  } catch {
    return cx.refuse(`there is no time zone '${x.literal}'`, "use an IANA name such as 'Europe/Berlin'");
  }
  return x.sql;
}

const datetimeArg = (x: Arg, cx: EmitContext): Sql =>
  x.type === 'datetime' ? x.sql : cx.refuse(`a ${x.type} is no datetime`, 'convert it first: todatetime(…)');

/** The engine's zones hold for these years only. */
const within = (t: Sql, value: Sql): Sql =>
  sql`if(${ticksOf(t)} BETWEEN -22089888000000000 AND 104137919999999999, ${value}, NULL)`;

export const timeMaking = [
  scalar({
    name: 'make_datetime',
    nulls: 'possible',
    docs: docs('make_datetime'),
    trap: 'A part out of its range gives null.',
    emit: (args, cx) => {
      if (args.length < 3) return cx.refuse('it wants at least year, month and day', 'use todatetime() for a text');
      const [y, mo, d, h, mi] = [0, 1, 2, 3, 4].map((i) => wholeArg(args[i], cx)) as [Sql, Sql, Sql, Sql, Sql];
      const s = secondsArg(args[5], cx);
      return bind(sql`${y} * 12 + ${mo} - 1`, 'month', (month) => {
        const valid = sql`${y} BETWEEN 1 AND 9999 AND ${mo} BETWEEN 1 AND 12 AND ${d} BETWEEN 1 AND ${daysOfMonth(month)} AND ${clockValid(h, mi, s)}`;
        return sql`if(${valid}, ${datetimeOf(sql`${startOfMonthTicks(month)} + (${d} - 1) * ${ticksPerDay} + ${clockTicks(h, mi, s)}`)}, NULL)`;
      });
    },
    examples: [
      ['make_datetime(2017,10,01)', '2017-10-01T00:00:00Z'],
      ['make_datetime(2017,10,01,12,10)', '2017-10-01T12:10:00Z'],
      ['make_datetime(2017,10,01,12,11,0.1234567)', '2017-10-01T12:11:00.1234567Z'],
      ['make_datetime(2021,2,29)', null],
      ['make_datetime(2020,13,1)', null],
      ['make_datetime(9999,12,31,23,59,59)', '9999-12-31T23:59:59Z'],
    ],
  }),
  scalar({
    name: 'make_timespan',
    nulls: 'possible',
    docs: docs('make_timespan'),
    trap: 'Two or three arguments begin with the hour, four with the day.',
    emit: (args, cx) => {
      const [day, hour, minute, second] = args.length === 4 ? args : [undefined, ...args];
      const [h, m] = [wholeArg(hour, cx), wholeArg(minute, cx)];
      const s = secondsArg(second, cx);
      const days = sql`${wholeArg(day, cx)} * ${ticksPerDay}`;
      return sql`if(${clockValid(h, m, s)}, ${days} + ${clockTicks(h, m, s)}, NULL)`;
    },
    examples: [
      ['make_timespan(1,12,30,55.123)', '1.12:30:55.1230000'],
      ['make_timespan(2, 30)', '02:30:00'],
      ['make_timespan(25, 70)', null],
    ],
  }),
  fromUnix('seconds', 10_000_000),
  fromUnix('milliseconds', 10_000),
  fromUnix('microseconds', 10),
  fromUnix('nanoseconds', 0.01),
  scalar({
    name: 'datetime_utc_to_local',
    nulls: 'possible',
    docs: docs('datetime_utc_to_local'),
    emit: ([t, tz], cx) => {
      const x = datetimeArg(t!, cx);
      return within(
        x,
        datetimeOf(sql`${ticksOf(x)} + toInt64(timezoneOffset(toTimeZone(${x}, ${zone(tz!, cx)}))) * 10000000`),
      );
    },
    examples: [
      ["datetime_utc_to_local(datetime(2022-07-11 22:18:48.4678620), 'US/Pacific')", '2022-07-11T15:18:48.467862Z'],
      [
        "datetime_utc_to_local(datetime(2022-07-11 22:18:48.4678620), 'Australia/Canberra')",
        '2022-07-12T08:18:48.467862Z',
      ],
    ],
  }),
  scalar({
    name: 'datetime_local_to_utc',
    nulls: 'possible',
    docs: docs('datetime_local_to_utc'),
    trap: 'A local time that the clocks skip is read with the offset that holds after the change.',
    emit: ([t, tz], cx) => {
      const x = datetimeArg(t!, cx);
      return within(x, datetimeOf(sql`reinterpretAsInt64(toDateTime64(toString(${x}), 7, ${zone(tz!, cx)}))`));
    },
    examples: [
      ["datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'America/Chicago')", '2020-02-03T02:02:20Z'],
      ["datetime_local_to_utc(datetime(2022-03-27 02:00), 'Europe/Brussels')", '2022-03-27T00:00:00Z'],
      ["datetime_local_to_utc(datetime(2022-03-27 03:00), 'Europe/Brussels')", '2022-03-27T01:00:00Z'],
    ],
  }),
  scalar({
    name: 'datetime_list_timezones',
    nulls: 'never',
    docs: docs('datetime-list-timezones'),
    emit: () => text(JSON.stringify(timeZones)),
    examples: [
      ['array_length(datetime_list_timezones()) > 500', true],
      ['set_has_element(datetime_list_timezones(), "US/Pacific")', true],
    ],
  }),
];
