import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { tableOf } = openAnswers();

/** Names are those of the official binder: a conversion lends its column's name, one that comes twice gets a number. */
describe('columns without a name of their own', () => {
  it('replace the column that a conversion names', async () => {
    expect(await tableOf(`datatable(x:long, s:string)[1, '[1,2]'] | mv-expand parse_json(s) | where s == 2`)).toEqual({
      names: ['x', 's'],
      rows: [[1, 2]],
    });
    expect(await tableOf(`print x = 7 | extend tostring(x) | extend n = strlen(x)`)).toEqual({
      names: ['x', 'n'],
      rows: [['7', 1]],
    });
  });

  it('are numbered when the key of the group has their name', async () => {
    const events = `datatable(Timestamp:datetime, x:long)[datetime(2024-01-01 01:10), 1, datetime(2024-01-01 01:20), 2]`;
    expect(await tableOf(`${events} | summarize arg_max(Timestamp, *) by bin(Timestamp, 1h)`)).toEqual({
      names: ['Timestamp', 'Timestamp1', 'x'],
      rows: [['2024-01-01T01:00:00Z', '2024-01-01T01:20:00Z', 2]],
    });
    const stored =
      'DeviceNetworkEvents | summarize First = min(Timestamp), arg_max(Timestamp, *) by bin(Timestamp, 1h)';
    const { names } = await tableOf(stored);
    expect(names.slice(0, 3)).toEqual(['Timestamp', 'First', 'Timestamp1']);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('columns named by values', () => {
  it('are refused for the empty text, which would be no name', async () => {
    await expect(tableOf(`datatable(a:string)['x', ''] | evaluate pivot(a)`)).rejects.toThrow('names no column');
    expect((await tableOf(`datatable(a:string)['x', 'y'] | evaluate pivot(a)`)).names).toEqual(['x', 'y']);
  });
});

describe('older spellings', () => {
  it('name the types that mv-expand converts to', async () => {
    const { rows } = await tableOf(`print a = dynamic([1, 2.5]) | mv-expand a to typeof(double) | where a > 1`);
    expect(rows).toEqual([[2.5]]);
  });
});

describe('make-series in range()', () => {
  // The documentation: stop is inclusive, and bins start at multiples of the step, so start itself may not be among them.
  it('groups by bin() up to the bin of stop', async () => {
    const series = `datatable(t:long)[1, 5, 6] | make-series n = count() on t in range(1, 6, 2)`;
    expect((await tableOf(series)).rows).toEqual([
      [
        [1, 0, 1, 1],
        [0, 2, 4, 6],
      ],
    ]);
  });
});
