import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openTestStore } from '../../store/testing/index.js';
import type { Row } from '../../tables/index.js';
import { connectors, ingest } from '../index.js';
import { Recorder } from '../testing/index.js';

const here = dirname(fileURLToPath(import.meta.url));
const receivedAt = Date.parse('2026-03-04T10:00:00Z');

interface Expected {
  readonly table?: string;
  /** The columns that have a value, and no other; `Type` left out. */
  readonly row?: Row;
  readonly reject?: { readonly code: string; readonly reason: string };
}

const folders: Readonly<Record<string, string>> = {
  CEF: 'cef',
  Syslog: 'syslog',
  Fortinet: 'fortinet',
  CheckPoint: 'check-point',
  PaloAltoNetworks: 'palo-alto-networks',
  Zscaler: 'zscaler',
};

const filled = (row: Row): Row => {
  const values = Object.entries(row).filter(
    ([name, v]) => name !== 'Type' && v !== undefined && v !== null && v !== '',
  );
  return Object.fromEntries(values);
};

for (const [id, folder] of Object.entries(folders)) {
  const samples = join(here, folder, 'samples');
  describe(`samples of ${id}`, () => {
    const files = readdirSync(samples).filter((file) => !file.endsWith('.expected.json'));
    test.each(files)('%s becomes the expected rows and rejects', async (file) => {
      const expected: Expected[] = JSON.parse(
        readFileSync(join(samples, file.replace(/\.[^.]+$/, '.expected.json')), 'utf8'),
      );
      const recorder = new Recorder();
      const result = await ingest(recorder, connectors.find(id)!, [join(samples, file)], { receivedAt });
      const rows = expected.filter((item) => item.row);
      const rejects = expected.filter((item) => item.reject);
      expect({ read: result.read, rejected: result.rejected }).toEqual({
        read: expected.length,
        rejected: rejects.length,
      });
      for (const table of new Set(rows.map((item) => item.table!))) {
        const wanted = rows.filter((item) => item.table === table).map((item) => item.row);
        expect((recorder.rows.get(table) ?? []).map(filled)).toEqual(wanted);
      }
      const refused = (recorder.rows.get('VedetteReject_CL') ?? []).map((row) => ({
        code: row.Code_s,
        reason: row.Reason_s,
      }));
      expect(refused).toEqual(rejects.map((item) => item.reject));
    });
  });
}

/** Records that were never seen while the mapping was written; kept outside the repository. */
const shared = join(here, '../../../../shared/samples');
const unseen: Readonly<Record<string, string>> = {
  zscaler: 'Zscaler',
  fortinet: 'Fortinet',
  checkpoint: 'CheckPoint',
  paloaltonetworks: 'PaloAltoNetworks',
  'cef-generic': 'CEF',
  'syslog-generic': 'Syslog',
};

describe.skipIf(!existsSync(shared))('real records (skipped: the folder ../shared/samples is absent)', async () => {
  const store = existsSync(shared) ? await openTestStore() : undefined;
  test.each(Object.entries(unseen))('%s: nothing lost, four of five become rows', async (folder, id) => {
    const result = await ingest(store!, connectors.find(id)!, [join(shared, folder)], { receivedAt });
    const rows = Object.values(result.tables).reduce((sum, count) => sum + count, 0);
    expect(result.read).toBe(rows + result.rejected);
    expect(rows / result.read).toBeGreaterThanOrEqual(0.8);
    for (const { code, reason } of result.rejects) expect(`${code} ${reason}`).toMatch(/^ING200[1-6] .{10,}/);
  });
});
