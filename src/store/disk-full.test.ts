import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tableSchema } from '../tables/index.js';
import { openStore } from './index.js';

/** A disk of 96 MB; undefined where this process may not mount one. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'vedette-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
}
const disk = smallDisk();
afterAll(() => {
  if (disk === undefined) return;
  execFileSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true });
});

describe.skipIf(disk === undefined)('a full disk (needs the right to mount a small one)', () => {
  it('fails the insert with its reason, and the engine lives on', async () => {
    const store = await openStore({ dataDir: disk! });
    try {
      await store.ensureTable(tableSchema('Full_CL', [{ name: 's', type: 'string' }]));
      let stored = 0;
      const fill = async () => {
        for (let i = 0; i < 100; i++) {
          // Text that does not compress.
          const rows = Array.from({ length: 2_000 }, () => ({
            TimeGenerated: '2026-01-01T00:00:00Z',
            s: Array.from({ length: 40 }, () => Math.random().toString(36)).join(''),
          }));
          await store.insert('Full_CL', rows);
          stored += rows.length;
        }
      };
      await expect(fill()).rejects.toThrow(/ENG5005.*disk/);
      expect(stored).toBeGreaterThan(0);
      expect((await store.query('SELECT count() FROM Full_CL')).rows).toEqual([[String(stored)]]);
    } finally {
      await store.close();
    }
  });
});
