import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock } from '../base/index.js';
import type { AnalyticRule } from '../content/index.js';
import { type QueryRunner, WorkspaceRunner } from '../query/index.js';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { catalogue, type Row } from '../tables/index.js';
import { backtest, incidents, type RuleRun, type RunOptions, runRule } from './index.js';
import { runSchema } from './ledger.js';
import { testRule } from './testing/index.js';

const minute = 60_000;
const hour = 60 * minute;
const at = Date.UTC(2026, 2, 4, 10);
let store: Store;
let runner: QueryRunner;
/** Rules of different tests must not see each other's incidents. */
let serial = 0;
let vendor = '';

beforeAll(async () => {
  store = await openTestStore();
  runner = new WorkspaceRunner(store, { function: () => undefined });
  await store.ensureTable(catalogue.table('CommonSecurityLog')!);
});
beforeEach(() => {
  serial++;
  vendor = `vendor${serial}`;
});

const ruleOf = (more = '', changes: Record<string, string> = {}) =>
  testRule(more, {
    id: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    query: `CommonSecurityLog | where DeviceVendor == "${vendor}" | project TimeGenerated, SourceIP, DeviceAction`,
    ...changes,
  });

const log = (time: number, SourceIP = '192.0.2.1', DeviceAction = 'deny', receivedAt = time) =>
  store.insert(
    'CommonSecurityLog',
    [{ TimeGenerated: new Date(time).toISOString(), DeviceVendor: vendor, SourceIP, DeviceAction }],
    { receivedAt },
  );

async function run(rule: AnalyticRule, options: Partial<RunOptions> = {}): Promise<RuleRun> {
  const result = await runRule(rule, { at, runner, store, clock: fixedClock(at + 5 * minute), ...options });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => `${d.code} ${d.message}`).join('\n'));
  return result.value;
}
const count = async (table: string, where = '1') =>
  (await store.tables()).has(table)
    ? Number((await store.query(`SELECT count() FROM ${table} WHERE ${where}`)).rows[0]?.[0])
    : 0;
const ipEntity =
  'entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }]\n';
const perResult = 'eventGroupingSettings: { aggregationKind: AlertPerResult }\n';
const grouped = (text = '') =>
  `incidentConfiguration: { createIncident: true, groupingConfiguration: { enabled: true, ${text} } }\n`;
const alertIdsOf = (incident: Row | undefined) => incident?.AlertIds as string[];

