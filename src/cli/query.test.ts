import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { catalogue, tableSchema } from '../tables/index.js';
import { answer, spawned, temporaryFolder, temporaryWorkspace, vedette } from './testing/index.js';

let data: string[];
let store: Store;
beforeAll(async () => {
  const made = await temporaryWorkspace();
  data = ['--data', made.dataDir];
  store = made.store;
});

const at = '2026-03-04T10:00:00Z';

describe('query', () => {
  it('prints exactly columns, rows and notices as JSON, and nothing on stderr', async () => {
    const ended = await vedette(['query', 'print a=1, b="x", c=real(nan), d=9223372036854775807', ...data, '--json']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({
      columns: [
        { name: 'a', type: 'long' },
        { name: 'b', type: 'string' },
        { name: 'c', type: 'real' },
        { name: 'd', type: 'long' },
      ],
      rows: [[1, 'x', 'NaN', '9223372036854775807']],
      notices: [],
    });
  });

  it('reads the database of locations that an option names', async () => {
    const none = join(await temporaryFolder(), 'none.mmdb');
    const ended = await vedette([
      'query',
      'print geo_info_from_ip_address("192.0.2.1")',
      ...data,
      '--geo-database',
      none,
    ]);
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toContain(none);
  });

  it('takes external data that may not be read for empty when asked to, and says so', async () => {
    const kql = 'externaldata (a:string) ["https://example.com/a.csv"] | count';
    const refused = await vedette(['query', kql, ...data]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('KQL4006');
    const asked = ['--missing-external', 'empty'];
    const { rows, notices } = await answer<{ rows: unknown[]; notices: { code: string; severity: string }[] }>([
      ...['query', kql, ...data, ...asked],
    ]);
    expect([rows, notices.map((n) => [n.code, n.severity])]).toEqual([[[0]], [['KQL4006', 'warning']]]);
    expect((await vedette(['query', 'print 1', ...data, '--missing-external', 'never'])).status).toBe(2);
  });

  it('takes options before the command as well', async () => {
    const ended = await vedette(['--json', ...data, 'query', 'print x=now()', '--at', at]);
    expect(JSON.parse(ended.stdout).rows).toEqual([['2026-03-04T10:00:00Z']]);
  });

  it('reads the query from standard input', async () => {
    const { rows } = await answer<{ rows: unknown[] }>(['query', '-', ...data], '\uFEFFprint "a\\nb"\n');
    expect(rows).toEqual([['a\nb']]);
  });

  it('shows an aligned table with its number of rows, without colours outside a terminal', async () => {
    const { stdout } = await vedette(['query', 'range n from 9 to 10 step 1 | extend s = "a\\tb"', ...data]);
    const [head, first, second, last] = stdout.split('\n');
    expect([head, first, second]).toEqual([' n  s', ' 9  a\\tb', '10  a\\tb']);
    expect(last).toMatch(/^2 rows, \d+\.\d\d s$/);
  });

  it('says where a query is wrong, with its line, and exits with 2', async () => {
    const ended = await vedette(['query', 'print 1\n| where nope > 2', ...data, '--json']);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^query:2:9 KS142 .*nope/);
    expect(ended.stderr).toContain('    2 | | where nope > 2\n      |         ^^^^');
  });

  it('sees only rows of the timespan, its end excluded', async () => {
    await store.ensureTable(tableSchema('Span_CL', [{ name: 'n_d', type: 'real' }]));
    const times = ['2026-03-04T08:59:59Z', '2026-03-04T09:00:00Z', '2026-03-04T09:59:59.9999999Z', at];
    await store.insert(
      'Span_CL',
      times.map((TimeGenerated, n_d) => ({ TimeGenerated, n_d })),
    );
    const counted = async (...more: string[]) => {
      const ended = await answer<{ rows: number[][] }>(['query', 'Span_CL | summarize sum(n_d)', ...data, ...more]);
      return ended.rows[0]?.[0];
    };
    // 0 + 1 + 2 + 3 without a window; 1 + 2 in the hour before `at`.
    expect(await counted()).toBe(6);
    expect(await counted('--at', at, '--timespan', 'PT1H')).toBe(3);
    expect(await counted('--timespan', '2026-03-04T09:00:00Z/2026-03-04T10:00:00Z')).toBe(3);
    expect((await vedette(['query', 'print 1', '--timespan', 'yesterday', ...data])).status).toBe(2);
  });

  it('knows the columns of a watchlist by its items', async () => {
    const schema = catalogue.table('Watchlist')!;
    await store.ensureTable(schema);
    const item = { TimeGenerated: at, _DTItemType: 'watchlist-item', _DTTimestamp: at, LastUpdatedTimeUTC: at };
    await store.insert('Watchlist', [
      { ...item, WatchlistAlias: 'Vips', _DTItemId: '1', SearchKey: 'ana', WatchlistItem: { User: 'ana', Level: '1' } },
    ]);
    const query = `_GetWatchlist('Vips') | project User, Level, SearchKey`;
    expect((await answer<{ rows: unknown[] }>(['query', query, ...data])).rows).toEqual([['ana', '1', 'ana']]);
  });

  it('ends quietly when the reader of its answer goes away', async () => {
    const child = spawned(['query', 'range x from 1 to 300000 step 1', ...data, '--json']);
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect([code, await stderr]).toEqual([0, '']);
  });
});

describe('query --batch', () => {
  it('answers every line, wrong ones with an error, and succeeds', async () => {
    const table = { name: 'T', columns: [{ name: 'a', type: 'long' }], rows: [[1], [2]] };
    const lines = [
      JSON.stringify({ id: 'sum', query: 'T | summarize s = sum(a)', setup: { tables: [table] } }),
      'no json',
      '',
      JSON.stringify({ id: 'kql', query: 'print nope' }),
      JSON.stringify({ id: 'shape', kql: 'print 1' }),
      JSON.stringify({ id: 'row', query: 'T', setup: { tables: [{ ...table, rows: [['x']] }] } }),
      JSON.stringify({ id: 7, query: 'print x = 1' }),
    ];
    const ended = await vedette(['query', '--batch', '-', ...data], lines.join('\n'));
    expect(ended.status).toBe(0);
    const answers = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const of = (id: unknown) => answers.find((a) => a.id === id);
    expect(answers).toHaveLength(6);
    expect(of('sum')).toEqual({ id: 'sum', columns: [{ name: 's', type: 'long' }], rows: [[3]] });
    expect(of(7)).toEqual({ id: 7, columns: [{ name: 'x', type: 'long' }], rows: [[1]] });
    expect(of('kql').error.code).toBe('KS142');
    for (const id of [null, 'shape', 'row']) expect(of(id)).toMatchObject({ error: { code: 'CLI6001' } });
  });

  it('reads a file, and refuses one that is not there', async () => {
    const file = join(await temporaryFolder(), 'batch.jsonl');
    await writeFile(file, '{"id": 1, "query": "print 1"}\n');
    expect((await vedette(['query', '--batch', file, ...data])).stdout).toContain('"rows":[[1]]');
    expect(await vedette(['query', '--batch', `${file}.no`, ...data])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('sql', () => {
  it('prints SQL that the engine runs', async () => {
    const { sql } = await answer<{ sql: string }>([
      'sql',
      'range x from 1 to 3 step 1 | summarize s = sum(x)',
      ...data,
    ]);
    expect((await store.query(sql)).rows).toEqual([['6']]);
  });

  it('shows the statement without a rewrite that an option names', async () => {
    const kql = 'range x from 1 to 3 step 1 | where array_length(dynamic([])) == 0';
    const one = await answer<{ sql: string }>(['sql', kql, ...data]);
    const other = await answer<{ sql: string }>(['sql', '--without', 'fold-constants', kql, ...data]);
    expect(one.sql).not.toContain("'[]'");
    expect(other.sql).toContain("'[]'");
  });
});

describe('usage', () => {
  it.each([
    [['query', 'print 1', '--nope']],
    [['nope']],
    [['query']],
    [['query', 'print 1', '--at', 'noon']],
    [['query', 'print 1', '--server', 'not an address']],
    [['sql', 'print 1', '--without', 'nonsense']],
  ])('%j is refused with 2 and a reason', async (args) => {
    const ended = await vedette([...args, ...data]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^CLI6001 /);
  });

  it('shows help as an answer', async () => {
    const ended = await vedette(['--help']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toContain('rule');
  });
});
