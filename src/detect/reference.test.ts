import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock } from '../base/index.js';
import { WorkspaceRunner } from '../query/index.js';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { detectLimits, type IncidentChange, incidents, runRule } from './index.js';
import { testRule } from './testing/index.js';

/*
 * Every limit and grouping mode that the product documents, from the run of a rule to the rows of SecurityAlert and
 * SecurityIncident as KQL reads them.
 * Sources  https://learn.microsoft.com/azure/sentinel/sentinel-service-limits
 *          https://learn.microsoft.com/azure/sentinel/detect-threats-custom
 */

const hour = 3_600_000;
const at = Date.UTC(2026, 2, 4, 10);
let store: Store;
let runner: WorkspaceRunner;
let serial = 0;
let id = '';

beforeAll(async () => {
  store = await openTestStore();
  runner = new WorkspaceRunner(store, { function: () => undefined });
});
beforeEach(() => {
  id = `00000000-0000-4000-9000-${String(++serial).padStart(12, '0')}`;
});

type Cells = Record<string, unknown>;

async function kql(query: string): Promise<Cells[]> {
  const answer = await runner.query(query, { at });
  if (!answer.ok) throw new Error(answer.diagnostics.map((d) => d.message).join('\n'));
  const { columns, rows } = answer.value;
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i]])));
}

/** Runs the rule of this test at an hour and gives what its alerts and incidents are by then. */
async function run(yaml: string, query: string, hours = 0): Promise<{ alerts: Cells[]; incidents: Cells[] }> {
  const rule = testRule(yaml, { id, query: JSON.stringify(query) });
  const nominal = at + hours * hour;
  const done = await runRule(rule, { at: nominal, store, runner, clock: fixedClock(nominal + hour / 12) });
  if (!done.ok) throw new Error(done.diagnostics.map((d) => d.message).join('\n'));
  if (!(await store.tables()).has('SecurityIncident')) return { alerts: await alertsOf(), incidents: [] };
  const opened = `SecurityIncident | where RelatedAnalyticRuleIds has "${id}"
    | summarize arg_max(LastModifiedTime, *) by IncidentName | order by IncidentNumber asc`;
  return { alerts: await alertsOf(), incidents: await kql(opened) };
}
const alertsOf = () =>
  kql(`SecurityAlert | where AlertType endswith "${id}" | order by TimeGenerated asc, DisplayName asc`);

const perResult = 'eventGroupingSettings: { aggregationKind: AlertPerResult }\n';
const entity = (type: string, identifier: string, columnName: string) =>
  `entityMappings: [{ entityType: ${type}, fieldMappings: [{ identifier: ${identifier}, columnName: ${columnName} }] }]\n`;
const grouped = (text: string) =>
  `incidentConfiguration: { createIncident: true, groupingConfiguration: { enabled: true, ${text} } }\n`;
const rows = (n: number, more = '') => `range N from 1 to ${n} step 1${more}`;
const properties = (alert: Cells | undefined) =>
  JSON.parse(String(alert?.ExtendedProperties)) as Record<string, string>;
const entitiesOf = (alert: Cells | undefined) => JSON.parse(String(alert?.Entities)) as Cells[];
const sizes = (found: Cells[]) => found.map((incident) => (incident.AdditionalData as Cells).alertsCount);

describe('alerts of a run', () => {
  it.each([
    ['Scheduled', 150],
    ['NRT', 30],
  ])('%s: one for each row up to %i; of more, the last stands for all', async (kind, limit) => {
    const yaml = `kind: ${kind}\n${perResult}${grouped('matchingMethod: AnyAlert')}alertDetailsOverride: { alertDisplayNameFormat: 'Row {{N}}' }\n`;
    const exact = await run(yaml, rows(limit));
    expect(exact.alerts).toHaveLength(limit);
    expect(exact.alerts.every((alert) => /^Row \d+$/.test(String(alert.DisplayName)))).toBe(true);
    id = id.replace('9000', 'a000');
    const over = await run(yaml, rows(limit + 1));
    expect(over.alerts).toHaveLength(limit);
    const whole = over.alerts.filter((alert) => String(alert.DisplayName).includes(','));
    expect(whole).toHaveLength(1);
    expect(properties(whole[0])).toMatchObject({ 'Search Query Results Overall Count': String(limit + 1) });
    expect(properties(whole[0]).Query).toBe(properties(whole[0]).OriginalQuery);
    expect(sizes(over.incidents)).toEqual([limit]);
  });

  it('SingleAlert: one for all rows', async () => {
    const { alerts, incidents: opened } = await run('', rows(400));
    expect(alerts).toEqual([
      expect.objectContaining({ DisplayName: 'Test rule', AlertSeverity: 'Medium', Status: 'New', IsIncident: false }),
    ]);
    expect(properties(alerts[0])).toMatchObject({
      'Event Grouping': 'SingleAlert',
      'Search Query Results Overall Count': '400',
    });
    expect(sizes(opened)).toEqual([1]);
  });
});