describe('a run', () => {
  it('sees the window before its nominal time, whose end is outside', async () => {
    await log(at - hour, '192.0.2.1');
    await log(at - 1, '192.0.2.2');
    await log(at, '192.0.2.3');
    await log(at - hour - 1, '192.0.2.4');
    const { rows, resultCount, window } = await run(ruleOf(), { dryRun: true });
    expect(rows.map((row) => row[1]).sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(resultCount).toBe(2);
    expect(window).toEqual({ from: '2026-03-04T09:00:00Z', to: '2026-03-04T10:00:00Z' });
  });

  it('sees what was ingested in its minute when it is near real time, whatever time the events have', async () => {
    await log(at - 3 * hour, '192.0.2.1', 'deny', at - 30_000);
    await log(at - 30_000, '192.0.2.2', 'deny', at - 2 * minute);
    const { rows } = await run(ruleOf('kind: NRT\n'), { dryRun: true });
    expect(rows.map((row) => row[1])).toEqual(['192.0.2.1']);
  });

  it('evaluates now() as its nominal time', async () => {
    const { rows } = await run(ruleOf('', { query: 'print Now = now(), Ago = ago(1h)' }), { dryRun: true });
    expect(rows).toEqual([['2026-03-04T10:00:00Z', '2026-03-04T09:00:00Z']]);
  });

  it.each([
    ['gt', 1, false],
    ['gt', 0, true],
    ['lt', 2, true],
    ['lt', 1, false],
    ['eq', 1, true],
    ['eq', 2, false],
    ['ne', 2, true],
    ['ne', 1, false],
  ])('compares one row: %s %i is %s', async (triggerOperator, threshold, triggered) => {
    await log(at - minute);
    const rule = ruleOf('', { triggerOperator, triggerThreshold: `${threshold}` });
    const result = await run(rule, { dryRun: true });
    expect([result.triggered, result.alerts.length, result.incidents.length]).toEqual(
      triggered ? [true, 1, 1] : [false, 0, 0],
    );
  });

  it("returns the errors of its query at the author's place, and writes nothing", async () => {
    const rule = ruleOf('', { query: '|\n  CommonSecurityLog\n  | where Nonsense == 1' });
    const result = await runRule(rule, { at, runner, store, clock: fixedClock(at) });
    expect(result.ok).toBe(false);
    const [diagnostic] = result.diagnostics;
    expect(diagnostic?.source?.text.slice(diagnostic.span!.start, diagnostic.span!.end)).toBe('Nonsense');
    expect(await count(runSchema.name, `RuleId = '${rule.id}'`)).toBe(0);
  });

  it('says which mapped columns the result lacks', async () => {
    await log(at - minute);
    const mapping =
      'entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: Nope }] }]\n';
    const { notices, alerts } = await run(ruleOf(mapping), { dryRun: true });
    expect(notices.map((n) => [n.code, n.message])).toEqual([
      ['RUL3006', 'the query returns no column Nope (entity IP, Address)'],
    ]);
    expect(alerts[0]?.Entities).toBe('');
  });
});

describe('what a run writes', () => {
  it('is an alert and its incident, as KQL reads them', async () => {
    await log(at - 10 * minute, '203.0.113.9');
    const rule = ruleOf(`${ipEntity}tactics: [Impact]\nrelevantTechniques: [T1566]\n`);
    const { alerts, incidents: opened } = await run(rule);
    expect(alerts).toHaveLength(1);
    expect(JSON.parse(String(alerts[0]?.Entities))).toEqual([{ $id: '3', Address: '203.0.113.9', Type: 'ip' }]);
    expect(opened[0]).toMatchObject({
      Title: 'Test rule',
      Description: 'What it finds.',
      Severity: 'Medium',
      Status: 'New',
      FirstActivityTime: '2026-03-04T09:50:00Z',
      LastActivityTime: '2026-03-04T09:50:00Z',
      CreatedTime: '2026-03-04T10:05:00Z',
      AlertIds: [alerts[0]?.SystemAlertId],
      RelatedAnalyticRuleIds: [rule.id],
      ProviderName: 'Azure Sentinel',
      ProviderIncidentId: String(opened[0]?.IncidentNumber),
      Owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
      AdditionalData: {
        alertsCount: 1,
        alertProductNames: ['Azure Sentinel'],
        tactics: ['Impact'],
        techniques: ['T1566'],
      },
    });
    const answer = await runner.query(`SecurityAlert
| where AlertType endswith "${rule.id}"
| join kind=inner (SecurityIncident | mv-expand AlertId = AlertIds | extend AlertId = tostring(AlertId)) on $left.SystemAlertId == $right.AlertId
| project AlertName, IncidentNumber`);
    expect(answer.ok && answer.value.rows).toEqual([['Test rule', opened[0]?.IncidentNumber]]);
  });

  it('is what a dry run shows, and a dry run writes nothing', async () => {
    await log(at - 10 * minute);
    const rule = ruleOf(ipEntity);
    const before = [await count('SecurityAlert'), await count('SecurityIncident'), await count(runSchema.name)];
    const dry = await run(rule, { dryRun: true });
    expect([await count('SecurityAlert'), await count('SecurityIncident'), await count(runSchema.name)]).toEqual(
      before,
    );
    expect(await run(rule)).toEqual(dry);
  });

  it('is nothing for an incident when the rule creates none', async () => {
    await log(at - minute);
    const { alerts, incidents: opened } = await run(ruleOf('incidentConfiguration: { createIncident: false }\n'));
    expect([alerts.length, opened.length]).toEqual([1, 0]);
  });

  it('numbers incidents without gaps, also when runs of different rules are under way together', async () => {
    await log(at - minute);
    const rules = Array.from({ length: 5 }, (_, i) =>
      ruleOf('', { id: `0000000${i}-1111-4111-8111-${Date.now()}`.slice(0, 36).padEnd(36, '0') }),
    );
    const runs = await Promise.all(rules.map((rule) => run(rule)));
    const numbers = runs.map((r) => Number(r.incidents[0]?.IncidentNumber)).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
  });
});

describe('the same run again', () => {
  const twoAlerts = async () => {
    await log(at - 10 * minute, '192.0.2.1');
    await log(at - 20 * minute, '192.0.2.2');
    return ruleOf(perResult + ipEntity);
  };
  const sizes = async (rule: AnalyticRule) => [
    await count('SecurityAlert', `endsWith(AlertType, '${rule.id}')`),
    await count('SecurityIncident', `position(RelatedAnalyticRuleIds, '${rule.id}') > 0`),
    await count(runSchema.name, `RuleId = '${rule.id}'`),
  ];

  it('returns what is stored and changes nothing, even when rows arrived meanwhile', async () => {
    const rule = await twoAlerts();
    const first = await run(rule);
    await log(at - 30 * minute, '192.0.2.3');
    const second = await run(rule, { clock: fixedClock(at + hour) });
    expect(second).toEqual({ ...first, repeated: true });
    expect(await sizes(rule)).toEqual([2, 2, 1]);
  });

  it('is another run when rule, functions or window differ', async () => {
    const rule = await twoAlerts();
    await run(rule);
    expect((await run({ ...rule, hash: 'other' })).repeated).toBe(false);
    expect((await run(rule, { functionsHash: 'other' })).repeated).toBe(false);
    expect((await run(rule, { at: at + 1 })).repeated).toBe(false);
    expect((await run(rule)).repeated).toBe(true);
  });

  it('happens once when it is started twice at the same time, in one process or two', async () => {
    const rule = await twoAlerts();
    // A second process has its own store object, so it does not wait for its turn.
    const other: Store = Object.create(store);
    const runs = await Promise.all([run(rule), run(rule), run(rule, { store: other })]);
    expect(await sizes(rule)).toEqual([2, 2, 1]);
    const [a, b, c] = runs.map(({ alerts, incidents: opened }) => ({ alerts, opened }));
    expect(b).toEqual(a);
    expect(c).toEqual(a);
  });

  it.each(['SecurityAlert', 'SecurityIncident', runSchema.name])(
    'completes a run that broke off before it wrote to %s',
    async (table) => {
      const rule = await twoAlerts();
      await expect(run(rule, { store: failing(table) })).rejects.toThrow('power cut');
      const repaired = await run(rule, { clock: fixedClock(at + hour) });
      expect(repaired.alerts).toHaveLength(2);
      expect(repaired.incidents).toHaveLength(2);
      expect(await sizes(rule)).toEqual([2, 2, 1]);
      expect(await run(rule)).toEqual({ ...repaired, repeated: true });
    },
  );

  it('completes a run that broke off between two incidents', async () => {
    const rule = await twoAlerts();
    await expect(run(rule, { store: failing('SecurityIncident', 1) })).rejects.toThrow('power cut');
    expect((await run(rule)).incidents).toHaveLength(2);
    expect(await sizes(rule)).toEqual([2, 2, 1]);
  });

  it('completes what was planned even when the query would answer otherwise by then', async () => {
    await log(at - minute);
    const rule = ruleOf(perResult, {
      query: `CommonSecurityLog | where DeviceVendor == "${vendor}" | summarize Events = count() by SourceIP`,
    });
    await expect(run(rule, { store: failing(runSchema.name) })).rejects.toThrow('power cut');
    // Another event of the same address: its row would have another count, and its alert another id.
    await log(at - 2 * minute);
    const repaired = await run(rule);
    expect(repaired.rows).toEqual([['192.0.2.1', 1]]);
    expect(await sizes(rule)).toEqual([1, 1, 1]);
  });

  /** The store, whose n-th insert into a table never happens. */
  function failing(table: string, after = 0): Store {
    let left = after;
    return new Proxy(store, {
      get: (target, property) => {
        if (property !== 'insert') return Reflect.get(target, property).bind?.(target) ?? Reflect.get(target, property);
        return (name: string, ...rest: unknown[]) => {
          if (name === table && left-- === 0) throw new Error('power cut');
          return Reflect.apply(target.insert, target, [name, ...rest]);
        };
      },
    });
  }
});

describe('incident grouping', () => {
  const hourly = async (rule: AnalyticRule, hours: number, options: Partial<RunOptions> = {}) =>
    run(rule, { at: at + hours * hour, clock: fixedClock(at + hours * hour + 5 * minute), ...options });
  const numbersOf = (runs: readonly RuleRun[]) =>
    runs.flatMap((r) => r.incidents.map((incident) => Number(incident.IncidentNumber)));

  it('is off by default: every alert opens an incident', async () => {
    await log(at - minute);
    await log(at + hour - minute);
    const rule = ruleOf(ipEntity);
    expect(new Set(numbersOf([await hourly(rule, 0), await hourly(rule, 1)])).size).toBe(2);
  });

  it('joins alerts whose entities are all the same, and widens the incident', async () => {
    await log(at - minute, '192.0.2.1');
    await log(at + hour - minute, '192.0.2.1');
    await log(at + 2 * hour - minute, '192.0.2.1');
    await log(at + 2 * hour - 2 * minute, '192.0.2.2');
    const rule = ruleOf(ipEntity + grouped());
    const runs = [await hourly(rule, 0), await hourly(rule, 1), await hourly(rule, 2)];
    const [a, b, c] = numbersOf(runs);
    expect([b === a, c === a]).toEqual([true, false]);
    expect(runs[1]?.incidents[0]).toMatchObject({
      FirstActivityTime: '2026-03-04T09:59:00Z',
      LastActivityTime: '2026-03-04T10:59:00Z',
      AlertIds: [runs[0]?.alerts[0]?.SystemAlertId, runs[1]?.alerts[0]?.SystemAlertId],
      AdditionalData: { alertsCount: 2 },
      ModifiedBy: 'Alert updates',
    });
  });

  it('does not join alerts that have no entities at all', async () => {
    await log(at - minute);
    await log(at + hour - minute);
    const rule = ruleOf(grouped());
    expect(new Set(numbersOf([await hourly(rule, 0), await hourly(rule, 1)])).size).toBe(2);
  });

  it('joins any alert of the rule with AnyAlert, within the lookback from the first one', async () => {
    for (const h of [0, 1, 2, 3]) await log(at + h * hour - minute, `192.0.2.${h}`);
    const rule = ruleOf(grouped('matchingMethod: AnyAlert, lookbackDuration: 2h'));
    const runs = [];
    for (const h of [0, 1, 2, 3]) runs.push(await hourly(rule, h));
    const [a, b, c, d] = numbersOf(runs);
    expect([b === a, c === a, d === a]).toEqual([true, true, false]);
  });

  it('counts the lookback in nominal times, so that a replay groups as it would have then', async () => {
    for (const h of [0, 10]) await log(at + h * hour - minute);
    const rule = ruleOf(grouped('matchingMethod: AnyAlert, lookbackDuration: 5h'));
    const clock = fixedClock(at + 100 * hour);
    expect(new Set(numbersOf([await hourly(rule, 0, { clock }), await hourly(rule, 10, { clock })])).size).toBe(2);
  });

  it('compares what is selected: entities, details, name and severity', async () => {
    const selected = `${perResult}${ipEntity}customDetails: { Action: DeviceAction }\n`;
    await log(at - 4 * minute, '192.0.2.1', 'deny');
    await log(at - 3 * minute, '192.0.2.1', 'allow');
    await log(at - 2 * minute, '192.0.2.2', 'deny');
    const groupsWith = async (text: string) => {
      const rule = ruleOf(`${selected}${grouped(`matchingMethod: Selected, ${text}`)}`);
      const { incidents: opened } = await run(rule, { dryRun: true });
      return opened.map((incident) => alertIdsOf(incident).length).sort();
    };
    expect(await groupsWith('groupByEntities: [IP]')).toEqual([1, 2]);
    expect(await groupsWith('groupByCustomDetails: [Action]')).toEqual([1, 2]);
    expect(await groupsWith('groupByEntities: [IP], groupByCustomDetails: [Action]')).toEqual([1, 1, 1]);
    expect(await groupsWith('groupByAlertDetails: [Severity, DisplayName]')).toEqual([3]);
    expect(await groupsWith('groupByEntities: [Host]')).toEqual([1, 1, 1]);
  });

  it('leaves a closed incident closed, or reopens it when the rule says so', async () => {
    for (const h of [0, 1]) await log(at + h * hour - minute);
    for (const reopen of [false, true]) {
      const id = ruleOf().id.replace(/^0/, reopen ? 'a' : 'b');
      const rule = ruleOf(grouped(`matchingMethod: AnyAlert, reopenClosedIncident: ${reopen}`), { id });
      const first = (await hourly(rule, 0)).incidents[0];
      const number = Number(first?.IncidentNumber);
      await incidents(store).update(
        number,
        { status: 'Closed', classification: 'FalsePositive' },
        'ana',
        at + 10 * minute,
      );
      const [second] = (await hourly(rule, 1)).incidents;
      expect(second?.IncidentNumber === number).toBe(reopen);
      expect(second?.Status).toBe('New');
      if (reopen) expect(second).toMatchObject({ ClosedTime: null, Classification: '' });
    }
  });

  it('opens a second incident with the same details after 150 alerts', async () => {
    const rows = Array.from({ length: 151 }, (_, i) => ({
      TimeGenerated: new Date(at - minute - i).toISOString(),
      DeviceVendor: vendor,
      SourceIP: '192.0.2.1',
    }));
    await store.insert('CommonSecurityLog', rows.slice(0, 100));
    const rule = ruleOf(`${perResult}${grouped('matchingMethod: AnyAlert')}`);
    await hourly(rule, 0);
    const later = rows.slice(100).map((row, i) => ({ ...row, TimeGenerated: new Date(at + minute + i).toISOString() }));
    await store.insert('CommonSecurityLog', later);
    const { incidents: both } = await hourly(rule, 1);
    expect(both.map((incident) => alertIdsOf(incident).length)).toEqual([150, 1]);
    expect(both.map((incident) => incident.Title)).toEqual(['Test rule', 'Test rule']);
  });
});

describe('suppression', () => {
  it('rests the rule after an alert, for the duration from that run', async () => {
    for (const h of [0, 1, 2, 3]) await log(at + h * hour - minute);
    const rule = ruleOf('suppressionEnabled: true\nsuppressionDuration: 2h\n');
    const runs = [];
    for (const h of [0, 1, 2, 3]) runs.push(await run(rule, { at: at + h * hour }));
    expect(runs.map((r) => r.triggered)).toEqual([true, false, true, false]);
    expect(runs[1]?.notices[0]?.code).toBe('RUL3007');
    expect(await run(rule)).toMatchObject({ repeated: true, triggered: true });
    expect(await count(runSchema.name, `RuleId = '${rule.id}'`)).toBe(4);
  });

  it('does nothing unless it is enabled', async () => {
    for (const h of [0, 1]) await log(at + h * hour - minute);
    const rule = ruleOf('suppressionDuration: 2h\n');
    expect((await run(rule)).triggered && (await run(rule, { at: at + hour })).triggered).toBe(true);
  });
});

describe('a backtest', () => {
  it('runs at every nominal time of the range, both ends included, as single runs would', async () => {
    await log(at - minute);
    await log(at + 2 * hour - minute);
    const rule = ruleOf(grouped('matchingMethod: AnyAlert'));
    const options = { runner, store, clock: fixedClock(at + 5 * minute), from: at, to: at + 2 * hour };
    const result = await backtest(rule, options);
    if (!result.ok) throw new Error('failed');
    expect(result.value.runs.map((r) => [r.window.to, r.resultCount, r.triggered])).toEqual([
      ['2026-03-04T10:00:00Z', 1, true],
      ['2026-03-04T11:00:00Z', 0, false],
      ['2026-03-04T12:00:00Z', 1, true],
    ]);
    expect(result.value.alerts).toHaveLength(2);
    expect(result.value.incidents).toHaveLength(1);
    expect(alertIdsOf(result.value.incidents[0])).toEqual(result.value.alerts.map((alert) => alert.SystemAlertId));
    expect((await run(rule, { at: at + 2 * hour })).repeated).toBe(true);
    expect(await backtest(rule, options)).toEqual(result);
  });

  it('stops before a nominal time that lies behind the end', async () => {
    const result = await backtest(ruleOf(), { runner, store, from: at, to: at + hour - 1 });
    expect(result.ok && result.value.runs).toHaveLength(1);
  });
});
