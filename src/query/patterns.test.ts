import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

/** `ok`, or the code of the refusal. */
const codeOf = (query: string) =>
  rowsOf(query).then(
    () => 'ok',
    (error: Error) => error.message.split(' ')[0],
  );

/** Storms in the proportions of the documentation's examples. */
const weighted = `datatable(EventType: string, Damage: string, DamageCrops: int, n: long)[
  "Hail", "NO", 0, 2278, "Hail", "YES", 0, 93, "Hail", "YES", 5, 97,
  "Thunderstorm Wind", "NO", 0, 779, "Thunderstorm Wind", "YES", 0, 500, "Thunderstorm Wind", "YES", 7, 12,
  "Flood", "NO", 0, 759, "Tornado", "NO", 0, 758, "Flood", "YES", 0, 254, "Tornado", "YES", 0, 254, "Tornado", "YES", 9, 100]`;
const storms = `${weighted} | mv-expand i = range(1, n, 1) to typeof(long)
  | project State = strcat("S", i % 10), EventType, Damage, DamageCrops`;

describe('basket', () => {
  it('gives the table of the documentation, rows in its order', async () => {
    expect(await rowsOf(`${storms} | evaluate basket(0.2)`)).toEqual([
      [0, 4574, 77.7, '', '', 'NO', 0],
      [1, 2278, 38.7, '', 'Hail', 'NO', 0],
      [2, 5675, 96.4, '', '', '', 0],
      [3, 2371, 40.3, '', 'Hail', '', 0],
      [4, 1279, 21.7, '', 'Thunderstorm Wind', '', 0],
      [5, 2468, 41.9, '', 'Hail', '', null],
      [6, 1310, 22.3, '', '', 'YES', null],
      [7, 1291, 21.9, '', 'Thunderstorm Wind', '', null],
    ]);
  });

  it('takes weights, wildcards and a limit of dimensions', async () => {
    const rows = await rowsOf(`${weighted} | evaluate basket(0.2, n, 1, '*', int(-1))`);
    expect(rows).toEqual([
      [0, 4574, 77.7, '*', 'NO', 0, null],
      [1, 5675, 96.4, '*', '*', 0, null],
      [2, 2468, 41.9, 'Hail', '*', -1, null],
      [3, 1310, 22.3, '*', 'YES', -1, null],
      [4, 1291, 21.9, 'Thunderstorm Wind', '*', -1, null],
    ]);
  });

  it('counts every frequent pattern of rows by hand', async () => {
    const bits = 'range i from 0 to 63 step 1 | project a = i % 2, b = (i / 2) % 2, c = iff(i % 4 == 3, 1, 0)';
    for (const [id, count, , a, b, c] of await rowsOf(`${bits} | evaluate basket(0.015)`)) {
      const where = Object.entries({ a, b, c }).flatMap(([k, v]) => (v === null ? [] : [`${k} == ${v}`]));
      expect([id, await rowsOf(`${bits} | where ${where.join(' and ')} | count`)]).toEqual([id, [[count]]]);
    }
    expect(await rowsOf(`${bits} | evaluate basket(0.015) | count`)).toEqual([[9]]);
  });

  it('works within groups, over no rows, and refuses what it cannot take', async () => {
    const per = `${storms} | partition by Damage (evaluate basket(0.5) | where EventType == "Hail" | project Count)`;
    expect(await rowsOf(per)).toEqual([]);
    expect(await rowsOf(per.replace('0.5', '0.4'))).toEqual([[2278]]);
    expect(await rowsOf(`${storms} | where State == "" | evaluate basket()`)).toEqual([]);
    expect(await codeOf(`${storms} | evaluate basket(0.001)`)).toBe('KQL4005');
    expect(await codeOf(`${storms} | project-rename Count = State | evaluate basket()`)).toBe('KQL4005');
  });
});