describe('entities of an alert', () => {
  it('are 500 at most, shared equally among the mappings', async () => {
    const two = `entityMappings:
  - { entityType: Host, fieldMappings: [{ identifier: HostName, columnName: H }] }
  - { entityType: IP, fieldMappings: [{ identifier: Address, columnName: A }] }
`;
    const { alerts } = await run(
      two,
      rows(600, " | extend H = strcat('h', N), A = strcat('203.0.', N / 256, '.', N % 256)"),
    );
    const types = entitiesOf(alerts[0]).map((one) => one.Type);
    expect([types.filter((type) => type === 'host').length, types.filter((type) => type === 'ip').length]).toEqual([
      250, 250,
    ]);
  });

  it('end where the alert has 64 KB', async () => {
    const { alerts } = await run(
      entity('URL', 'Url', 'U'),
      rows(500, " | extend U = strcat('https://example.com/', N, '/', strrep('x', 250))"),
    );
    const bytes = Buffer.byteLength(String(alerts[0]?.Entities));
    expect(entitiesOf(alerts[0]).length).toBeLessThan(500);
    expect(bytes).toBeGreaterThan(60_000);
    expect(bytes).toBeLessThanOrEqual(65_536);
  });
});

describe('custom details', () => {
  it('keep 50 values of each, and 2 KB together', async () => {
    const { alerts } = await run('customDetails: { Number: N }\n', rows(60));
    expect(JSON.parse(properties(alerts[0])['Custom Details']!).Number).toHaveLength(50);
    id = id.replace('9000', 'a000');
    const long = await run(
      'customDetails: { First: T, Second: N }\n',
      rows(40, " | extend T = strcat(N, strrep('y', 100))"),
    );
    const details = properties(long.alerts[0])['Custom Details']!;
    expect(Buffer.byteLength(details)).toBeLessThanOrEqual(2_048);
    expect(Buffer.byteLength(details)).toBeGreaterThan(1_900);
  });
});

describe('overridden details', () => {
  it('fill names and descriptions, to 256 bytes and 5 KB', async () => {
    const yaml = `alertDetailsOverride:
  alertDisplayNameFormat: 'On {{H}} by {{A}}'
  alertDescriptionFormat: 'Text {{T}}'
`;
    const { alerts, incidents: opened } = await run(
      yaml,
      `print H = 'pc7', A = 'ana', T = replace_string(strrep('z', 1000), 'z', '123456')`,
    );
    expect(alerts[0]).toMatchObject({ DisplayName: 'On pc7 by ana', AlertName: 'On pc7 by ana' });
    expect(String(alerts[0]?.Description)).toHaveLength(5_120);
    expect(opened[0]).toMatchObject({ Title: 'On pc7 by ana' });
    expect(String(opened[0]?.Description)).toHaveLength(5_000);
    id = id.replace('9000', 'a000');
    const long = await run(yaml, "print H = strrep('h', 300), A = 'ana', T = 't'");
    expect(long.alerts[0]?.DisplayName).toBe(`On ${'h'.repeat(253)}`);
    id = id.replace('a000', 'b000');
    const none = await run(yaml, "print H = 'pc7', A = '', T = ''");
    expect(none.alerts[0]).toMatchObject({ DisplayName: 'Test rule', Description: 'What it finds.' });
  });

  it('take severity and tactics from columns, where they are valid', async () => {
    const yaml =
      'tactics: [Discovery]\nalertDetailsOverride: { alertSeverityColumnName: S, alertTacticsColumnName: T }\n';
    const { alerts, incidents: opened } = await run(yaml, "print S = 'high', T = 'Impact, Initial Access'");
    expect(alerts[0]).toMatchObject({ AlertSeverity: 'High', Tactics: 'Impact,InitialAccess' });
    expect(opened[0]).toMatchObject({ Severity: 'High', AdditionalData: { tactics: ['Impact', 'InitialAccess'] } });
    id = id.replace('9000', 'a000');
    expect((await run(yaml, "print S = 'Critical', T = 'Nonsense'")).alerts[0]).toMatchObject({
      AlertSeverity: 'Medium',
      Tactics: 'Discovery',
    });
  });

  it('set every dynamic property', async () => {
    const values = {
      AlertLink: ["'https://example.com/a'", 'https://example.com/a'],
      ConfidenceLevel: ["'High'", 'High'],
      ConfidenceScore: ['0.75', 0.75],
      ExtendedLinks: [`dynamic([{"Href":"https://example.com"}])`, '[{"Href":"https://example.com"}]'],
      ProductComponentName: ["'Sandbox'", 'Sandbox'],
      ProductName: ["'Mail gateway'", 'Mail gateway'],
      ProviderName: ["'Acme'", 'Acme'],
      RemediationSteps: [`dynamic(["Block","Reset"])`, '["Block","Reset"]'],
      Techniques: [`dynamic(["T1566"])`, '["T1566"]'],
      SubTechniques: ["'T1566.002'", '["T1566.002"]'],
    } as const;
    const names = Object.keys(values);
    const yaml = `alertDetailsOverride:\n  alertDynamicProperties:\n${names.map((name) => `    - { alertProperty: ${name}, value: C${name} }\n`).join('')}`;
    const { alerts, incidents: opened } = await run(
      yaml,
      `print ${Object.entries(values)
        .map(([name, [text]]) => `C${name} = ${text}`)
        .join(', ')}`,
    );
    expect(alerts[0]).toMatchObject(
      Object.fromEntries(Object.entries(values).map(([name, [, wanted]]) => [name, wanted])),
    );
    expect(opened[0]?.AdditionalData).toMatchObject({ alertProductNames: ['Mail gateway'], techniques: ['T1566'] });
  });
});

