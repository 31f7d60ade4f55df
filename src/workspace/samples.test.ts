import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInContent, checkParserData, loadContent } from '../content/index.js';
import type { IngestResult } from '../ingest/index.js';
import type { Workspace } from './index.js';
import { openTestWorkspace } from './testing/index.js';

/*
 * Real records of all products through their connectors into the engine, and the shipped parsers over them. It fails when a
 * value that was written by a device makes a parser fail, or leave the schema where detections rest on it.
 */

const shared = fileURLToPath(new URL('../../../shared/samples', import.meta.url));
const connectorsOf: Readonly<Record<string, readonly string[]>> = {
  aivectrastream: ['AIVectraStream'],
  'awss3-vpcflow': ['AWSS3'],
  azurensg: ['AzureNSG'],
  'cef-generic': ['CEF'],
  checkpoint: ['CheckPoint'],
  fortinet: ['Fortinet'],
  microsoftthreatprotection: ['MicrosoftThreatProtection'],
  paloaltonetworks: ['PaloAltoNetworks'],
  'syslog-generic': ['Syslog'],
  windows: ['WindowsForwardedEvents', 'SecurityEvents'],
  zscaler: ['Zscaler'],
};
/** Addresses that whoever published the records made unreadable: `x.x.x.x`, `222.333.192.166`. */
const masked = /^x+\.x+\.|^222\.333\./;
/** Sources of which the samples hold sessions. */
const seen = [
  ...['AWSVPC', 'AzureNSG', 'FortinetFortiGate', 'CheckPointFirewall', 'PaloAltoCEF', 'PaloAltoCortexDataLake'],
  ...[
    'MicrosoftSecurityEventFirewall',
    'MicrosoftSysmon',
    'MicrosoftSysmonWindowsEvent',
    'MicrosoftWindowsEventFirewall',
  ],
];

describe.skipIf(!existsSync(shared))('real records (skipped: the folder ../shared/samples is absent)', () => {
  let workspace: Workspace;
  const ingested: [file: string, connector: string, result: IngestResult][] = [];
  beforeAll(async () => {
    workspace = await openTestWorkspace();
    for (const folder of readdirSync(shared).filter((entry) => !entry.includes('.'))) {
      for (const connector of connectorsOf[folder] ?? []) {
        for (const file of readdirSync(join(shared, folder)))
          ingested.push([file, connector, await workspace.ingest(connector, [join(shared, folder, file)])]);
      }
    }
  }, 300_000);

  it('are rows or rejects, none is lost', async () => {
    expect(
      readdirSync(shared)
        .filter((entry) => !entry.includes('.'))
        .sort(),
    ).toEqual(Object.keys(connectorsOf).sort());
    const stored: Record<string, number> = {};
    for (const [file, connector, { read, rejected, tables }] of ingested) {
      const rows = Object.values(tables).reduce((sum, n) => sum + n, 0);
      expect([file, connector, rows + rejected]).toEqual([file, connector, read]);
      expect([file, read > 0]).toEqual([file, true]);
      for (const [table, n] of Object.entries(tables)) stored[table] = (stored[table] ?? 0) + n;
    }
    if (process.env.VEDETTE_FULL === '1')
      console.table(
        ingested.map(([file, connector, r]) => ({ file, connector, read: r.read, rejected: r.rejected, ...r.tables })),
      );
    for (const [table, n] of Object.entries(stored))
      expect([table, (await workspace.query(`${table} | count`)).rows]).toEqual([table, [[n]]]);
  });

  it('are read by every parser without errors, within the schema', { timeout: 300_000 }, async () => {
    const { files } = await loadContent([join(builtInContent(), 'parsers')]);
    const parsers = files.flatMap(({ content }) => (content?.type === 'parser' ? [content.parserName] : []));
    const rowsOf: Record<string, number> = {};
    const errors: string[] = [];
    for (const parser of parsers.filter((name) => name.startsWith('vim'))) {
      const { columns, rows } = await workspace.query(`${parser}()`);
      rowsOf[parser.replace('vimNetworkSession', '')] = rows.length;
      for (const { severity, field, message, rows: n, example } of checkParserData(columns, rows))
        if (severity === 'error' && !masked.test(String(example)))
          errors.push(`${parser} ${field} ${message} ${n} times: ${example}`);
    }
    expect(errors).toEqual([]);
    if (process.env.VEDETTE_FULL === '1') console.table(rowsOf);
    for (const source of seen) expect([source, rowsOf[source]! > 0]).toEqual([source, true]);
  });
});
