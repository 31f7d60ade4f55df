import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { answer, temporaryFolder, temporaryWorkspace, vedette } from './testing/index.js';

let data: readonly string[];
let folder: string;
const file = async (name: string, content: string) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

beforeAll(async () => {
  const { dataDir } = await temporaryWorkspace();
  data = ['--data', dataDir];
  folder = await temporaryFolder();
});

describe('watchlist', () => {
  it('imports, lists, shows, updates and deletes', async () => {
    const csv = await file('vips.csv', 'User,Level\nana@example.com,1\nbo@example.com,2\nragged\n');
    const args = [...data, 'watchlist', 'import', csv, '--alias', 'VIPs', '--search-key', 'User'];
    const result = { alias: 'VIPs', read: 3, rows: 2, rejected: 1, removed: 0 };
    expect(await answer(args)).toMatchObject({ ...result, rejects: [{ count: 1, sample: 'ragged' }] });
    const again = await vedette(args);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('CLI6001 there is a watchlist VIPs already');
    expect((await vedette([...args, '--replace', '--strict'])).status).toBe(1);
    expect(await answer([...data, 'watchlist', 'list'])).toMatchObject({ watchlists: [{ alias: 'VIPs', items: 2 }] });
    const shown = (await vedette([...data, 'watchlist', 'show', 'vips'])).stdout;
    expect(shown).toMatch(/User +Level\nana@example\.com +1\n/);
    const update = await vedette([...data, 'watchlist', 'update', 'VIPs', '-'], 'User,Level\nana@example.com,9\n');
    expect(update.stdout).toContain('VIPs: 1 row read, none rejected, 1 item removed');
    expect(await answer([...data, 'watchlist', 'delete', 'VIPs', '--key', 'bo@example.com'])).toMatchObject({
      removed: 1,
    });
    const { rows } = await answer<{ rows: unknown }>([...data, 'query', "_GetWatchlist('VIPs') | project User, Level"]);
    expect(rows).toEqual([['ana@example.com', '9']]);
  });
});

describe('ti', () => {
  it('imports, lists and revokes indicators', async () => {
    const id = 'indicator--00000000-0000-4000-8000-000000000001';
    const times = {
      created: '2026-01-01T00:00:00Z',
      modified: '2026-01-01T00:00:00Z',
      valid_from: '2026-01-01T00:00:00Z',
    };
    const one = {
      type: 'indicator',
      id,
      pattern: "[ipv4-addr:value = '198.51.100.7']",
      pattern_type: 'stix',
      ...times,
    };
    const bundle = await file('feed.json', JSON.stringify({ type: 'bundle', objects: [one, { type: 'bundle' }] }));
    const counts = { read: 2, written: 1, unchanged: 0, outdated: 0, rejected: 1 };
    expect(await answer([...data, 'ti', 'import', bundle, '--source', 'Feed'])).toMatchObject(counts);
    expect((await vedette([...data, 'ti', 'list'])).stdout).toMatch(
      /active +ipv4-addr:value +198\.51\.100\.7 .* no end +Feed +indicator--/,
    );
    expect((await vedette([...data, 'ti', 'revoke', id])).stdout).toBe('1 indicator revoked\n');
    expect(await answer([...data, 'ti', 'list', '--state', 'active'])).toEqual({ indicators: [] });
    expect((await vedette([...data, 'ti', 'list', '--state', 'odd'])).status).toBe(2);
  });
});

describe('exclusion', () => {
  it('adds, applies, lists, shows and removes', async () => {
    const head =
      'name: Logs\ndescription: d\nseverity: Low\nkind: Scheduled\nversion: 1.0.0\nqueryFrequency: 1h\nqueryPeriod: 1h';
    const id = 'id: 00000000-0000-4000-8000-000000000002';
    const query = 'print Host = "a", Port = 22 | union (print Host = "b", Port = 443)';
    const rule = await file(
      'rule.yaml',
      `${id}\n${head}\ntriggerOperator: gt\ntriggerThreshold: 1\nquery: |\n  ${query}\n`,
    );
    const why = ['--reason', 'known', '--expires', '30d', '--author', 'ana'];
    const added = await answer<{ id: string }>([...data, 'exclusion', 'add', rule, '--where', 'Port == 22', ...why]);
    const at = '2026-03-04T10:00:00Z';
    const run = await vedette([...data, 'rule', 'run', rule, '--at', at]);
    expect(run.stdout).toContain('1 row: not triggered');
    expect(run.stderr).toContain('RUL3010 1 row hidden by the exclusion');
    expect(await answer([...data, 'exclusion', 'list'])).toMatchObject({
      exclusions: [{ id: added.id, author: 'ana', reason: 'known', hiddenRows: 1, status: 'active' }],
    });
    const hidden = (await vedette([...data, 'exclusion', 'hidden', added.id.slice(0, 8)])).stdout;
    expect(hidden).toMatch(/^2026-03-04 10:00:00 {2}Logs {2}1 row {2}known\n {2}Host a {2}Port 22\n$/);
    expect((await vedette([...data, 'rule', 'explain', rule, '--at', at])).stdout).toContain(
      '1 row hidden by an exclusion',
    );
    expect((await vedette([...data, 'exclusion', 'remove', added.id])).stdout).toContain('of Logs removed');
    const bad = await vedette([...data, 'exclusion', 'add', rule, '--where', 'Port', ...why]);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain('Port is neither true nor false');
  });
});