describe('grouping', () => {
  const two = "datatable(H: string, S: string, D: string)['pc7', 'Low', 'a', 'pc7', 'High', 'b', 'pc8', 'Low', 'a']";
  const yaml = `${perResult}${entity('Host', 'HostName', 'H')}customDetails: { Detail: D }
alertDetailsOverride: { alertSeverityColumnName: S, alertDisplayNameFormat: 'Seen {{D}}' }
`;
  /** Alerts of each incident by host, severity and detail; the expected incident is told by its alerts. */
  it.each([
    ['off', 'incidentConfiguration: { createIncident: true }\n', [1, 1, 1]],
    ['without incidents', 'incidentConfiguration: { createIncident: false }\n', []],
    ['AllEntities', grouped('matchingMethod: AllEntities'), [1, 2]],
    ['AnyAlert', grouped('matchingMethod: AnyAlert'), [3]],
    ['Selected entities', grouped('matchingMethod: Selected, groupByEntities: [Host]'), [1, 2]],
    ['Selected severity', grouped('matchingMethod: Selected, groupByAlertDetails: [Severity]'), [1, 2]],
    ['Selected name', grouped('matchingMethod: Selected, groupByAlertDetails: [DisplayName]'), [1, 2]],
    ['Selected custom detail', grouped('matchingMethod: Selected, groupByCustomDetails: [Detail]'), [1, 2]],
    [
      'Selected entities and severity',
      grouped('matchingMethod: Selected, groupByEntities: [Host], groupByAlertDetails: [Severity]'),
      [1, 1, 1],
    ],
  ])('%s', async (_, configuration, wanted) => {
    const { alerts, incidents: opened } = await run(yaml + configuration, two);
    expect(alerts).toHaveLength(3);
    expect(sizes(opened).sort()).toEqual(wanted);
    const held = opened.flatMap((incident) => incident.AlertIds as string[]);
    expect(held.sort()).toEqual(wanted.length > 0 ? alerts.map((alert) => String(alert.SystemAlertId)).sort() : []);
    for (const incident of opened) {
      const own = alerts.filter((alert) => (incident.AlertIds as string[]).includes(String(alert.SystemAlertId)));
      expect(incident).toMatchObject({
        Severity: own.some((alert) => alert.AlertSeverity === 'High') ? 'High' : 'Low',
        Status: 'New',
        RelatedAnalyticRuleIds: [id],
        ProviderName: 'Azure Sentinel',
        ProviderIncidentId: String(incident.IncidentNumber),
      });
    }
  });

  it('unites tactics and techniques, keeps the highest severity and the widest times', async () => {
    const query = `datatable(TimeGenerated: datetime, S: string, T: string, Q: string)[
      datetime(2026-03-04 09:10), 'Low', 'Impact', 'T1566', datetime(2026-03-04 09:40), 'High', 'Discovery', 'T1102']`;
    const both = `${perResult}${grouped('matchingMethod: AnyAlert')}alertDetailsOverride:
  alertSeverityColumnName: S
  alertTacticsColumnName: T
  alertDynamicProperties: [{ alertProperty: Techniques, value: Q }]
`;
    const { incidents: opened } = await run(both, query);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({
      Severity: 'High',
      FirstActivityTime: '2026-03-04T09:10:00Z',
      LastActivityTime: '2026-03-04T09:40:00Z',
    });
    const { tactics, techniques } = opened[0]!.AdditionalData as Record<string, string[]>;
    expect([tactics?.sort(), techniques?.sort()]).toEqual([
      ['Discovery', 'Impact'],
      ['T1102', 'T1566'],
    ]);
  });

  it('looks back from the first alert, by the default of five hours', async () => {
    const any = grouped('matchingMethod: AnyAlert');
    const found = [];
    for (const hours of [0, 5, 6]) found.push(sizes((await run(any, 'print A = 1', hours)).incidents));
    expect(found).toEqual([[1], [2], [2, 1]]);
  });

  it.each([
    [false, [1, 1], ['Closed', 'New']],
    [true, [2], ['New']],
  ])('reopens a closed incident: %s', async (reopen, wanted, statuses) => {
    const any = grouped(`matchingMethod: AnyAlert, reopenClosedIncident: ${reopen}`);
    const [first] = (await run(any, 'print A = 1')).incidents;
    await update(first, { status: 'Closed', classification: 'TruePositive' });
    const { incidents: opened } = await run(any, 'print A = 1', 1);
    expect([sizes(opened), opened.map((incident) => incident.Status)]).toEqual([wanted, statuses]);
    if (reopen) expect(opened[0]).toMatchObject({ Classification: '', ClosedTime: null });
  });

  it('opens a second incident with the same details when the first holds 150 alerts', async () => {
    const any = `${perResult}${grouped('matchingMethod: AnyAlert')}`;
    await run(any, rows(100));
    const { incidents: opened } = await run(any, rows(60), 1);
    expect(sizes(opened)).toEqual([150, 10]);
    expect(opened[0]).toMatchObject({ Title: 'Test rule', Severity: 'Medium' });
    expect(opened[1]).toMatchObject({ Title: 'Test rule', Severity: 'Medium' });
  });
});

