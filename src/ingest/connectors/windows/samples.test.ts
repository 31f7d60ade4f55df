import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../tables/index.js';
import type { Connector } from '../../connector.js';
import { ingest } from '../../ingest.js';
import { Recorder } from '../../testing/index.js';
import { securityEvents } from '../security-events/connector.js';
import { microsoftSysmonForLinux } from '../sysmon-linux/connector.js';
import { windowsForwardedEvents } from '../windows-forwarded-events/connector.js';
import { windowsSecurityEvents } from '../windows-security-events/connector.js';

const here = dirname(fileURLToPath(import.meta.url));

/** Keeps what the intake writes; the engine itself has no part in decoding. */
async function rowsOf(connector: Connector, path: string) {
  const store = new Recorder();
  const result = await ingest(store, connector, [path], { receivedAt: Date.parse('2026-03-04T10:00:00Z') });
  return { result, tables: Object.fromEntries(store.rows) };
}

interface Expected {
  readonly table?: string;
  readonly row?: Row;
  readonly reject?: { readonly code: string; readonly reason: string };
}

const folders: readonly (readonly [Connector, string])[] = [
  [windowsForwardedEvents, 'windows-forwarded-events'],
  [securityEvents, 'security-events'],
  [windowsSecurityEvents, 'windows-security-events'],
  [microsoftSysmonForLinux, 'sysmon-linux'],
];

for (const [connector, folder] of folders)
  describe(`samples of ${connector.id}`, () => {
    const samples = join(here, '..', folder, 'samples');
    const files = readdirSync(samples).filter((file) => !file.endsWith('.expected.json'));
    it.each(files)('%s becomes the expected rows and rejects', async (file) => {
      const wanted: Expected[] = JSON.parse(
        readFileSync(join(samples, file.replace(/\.[^.]+$/, '.expected.json')), 'utf8'),
      );
      const { result, tables } = await rowsOf(connector, join(samples, file));
      expect(result.read).toBe(wanted.length);
      for (const table of new Set(wanted.flatMap((item) => item.table ?? [])))
        expect(tables[table]).toMatchObject(wanted.filter((item) => item.table === table).map((item) => item.row));
      const rejects = (tables.VedetteReject_CL ?? []).map((row) => ({ code: row.Code_s, reason: row.Reason_s }));
      expect(rejects).toEqual(wanted.flatMap((item) => item.reject ?? []));
    });
  });

/** Public records that are not part of the repository: file → records by the file's own account. */
const shared = join(here, '../../../../../shared/samples');
const windows = join(shared, 'windows');

describe.skipIf(!existsSync(windows))('public Windows samples (skipped when the sample folder is absent)', () => {
  const files = existsSync(windows) ? readdirSync(windows) : [];
  for (const connector of [windowsForwardedEvents, securityEvents, windowsSecurityEvents])
    it.each(files)(`%s through ${connector.id}: nothing is lost`, async (file) => {
      const path = join(windows, file);
      const { result } = await rowsOf(connector, path);
      expect(result.read).toBe(recordCount(path));
      const rows = Object.values(result.tables).reduce((sum, count) => sum + count, 0);
      expect(rows + result.rejected).toBe(result.read);
      // The one file of registry changes holds no event; every other record must become a row.
      expect(result.rejects.map((group) => group.code)).toEqual(file === 'cribl-VCHrav.json' ? ['ING2002'] : []);
    });
});

function recordCount(path: string): number {
  const bytes = readFileSync(path);
  if (path.endsWith('.evtx')) return evtxCount(bytes);
  const text = bytes.toString('utf8').trim();
  if (path.endsWith('.json')) return JSON.parse(text).length;
  return text.split('\n').length - (path.endsWith('.csv') ? 1 : 0);
}

/** What the chunk headers say: last minus first record number, plus one. */
function evtxCount(bytes: Buffer): number {
  let count = 0;
  for (let at = 4096; at + 65_536 <= bytes.length; at += 65_536)
    if (bytes.toString('latin1', at, at + 7) === 'ElfChnk')
      count += Number(bytes.readBigUInt64LE(at + 16) - bytes.readBigUInt64LE(at + 8)) + 1;
  return count;
}
