import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DiagnosticError } from '../base/index.js';
import type { Source } from '../ingest/index.js';
import { openTestWorkspace } from './testing/index.js';
import type { Workspace } from './workspace.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let workspace: Workspace;
let folder: string;
let now = Date.UTC(2026, 2, 4, 10);

beforeAll(async () => {
  workspace = await openTestWorkspace({ clock: { now: () => now } });
  folder = await mkdtemp(join(tmpdir(), 'vedette-watchlist-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const csv = (content: string | Buffer, name = 'list.csv'): Source => ({
  name,
  stream: (async function* () {
    yield Buffer.from(content);
  })(),
});

const rows = async (kql: string, options = {}) => (await workspace.query(kql, options)).rows;

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof DiagnosticError) return `${error.diagnostics[0]!.code} ${error.diagnostics[0]!.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('a watchlist', () => {
  it('gives its columns as texts beside SearchKey, whatever the window of the query is', async () => {
    const source = csv('User,Level\r\nana@example.com,1\r\n"bo, jr@example.com","2 ""x"""\r\n');
    const result = await workspace.watchlists.import({ alias: 'VIPs', searchKey: 'User', source, by: 'cleo' });
    expect(result).toMatchObject({ read: 2, rows: 2, rejected: 0, removed: 0 });
    const kql =
      "_GetWatchlist('vips') | project SearchKey, User, Level, id = isnotempty(_DTItemId) | order by Level asc";
    const items = [
      ['ana@example.com', 'ana@example.com', '1', true],
      ['bo, jr@example.com', 'bo, jr@example.com', '2 "x"', true],
    ];
    expect(await rows(kql)).toEqual(items);
    // A run of next week, over five minutes, looks things up all the same.
    now += 7 * 86_400_000;
    expect(await rows(kql, { timespan: 'PT5M' })).toEqual(items);
    expect(await rows('Watchlist | where _DTItemType == "watchlist-item" | count', { timespan: 'PT5M' })).toEqual([
      [0],
    ]);
  });

  it('gives only the columns that are asked for', async () => {
    const { columns } = await workspace.query("_GetWatchlist('VIPs', dynamic(['Level']))");
    expect(columns.map((c) => c.name)).toEqual([
      '_DTItemId',
      'LastUpdatedTimeUTC',
      'SearchKey',
      'WatchlistItem',
      'Level',
    ]);
  });

  it('takes new values of a search key, keeps the rest, and forgets what is removed', async () => {
    await workspace.watchlists.update({
      alias: 'vips',
      source: csv('User,Level\nana@example.com,9\ncy@example.com,3\n'),
    });
    const levels = () => rows("_GetWatchlist('VIPs') | project User, Level | order by User asc");
    expect(await levels()).toEqual([
      ['ana@example.com', '9'],
      ['bo, jr@example.com', '2 "x"'],
      ['cy@example.com', '3'],
    ]);
    await workspace.watchlists.delete('VIPs', { searchKeys: ['cy@example.com'] });
    await workspace.watchlists.update({
      alias: 'VIPs',
      source: csv('User,Level\nana@example.com,9\n'),
      removeMissing: true,
    });
    expect(await levels()).toEqual([['ana@example.com', '9']]);
    // What was deleted may come back.
    await workspace.watchlists.update({ alias: 'VIPs', source: csv('User,Level\ncy@example.com,3\n') });
    expect((await levels()).length).toBe(2);
  });

  it('keeps several rows of one search key, as the list of disabled parsers has', async () => {
    const source = csv('CallerContext,SourceSpecificParser\nAny,A\nAny,B\nAny,B\nOther,C\n');
    await workspace.watchlists.import({ alias: 'Parsers', searchKey: 'CallerContext', source });
    expect(await rows("_GetWatchlist('Parsers') | where SearchKey == 'Any' | count")).toEqual([[2]]);
    await workspace.watchlists.update({ alias: 'Parsers', source: csv('CallerContext,SourceSpecificParser\nAny,D\n') });
    expect(
      await rows("_GetWatchlist('Parsers') | project SourceSpecificParser | order by SourceSpecificParser asc"),
    ).toEqual([['C'], ['D']]);
  });

  it('is listed, shown and deleted; its alias then is an empty list', async () => {
    expect(await rows('_GetWatchlistAlias | order by WatchlistAlias asc')).toEqual([['Parsers'], ['VIPs']]);
    expect(await rows('_GetWatchlistAlias() | count')).toEqual([[2]]);
    const [, vips] = await workspace.watchlists.list();
    expect(vips).toMatchObject({ alias: 'VIPs', items: 2, searchKey: 'User', columns: ['User', 'Level'] });
    const { items } = await workspace.watchlists.show('vips', 1);
    expect(items.rows.length).toBe(1);
    const result = await workspace.watchlists.delete('VIPS');
    expect(result.removed).toBe(2);
    expect(await workspace.watchlists.list()).toMatchObject([{ alias: 'Parsers' }]);
    expect(await rows("_GetWatchlist('VIPs') | count")).toEqual([[0]]);
    await workspace.watchlists.import({ alias: 'VIPs', searchKey: 'Name', source: csv('Name\nzoe\n') });
    expect(await rows("_GetWatchlist('VIPs') | project Name")).toEqual([['zoe']]);
  });

  it('knows the columns of a list that other rows made', async () => {
    const item = {
      TimeGenerated: '2026-03-01T00:00:00Z',
      _DTItemType: 'watchlist-item',
      _DTTimestamp: '2026-03-01T00:00:00Z',
    };
    const own = { WatchlistAlias: 'Sent', SearchKey: 'a', _DTItemId: '1', WatchlistItem: { Host: 'a', Site: 'b' } };
    await workspace.store.insert('Watchlist', [{ ...item, ...own, _DTItemStatus: 'Create' }]);
    expect(await rows("_GetWatchlist('Sent') | project Host, Site")).toEqual([['a', 'b']]);
    expect((await workspace.watchlists.list()).find((l) => l.alias === 'Sent')).toMatchObject({
      items: 1,
      columns: [],
    });
  });
});

describe('a file', () => {
  const importing = (content: string | Buffer, more: { searchKey?: string; alias?: string } = {}) =>
    workspace.watchlists.import({ alias: 'Bad', searchKey: 'A', source: csv(content), ...more });

  it.each([
    ['twice the same column', 'A,B,A\n1,2,3\n', 'ING2007 list.csv: its header names the column A twice'],
    ['a column without a name', 'A,,B\n1,2,3\n', 'ING2007 list.csv: column 2 of its header has no name'],
    ['no search key', 'X,Y\n1,2\n', 'CLI6001 the file has no column A'],
    ['nothing', '', 'ING2007 list.csv: it is empty'],
    ['binary data', Buffer.from([1, 0, 2, 0, 3]), 'ING2007 list.csv: it is no text'],
    ['an archive', Buffer.from('PK\x03\x04abc'), 'ING2007 list.csv: it is a zip archive: unpack it first'],
    [
      'a prototype for a column',
      'A,__proto__\n1,2\n',
      'ING2007 list.csv: column 2 of its header is no name for a column',
    ],
    ['a column that every list has', 'A,_DTItemId\n1,2\n', 'CLI6001 _DTItemId is a column of every watchlist'],
  ])('is refused when it has %s', async (_, content, message) => {
    expect(await codeOf(importing(content))).toBe(message);
    expect((await workspace.watchlists.list()).some((list) => list.alias === 'Bad')).toBe(false);
  });

  it('keeps bad rows as rejects with their reasons; read = rows + rejected', async () => {
    const latin = Buffer.concat([Buffer.from('6,caf'), Buffer.from([0xe9]), Buffer.from('\n')]);
    const text = `A,B\n1,2\n3\n4,5,6\n7,${'x'.repeat(20_000)}\n`;
    const result = await importing(Buffer.concat([Buffer.from(text), latin, Buffer.from('8,"open\n')]), {
      alias: 'Ragged',
    });
    expect(result).toMatchObject({ read: 6, rows: 1, rejected: 5 });
    expect(result.rejects.map((r) => [r.code, r.count, r.reason])).toEqual([
      ['ING2003', 2, 'the CSV record has another number of fields than the header'],
      ['ING2001', 1, 'the record is not UTF-8'],
      ['ING2005', 1, 'the row is longer than 10240 characters'],
      ['ING2001', 1, 'a quote of the CSV record is not closed'],
    ]);
    expect(
      await rows(
        `VedetteReject_CL | where Connector_s == 'Watchlist' and Reason_s has 'longer' | project strlen(RawData)`,
      ),
    ).toEqual([[20_002]]);
  });

  it.each([
    ['a byte order mark', Buffer.from('\uFEFFA,B\n1,ü\n')],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('A,B\r\n1,ü\r\n', 'utf16le')])],
    ['gzip', gzipSync('A,B\n1,ü\n')],
    ['semicolons', Buffer.from('A;B\n1;ü\n')],
  ])('may have %s', async (_, content) => {
    const alias = `Kind ${content.length}`;
    await importing(content, { alias });
    expect(await rows(`_GetWatchlist('${alias}') | project A, B`)).toEqual([['1', 'ü']]);
  });

  it('that breaks off removes nothing', async () => {
    await importing('A\n1\n2\n', { alias: 'Cut' });
    const path = join(folder, 'cut.csv.gz');
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i} ${Math.sin(i)}`).join('\n');
    const whole = gzipSync(`A\n${lines}\n`);
    await writeFile(path, whole.subarray(0, whole.length - 2_000));
    const attempt = workspace.watchlists.update({ alias: 'Cut', source: path, removeMissing: true });
    expect(await codeOf(attempt)).toMatch(/^ING2006 .*damaged or cut off/);
    expect(await rows("_GetWatchlist('Cut') | where A in ('1', '2') | count")).toEqual([[2]]);
  });

  it('of an alias that is there already is refused', async () => {
    expect(await codeOf(importing('A\n1\n', { alias: 'cut' }))).toBe('CLI6001 there is a watchlist Cut already');
    expect(await codeOf(importing('A\n1\n', { alias: "x'; drop" }))).toBe("CLI6001 'x'; drop' is no alias");
  });
});
