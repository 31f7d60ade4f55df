import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  connectorIds,
  demoStory,
  proxyIds,
  type Story,
  simulatePhish,
  unitsByConnector,
  variantNames,
} from './index.js';
import { type Decoded, decodeFiles } from './testing/decode.js';
import { runRule } from './testing/rule-oracle.js';
import { resultColumns } from './truth.js';

/*
 * What the real connectors make of the stories, judged by the rule done by hand. It fails when a story strays from a wire
 * format, when a connector misreads one, or when the truth of a story is not what its records say.
 */

const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();

/** Tables that each connector's session files must fill, and no others. */
const tablesOf: Record<(typeof connectorIds)[number], string[]> = {
  MicrosoftThreatProtection: ['DeviceNetworkEvents'],
  Zscaler: ['CommonSecurityLog'],
  Fortinet: ['CommonSecurityLog'],
  CheckPoint: ['CommonSecurityLog'],
  PaloAltoNetworks: ['CommonSecurityLog'],
  AWSS3: ['AWSVPCFlow'],
  WindowsForwardedEvents: ['WindowsEvent'],
  SecurityEvents: ['Event', 'SecurityEvent'],
  WindowsSecurityEvents: ['Event', 'SecurityEvent'],
  MicrosoftSysmonForLinux: ['Syslog'],
  AzureNSG: ['AzureDiagnostics', 'AzureNetworkAnalytics_CL'],
  'AzureMonitor(VMInsights)': ['VMConnection'],
  AIVectraStream: ['VectraStream_CL'],
};
const evidenceTables = ['AlertEvidence', 'AlertInfo', 'DeviceEvents', 'EmailEvents', 'EmailUrlInfo', 'IdentityInfo'];

function expectAllRows(count: Decoded, units: number) {
  expect(count.reasons).toEqual([]);
  expect(count.read).toBe(units);
  expect(count.rejected).toBe(0);
  expect(Object.values(count.tables).reduce((sum, n) => sum + n, 0)).toBe(units);
}

async function check(story: Story) {
  const { rows, counts } = await decodeFiles(story.files, Date.parse(story.at) + 3_600_000);
  for (const file of story.files) expectAllRows(counts[file.path]!, file.units);
  const found = runRule(rows, story.at);
  expect(sorted(found.rows)).toEqual(sorted(story.truth.rows));
  expect(found.stoppedAt).toBe(story.truth.stoppedAt);
  return counts;
}

describe.each(connectorIds)('the stories of %s', (connector) => {
  it.each(variantNames)('%s: every unit becomes a row, and the rows say what the truth says', async (variant) => {
    for (const seed of variant === 'hit' ? [1, 2, 3] : [4]) {
      const story = simulatePhish({ connector, variant, seed, at: '2026-03-05T00:00:00Z' });
      const counts = await check(story);
      const tables = (role: string) => {
        const files = story.files.filter((file) => file.role === role);
        return [...new Set(files.flatMap((file) => Object.keys(counts[file.path]!.tables)))].sort();
      };
      expect(tables('evidence')).toEqual(evidenceTables);
      expect(tables('proxy')).toEqual(['CommonSecurityLog']);
      expect(tables('session')).toEqual(tablesOf[connector]);
    }
  });

  it.each(proxyIds)('with the link logged by %s', async (proxy) => {
    // A night of the new year: the headers without a year are of the year before.
    await check(simulatePhish({ connector, proxy, seed: 5, at: '2026-01-01T03:00:00Z' }));
  });
});

it.each(proxyIds)('the misses stop where they should when %s logged the link', async (proxy) => {
  for (const variant of variantNames) {
    await check(simulatePhish({ connector: 'AIVectraStream', proxy, variant, seed: 6, at: '2026-03-05T00:00:00Z' }));
  }
});

it('a run an hour later finds the story of the late click', async () => {
  const story = simulatePhish({ connector: 'AWSS3', variant: 'click-late', at: '2026-03-05T00:00:00Z' });
  const { rows } = await decodeFiles(story.files, Date.parse('2026-03-05T01:00:00Z'));
  expect(runRule(rows, '2026-03-05T01:00:00Z').rows).toHaveLength(1);
});

describe('the demo', () => {
  it('is found through the sessions of all connectors, and ingests as many units as it says', async () => {
    const story = demoStory({ at: '2026-03-05T00:00:00Z' });
    const counts = await check(story);
    const read: Record<string, number> = {};
    for (const file of story.files) read[file.connector] = (read[file.connector] ?? 0) + counts[file.path]!.read;
    expect(read).toEqual(unitsByConnector(story));
  });
});

describe('handwritten stories', () => {
  const root = new URL('./handwritten/', import.meta.url).pathname;
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it('there is one for each connector', () => {
    expect(folders.map((folder) => folder.name).sort()).toEqual([...connectorIds].sort());
  });

  it.each(folders.map((folder) => folder.name))('%s', async (name) => {
    const text = (file: string) => readFileSync(join(root, name, file), 'utf8');
    const story = parse(text('story.yaml'));
    const expected: Record<string, unknown>[] = JSON.parse(text('expected.json'));
    const files = Object.entries<{ connector: string }>(story.files).map(([path, { connector }]) => ({
      connector,
      path,
      content: readFileSync(join(root, name, path)),
    }));
    const { rows, counts } = await decodeFiles(files, Date.parse(story.received));
    for (const [path, count] of Object.entries(counts)) {
      expect(count.reasons).toEqual([]);
      expect(count.tables).toEqual(story.files[path].tables);
    }
    for (const row of expected) expect(Object.keys(row)).toEqual(resultColumns.map((column) => column.name));
    expect(sorted(runRule(rows, story.at).rows)).toEqual(sorted(expected.map((row) => Object.values(row))));
  });
});
