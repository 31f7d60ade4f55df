import { number, type Sql, sql } from '../../sql/index.js';
import { bind } from '../bind.js';
import {
  dayOfMonthOf,
  dayOfYearOf,
  daysOfMonth,
  eraDay,
  eraMonth,
  eraTicks,
  eraWeek,
  fromEraTicks,
  isoWeekOf,
  monthOf,
  quarterOf,
  startOfMonthTicks,
  ticksPerDay,
  timeOfDay,
  yearOf,
} from '../calendar.js';
import { boundedDatetimeOf, datetimeOf, ticksOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, type Example, scalar } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** The ticks of a datetime argument. */
function ticks(x: Arg, cx: EmitContext): Sql {
  if (x.type !== 'datetime') return cx.refuse(`a ${x.type} is no datetime`, 'convert it first: todatetime(…)');
  return ticksOf(x.sql);
}

const plus = (value: Sql, offset: Arg | undefined, extra: number): Sql => {
  const moved = offset && offset.literal !== 0n ? sql`${value} + ${offset.sql}` : value;
  return extra === 0 ? moved : sql`${moved} + ${number(extra)}`;
};

/** Ticks at the start of the period that holds the time, moved by a number of periods. */
const starts: Record<string, (t: Sql, offset: Arg | undefined, extra: number) => Sql> = {
  day: (t, n, extra) => fromEraTicks(sql`${plus(eraDay(t), n, extra)} * ${ticksPerDay}`),
  week: (t, n, extra) => fromEraTicks(sql`(${plus(eraWeek(t), n, extra)} * 7 - 1) * ${ticksPerDay}`),
  month: (t, n, extra) => startOfMonthTicks(plus(eraMonth(t), n, extra)),
  year: (t, n, extra) => startOfMonthTicks(sql`${plus(yearOf(t), n, extra)} * 12`),
};

/** Ticks at the start of the period that holds the time: never before year 1 (weeks aside). */
const floors: Record<string, (t: Sql) => Sql> = {
  day: (t) => sql`${t} - ${timeOfDay(t)}`,
  month: (t) => sql`${t} - ${timeOfDay(t)} - (${dayOfMonthOf(t)} - 1) * ${ticksPerDay}`,
  year: (t) => sql`${t} - ${timeOfDay(t)} - (${dayOfYearOf(t)} - 1) * ${ticksPerDay}`,
};

const wednesday = 'datetime(2017-02-15 10:10:17)';
const boundaryExamples: Record<string, { start: Example[]; end: Example[] }> = {
  day: {
    start: [
      [`startofday(${wednesday})`, '2017-02-15T00:00:00Z'],
      [`startofday(${wednesday}, -1)`, '2017-02-14T00:00:00Z'],
    ],
    end: [['endofday(datetime(9999-12-31))', '9999-12-31T23:59:59.9999999Z']],
  },
  week: {
    start: [
      [`startofweek(${wednesday})`, '2017-02-12T00:00:00Z'],
      ['startofweek(datetime(2017-02-12))', '2017-02-12T00:00:00Z'],
    ],
    end: [[`endofweek(${wednesday}, 1)`, '2017-02-25T23:59:59.9999999Z']],
  },
  month: {
    start: [
      [`startofmonth(${wednesday})`, '2017-02-01T00:00:00Z'],
      ['startofmonth(datetime(0001-01-31))', '0001-01-01T00:00:00Z'],
      ['startofmonth(datetime(0001-01-31), -1)', null],
    ],
    end: [
      ['endofmonth(datetime(2020-01-31), 1)', '2020-02-29T23:59:59.9999999Z'],
      ['endofmonth(datetime(9999-12-03))', '9999-12-31T23:59:59.9999999Z'],
    ],
  },
  year: {
    start: [[`startofyear(${wednesday}, -1)`, '2016-01-01T00:00:00Z']],
    end: [['endofyear(datetime(2500-05-05))', '2500-12-31T23:59:59.9999999Z']],
  },
};

const boundaries = Object.entries(starts).flatMap(([period, start]) => [
  scalar({
    name: `startof${period}`,
    nulls: 'possible',
    docs: docs(`startof${period}`),
    ...(period === 'week' ? { trap: 'Weeks begin on Sunday.' } : {}),
    emit: ([t, offset], cx) => {
      const floor = !offset && floors[period];
      if (floor) return datetimeOf(bind(ticks(t!, cx), 't', floor));
      return boundedDatetimeOf(bind(ticks(t!, cx), 't', (x) => start(x, offset, 0)));
    },
    examples: boundaryExamples[period]!.start,
  }),
  scalar({
    name: `endof${period}`,
    nulls: 'possible',
    docs: docs(`endof${period}`),
    emit: ([t, offset], cx) => boundedDatetimeOf(sql`${bind(ticks(t!, cx), 't', (x) => start(x, offset, 1))} - 1`),
    examples: boundaryExamples[period]!.end,
  }),
]);

