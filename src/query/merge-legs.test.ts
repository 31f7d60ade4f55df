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
  await store.ensureTable(catalogue.table('CommonSecurityLog')!);
  const row = (DeviceVendor: string, DeviceProduct: string, Activity: string, DestinationIP: string) => ({
    ...{ TimeGenerated: '2026-03-04T09:00:00Z', DeviceVendor, DeviceProduct, Activity, DestinationIP },
  });
  await store.insert('CommonSecurityLog', [
    row('Zscaler', 'NSSFWlog', '', '203.0.113.1'),
    row('Zscaler', 'NSSWeblog', '', '203.0.113.2'),
    row('Palo Alto Networks', 'PAN-OS', 'TRAFFIC', '203.0.113.3'),
    row('Palo Alto Networks', 'PAN-OS', 'THREAT', '203.0.113.4'),
    row('Check Point', 'Fw', 'TRAFFIC', '203.0.113.5'),
  ]);
});

/** The last bytes of the addresses, sorted, and how often the statement reads the table. */
async function answerOf(kql: string): Promise<{ hosts: string[]; scans: number }> {
  const answer = await runner.query(kql);
  const statement = await runner.sql(kql);
  if (!answer.ok || !statement.ok) throw new Error('it failed');
  return {
    hosts: answer.value.rows.map(([address]) => String(address).slice(-1)).sort(),
    scans: statement.value.match(/FROM CommonSecurityLog/g)?.length ?? 0,
  };
}

const leg = (condition: string) => `(CommonSecurityLog | where ${condition} | project Address = DestinationIP)`;
const zscaler = leg('DeviceVendor == "Zscaler" and DeviceProduct == "NSSFWlog"');
const panOs = leg('DeviceVendor == "Palo Alto Networks" | where Activity == "TRAFFIC"');
const checkPoint = leg('DeviceVendor in ("Check Point", "CheckPoint")');

it('reads a table once for legs that no row shares', async () => {
  expect(await answerOf(`union ${zscaler}, ${panOs}, ${checkPoint}`)).toEqual({ hosts: ['1', '3', '5'], scans: 1 });
});

it('keeps a condition over the union', async () => {
  const where = '| where Address endswith ".5" or Address endswith ".1"';
  expect(await answerOf(`union ${zscaler}, ${panOs}, ${checkPoint} ${where}`)).toEqual({ hosts: ['1', '5'], scans: 1 });
});

it('counts a row twice that is in two legs', async () => {
  const traffic = leg('Activity == "TRAFFIC"');
  expect(await answerOf(`union ${panOs}, ${traffic}`)).toEqual({ hosts: ['3', '3', '5'], scans: 2 });
  expect(await answerOf(`union ${zscaler}, ${zscaler}`)).toEqual({ hosts: ['1', '1'], scans: 2 });
});

it('does not take words that differ in case alone for different ones', async () => {
  const folded = [leg('DeviceVendor =~ "zscaler"'), leg('DeviceVendor =~ "Zscaler"')];
  expect((await answerOf(`union ${folded.join(', ')}`)).hosts).toEqual(['1', '1', '2', '2']);
});

it('leaves legs apart that compute their column otherwise', async () => {
  const source =
    '(CommonSecurityLog | where DeviceVendor == "Check Point" | project Address = strcat(DestinationIP, "9"))';
  expect(await answerOf(`union ${zscaler}, ${source}`)).toEqual({ hosts: ['1', '9'], scans: 2 });
});