async function update(incident: Cells | undefined, change: IncidentChange, now = at + hour / 2) {
  const changed = await incidents(store).update(Number(incident?.IncidentNumber), change, 'ana@example.com', now);
  if (!changed.ok) throw new Error(changed.diagnostics.map((d) => d.message).join('\n'));
  return changed.value;
}

describe('what people change', () => {
  it('is a newer row of SecurityIncident and a row of SentinelAudit each', async () => {
    const [opened] = (await run('', 'print A = 1')).incidents;
    await update(opened, { status: 'Active', owner: 'bo@example.com' });
    await update(opened, { labels: ['vip'], comment: 'Looked at it.' });
    await update(opened, { addTask: { title: 'Call the user', description: 'Ask about the mail.' } });
    const task = ((await update(opened, { severity: 'High' })).Tasks as unknown as Cells[])[0];
    await update(opened, { completeTask: String(task?.taskId) });
    await update(opened, {});
    const [last] = (await run('', 'print A = 1')).incidents;
    expect(last).toMatchObject({
      Status: 'Active',
      Severity: 'High',
      Owner: { assignedTo: 'bo@example.com', userPrincipalName: 'bo@example.com' },
      Labels: [{ labelName: 'vip', labelType: 'User' }],
      Comments: [{ message: 'Looked at it.', author: { name: 'ana@example.com' } }],
      Tasks: [{ title: 'Call the user', description: 'Ask about the mail.', status: 'Completed' }],
      AdditionalData: { commentsCount: 1 },
      ModifiedBy: 'ana@example.com',
    });
    const audit = await kql(
      `SentinelAudit | where SentinelResourceId == "${opened?.IncidentName}" | order by TimeGenerated asc
      | project OperationName, Status, SentinelResourceType, Caller = tostring(ExtendedProperties.CallerName), Changes = ExtendedProperties.Changes`,
    );
    expect(audit.map(({ Changes }) => Object.keys((Changes ?? {}) as Cells).sort())).toEqual([
      ['Owner', 'Status'],
      ['Comments', 'Labels'],
      ['Tasks'],
      ['Severity'],
      ['Tasks'],
    ]);
    expect(audit[0]).toMatchObject({
      OperationName: 'Update incident',
      Status: 'Success',
      SentinelResourceType: 'Incident',
      Caller: 'ana@example.com',
      Changes: { Status: { from: 'New', to: 'Active' } },
    });
  });

  it('ends at 100 comments of 30,000 characters and 40 tasks', async () => {
    const [opened] = (await run('', 'print A = 1')).incidents;
    const { commentsPerIncident, commentChars, tasksPerIncident } = detectLimits;
    expect([commentsPerIncident, commentChars, tasksPerIncident]).toEqual([100, 30_000, 40]);
    await expect(update(opened, { comment: 'x'.repeat(30_001) })).rejects.toThrow('30000 characters, not 30001');
    for (let n = 0; n < 40; n++) await update(opened, { addTask: { title: `Task ${n}` } });
    await expect(update(opened, { addTask: { title: 'One more' } })).rejects.toThrow('40 tasks');
    await expect(update(opened, { completeTask: 'none' })).rejects.toThrow('no task none');
  });
});