/** Whole part of the time of day, in units of some ticks, within the next larger unit. */
const clock = (t: Sql, unit: number, within: number): Sql =>
  sql`intDiv(${eraTicks(t)}, ${number(unit)}) % ${number(within)}`;

const parts: Record<string, (t: Sql) => Sql> = {
  year: yearOf,
  quarter: quarterOf,
  month: monthOf,
  week_of_year: isoWeekOf,
  day: dayOfMonthOf,
  dayofyear: dayOfYearOf,
  hour: (t) => clock(t, 36_000_000_000, 24),
  minute: (t) => clock(t, 600_000_000, 60),
  second: (t) => clock(t, 10_000_000, 60),
  millisecond: (t) => clock(t, 10_000, 1000),
  microsecond: (t) => clock(t, 10, 1_000_000),
  nanosecond: (t) => sql`${clock(t, 1, 10_000_000)} * 100`,
};

const typed = (value: Sql, cx: EmitContext): Sql =>
  cx.type === 'long' ? sql`toInt64(${value})` : sql`toInt32(${value})`;

const partFunction = (name: string, part: string, examples: readonly Example[] = [], trap?: string) =>
  scalar({
    name,
    docs: docs(name),
    ...(trap ? { trap } : {}),
    emit: ([t], cx) => typed(parts[part]!(ticks(t!, cx)), cx),
    examples,
  });

/** The period that a literal names, in any letter case. */
function period<T>(x: Arg, known: Record<string, T>, cx: EmitContext): T {
  if (typeof x.literal !== 'string') return cx.refuse('the period must be a literal');
  const found = known[x.literal.toLowerCase()];
  return found ?? cx.refuse(`'${x.literal}' is no period`, `use one of ${Object.keys(known).join(', ')}`);
}

const datetimePart = (name: string) =>
  scalar({
    name,
    docs: docs('datetime_part'),
    emit: ([part, t], cx) => typed(period(part!, parts, cx)(ticks(t!, cx)), cx),
    examples: [
      [`${name}("quarter", datetime(2017-10-30 01:02:03.7654321))`, 4],
      [`${name}("week_of_year", datetime(2017-10-30 01:02:03.7654321))`, 44],
      [`${name}("dayOfYear", datetime(2017-10-30 01:02:03.7654321))`, 303],
      [`${name}("Hour", datetime(2017-10-30 01:02:03.7654321))`, 1],
      [`${name}("microsecond", datetime(2017-10-30 01:02:03.7654321))`, 765432],
      [`${name}("nanosecond", datetime(2017-10-30 01:02:03.7654321))`, 765432100],
    ],
  });

const lengths: Record<string, number> = {
  week: 6_048_000_000_000,
  day: 864_000_000_000,
  hour: 36_000_000_000,
  minute: 600_000_000,
  second: 10_000_000,
  millisecond: 10_000,
  microsecond: 10,
};
const months: Record<string, number> = { year: 12, quarter: 3, month: 1 };

const addMonths = (t: Sql, count: Sql): Sql =>
  bind(sql`${eraMonth(t)} + ${count}`, 'to', (to) => {
    const day = sql`least(toInt64(${dayOfMonthOf(t)}), toInt64(${daysOfMonth(to)}))`;
    return sql`${startOfMonthTicks(to)} + (${day} - 1) * ${ticksPerDay} + ${timeOfDay(t)}`;
  });

/** Whole periods since a common origin: the difference of two times counts the boundaries between them. */
const ordinals: Record<string, (t: Sql) => Sql> = {
  year: yearOf,
  quarter: (t) => sql`intDiv(${eraMonth(t)}, 3)`,
  month: eraMonth,
  ...Object.fromEntries(
    Object.entries(lengths).map(([k, n]) => [k, (t: Sql) => sql`intDiv(${eraTicks(t)}, ${number(n)})`]),
  ),
  week: eraWeek,
  nanosecond: (t) => sql`${t} * 100`,
};

