import { number, type Sql, sql } from '../../sql/index.js';
import { datetimeOf, datetimeText, jsonArray, realText, ticksOf, timespanText } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

const maxElements = 1_048_576;

/** A number to count with: ticks for times. */
export function rangePosition(x: Arg, cx: EmitContext): Sql {
  switch (x.type) {
    case 'datetime':
      return ticksOf(x.sql);
    case 'int':
    case 'long':
    case 'timespan':
      return sql`toInt64(${x.sql})`;
    case 'real':
    case 'decimal':
      return sql`toFloat64(${x.sql})`;
    default:
      return cx.refuse(`a range of ${x.type} values is not supported`, 'convert them first');
  }
}

export function rangeElement(type: Arg['type'], whole: boolean, value: Sql): Sql {
  if (type === 'datetime') return sql`concat('"', ${datetimeText(datetimeOf(value))}, '"')`;
  if (type === 'timespan') return sql`concat('"', ${timespanText(value)}, '"')`;
  return whole ? sql`toString(${value})` : realText(value);
}

export const ranges = [
  scalar({
    name: 'range',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/range-function',
    trap: 'The stop is part of the range; the step is 1, or an hour for times, unless given.',
    emit: ([start, stop, step], cx) => {
      const timely = start!.type === 'datetime' || start!.type === 'timespan';
      if (timely ? stop!.type !== start!.type || (step && step.type !== 'timespan') : step?.type === 'timespan')
        return cx.refuse(`a range from a ${start!.type} to a ${stop!.type} is not supported`);
      const fractional = [start, stop, step].some((a) => a?.type === 'real' || a?.type === 'decimal');
      const by = step ? rangePosition(step, cx) : timely ? sql`toInt64(36000000000)` : sql`toInt64(1)`;
      const [from, to] = [rangePosition(start!, cx), rangePosition(stop!, cx)];
      const count = fractional ? sql`floor((${to} - ${from}) / ${by})` : sql`intDivOrZero(${to} - ${from}, ${by})`;
      const forward = sql`(${by} > 0 AND ${to} >= ${from}) OR (${by} < 0 AND ${to} <= ${from})`;
      const length = sql`if(${forward}, least(toInt64(assumeNotNull(${count})) + 1, ${number(maxElements)}), 0)`;
      const value = fractional ? sql`${from} + i * ${by}` : sql`${from} + toInt64(i) * ${by}`;
      const list = jsonArray(
        sql`arrayMap(i -> assumeNotNull(${rangeElement(start!.type, !fractional, value)}), range(toUInt64(${length})))`,
      );
      return sql`if(isNull(${from}) OR isNull(${to}) OR isNull(${by}), NULL, ${list})`;
    },
    examples: [
      ['range(1, 8, 3)', [1, 4, 7]],
      ['range(1, 3)', [1, 2, 3]],
      ['range(1h, 3h)', ['01:00:00', '02:00:00', '03:00:00']],
      [
        'range(datetime(2007-01-01), datetime(2007-01-02), 1d)',
        ['2007-01-01T00:00:00.0000000Z', '2007-01-02T00:00:00.0000000Z'],
      ],
      ['range(3, 1)', []],
      ['range(0.5, 1.6, 0.5)', [0.5, 1, 1.5]],
    ],
  }),
];
