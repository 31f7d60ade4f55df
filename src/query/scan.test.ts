import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

/** The state machine; results are those of its documentation page. */
describe('scan', () => {
  it('gives a step the next match only once the one before has an active sequence', async () => {
    const query = `datatable (Ts: timespan, Event: string) [0m, "A", 1m, "Start", 2m, "B", 3m, "D", 4m, "Stop", 6m, "C",
        8m, "Start", 11m, "E", 12m, "Stop"]
      | sort by Ts asc
      | scan with_match_id=m with (
          step s1: Event == "Start";
          step s2: Event != "Start" and Event != "Stop" and Ts - s1.Ts <= 5m;
          step s3: Event == "Stop" and Ts - s1.Ts <= 5m;)
      | project Event, m`;
    expect(await rowsOf(query)).toEqual([
      ['Start', 0],
      ['B', 0],
      ['D', 0],
      ['Stop', 0],
      ['Start', 1],
      ['E', 1],
      ['Stop', 1],
    ]);
  });

  it('tries the last step first, so that a row that ends a sequence begins the next one', async () => {
    const query = `datatable (Ts: timespan) [0m, 1m, 32m, 36m, 75m]
      | sort by Ts asc
      | scan with_match_id=id declare (begin: timespan) with (
          step inside: true => begin = iff(isnull(inside.begin), Ts, inside.begin);
          step over output=none: Ts - inside.begin > 30m;)`;
    expect(await rowsOf(query)).toEqual([
      ['00:00:00', '00:00:00', 0],
      ['00:01:00', '00:00:00', 0],
      ['00:32:00', '00:32:00', 1],
      ['00:36:00', '00:32:00', 1],
      ['01:15:00', '01:15:00', 2],
    ]);
  });

  it('keeps a state for each partition', async () => {
    const query = `datatable(g:string, t:long)["a", 1, "b", 5, "a", 2, "b", 6]
      | partition hint.strategy=native by g (sort by t asc | scan declare (sum:long=0) with (step s: true => sum = s.sum + t;))
      | project g, sum | sort by g asc, sum asc`;
    expect(await rowsOf(query)).toEqual([
      ['a', 1],
      ['a', 3],
      ['b', 5],
      ['b', 11],
    ]);
  });

  it('gives the last of repeated matches when asked for it', async () => {
    const query = `datatable(t:long, e:string)[1, "s", 2, "s", 3, "x", 4, "s"] | sort by t asc
      | scan with (step a output=last: e == "s"; step b: e == "x";) | project t`;
    expect(await rowsOf(query)).toEqual([[2], [3], [4]]);
  });
});
