import { describe, expect, it } from 'vitest';
import type { Row } from '../tables/index.js';
import type { Backtest } from './backtest.js';
import { compareBacktests, type Version } from './compare-backtests.js';

const hour = 3_600_000;
const from = Date.UTC(2026, 2, 4, 10);

const mapping = (...types: string[]) =>
  types.map((entityType) => ({ entityType, fieldMappings: [] })) as unknown as Version['rule']['entityMappings'];
const rule = (types: string[], queryFrequencyMs = hour): Version['rule'] => ({
  ...{ queryFrequencyMs, entityMappings: mapping(...types), sentinelEntitiesMappings: [] },
});
const ip = (Address: string) => ({ $id: '1', Type: 'ip', Address });
const host = (HostName: string) => ({ $id: '2', Type: 'host', HostName });

/** A back-test by its alerts: when each was raised, as hours behind `from`, and its entities. */
function backtest(prefix: string, alerts: readonly [at: number, ...entities: object[]][], incidents: number[][] = []) {
  const id = (i: number) => `${prefix}${i}`;
  const ends = [...new Set(alerts.map(([at]) => at))];
  return {
    runs: ends.map((at) => ({
      window: { from: '', to: new Date(from + at * hour).toISOString() },
      ...{ resultCount: 1, triggered: true },
      alertIds: alerts.flatMap((alert, i) => (alert[0] === at ? [id(i)] : [])),
    })),
    alerts: alerts.map(([, ...Entities], i): Row => ({ SystemAlertId: id(i), Entities: JSON.stringify(Entities) })),
    incidents: incidents.map((of): Row => ({ AlertIds: of.map(id) })),
  } satisfies Backtest;
}

const ofIp = (of: Backtest): Version => ({ rule: rule(['IP']), backtest: of });

const ids = ({ alerts }: ReturnType<typeof compareBacktests>) =>
  Object.fromEntries(Object.entries(alerts).map(([kind, rows]) => [kind, rows.map((r: Row) => r.SystemAlertId)]));

describe('alerts of two versions', () => {
  it('are the same at the same time with the same entities, whatever their ids', () => {
    const now = backtest('n', [
      [0, ip('192.0.2.1')],
      [0, ip('192.0.2.2')],
      [1, ip('192.0.2.1')],
    ]);
    const other = backtest('o', [
      [0, ip('192.0.2.2')],
      [1, ip('192.0.2.9')],
      [2, ip('192.0.2.1')],
    ]);
    expect(ids(compareBacktests(ofIp(now), ofIp(other), from))).toEqual({
      new: ['n0', 'n2'],
      lost: ['o1', 'o2'],
      same: ['n1'],
    });
  });

  it('are paired one to one', () => {
    const now = backtest('n', [
      [0, ip('192.0.2.1')],
      [0, ip('192.0.2.1')],
    ]);
    const other = backtest('o', [[0, ip('192.0.2.1')]]);
    expect(ids(compareBacktests(ofIp(now), ofIp(other), from))).toEqual({ new: ['n1'], lost: [], same: ['n0'] });
  });

  it('are told apart by the entities that both versions map', () => {
    const now = { rule: rule(['IP', 'Host']), backtest: backtest('n', [[0, ip('192.0.2.1'), host('a')]]) };
    const other = { rule: rule(['IP']), backtest: backtest('o', [[0, ip('192.0.2.1')]]) };
    expect(ids(compareBacktests(now, other, from))).toEqual({ new: [], lost: [], same: ['n0'] });
  });

  it('belong to the steps of the slower version', () => {
    const now = {
      rule: rule(['IP'], hour),
      backtest: backtest('n', [
        [1, ip('192.0.2.1')],
        [3, ip('192.0.2.2')],
      ]),
    };
    const other = {
      rule: rule(['IP'], 2 * hour),
      backtest: backtest('o', [
        [2, ip('192.0.2.1')],
        [2, ip('192.0.2.2')],
      ]),
    };
    expect(ids(compareBacktests(now, other, from))).toEqual({ new: ['n1'], lost: ['o1'], same: ['n0'] });
  });
});

it('incidents are the same when all their alerts are', () => {
  const alerts: [number, object][] = [
    [0, ip('192.0.2.1')],
    [1, ip('192.0.2.1')],
  ];
  const now = { rule: rule(['IP']), backtest: backtest('n', alerts, [[0, 1]]) };
  const together = { rule: rule(['IP']), backtest: backtest('o', alerts, [[1, 0]]) };
  const apart = { rule: rule(['IP']), backtest: backtest('o', alerts, [[0], [1]]) };
  expect(compareBacktests(now, together, from).incidents).toMatchObject({ new: [], lost: [], same: [{}] });
  const { incidents } = compareBacktests(now, apart, from);
  expect([incidents.new.length, incidents.lost.length, incidents.same.length]).toEqual([1, 2, 0]);
});
