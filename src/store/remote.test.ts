import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableSchema } from '../tables/index.js';
import type { Connection } from './connection.js';
import { openStore, type RemoteOptions, type Store } from './index.js';

// Another store's engine stands for the server: it listens on HTTP with users and passwords like any other.
let dataDir: string;
let server: Store;
let options: RemoteOptions;
const stores: Store[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vedette-remote-'));
  server = await openStore({ dataDir });
  await server.query('SELECT 1');
  const { engine } = server as unknown as { engine: { connection(): Promise<Connection> } };
  const { address } = await engine.connection();
  options = { url: address.url, user: address.admin.user, password: address.admin.password, database: 'soc' };
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});
const open = async (more: Partial<RemoteOptions> = {}) => {
  const store = await openStore({ ...options, ...more });
  stores.push(store);
  return store;
};

describe('a ClickHouse server by URL', () => {
  it('does what the private engine does', async () => {
    const store = await open();
    await store.ensureTable(tableSchema('Far_CL', [{ name: 'n', type: 'int' }]));
    await store.insert('Far_CL', [{ TimeGenerated: '2026-01-01T00:00:00Z', n: 7 }]);
    const { rows } = await store.query('SELECT n, TenantId FROM Far_CL');
    expect(rows).toEqual([[7, await store.workspaceId()]]);
    expect(await store.tables()).toEqual(new Set(['Far_CL']));
    expect(await server.tables()).toEqual(new Set());
  });

  it('keeps the id of the workspace for everybody who connects', async () => {
    expect(await (await open()).workspaceId()).toBe(await (await open()).workspaceId());
    expect(await (await open()).workspaceId()).not.toBe(await server.workspaceId());
  });

  it('runs queries read-only, though the user may write', async () => {
    const store = await open();
    await store.ensureTable(tableSchema('Kept_CL', []));
    for (const statement of ['DROP TABLE Kept_CL', 'CREATE TABLE x (a Int8) ENGINE = Memory', 'TRUNCATE TABLE Kept_CL'])
      await expect(store.query(statement)).rejects.toThrow(/KQL2004/);
    expect(await store.tables()).toContain('Kept_CL');
  });

  it('applies a retention to new tables and changes it on old ones', async () => {
    const schema = tableSchema('Aging_CL', [{ name: 'n', type: 'int' }]);
    const day = 86_400_000;
    const store = await open({ retentionDays: 30 });
    await store.ensureTable(schema);
    // Old by its own time, fresh by its reception: it stays.
    await store.insert('Aging_CL', [{ TimeGenerated: '2001-01-01T00:00:00Z', n: 1 }]);
    await store.insert('Aging_CL', [{ TimeGenerated: '2001-01-01T00:00:00Z', n: 2 }], {
      receivedAt: Date.now() - 31 * day,
    });
    const { engine } = server as unknown as { engine: { connection(): Promise<Connection> } };
    const { admin } = await engine.connection();
    await admin.command({ query: 'OPTIMIZE TABLE soc.Aging_CL FINAL' });
    expect((await store.query('SELECT n FROM Aging_CL')).rows).toEqual([[1]]);
    await (await open({ retentionDays: 7 })).ensureTable(schema);
    const answer = await admin.query({ query: 'SHOW CREATE TABLE soc.Aging_CL', format: 'TabSeparatedRaw' });
    expect(await answer.text()).toContain('toIntervalDay(7)');
  });

  it('says when nobody answers, and when the password is wrong', async () => {
    await expect((await open({ url: 'http://127.0.0.1:9' })).query('SELECT 1')).rejects.toThrow(/ENG5002.*reached/);
    await expect((await open({ password: 'wrong' })).query('SELECT 1')).rejects.toThrow(/ENG5002.*password/);
    await expect((await open({ url: 'http://nowhere.invalid:8123' })).tables()).rejects.toThrow(/ENG5002/);
  });
});
