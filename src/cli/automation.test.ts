import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { incidentSchema } from '../detect/index.js';
import { answer, spawned, temporaryFolder, temporaryWorkspace, vedette } from './testing/index.js';

const { dataDir, store } = await temporaryWorkspace();
const folder = await temporaryFolder();
const command = (...args: string[]) => [...args, '--data', dataDir];
const secret = 'a secret of more than 16 characters';
process.env.VEDETTE_SECRET_SOAR = secret;

/** Receives webhooks; `hang` leaves a request without an answer. */
const received: { id: unknown; attempt: unknown; signature: string; body: string }[] = [];
let hang = true;
let status = 200;
const server = createServer(async (request, response: ServerResponse) => {
  const body = (await buffer(request)).toString('utf8');
  const { 'x-vedette-id': id, 'x-vedette-attempt': attempt, 'x-vedette-signature': signature } = request.headers;
  received.push({ id, attempt, signature: String(signature), body });
  if (!hang) response.writeHead(status).end();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as { port: number };
const place = `127.0.0.1:${port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const file = join(folder, 'tell-soar.yaml');
await writeFile(
  file,
  `id: tell-soar
displayName: Tell the SOAR
triggeringLogic:
  triggersOn: Incidents
  triggersWhen: Created
  conditions:
    - conditionType: Property
      conditionProperties: { propertyName: IncidentSeverity, operator: Equals, propertyValues: [High] }
actions:
  - order: 1
    actionType: ModifyProperties
    actionConfiguration: { status: Active, owner: soc@example.com, labels: [soar] }
  - order: 2
    actionType: RunWebhook
    actionConfiguration: { url: 'http://${place}/hook/KEY', secret: soar }
`,
);

async function open(incidentNumber: number, severity = 'High'): Promise<void> {
  const time = new Date().toISOString();
  await store.ensureTable(incidentSchema);
  await store.insert('SecurityIncident', [
    {
      ...{ TimeGenerated: time, LastModifiedTime: time, CreatedTime: time, IncidentName: `incident-${incidentNumber}` },
      ...{ IncidentNumber: incidentNumber, Title: 'Phishing', Severity: severity, Status: 'New', AlertIds: [] },
      ...{ Labels: [], Comments: [], Tasks: [], ModifiedBy: 'Incident created from alert' },
    },
  ]);
}

it('a webhook whose sender is killed is sent by the next one, under the same id', async () => {
  await answer(command('automation', 'add', file));
  await open(1);
  const first = spawned(command('watch', '--allow-webhook', place));
  await expect.poll(() => received.length, { timeout: 60_000 }).toBe(1);
  first.kill('SIGKILL');
  await once(first, 'close');
  hang = false;
  const second = spawned(command('watch', '--allow-webhook', place));
  let said = '';
  second.stdout.on('data', (chunk) => {
    said += chunk;
  });
  second.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await expect.poll(() => received.length, { timeout: 90_000 }).toBe(2);
  await expect.poll(() => said, { timeout: 20_000 }).toContain('delivered');
  second.kill('SIGTERM');
  await once(second, 'close');
  const [before, after] = received as [(typeof received)[0], (typeof received)[0]];
  expect([after.id, after.body, before.attempt, after.attempt]).toEqual([before.id, before.body, '1', '2']);
  const [t, v1] = after.signature.split(',').map((part) => part.split('=')[1]!);
  expect(createHmac('sha256', secret).update(`${t}.${after.body}`).digest('hex')).toBe(v1);
  expect(JSON.parse(after.body)).toMatchObject({
    event: 'incident.created',
    incident: { IncidentNumber: 1, Status: 'Active', Owner: { assignedTo: 'soc@example.com' } },
  });
  expect(said).not.toMatch(/KEY|more than 16/);
});

it('KQL reads what automation did, and finds no secret', async () => {
  const { rows } = await answer<{ rows: unknown[][] }>(
    command(
      'query',
      `SentinelHealth | where SentinelResourceType == "Automation rule" | order by TimeGenerated asc
| project OperationName, SentinelResourceName, Status, tolong(ExtendedProperties.IncidentNumber)`,
    ),
  );
  expect(rows).toEqual([
    ['Automation rule run', 'Tell the SOAR', 'Success', 1],
    ['Webhook delivery', 'Tell the SOAR', 'Success', 1],
  ]);
  const found = await answer<{ rows: unknown[][] }>(
    command(
      'query',
      `union VedetteDelivery_CL, VedetteAutomation_CL, SentinelHealth, SentinelAudit
| where tostring(pack_all()) has "KEY" or tostring(pack_all()) has "more than 16" | count`,
    ),
  );
  expect(found.rows).toEqual([[0]]);
});

it('what is refused becomes a dead letter with a clear error, is sent again or dropped', async () => {
  status = 404;
  await open(2);
  await open(3, 'Low');
  const run = await vedette(command('automation', 'run', '--allow-webhook', place));
  expect(run.stdout).toMatch(/webhook {2}Tell the SOAR .* given up .*AUT7003 answered with status 404/);
  const list = () =>
    answer<{ deadLetters: { id: string; incidentNumber: number }[] }>(command('automation', 'deadletter', 'list'));
  const [dead] = (await list()).deadLetters;
  expect(dead).toMatchObject({ incidentNumber: 2, reason: 'AUT7003 answered with status 404' });
  status = 200;
  await answer(command('automation', 'deadletter', 'retry', dead!.id));
  const again = await vedette(command('automation', 'run', '--allow-webhook', place));
  expect(again.stdout).toContain('delivered');
  expect((await list()).deadLetters).toEqual([]);
  const drop = await vedette(command('automation', 'deadletter', 'drop', dead!.id));
  expect([drop.status, drop.stderr]).toEqual([2, expect.stringContaining('AUT7004')]);
});

it('a rule is tried on an incident without doing anything', async () => {
  const sent = received.length;
  const low = await vedette(command('automation', 'test', 'tell-soar', '--incident', '3', '--allow-webhook', place));
  expect([low.status, low.stdout]).toEqual([1, expect.stringContaining('A condition does not hold for incident 3')]);
  const closed = await vedette(command('automation', 'test', 'tell-soar', '--incident', '1'));
  expect([closed.status, closed.stdout]).toEqual([1, expect.stringContaining('AUT7001')]);
  const fine = await vedette(command('automation', 'test', 'tell-soar', '--incident', '1', '--allow-webhook', place));
  expect([fine.status, fine.stdout]).toEqual([0, expect.stringContaining('would go to http://127.0.0.1')]);
  expect(received).toHaveLength(sent);
  await vedette(command('automation', 'test', 'tell-soar', '--incident', '1', '--send', '--allow-webhook', place));
  expect(JSON.parse(received.at(-1)!.body)).toMatchObject({ event: 'test', incident: { IncidentNumber: 1 } });
});

it('rules are listed and removed, and a broken one is refused with its place', async () => {
  expect((await vedette(command('automation', 'list'))).stdout).toMatch(
    /tell-soar +Tell the SOAR +Incidents Created +active/,
  );
  await writeFile(
    join(folder, 'broken.yaml'),
    'id: x\ndisplayName: X\ntriggeringLogic: { triggersOn: Moon }\nactions: []\n',
  );
  const broken = await vedette(command('automation', 'add', join(folder, 'broken.yaml')));
  expect([broken.status, broken.stderr]).toEqual([2, expect.stringMatching(/broken\.yaml:3:\d+ RUL3002 triggersOn/)]);
  await answer(command('automation', 'remove', 'Tell the SOAR'));
  expect((await vedette(command('automation', 'list'))).stdout).toContain('There are no automation rules.');
});
