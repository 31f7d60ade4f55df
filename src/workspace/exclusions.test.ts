import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { catalogue } from '../tables/index.js';
import { openTestWorkspace } from './testing/index.js';
import type { Workspace } from './workspace.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const hour = 3_600_000;
const day = 24 * hour;
let now = Date.UTC(2026, 2, 4, 10);
let workspace: Workspace;
let folder: string;
let rule: string;

const yaml = (query: string) => `id: 00000000-0000-4000-8000-000000000001
name: Traffic
description: d
severity: Medium
version: 1.0.0
kind: Scheduled
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 1
eventGroupingSettings: { aggregationKind: AlertPerResult }
entityMappings:
  - { entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }
  - { entityType: Account, fieldMappings: [{ identifier: FullName, columnName: SourceUserName }] }
query: |
  ${query}
`;
const query =
  'CommonSecurityLog | where DeviceVendor == "test" | project TimeGenerated, SourceIP, SourceUserName, DestinationPort';

beforeAll(async () => {
  workspace = await openTestWorkspace({ clock: { now: () => now } });
  folder = await mkdtemp(join(tmpdir(), 'vedette-exclusions-'));
  rule = join(folder, 'rule.yaml');
  await writeFile(rule, yaml(query));
  await workspace.store.ensureTable(catalogue.table('CommonSecurityLog')!);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Three rows in the hour before now: two users, two networks; one port is missing. */
async function log() {
  const common = { TimeGenerated: new Date(now - hour / 2).toISOString(), DeviceVendor: 'test' };
  await workspace.store.insert('CommonSecurityLog', [
    { ...common, SourceIP: '198.51.100.7', SourceUserName: 'ana@example.com', DestinationPort: 443 },
    { ...common, SourceIP: '198.51.100.8', SourceUserName: 'svc-backup@example.com', DestinationPort: 22 },
    { ...common, SourceIP: '203.0.113.5', SourceUserName: 'bo@example.com' },
  ]);
}
const add = (more: object) =>
  workspace.exclusions.add(rule, { reason: 'known', expires: '30d', author: 'cleo', ...more });
const rows = async (kql: string) => (await workspace.query(kql, { at: now })).rows;
const run = (options = {}) => workspace.rules.run(rule, { at: now, ...options });
const users = (result: { rows: readonly (readonly unknown[])[] }) => result.rows.map((row) => row[2]);
async function cleared() {
  for (const each of await workspace.exclusions.list()) await workspace.exclusions.remove(each.id);
  now += hour;
  await log();
}

it('hides rows after the query and before the trigger, and keeps what it hid on record', async () => {
  await log();
  const exclusion = await add({ where: 'DestinationPort == 22' });
  const result = await run();
  // A condition that is null, as for the row without a port, hides nothing.
  expect(users(result)).toEqual(['ana@example.com', 'bo@example.com']);
  expect(result).toMatchObject({ resultCount: 2, triggered: true, hidden: [{ rows: 1, reason: 'known' }] });
  expect(result.columns.map((column) => column.name)).toEqual([
    'TimeGenerated',
    'SourceIP',
    'SourceUserName',
    'DestinationPort',
  ]);
  expect(result.alerts.length).toBe(2);
  expect(result.notices.map((notice) => notice.code)).toEqual(['RUL3010']);
  const hidden = `VedetteHidden_CL | mv-expand Rows | project ExclusionId, HiddenRows, user = tostring(Rows.SourceUserName)`;
  expect(await rows(hidden)).toEqual([[exclusion.id, 1, 'svc-backup@example.com']]);
  // A second run of the same identity changes nothing.
  expect(await run()).toMatchObject({ repeated: true, resultCount: 2 });
  expect(await rows('VedetteHidden_CL | count')).toEqual([[1]]);
  expect(await workspace.exclusions.list()).toMatchObject([{ status: 'active', hiddenRows: 1, author: 'cleo' }]);
  expect(await workspace.exclusions.hidden({ id: exclusion.id.slice(0, 8) })).toMatchObject([
    { HiddenRows: 1, RuleName: 'Traffic' },
  ]);
});

it('takes rows from the count that the trigger compares', async () => {
  await cleared();
  await add({ where: "SourceUserName in ('ana@example.com', 'bo@example.com')" });
  expect(await run()).toMatchObject({ resultCount: 1, triggered: false, alerts: [] });
});

it.each([
  ['IP=198.51.100.7', ['svc-backup@example.com', 'bo@example.com']],
  ['ip=198.51.100.0/24', ['bo@example.com']],
  ['Account=ANA@example.com', ['svc-backup@example.com', 'bo@example.com']],
  ['Account=bo', ['ana@example.com', 'svc-backup@example.com']],
])('hides rows that name an entity: %s', async (entity, left) => {
  await cleared();
  await add({ entity });
  expect(users(await run({ dryRun: true }))).toEqual(left);
});

it('may look things up in a watchlist', async () => {
  await cleared();
  const source = {
    name: 'a.csv',
    stream: (async function* () {
      yield Buffer.from('User\nana@example.com\n');
    })(),
  };
  await workspace.watchlists.import({ alias: 'Known', searchKey: 'User', source });
  await add({ where: "SourceUserName in (_GetWatchlist('Known') | project SearchKey)" });
  expect(users(await run({ dryRun: true }))).toEqual(['svc-backup@example.com', 'bo@example.com']);
});

it('ends with its time, and with its removal, which are on record', async () => {
  await cleared();
  const short = await add({ where: 'true', expires: '2h' });
  expect((await run({ dryRun: true })).resultCount).toBe(0);
  now += 2 * hour;
  await log();
  expect((await run({ dryRun: true })).resultCount).toBe(3);
  expect((await workspace.exclusions.list({ all: true })).find(({ id }) => id === short.id)?.status).toBe('expired');
  const never = await add({ where: 'true', expires: 'never' });
  expect((await run({ dryRun: true })).resultCount).toBe(0);
  await workspace.exclusions.remove(never.id, 'dana');
  expect((await run({ dryRun: true })).resultCount).toBe(3);
  const audit = `SentinelAudit | where tostring(ExtendedProperties.ExclusionId) == '${never.id}' | project OperationName,
    tostring(ExtendedProperties.CallerName), SentinelResourceName | order by OperationName asc`;
  expect(await rows(audit)).toEqual([
    ['Create exclusion', 'cleo', 'Traffic'],
    ['Delete exclusion', 'dana', 'Traffic'],
  ]);
  await expect(workspace.exclusions.remove(never.id)).rejects.toThrow('removed already');
});

it.each([
  ['a column that the rule does not return', { where: 'NoColumn == 1' }, /NoColumn/],
  ['no condition', { where: 'DestinationPort' }, /neither true nor false/],
  ['more than a condition', { where: 'true) | union SecurityEvent | where (true' }, /is not one condition/],
  ['a comment that swallows the rest', { where: 'true /*' }, /is not one condition/],
  ['both a condition and an entity', { where: 'true', entity: 'IP=198.51.100.7' }, /either a condition or an entity/],
  ['an entity that the rule does not map', { entity: 'URL=http://example.com/' }, /the rule maps no entity URL/],
  ['no entity', { entity: 'Nobody' }, /is no entity/],
  ['no reason', { where: 'true', reason: ' ' }, /wants a reason/],
  ['an end in the past', { where: 'true', expires: '2020-01-01' }, /expired already/],
])('is refused with %s', async (_, more, message) => {
  await expect(add(more)).rejects.toThrow(message);
});

it('that the changed rule can no longer answer hides nothing and is told; the others go on', async () => {
  await cleared();
  await add({ where: 'DestinationPort == 22' });
  await add({ where: "SourceUserName startswith 'bo'" });
  await writeFile(rule, yaml(query.replace(', DestinationPort', '')));
  const result = await run({ dryRun: true });
  expect(users(result)).toEqual(['ana@example.com', 'svc-backup@example.com']);
  expect(result.notices.map((notice) => notice.code).sort()).toEqual(['RUL3010', 'RUL3011']);
  await writeFile(rule, yaml(query));
});

it('is told by explain and by back-tests', async () => {
  await cleared();
  await add({ where: 'DestinationPort == 22' });
  expect((await workspace.rules.explain(rule, { at: now })).hidden).toMatchObject([
    { rows: 1, what: 'DestinationPort == 22' },
  ]);
  const { runs } = await workspace.rules.backtest(rule, { from: now - day, to: now });
  expect(runs.at(-1)).toMatchObject({ resultCount: 2, hidden: 1 });
});
