import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { tableOf } = openAnswers();

const day = (d: number, month = 8) => `2017-${String(month).padStart(2, '0')}-${String(d).padStart(2, '0')}T00:00:00Z`;

/** `users[i]` came on the i-th day. */
const visits = (users: readonly string[], month = '2017-08', dimension = false) =>
  `datatable(UserId:string, Timestamp:datetime${dimension ? ', Site:string' : ''})[${users
    .flatMap((of, i) =>
      [...of].map(
        (u) =>
          `'${u}', datetime(${month}-${String(i + 1).padStart(2, '0')})${dimension ? `, '${u < 'D' ? 'x' : 'y'}'` : ''}`,
      ),
    )
    .join(', ')}]`;

const counted = ['ADJB', 'CTJ', 'HTTJBS', 'S'];

// Rows and answers are those of the documentation unless a comment reckons them.
describe('activity plugins', () => {
  it('activity_counts_metrics counts events, users and new users', async () => {
    const { names, rows } = await tableOf(
      `${visits(counted)} | evaluate activity_counts_metrics(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-04), 1d)`,
    );
    expect(names).toEqual(['Timestamp', 'count', 'dcount', 'new_dcount', 'aggregated_dcount']);
    expect(rows).toEqual([
      [day(1), 4, 4, 4, 4],
      [day(2), 3, 3, 2, 6],
      [day(3), 6, 5, 2, 8],
      [day(4), 1, 1, 0, 8],
    ]);
  });

  it('activity_counts_metrics slices by dimensions', async () => {
    const { names, rows } = await tableOf(
      `${visits(['AD', 'AE'], '2017-08', true)} | evaluate activity_counts_metrics(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-04), 1d, Site) | sort by Site asc, Timestamp asc`,
    );
    expect(names).toEqual(['Timestamp', 'Site', 'count', 'dcount', 'new_dcount', 'aggregated_dcount']);
    expect(rows).toEqual([
      [day(1), 'x', 1, 1, 1, 1],
      [day(2), 'x', 1, 1, 0, 1],
      [day(1), 'y', 1, 1, 1, 1],
      [day(2), 'y', 1, 1, 1, 2],
    ]);
  });

  // Day 2: C, T, J, of whom J was there on day 1 (of four). Day 3: T and J came back, of three. Day 4: S came back, of five.
  it('activity_metrics says who came back', async () => {
    const { names, rows } = await tableOf(
      `${visits(counted)} | evaluate activity_metrics(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-04), 1d)`,
    );
    expect(names).toEqual(['Timestamp', 'dcount_values', 'dcount_newvalues', 'retention_rate', 'churn_rate']);
    expect(rows).toEqual([
      [day(1), 4, 4, 'NaN', 'NaN'],
      [day(2), 3, 2, 0.25, 0.75],
      [day(3), 5, 3, 2 / 3, 1 - 2 / 3],
      [day(4), 1, 0, 0.2, 0.8],
    ]);
  });

  it('activity_metrics takes calendar months', async () => {
    const { rows } = await tableOf(
      `datatable(u:string, t:datetime)['a', datetime(2017-01-31), 'b', datetime(2017-01-02), 'a', datetime(2017-02-01)]
       | evaluate activity_metrics(u, t, datetime(2017-01-01), datetime(2017-03-01), 'month')`,
    );
    expect(rows).toEqual([
      [day(1, 1), 2, 2, 'NaN', 'NaN'],
      [day(1, 2), 1, 0, 0.5, 0.5],
    ]);
  });

  // The outer window is the day and the one before it: A D J B; with C T: six; C T J H B S: six; H T J B S: five.
  it('activity_engagement sets users beside those of the window', async () => {
    const { names, rows } = await tableOf(
      `${visits(counted)} | evaluate activity_engagement(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-04), 1d, 2d)`,
    );
    expect(names).toEqual(['Timestamp', 'dcount_activities_inner', 'dcount_activities_outer', 'activity_ratio']);
    expect(rows).toEqual([
      [day(1), 4, 4, 1],
      [day(2), 3, 6, 0.5],
      [day(3), 5, 6, 5 / 6],
      [day(4), 1, 5, 0.2],
    ]);
  });

  const cohorts = ['0234', '01345', '0245', '0123', '01234'];
  const november = (d: number) => `2019-11-0${d}T00:00:00Z`;
  const matrix = `${visits(cohorts, '2019-11')}
    | evaluate new_activity_metrics(UserId, Timestamp, datetime(2019-11-01), datetime(2019-11-07) - 1tick, 1d`;

  it('new_activity_metrics follows the users of each day', async () => {
    const { names, rows } = await tableOf(`${matrix})`);
    expect(names).toEqual([
      'from_Timestamp',
      'to_Timestamp',
      'dcount_new_values',
      'dcount_retained_values',
      'dcount_churn_values',
      'retention_rate',
      'churn_rate',
    ]);
    expect(rows).toEqual([
      [november(1), november(1), 4, 4, 0, 1, 0],
      [november(1), november(2), 2, 3, 1, 0.75, 0.25],
      [november(1), november(3), 1, 3, 1, 0.75, 0.25],
      [november(1), november(4), 1, 3, 1, 0.75, 0.25],
      [november(1), november(5), 1, 4, 0, 1, 0],
      [november(1), november(6), 0, 0, 4, 0, 1],
      [november(2), november(2), 2, 2, 0, 1, 0],
      [november(2), november(3), 0, 1, 1, 0.5, 0.5],
      [november(2), november(4), 0, 1, 1, 0.5, 0.5],
      [november(2), november(5), 0, 1, 1, 0.5, 0.5],
      [november(2), november(6), 0, 0, 2, 0, 1],
    ]);
  });

  // 0 and 2 came before, so 3 and 4 are new on the first day; both come back on the second.
  it('new_activity_metrics takes a cohort and a look-back', async () => {
    const { rows } = await tableOf(
      `let old = datatable(UserId:string)['0', '2']; ${matrix}, datetime(2019-11-01), old) | take 2`,
    );
    expect(rows).toEqual([
      [november(1), november(1), 2, 2, 0, 1, 0],
      [november(1), november(2), 2, 2, 0, 1, 0],
    ]);
  });

  it('active_users_count looks back from each appearance', async () => {
    const { names, rows } = await tableOf(`datatable(User:string, Timestamp:datetime)[
      "B", datetime(2018-06-29), "B", datetime(2018-06-30), "A", datetime(2018-07-02), "B", datetime(2018-07-04),
      "B", datetime(2018-07-08), "A", datetime(2018-07-10), "A", datetime(2018-07-14), "A", datetime(2018-07-17),
      "A", datetime(2018-07-20), "B", datetime(2018-07-24)]
      | evaluate active_users_count(User, Timestamp, datetime(2018-07-01), datetime(2018-07-31), 8d, 1d, 3, 7d)`);
    expect(names).toEqual(['Timestamp', 'dcount']);
    expect(rows).toEqual([
      ['2018-07-01T00:00:00Z', 1],
      ['2018-07-15T00:00:00Z', 1],
    ]);
  });

  it('sliding_window_counts counts over the last days', async () => {
    const { names, rows } = await tableOf(
      `${visits(['BDDJB', 'ATJ', 'ATTJB', 'Y', 'B'])} | evaluate sliding_window_counts(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-07), 3d, 1d)`,
    );
    expect(names).toEqual(['Timestamp', 'Count', 'Dcount']);
    expect(rows).toEqual([
      [day(1), 5, 3],
      [day(2), 8, 5],
      [day(3), 13, 5],
      [day(4), 9, 5],
      [day(5), 7, 5],
      [day(6), 2, 2],
      [day(7), 1, 1],
    ]);
  });

  // 41 appears every 41 steps: it never came within the last 41, so each time is a session. 1 to 40 begin one only.
  it('session_count counts the beginnings of sessions', async () => {
    const { names, rows } = await tableOf(`range Timeline from 1 to 9999 step 1 | extend k = 1
      | join kind=inner (range Id from 1 to 50 step 1 | extend k = 1) on k | where Timeline % Id == 0
      | evaluate session_count(Id, Timeline, 1, 10000, 100, 41) | take 3`);
    expect(names).toEqual(['Timeline', 'count_sessions']);
    expect(rows).toEqual([
      [0, 59],
      [100, 20],
      [200, 22],
    ]);
  });

  const hours = `range idx from 0 to 24 * 10 - 1 step 1
    | project Timestamp = datetime(2018-01-01) + 1h * idx, val = idx + 1 | extend EvenOrOdd = iff(val % 2 == 0, "Even", "Odd")`;

  it('rolling_percentile takes the last bins', async () => {
    const { names, rows } = await tableOf(`${hours} | evaluate rolling_percentile(val, 50, Timestamp, 1d, 3)`);
    expect(names).toEqual(['Timestamp', 'rolling_3_percentile_val_50']);
    expect(rows.map((r) => r[1])).toEqual([12, 24, 36, 60, 84, 108, 132, 156, 180, 204]);
    const sliced = await tableOf(
      `${hours} | evaluate rolling_percentile(val, 50, Timestamp, 1d, 3, EvenOrOdd) | where EvenOrOdd == "Odd"`,
    );
    expect(sliced.names).toEqual(['Timestamp', 'EvenOrOdd', 'rolling_3_percentile_val_50']);
    expect(sliced.rows.map((r) => r[2])).toEqual([11, 23, 35, 59, 83, 107, 131, 155, 179, 203]);
  });

  // a: A, B after 30 minutes, C after two hours. b: B before A only. c: A, then B after three hours.
  it('funnel_sequence_completion counts how far users come', async () => {
    const { names, rows } = await tableOf(`datatable(id:string, t:datetime, s:string)[
      'a', datetime(2020-01-01 10:00), 'A', 'a', datetime(2020-01-01 10:30), 'B', 'a', datetime(2020-01-01 12:00), 'C',
      'b', datetime(2020-01-01 09:00), 'B', 'b', datetime(2020-01-01 10:00), 'A',
      'c', datetime(2020-01-01 10:00), 'A', 'c', datetime(2020-01-01 13:00), 'B']
      | evaluate funnel_sequence_completion(id, t, datetime(2020-01-01), datetime(2020-01-02), 1d, s, dynamic(['A','B','C']), dynamic([1h, 4h]))`);
    expect(names).toEqual(['t', 's', 'Period', 'dcount']);
    expect(rows.map((r) => r.slice(1))).toEqual([
      ['A', '01:00:00', 3],
      ['B', '01:00:00', 1],
      ['C', '01:00:00', 0],
      ['A', '04:00:00', 3],
      ['B', '04:00:00', 2],
      ['C', '04:00:00', 1],
    ]);
  });

  it('analyse each partition by itself', async () => {
    const { names, rows } = await tableOf(
      `${visits(['AD', 'AE'], '2017-08', true)} | partition by Site (evaluate activity_counts_metrics(UserId, Timestamp, datetime(2017-08-01), datetime(2017-08-04), 1d)) | sort by Timestamp asc, aggregated_dcount asc`,
    );
    expect(names).toEqual(['Timestamp', 'count', 'dcount', 'new_dcount', 'aggregated_dcount']);
    expect(rows.map((r) => r[4])).toEqual([1, 1, 1, 2]);
  });
});

describe('plugins over rows', () => {
  it('narrow makes each cell a row', async () => {
    const { names, rows } = await tableOf(`datatable(a:long, b:string)[1, 'x', long(null), 'y'] | evaluate narrow()`);
    expect(names).toEqual(['Row', 'Column', 'Value']);
    expect(rows).toEqual([
      [0, 'a', '1'],
      [0, 'b', 'x'],
      [1, 'a', ''],
      [1, 'b', 'y'],
    ]);
  });

  const states = `datatable(Day:long, State:string)[1,"ok",2,"ok",3,"ok",4,"Error",5,"ok",6,"ok",7,"ok",8,"Error"] | sort by Day asc`;

  it('rows_near takes the rows around a hit', async () => {
    const near = await tableOf(`${states} | evaluate rows_near(State == "Error", 1)`);
    expect(near.names).toEqual(['Day', 'State']);
    expect(near.rows.map((r) => r[0])).toEqual([3, 4, 5, 7, 8]);
    const after = await tableOf(`${states} | evaluate rows_near(State == "Error", 0, 2)`);
    expect(after.rows.map((r) => r[0])).toEqual([4, 5, 6, 8]);
  });
});