describe('autocluster', () => {
  it('shows a few patterns with the rows that they describe', async () => {
    const rows = await rowsOf(`${storms} | evaluate autocluster(0.2, '~', '~', '*')`);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.length).toBeLessThan(8);
    for (const [, count, percent, ...values] of rows) {
      const names = ['State', 'EventType', 'Damage', 'DamageCrops'];
      const where = names.flatMap((n, i) =>
        values[i] === '*' || values[i] === null ? [] : [`${n} == ${JSON.stringify(values[i])}`],
      );
      expect(await rowsOf(`${storms} | where ${where.join(' and ')} | count`)).toEqual([[count]]);
      expect(percent).toBeCloseTo((100 * Number(count)) / 5884, 1);
    }
    expect(rows.map((r) => r.slice(1))).toContainEqual([2278, 38.7, '*', 'Hail', 'NO', 0]);
  });
});

describe('diffpatterns', () => {
  it('begins with the differences of the documentation', async () => {
    const query = `${storms} | extend Damage = iff(Damage == "YES", 1, 0) | evaluate diffpatterns(Damage, "0", "1")`;
    const rows = await rowsOf(query);
    expect(rows.slice(0, 2)).toEqual([
      [0, 2278, 93, 49.8, 7.1, 42.7, '', 'Hail', 0],
      [1, 779, 512, 17.03, 39.08, 22.05, '', 'Thunderstorm Wind', null],
    ]);
    expect(rows.every((r) => Number(r[5]) >= 5)).toBe(true);
    expect(await rowsOf(query.replace('"1")', '"1", "~", 0.4)'))).toHaveLength(1);
  });

  it('gives nothing when one side has no rows', async () => {
    expect(await rowsOf(`${storms} | evaluate diffpatterns(Damage, "NO", "MAYBE")`)).toEqual([]);
  });
});

describe('sequence_detect', () => {
  const events = `datatable(t: datetime, what: string, state: string)[
    datetime(2007-05-08), "heat", "CALIFORNIA", datetime(2007-05-08 16:02), "fire", "CALIFORNIA",
    datetime(2007-05-10 11:30), "fire", "CALIFORNIA", datetime(2007-05-09), "fire", "TEXAS",
    datetime(2007-07-23 12:00), "heat", "DAKOTA", datetime(2007-07-27 09:00), "fire", "DAKOTA",
    datetime(2007-07-27 09:00), "fire", "DAKOTA", datetime(2007-07-29), "fire", "DAKOTA", datetime(null), "fire", "DAKOTA"]`;
  const detect = (windows: string, steps = 'heat = what == "heat", wildfire = what == "fire"') =>
    rowsOf(`${events} | evaluate sequence_detect(t, ${windows}, ${steps}, state) | sort by state asc, Duration asc`);

  it('finds each way to go through the steps within the windows', async () => {
    expect(await detect('5d, 5d')).toEqual([
      ['CALIFORNIA', '2007-05-08T00:00:00Z', '2007-05-08T16:02:00Z', '16:02:00'],
      ['CALIFORNIA', '2007-05-08T00:00:00Z', '2007-05-10T11:30:00Z', '2.11:30:00'],
      ['DAKOTA', '2007-07-23T12:00:00Z', '2007-07-27T09:00:00Z', '3.21:00:00'],
    ]);
    expect((await detect('timespan(2.11:30:00), 10d')).length).toBe(2);
    const three = 'heat = what == "heat", one = what == "fire", two = what == "fire"';
    expect(await detect('5d, timespan(2.11:30:00)', three)).toEqual([
      [
        'CALIFORNIA',
        ...['05-08T00:00:00Z', '05-08T16:02:00Z', '05-10T11:30:00Z'].map((d) => `2007-${d}`),
        '2.11:30:00',
      ],
    ]);
    expect(await detect('5d, timespan(2.11:29:59)', three)).toEqual([]);
  });

  it('wants names for its steps and a time', async () => {
    expect(await codeOf(`${events} | evaluate sequence_detect(t, 1d, 1d, what == "heat", what == "fire")`)).toBe(
      'KQL4005',
    );
    expect(await codeOf(`${events} | evaluate sequence_detect(what, 1d, 1d, a = what == "heat")`)).toBe('KS138');
  });
});
