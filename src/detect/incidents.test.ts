import { beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../base/index.js';
import { WorkspaceRunner } from '../query/index.js';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { catalogue, type Row } from '../tables/index.js';
import { detectLimits, type IncidentChange, type IncidentView, incidents, runRule } from './index.js';
import { testRule } from './testing/index.js';

const at = Date.UTC(2026, 2, 4, 10);
const minute = 60_000;
let store: Store;

beforeAll(async () => {
  store = await openTestStore();
  await store.ensureTable(catalogue.table('CommonSecurityLog')!);
  const rows = ['192.0.2.1', '203.0.113.9', '203.0.113.9'].map((SourceIP, i) => ({
    TimeGenerated: new Date(at - (10 - i) * minute).toISOString(),
    SourceIP,
    DeviceAction: `action ${i}`,
  }));
  await store.insert('CommonSecurityLog', rows);
  const rule = testRule(
    `eventGroupingSettings: { aggregationKind: AlertPerResult }
entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }]
incidentConfiguration: { groupingConfiguration: { enabled: true, matchingMethod: AllEntities } }
`,
    { query: 'CommonSecurityLog | project TimeGenerated, SourceIP, DeviceAction | order by TimeGenerated asc' },
  );
  const runner = new WorkspaceRunner(store, { function: () => undefined });
  const run = await runRule(rule, { at, store, runner, clock: fixedClock(at + 5 * minute) });
  if (!run.ok) throw new Error('the rule failed');
});

const show = async (number: number): Promise<IncidentView> => {
  const shown = await incidents(store).show(number);
  if (!shown.ok) throw new Error(shown.diagnostics[0]?.message);
  return shown.value;
};
const update = async (number: number, change: IncidentChange, now = at + 10 * minute): Promise<Row> => {
  const changed = await incidents(store).update(number, change, 'ana@example.com', now);
  if (!changed.ok) throw new Error(changed.diagnostics[0]?.message);
  return changed.value;
};

describe('incidents', () => {
  it('are listed with the newest number first', async () => {
    expect((await incidents(store).list()).map((incident) => incident.IncidentNumber)).toEqual([2, 1]);
  });

  it('are shown with their alerts, entities and the events behind them only', async () => {
    const { incident, alerts, entities, events } = await show(2);
    expect(alerts.map((alert) => alert.SystemAlertId)).toEqual(incident.AlertIds);
    expect(entities).toEqual([
      {
        name: '203.0.113.9',
        strong: true,
        entity: { Type: 'ip', Address: '203.0.113.9' },
        alertIds: incident.AlertIds,
      },
    ]);
    expect(events.map(({ columns, rows }) => [columns.map((c) => c.name), rows.map((row) => row[2])])).toEqual([
      [
        ['TimeGenerated', 'SourceIP', 'DeviceAction'],
        ['action 1', 'action 2'],
      ],
    ]);
  });

  it('tell their story in order', async () => {
    const { timeline } = await show(1);
    expect(timeline.map(({ time, kind }) => [time.slice(11, 16), kind])).toEqual([
      ['09:50', 'first activity'],
      ['09:50', 'last activity'],
      ['10:05', 'alert'],
      ['10:05', 'incident created'],
    ]);
  });

  it('of unknown numbers are not there', async () => {
    const shown = await incidents(store).show(99);
    expect(shown.diagnostics.map((d) => d.message)).toEqual(['there is no incident 99']);
    expect((await incidents(store).update(99, {}, 'ana', at)).ok).toBe(false);
  });

  it('change by newer rows, older ones stay', async () => {
    await update(1, { status: 'Active', owner: 'ana@example.com', labels: ['phishing'] });
    const closed = await update(1, {
      status: 'Closed',
      classification: 'BenignPositive',
      classificationReason: 'SuspiciousButExpected',
      comment: 'A test.',
    });
    expect((await show(1)).incident).toEqual(closed);
    expect(closed).toMatchObject({
      Status: 'Closed',
      Classification: 'BenignPositive',
      ClassificationReason: 'SuspiciousButExpected',
      Owner: { assignedTo: 'ana@example.com' },
      Labels: [{ labelName: 'phishing', labelType: 'User' }],
      Comments: [{ message: 'A test.', author: { name: 'ana@example.com' } }],
      AdditionalData: { alertsCount: 1, commentsCount: 1 },
      ModifiedBy: 'ana@example.com',
      CreatedTime: '2026-03-04T10:05:00Z',
      FirstModifiedTime: '2026-03-04T10:10:00Z',
      ClosedTime: '2026-03-04T10:10:00Z',
    });
    const { rows } = await store.query(
      'SELECT Status FROM SecurityIncident WHERE IncidentNumber = 1 ORDER BY LastModifiedTime',
    );
    expect(rows.map(([status]) => status)).toEqual(['New', 'Active', 'Closed']);
  });

  it('keep both of two changes at the same moment', async () => {
    const other: Store = Object.create(store);
    await Promise.all([
      ...['one', 'two'].map((comment) => update(2, { comment })),
      incidents(other).update(2, { comment: 'three' }, 'bo', at + 10 * minute),
    ]);
    const comments = (await show(2)).incident.Comments as { message: string }[];
    expect(comments.map((comment) => comment.message).sort()).toEqual(['one', 'three', 'two']);
  });

  it('refuse a comment that is too long, or one too many, and lose nothing', async () => {
    expect([detectLimits.commentChars, detectLimits.commentsPerIncident]).toEqual([30_000, 100]);
    await expect(update(1, { comment: 'x'.repeat(30_001) })).rejects.toThrow('30000 characters, not 30001');
    const { incident } = await show(1);
    const full = {
      ...incident,
      Comments: Array.from({ length: 100 }, () => ({ message: 'x' })),
      LastModifiedTime: '2026-03-04T11:00:00Z',
    };
    await store.insert('SecurityIncident', [full]);
    await expect(update(1, { comment: 'x' })).rejects.toThrow('100 comments');
  });
  it('keep tags that others set, and their spelling', async () => {
    await update(2, { labels: ['VIP', 'mail'] });
    const tagged = await update(2, { addLabels: ['vip', 'phishing'], removeLabels: ['MAIL'] });
    expect(tagged.Labels).toEqual(['VIP', 'phishing'].map((labelName) => ({ labelName, labelType: 'User' })));
  });

  it('write nothing when a change says nothing new', async () => {
    const before = await update(2, { severity: 'High', owner: 'bo@example.com' });
    const again = { severity: 'High', owner: 'bo@example.com', addLabels: ['vip'], status: 'New' } as const;
    expect(await update(2, again, at + 30 * minute)).toEqual(before);
    const { rows } = await store.query(
      `SELECT count() FROM SecurityIncident WHERE IncidentNumber = 2 AND LastModifiedTime > '2026-03-04 10:25:00'`,
    );
    expect(rows).toEqual([['0']]);
  });

  it.each([
    [{ status: 'Closed' }, 'closed with a classification'],
    [{ classification: 'TruePositive' }, 'classified when it is closed'],
    [
      { status: 'Closed', classification: 'TruePositive', classificationReason: 'InaccurateData' },
      'TruePositive has no reason InaccurateData, but SuspiciousActivity',
    ],
  ] as [IncidentChange, string][])('refuse %j as the product does', async (change, message) => {
    await expect(update(2, change)).rejects.toThrow(message);
  });

  it('tell who changed what, in the order in which it happened', async () => {
    await update(2, { status: 'Active', owner: 'cy@example.com', addTask: { title: 'Call' } }, at + 50 * minute);
    await update(2, { comment: 'No answer.' }, at + 55 * minute);
    const told = (await show(2)).timeline
      .filter(({ time }) => time >= '2026-03-04T10:50')
      .map(({ kind, text }) => [kind, text]);
    expect(told).toEqual([
      ['change', 'Owner: cy@example.com; Status: New → Active; Tasks: Call (New), by ana@example.com'],
      ['comment', 'No answer.'],
    ]);
  });

  it('lose the classification when they are opened again', async () => {
    await update(2, { status: 'Closed', classification: 'FalsePositive', classificationComment: 'Scanner.' });
    const opened = await update(2, { status: 'Active' });
    expect([opened.Classification, opened.ClassificationComment, opened.ClosedTime]).toEqual(['', '', null]);
  });

  it('add a task that has an id of its own once', async () => {
    const addTask = { title: 'Reset the password', id: 'a task' };
    await update(2, { addTask });
    const { Tasks } = await update(2, { addTask });
    expect((Tasks as { title: string }[]).map((task) => task.title)).toEqual(['Call', 'Reset the password']);
  });
});
