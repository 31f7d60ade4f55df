import { type Sql, sql } from '../../sql/index.js';
import { eraTicks } from '../calendar.js';
import { boundedDatetimeOf, datetimeOf, ticksOf, typed } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

const whole = (x: Arg) => x.type === 'int' || x.type === 'long' || x.type === 'timespan';
const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** Rounds down to a multiple of a whole size; null where the size is not positive. */
function floorWhole(value: Sql, size: Arg): Sql {
  if (typeof size.literal === 'bigint')
    return size.literal > 0n
      ? sql`toInt64(${value} - positiveModulo(${value}, ${size.sql}))`
      : sql`CAST(NULL, 'Nullable(Int64)')`;
  // A division by zero fails in ClickHouse even in rows that the condition leaves out.
  return sql`if(${size.sql} > 0, toInt64(${value} - positiveModulo(${value}, if(${size.sql} > 0, ${size.sql}, 1))), NULL)`;
}

const floorReal = (value: Sql, size: Arg): Sql =>
  sql`if(${size.sql} > 0, floor(toFloat64(${value}) / toFloat64(${size.sql})) * toFloat64(${size.sql}), NULL)`;

function timely(value: Arg, size: Arg, cx: EmitContext): void {
  if ((value.type === 'timespan' || value.type === 'datetime') !== (size.type === 'timespan'))
    cx.refuse(`a ${value.type} cannot be put into bins of a ${size.type}`);
}

/** The multiple of `size`, counted from `origin` (else from Kusto's zero), at or below the value. */
function binned(value: Arg, size: Arg, origin: Arg | undefined, cx: EmitContext): Sql {
  for (const a of [value, size, ...(origin ? [origin] : [])]) {
    if (a.type === 'dynamic') cx.refuse('a dynamic value has no bin', 'convert it first: toint(…), todatetime(…)');
    if (a.type === 'decimal') cx.refuse('bins of decimals are not supported', 'use toreal(…)');
  }
  timely(value, size, cx);
  if (value.type === 'datetime') {
    if (!origin) {
      const ticks = ticksOf(value.sql);
      // Rounded down from 0001-01-01 up, a time stays in range.
      if (typeof size.literal === 'bigint' && size.literal > 0n)
        return datetimeOf(sql`${ticks} - positiveModulo(${eraTicks(ticks)}, ${size.sql})`);
      return datetimeOf(sql`${floorWhole(eraTicks(ticks), size)} - 621355968000000000`);
    }
    const from = ticksOf(origin.sql);
    return boundedDatetimeOf(sql`${floorWhole(sql`(${ticksOf(value.sql)} - ${from})`, size)} + ${from}`);
  }
  const offset = origin ? sql`(${value.sql} - ${origin.sql})` : value.sql;
  if (whole(value) && whole(size) && (!origin || whole(origin))) {
    const floored = floorWhole(offset, size);
    const result = origin ? sql`${floored} + ${origin.sql}` : floored;
    return cx.type === 'int' ? sql`toInt32(${result})` : cx.type === 'real' ? sql`toFloat64(${result})` : result;
  }
  const floored = floorReal(offset, size);
  return origin ? sql`${floored} + toFloat64(${origin.sql})` : floored;
}

const bin = (name: string) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs('bin'),
    trap: 'Bins of datetimes count from 0001-01-01, a Monday. A size that is not positive gives null.',
    emit: ([value, size], cx) => (size ? binned(value!, size, undefined, cx) : sql`toFloat64(floor(${value!.sql}))`),
    examples: [
      [`${name}(4.5, 1)`, 4],
      [`${name}(time(16d), 7d)`, '14.00:00:00'],
      [`${name}(-time(1h), 1d)`, '-1.00:00:00'],
      [`${name}(datetime(1970-05-11 13:45:07), 1d)`, '1970-05-11T00:00:00Z'],
      [`${name}(datetime(1955-11-05), 7d)`, '1955-10-31T00:00:00Z'],
      [`${name}(-5, 2)`, -6],
      [`${name}(5, -2)`, null],
      [`${name}(datetime(0001-01-01 10:00), 1d)`, '0001-01-01T00:00:00Z'],
    ],
  });

export const bins = [
  bin('bin'),
  bin('floor'),
  scalar({
    name: 'bin_at',
    nulls: 'possible',
    docs: docs('bin_at'),
    emit: ([value, size, origin], cx) => binned(value!, size!, origin, cx),
    examples: [
      ['bin_at(6.5, 2.5, 7)', 4.5],
      ['bin_at(time(1h), 1d, 12h)', '-12:00:00'],
      ['bin_at(datetime(2017-05-15 10:20), 1d, datetime(1970-01-01 12:00))', '2017-05-14T12:00:00Z'],
      ['bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))', '2017-05-14T00:00:00Z'],
    ],
  }),
  scalar({
    name: 'around',
    docs: docs('around'),
    emit: ([value, center, delta], cx) => {
      if (value!.type !== center!.type) return cx.refuse('the value and the centre must have the same type');
      if (value!.type === 'datetime') {
        if (delta!.type !== 'timespan') return cx.refuse('the distance from a datetime is a timespan');
        return sql`abs(${ticksOf(value!.sql)} - ${ticksOf(center!.sql)}) <= ${delta!.sql}`;
      }
      if (value!.type === 'string' || value!.type === 'dynamic' || value!.type === 'guid' || value!.type === 'bool')
        return cx.refuse(`a ${value!.type} has no distance`);
      const isTime = value!.type === 'timespan';
      if (isTime !== (delta!.type === 'timespan') || (!isTime && !/^(int|long|real|decimal)$/.test(delta!.type)))
        return cx.refuse(`a ${delta!.type} is no distance from a ${value!.type}`);
      return sql`${value!.sql} BETWEEN ${center!.sql} - ${delta!.sql} AND ${center!.sql} + ${delta!.sql}`;
    },
    examples: [
      ['around(5, 3, 2)', true],
      ['around(datetime(2021-01-01 01:32), datetime(2021-01-01 01:30), 1m)', false],
    ],
  }),
  scalar({
    name: 'ceiling',
    docs: docs('ceiling'),
    emit: ([x], cx) =>
      x!.type === 'dynamic'
        ? cx.refuse('a dynamic is no number', 'convert it first: toreal(…)')
        : x!.type === 'decimal'
          ? sql`ceil(${x!.sql})`
          : typed(sql`ceil(toFloat64(${x!.sql}))`, cx),
    examples: [
      ['ceiling(decimal(-12345678901234567.5))', '-12345678901234567'],
      ['max_of(1.5, ceiling(decimal(2.5)))', '3'],
      ['ceiling(-1.1)', -1],
      ['ceiling(0.9)', 1],
    ],
  }),
];
