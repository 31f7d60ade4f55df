import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStore, type Store } from '../index.js';

/** A store on an engine of its own in a temporary directory, closed and removed after the tests of the file. */
export async function openTestStore(): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vedette-test-'));
  const store = await openStore({ dataDir });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return store;
}