export const periods = [
  ...boundaries,
  scalar({
    name: 'dayofweek',
    nulls: 'possible',
    docs: docs('day-of-week'),
    trap: 'A timespan of whole days since Sunday, not a number. The last day that there is has none.',
    emit: ([t], cx) =>
      bind(
        eraDay(ticks(t!, cx)),
        'day',
        (day) => sql`if(${day} = 3652058, NULL, toInt64((${day} + 1) % 7) * ${ticksPerDay})`,
      ),
    examples: [
      ['dayofweek(datetime(1947-11-30 10:00:05))', '00:00:00'],
      ['dayofweek(datetime(1970-05-11))', '1.00:00:00'],
      ['dayofweek(datetime(9999-12-31 10:00))', null],
      ['dayofweek(datetime(9999-12-30))', '4.00:00:00'],
    ],
  }),
  partFunction('dayofmonth', 'day', [['dayofmonth(datetime(2015-12-14))', 14]]),
  partFunction('dayofyear', 'dayofyear', [['dayofyear(datetime(2400-12-31))', 366]]),
  partFunction('getyear', 'year', [
    ['getyear(datetime(2015-10-12))', 2015],
    ['getyear(datetime(0001-01-01))', 1],
    ['getyear(datetime(9999-12-31))', 9999],
    ['getyear(datetime(null))', null],
  ]),
  partFunction('getmonth', 'month', [['getmonth(datetime(2015-10-12))', 10]]),
  partFunction('monthofyear', 'month', [['monthofyear(datetime(2015-12-14))', 12]]),
  partFunction('hourofday', 'hour', [['hourofday(datetime(2015-12-14 18:54))', 18]]),
  partFunction(
    'week_of_year',
    'week_of_year',
    [
      ['week_of_year(datetime(2020-12-31))', 53],
      ['week_of_year(datetime(1970-01-01))', 1],
      ['week_of_year(datetime(2000-01-01))', 52],
    ],
    'Weeks of ISO 8601, which begin on Monday, unlike those of startofweek.',
  ),
  partFunction(
    'weekofyear',
    'week_of_year',
    [['weekofyear(datetime(2020-06-15))', 25]],
    'The older name of week_of_year: weeks of ISO 8601.',
  ),
  datetimePart('datetime_part'),
  datetimePart('datepart'),
  scalar({
    name: 'datetime_add',
    nulls: 'possible',
    docs: docs('datetime_add'),
    trap: 'Months keep the day, cut to the length of the month.',
    emit: ([unit, count, t], cx) => {
      const n = count!.sql;
      const x = ticks(t!, cx);
      const add: Record<string, () => Sql> = {
        ...Object.fromEntries(
          Object.entries(months).map(([k, m]) => [k, () => addMonths(x, sql`toInt64(${n}) * ${number(m)}`)]),
        ),
        ...Object.fromEntries(
          Object.entries(lengths).map(([k, l]) => [k, () => sql`${x} + toInt128(${n}) * ${number(l)}`]),
        ),
        nanosecond: () => sql`${x} + intDiv(toInt64(${n}), 100)`,
      };
      return boundedDatetimeOf(period(unit!, add, cx)());
    },
    examples: [
      ["datetime_add('year', -5, datetime(2017-01-01))", '2012-01-01T00:00:00Z'],
      ["datetime_add('quarter', 12, datetime(2017-01-01))", '2020-01-01T00:00:00Z'],
      ["datetime_add('month', 1, datetime(2020-01-31 10:00))", '2020-02-29T10:00:00Z'],
      ["datetime_add('week', 100, datetime(2017-01-01))", '2018-12-02T00:00:00Z'],
      ["datetime_add('millisecond', 1500, datetime(2020-01-01))", '2020-01-01T00:00:01.5Z'],
      ["datetime_add('day', -1, datetime(0001-01-01 12:00))", null],
      ["datetime_add('year', 3, datetime(2496-02-29))", '2499-02-28T00:00:00Z'],
    ],
  }),
  scalar({
    name: 'datetime_diff',
    docs: docs('datetime_diff'),
    trap: 'Counts the boundaries of periods between the two times, not whole periods. Weeks begin on Sunday.',
    emit: ([unit, a, b], cx) => {
      const of = period(unit!, ordinals, cx);
      return sql`toInt64(${of(ticks(a!, cx))}) - toInt64(${of(ticks(b!, cx))})`;
    },
    examples: [
      ["datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31))", 17],
      ["datetime_diff('quarter', datetime(2017-07-01), datetime(2017-03-30))", 2],
      ["datetime_diff('month', datetime(2017-01-01), datetime(2015-12-30))", 13],
      ["datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))", 5],
      ["datetime_diff('day', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))", 29],
      ["datetime_diff('second', datetime(2017-10-30 23:00:10.100), datetime(2017-10-30 23:00:00.900))", 10],
      ["datetime_diff('nanosecond', datetime(2017-10-30 23:00:00), datetime(2017-10-30 23:00:00.0000007))", -700],
    ],
  }),
];
