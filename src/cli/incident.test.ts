import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { incidentSchema } from '../detect/index.js';
import { answer, temporaryWorkspace, vedette } from './testing/index.js';

const { dataDir, store } = await temporaryWorkspace();
const incident = (...args: string[]) => ['incident', ...args, '--data', dataDir];

await store.ensureTable(incidentSchema);
await store.insert('SecurityIncident', [
  {
    ...{ TimeGenerated: '2026-03-04T10:00:00Z', LastModifiedTime: '2026-03-04T10:00:00Z' },
    ...{ CreatedTime: '2026-03-04T10:00:00Z', IncidentName: 'b1b2c3d4-0000-4000-8000-000000000001', IncidentNumber: 1 },
    ...{ Title: 'Phishing', Severity: 'Medium', Status: 'New', AlertIds: [], Labels: [], Comments: [], Tasks: [] },
  },
]);

it('changes an incident in the name of a person, and KQL reads who did what', async () => {
  const row = await answer<Record<string, unknown>>(
    incident('update', '1', '--status', 'active', '--owner', 'ana@example.com', '--tag', 'vip', '--by', 'ana'),
  );
  expect(row).toMatchObject({ Status: 'Active', ModifiedBy: 'ana', Labels: [{ labelName: 'vip' }] });
  const { rows } = await answer<{ rows: unknown[][] }>([
    'query',
    'SentinelAudit | project OperationName, tostring(ExtendedProperties.CallerName), Description',
    '--data',
    dataDir,
  ]);
  expect(rows).toEqual([['Update incident', 'ana', 'ana changed Labels, Owner, Status of incident 1']]);
});

it('refuses to close without a classification, and a value that is none', async () => {
  const open = await vedette(incident('update', '1', '--status', 'Closed'));
  expect([open.status, open.stderr]).toEqual([2, expect.stringContaining('closed with a classification')]);
  const wrong = await vedette(incident('update', '1', '--severity', 'Terrible'));
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('--severity is one of')]);
  const spoofed = await vedette(incident('update', '1', '--tag', 'x', '--by', 'Automation rule - X'));
  expect([spoofed.status, spoofed.stderr]).toEqual([2, expect.stringContaining('not the name of a person')]);
  const nothing = await vedette(incident('update', '1'));
  expect([nothing.status, nothing.stderr]).toEqual([2, expect.stringContaining('nothing to change')]);
});

it('keeps a list of tasks', async () => {
  await answer(incident('task', 'add', '1', 'Ask the user', '--by', 'ana'));
  const { tasks } = await answer<{ tasks: unknown[] }>(incident('task', 'done', '1', '1', '--by', 'bo'));
  expect(tasks).toMatchObject([{ title: 'Ask the user', status: 'Completed', createdBy: { name: 'ana' } }]);
  expect((await vedette(incident('task', 'done', '1', '7'))).stderr).toContain("no task '7'");
});

it('exports to a file that only its owner reads, and one that cannot be written is refused', async () => {
  const file = join(dataDir, '..', 'incidents.csv');
  expect((await vedette(incident('export', '--all', '--format', 'csv', '--out', file))).status).toBe(0);
  expect(await readFile(file, 'utf8')).toMatch(/^\uFEFF"IncidentNumber",.*\r\n1,"b1b2c3d4-/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const wrong = await vedette(incident('export', '1', '--out', join(dataDir, 'none', 'x.json')));
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('CLI6002')]);
  const { incidents } = JSON.parse((await vedette(incident('export', '1'))).stdout) as { incidents: object[] };
  expect(incidents).toMatchObject([{ incident: { Title: 'Phishing' }, tasks: [{ title: 'Ask the user' }] }]);
});
