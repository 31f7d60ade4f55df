import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { AnalyticRule } from '../content/index.js';
import { type Alert, buildAlerts } from './alert.js';
import { detectLimits } from './index.js';
import { testRows, testRule } from './testing/index.js';

const at = Date.UTC(2026, 2, 4, 10);
const build = (rule: AnalyticRule, rows: ReturnType<typeof testRows>) =>
  buildAlerts(
    {
      runId: 'run',
      rule,
      window: { from: at - 3_600_000, to: at },
      workspaceId: 'ws',
      writtenAt: at + 300_000,
    },
    rows,
  );
const properties = (alert: Alert | undefined) =>
  JSON.parse(String(alert?.row.ExtendedProperties)) as Record<string, string>;
const numbered = (n: number) => testRows(Array.from({ length: n }, (_, i) => ({ N: `n${i}` })));
const times = { TimeGenerated: 'datetime' } as const;
const perResult = 'eventGroupingSettings: { aggregationKind: AlertPerResult }\n';

describe('an alert', () => {
  const rows = testRows(
    [
      { TimeGenerated: '2026-03-04T09:30:00Z', Host: 'pc8' },
      { TimeGenerated: '2026-03-04T09:12:31.1234567Z', Host: 'pc7' },
      { TimeGenerated: null, Host: 'pc7' },
    ],
    times,
  );

  it('has the columns of a scheduled rule', () => {
    const rule = testRule('tactics: [InitialAccess, Impact]\nrelevantTechniques: [T1566.002, T1102]\n');
    const [alert] = build(rule, rows);
    expect(alert?.row).toMatchObject({
      TimeGenerated: '2026-03-04T10:05:00Z',
      ProcessingEndTime: '2026-03-04T10:05:00Z',
      StartTime: '2026-03-04T09:12:31.1234567Z',
      EndTime: '2026-03-04T09:30:00Z',
      DisplayName: 'Test rule',
      AlertName: 'Test rule',
      Description: 'What it finds.',
      AlertSeverity: 'Medium',
      ProviderName: 'ASI Scheduled Alerts',
      VendorName: 'Microsoft',
      ProductName: 'Azure Sentinel',
      ProductComponentName: 'Scheduled Alerts',
      AlertType: `ws_${rule.id}`,
      Status: 'New',
      IsIncident: false,
      Tactics: 'InitialAccess,Impact',
      Techniques: '["T1566","T1102"]',
      SubTechniques: '["T1566.002"]',
      SourceSystem: 'Detection',
    });
    expect(alert?.row.SystemAlertId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(alert?.row.VendorOriginalId).not.toBe(alert?.row.SystemAlertId);
  });

  it('takes the bounds of the window when the rows have no time', () => {
    expect(build(testRule(), numbered(1))[0]?.row).toMatchObject({
      StartTime: '2026-03-04T09:00:00Z',
      EndTime: '2026-03-04T10:00:00Z',
    });
  });

  it('tells its run in the extended properties', () => {
    const rule = testRule('customDetails: { Where: Host }\n');
    expect(properties(build(rule, rows)[0])).toEqual({
      'Query Period': '01:00:00',
      'Trigger Operator': 'GreaterThan',
      'Trigger Threshold': '0',
      'Correlation Id': 'run',
      'Search Query Results Overall Count': '3',
      'Data Sources': '["ws"]',
      Query: expect.stringMatching(/set query_now = datetime\(2026-03-04T10:00:00Z\);\nCommonSecurityLog$/),
      'Query Start Time UTC': '2026-03-04 09:00:00Z',
      'Query End Time UTC': '2026-03-04 10:00:00Z',
      'Analytic Rule Ids': `["${rule.id}"]`,
      'Event Grouping': 'SingleAlert',
      'Analytic Rule Name': 'Test rule',
      'Custom Details': '{"Where":["pc8","pc7"]}',
      ProcessedBySentinel: 'True',
      'Alert generation status': 'Full alert created',
    });
  });

  it('names the near-real-time component', () => {
    const [alert] = build(testRule('kind: NRT\n'), rows);
    expect(alert?.row).toMatchObject({ ProviderName: 'ASI NRT Alerts', ProductComponentName: 'NRT Alerts' });
  });

  it('stays within 64 KB together with its entities', () => {
    expect(detectLimits.alertBytes).toBe(65_536);
    const rule = testRule(
      'entityMappings: [{ entityType: URL, fieldMappings: [{ identifier: Url, columnName: N }] }]\n',
    );
    const many = testRows(Array.from({ length: 500 }, (_, i) => ({ N: `https://example.com/${i}${'x'.repeat(200)}` })));
    const { row } = build(rule, many)[0]!;
    const size =
      Buffer.byteLength(JSON.stringify({ ...row, Entities: undefined })) + Buffer.byteLength(String(row.Entities));
    expect(size).toBeLessThanOrEqual(65_536);
    expect(size).toBeGreaterThan(65_000);
  });
});

describe('event grouping', () => {
  it('makes one alert of all rows by default', () => {
    const alerts = build(testRule(), numbered(200));
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.resultRows).toHaveLength(200);
  });

  it('makes an alert of each row, up to 150', () => {
    expect(detectLimits.alertsPerRun.Scheduled).toBe(150);
    const alerts = build(testRule(perResult), numbered(150));
    expect(alerts).toHaveLength(150);
    expect(alerts.every((alert) => alert.resultRows.length === 1)).toBe(true);
  });

  it('lets the 150th alert stand for the whole result when there are more rows', () => {
    const alerts = build(testRule(perResult), numbered(151));
    expect(alerts.map((alert) => alert.resultRows.length)).toEqual([...Array(149).fill(1), 151]);
  });

  it('does the same at 30 for near-real-time rules', () => {
    expect(detectLimits.alertsPerRun.NRT).toBe(30);
    expect(build(testRule(`${perResult}kind: NRT\n`), numbered(30))).toHaveLength(30);
    const alerts = build(testRule(`${perResult}kind: NRT\n`), numbered(31));
    expect(alerts.map((alert) => alert.resultRows.length)).toEqual([...Array(29).fill(1), 31]);
  });

  it('alerts once for an empty result that triggers', () => {
    expect(build(testRule(perResult), [])).toHaveLength(1);
  });

  it('gives each row its own times, count and a query that brings it back', () => {
    const rows = testRows(
      [
        { TimeGenerated: '2026-03-04T09:30:00Z', Host: "it's" },
        { TimeGenerated: '2026-03-04T09:40:00Z', Host: 'pc7' },
      ],
      times,
    );
    const [first] = build(testRule(perResult), rows);
    expect(first?.row.EndTime).toBe('2026-03-04T09:30:00Z');
    const { Query, OriginalQuery, ...rest } = properties(first);
    expect(rest['Search Query Results Overall Count']).toBe('2');
    expect(OriginalQuery).toMatch(/\nCommonSecurityLog$/);
    const packed = /\['([A-Za-z0-9+/=]+)'\]/.exec(Query!)![1]!;
    expect(JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString())).toEqual({
      TimeGenerated: '2026-03-04T09:30:00Z',
      Host: "it's",
    });
  });

  it('saves no query for a row that needs more than 10 KB', () => {
    expect(detectLimits.savedQueryBytes).toBe(10_240);
    const noise = Array.from({ length: 30_000 }, (_, i) =>
      String.fromCharCode(33 + (((i * i * 7919) % 9973) % 90)),
    ).join('');
    const { Query, OriginalQuery } = properties(build(testRule(perResult), testRows([{ A: noise }]))[0]);
    expect(Query).toBe(OriginalQuery);
  });

  it('knows an alert by its row, not by its place', () => {
    const ids = (rows: Record<string, unknown>[]) =>
      build(testRule(perResult), testRows(rows)).map((alert) => alert.row.SystemAlertId);
    const [a, b] = ids([{ A: '1' }, { A: '2' }]);
    expect(ids([{ A: '2' }, { A: '1' }])).toEqual([b, a]);
    expect(new Set(ids([{ A: '1' }, { A: '1' }])).size).toBe(2);
  });
});
