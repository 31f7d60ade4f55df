import { beforeAll, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { catalogue } from '../tables/index.js';
import { WorkspaceRunner } from './runner.js';

let store: Store;
let runner: WorkspaceRunner;
beforeAll(async () => {
  store = await openTestStore();
  runner = new WorkspaceRunner(store, { function: () => undefined });
  await store.ensureTable(catalogue.table('AWSVPCFlow')!);
  const TimeGenerated = '2026-03-04T09:00:00Z';
  await store.insert(
    'AWSVPCFlow',
    ['10.0.0.1', '203.0.113.1', '203.0.113.2', '2001:db8::1', ''].map((DstAddr) => ({ TimeGenerated, DstAddr })),
  );
});

const proxied = `datatable(Ip: string, n: int) ["10.0.0.1", 1, "203.0.113.1", 2, "203.0.113.9", 3, "2001:db8::1", 4, "", 5]
| where n > 0`;
const publicOnes =
  '(AWSVPCFlow | where isnotempty(DstAddr) and not(ipv4_is_private(DstAddr)) | project Address = DstAddr)';

async function answerOf(kql: string): Promise<{ numbers: unknown[]; sql: string }> {
  const answer = await runner.query(kql);
  const statement = await runner.sql(kql);
  if (!answer.ok || !statement.ok) throw new Error('it failed');
  return { numbers: answer.value.rows.map(([n]) => n).sort(), sql: statement.value };
}

it('asks a condition on the join key of the keys, not of every row', async () => {
  const { numbers, sql } = await answerOf(
    `${proxied} | join kind=inner ${publicOnes} on $left.Ip == $right.Address | project n`,
  );
  expect(numbers).toEqual([2]);
  expect(sql).toMatch(/IPv4StringToNumOrNull\([^)]*\.Ip\b/);
  expect(sql).not.toMatch(/IPv4StringToNumOrNull\([^)]*\.DstAddr\b/);
});

it('keeps left rows of an outer join whose key fails the condition', async () => {
  const kql = `${proxied} | join kind=leftouter ${publicOnes} on $left.Ip == $right.Address | where isempty(Address) | project n`;
  expect((await answerOf(kql)).numbers).toEqual([1, 3, 4, 5]);
});

it('leaves the condition to the rows where unmatched ones stay or nothing travels', async () => {
  const right = `${proxied} | join kind=rightouter ${publicOnes} on $left.Ip == $right.Address | project n`;
  expect((await answerOf(right)).numbers).toEqual([2, null]);
  const anti = `${proxied} | join kind=leftanti ${publicOnes} on $left.Ip == $right.Address | project n`;
  expect((await answerOf(anti)).numbers).toEqual([1, 3, 4, 5]);
});

it('keeps conditions on other columns, and on the key together with them', async () => {
  const both = '(AWSVPCFlow | where DstAddr startswith "203" and strlen(DstAddr) > strlen(LogStatus) + 10)';
  const kql = `${proxied} | join kind=inner ${both} on $left.Ip == $right.DstAddr | project n`;
  expect((await answerOf(kql)).numbers).toEqual([2]);
});
