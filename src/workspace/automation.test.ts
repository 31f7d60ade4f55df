import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { catalogue } from '../tables/index.js';
import type { AutomationReport } from './index.js';
import { openTestWorkspace } from './testing/index.js';

const folder = await mkdtemp(join(tmpdir(), 'vedette-automation-'));
afterAll(() => rm(folder, { recursive: true }));
const received: { event: string; incident: Record<string, unknown>; entities: { name: string }[] }[] = [];
const server = createServer(async (request, response) => {
  received.push(JSON.parse((await buffer(request)).toString('utf8')));
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const { port } = server.address() as { port: number };

const rule = `id: 11111111-2222-4333-8444-555555555555
name: Denied
description: What it finds.
kind: Scheduled
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [InitialAccess]
query: CommonSecurityLog | where DeviceAction == 'deny' | project TimeGenerated, SourceIP
entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }]
`;
const automation = (id: string, conditions: string, actions: string) => `id: ${id}
displayName: ${id}
triggeringLogic: { triggersOn: Incidents, triggersWhen: Created, conditions: [${conditions}] }
actions: [${actions}]
`;

it('from a row to the incident that it opens, to what automation makes of it, to the webhook', async () => {
  const workspace = await openTestWorkspace({ allowWebhooks: [`127.0.0.1:${port}`], secretsDir: folder });
  await writeFile(join(folder, 'soc'), 'a secret of more than 16 characters', { mode: 0o600 });
  await writeFile(join(folder, 'denied.yaml'), rule);
  await writeFile(
    join(folder, 'automation.yaml'),
    automation(
      'raise',
      "{ conditionType: Property, conditionProperties: { propertyName: IPAddress, operator: StartsWith, propertyValues: ['203.0.113.'] } }",
      `{ order: 1, actionType: ModifyProperties, actionConfiguration: { severity: High, labels: [outside] } },
       { order: 2, actionType: RunWebhook, actionConfiguration: { url: 'http://127.0.0.1:${port}/', secret: soc } }`,
    ),
  );
  await workspace.automation.add(join(folder, 'automation.yaml'));
  const at = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  await workspace.store.ensureTable(catalogue.table('CommonSecurityLog')!);
  await workspace.store.insert('CommonSecurityLog', [
    { TimeGenerated: new Date(at - 60_000).toISOString(), DeviceAction: 'deny', SourceIP: '203.0.113.9' },
  ]);
  const run = await workspace.rules.run(join(folder, 'denied.yaml'), { at });
  expect(run.incidents).toMatchObject([{ Severity: 'Medium', IncidentNumber: 1 }]);

  const reports: AutomationReport[] = [];
  await workspace.schedule.watch({ onAutomation: (report) => reports.push(report) }).once();
  expect(reports.flatMap(({ runs }) => runs.map((one) => [one.rule.id, one.incidentNumber]))).toEqual([['raise', 1]]);
  expect(received).toMatchObject([
    {
      event: 'incident.created',
      incident: { IncidentNumber: 1, Severity: 'High', Labels: [{ labelName: 'outside' }] },
      entities: [{ name: '203.0.113.9' }],
    },
  ]);

  // Looked at again, nothing comes twice; a rule that is removed is gone.
  await workspace.schedule.watch().once();
  expect(received).toHaveLength(1);
  await workspace.automation.remove('raise');
  expect((await workspace.automation.list()).rules).toEqual([]);
});

it('messages wait where no destination is allowed, for whoever has a list', async () => {
  const workspace = await openTestWorkspace({ secretsDir: folder });
  const action = `{ actionType: RunWebhook, actionConfiguration: { url: 'http://127.0.0.1:${port}/', secret: soc } }`;
  await writeFile(join(folder, 'tell.yaml'), automation('tell', '', action));
  await workspace.automation.add(join(folder, 'tell.yaml'));
  const time = new Date().toISOString();
  await workspace.store.ensureTable(catalogue.table('SecurityIncident')!);
  await workspace.store.insert('SecurityIncident', [
    { TimeGenerated: time, LastModifiedTime: time, IncidentName: 'x', IncidentNumber: 1, Status: 'New', AlertIds: [] },
  ]);
  const sent = received.length;
  const told: string[] = [];
  const onTrouble = (diagnostics: readonly { code: string; message: string }[]) =>
    told.push(...diagnostics.map((d) => `${d.code} ${d.message}`));
  await workspace.schedule.watch({ onTrouble }).once();
  expect(told).toEqual(['AUT7001 a webhook waits, and no destination is allowed here']);
  expect(await workspace.automation.deadLetters()).toEqual([]);
  expect(received).toHaveLength(sent);
});
