import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../tables/index.js';
import { type Connector, ingest } from '../index.js';
import { Recorder } from '../testing/index.js';
import { awsS3 } from './aws-vpc-flow/connector.js';
import { azureNsg } from './azure-nsg/connector.js';
import { defenderXdr } from './defender-xdr/connector.js';
import { vectraStream } from './vectra-stream/connector.js';
import { vmInsights } from './vm-insights/connector.js';

const here = dirname(fileURLToPath(import.meta.url));
const receivedAt = Date.parse('2026-03-04T10:00:00Z');

/** Keeps what the intake writes; the engine itself has no part in decoding. */
async function rowsOf(connector: Connector, source: Parameters<typeof ingest>[2][number]) {
  const store = new Recorder();
  const result = await ingest(store, connector, [source], { receivedAt });
  return { result, tables: Object.fromEntries(store.rows) };
}

interface Expected {
  readonly table?: string;
  /** The columns that have a value, and no other. */
  readonly row?: Row;
  readonly reject?: { readonly code: string; readonly reason: string };
}

const isFilled = ([, value]: [string, unknown]) => value !== undefined && value !== null && value !== '';
const filled = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(isFilled)) as Row;

const folders: readonly (readonly [Connector, string])[] = [
  [defenderXdr, 'defender-xdr'],
  [awsS3, 'aws-vpc-flow'],
  [azureNsg, 'azure-nsg'],
  [vmInsights, 'vm-insights'],
  [vectraStream, 'vectra-stream'],
];

for (const [connector, folder] of folders)
  describe(`samples of ${connector.id}`, () => {
    const samples = join(here, folder, 'samples');
    const files = readdirSync(samples).filter((file) => !file.endsWith('.expected.json'));
    it.each(files)('%s becomes exactly the expected rows and rejects', async (file) => {
      const path = join(samples, file.replace(/\.[^.]+$/, '.expected.json'));
      const wanted: Expected[] = JSON.parse(readFileSync(path, 'utf8'));
      const { result, tables } = await rowsOf(connector, join(samples, file));
      const { VedetteReject_CL: refused = [], ...others } = tables;
      const rows = wanted.filter((item) => item.table !== undefined);
      expect(Object.keys(others).sort()).toEqual([...new Set(rows.map((item) => item.table))].sort());
      for (const [table, got] of Object.entries(others)) {
        const want = rows.filter((item) => item.table === table).map((item) => ({ ...item.row, Type: table }));
        expect(got.map(filled)).toEqual(want);
      }
      expect(refused.map((row) => ({ code: row.Code_s, reason: row.Reason_s }))).toEqual(
        wanted.flatMap((item) => item.reject ?? []),
      );
      expect(result.read).toBe(wanted.length);
    });
  });

/** Public records that are not part of the repository: folder → units in each file, counted by hand or by the file. */
const shared = join(here, '../../../../shared/samples');
const publicFolders: readonly (readonly [Connector, string, Readonly<Record<string, number>>])[] = [
  [
    defenderXdr,
    'microsoftthreatprotection',
    {
      'otrf-Microsoft365DefenderEvents.json': 9,
      // One alert and four pieces of evidence each.
      'stixshifter-alertV2_respons.json': 5,
      'stixshifter-alert_v2.json': 5,
    },
  ],
  [awsS3, 'awss3-vpcflow', { 'cribl-ZP04h5.json': 99, 'vpcflow-v2-from-cribl.log': 99 }],
  [azureNsg, 'azurensg', { 'msticpy-az_net_flows.csv': 460, 'nsg-flow-v1-PT1H.json': 9, 'nsg-flow-v2-PT1H.json': 11 }],
  [vectraStream, 'aivectrastream', { 'sc4s-test_vectra_ai.log': 2, 'sc4s-test_vectra_json.log': 7 }],
];

describe.skipIf(!existsSync(shared))('public samples (skipped when the sample folder is absent)', () => {
  for (const [connector, folder, files] of publicFolders)
    it.each(Object.entries(files))(`${folder}/%s: every unit becomes a row`, async (file, units) => {
      const { result } = await rowsOf(connector, join(shared, folder, file));
      expect(result.read).toBe(units);
      expect(result.rejects).toEqual([]);
    });
});
