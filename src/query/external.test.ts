import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { WorkspaceRunner } from './runner.js';

let store: Store;
let folder: string;
let server: Server;
let port: number;
const asked: string[] = [];

const csv = 'Id,Name,Seen,Extra\n1,"Smith, Anna",2026-01-02T03:04:05Z,"{""a"":1}"\nx,"say ""hi""",,\n';

beforeAll(async () => {
  store = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'vedette-external-'));
  await writeFile(join(folder, 'people.csv'), csv);
  await writeFile(join(folder, 'people.csv.gz'), gzipSync(csv));
  await writeFile(join(folder, 'lines.txt'), 'one\ntwo, three\n');
  await writeFile(
    join(folder, 'events.json'),
    '{"timestamp":"2019-01-01 10:00:00.238521","data":{"id":9007199254740993,"tags":["}"]}}\n{\n"timestamp":"2019-01-01 10:00:01.845423"}',
  );
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/away') response.writeHead(302, { location: 'https://example.com/list.csv' }).end();
    else if (request.url === '/on') response.writeHead(302, { location: '/list.csv' }).end();
    else if (request.url?.startsWith('/list.csv')) response.end('a,1\nb,2\n');
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function answer(query: string, allowExternal: readonly string[]) {
  const result = await new WorkspaceRunner(store, { function: () => undefined }, { allowExternal }).query(query);
  if (result.ok) return result.value.rows;
  const [first] = result.diagnostics;
  return `${first?.code} ${first?.message}${first?.hint ? `; ${first.hint}` : ''}`;
}

const people = (name: string, options = 'with (ignoreFirstRecord=true)') =>
  `externaldata (Id:long, Name:string, Seen:datetime, Extra:dynamic) [@"${join(folder, name)}"] ${options}`;
const rows = [
  [1, 'Smith, Anna', '2026-01-02T03:04:05Z', { a: 1 }],
  [null, 'say "hi"', null, null],
];

describe('externaldata', () => {
  it('reads fields as the types that the query declares, packed or not', async () => {
    expect(await answer(people('people.csv'), [folder])).toEqual(rows);
    expect(await answer(people('people.csv.gz'), [join(folder, 'people.csv.gz')])).toEqual(rows);
    expect(await answer(`externaldata (l:string) [@"file://${folder}/lines.txt"]`, [folder])).toEqual([
      ['one'],
      ['two, three'],
    ]);
    const both = `inline_external_table (Id:string) kind=storage dataformat=csv ("${folder}/people.csv", "${folder}/people.csv")
      with (includeHeaders="FirstFile") | where Id !in ("1", "x")`;
    expect(await answer(both, [folder])).toEqual([['Id']]);
  });

  it('finds the columns of JSON by name or by a mapping', async () => {
    const mapping = `ingestionMapping='[{"Column":"T","Properties":{"Path":"$.timestamp"}},{"Column":"I","Properties":{"Path":"$.data.id"}},{"Column":"G","Properties":{"Path":"$.data.tags[0]"}},]'`;
    const query = (columns: string, more: string) =>
      `externaldata (${columns}) [@"${folder}/events.json"] with (format="multijson"${more})`;
    expect(await answer(query('T:datetime, I:long, G:string', `, ${mapping}`), [folder])).toEqual([
      ['2019-01-01T10:00:00.238521Z', '9007199254740993', '}'],
      ['2019-01-01T10:00:01.845423Z', null, ''],
    ]);
    expect(await answer(`${query('timestamp:string, none:int', '')} | where none > 0`, [folder])).toEqual([]);
  });

  it('reads nothing that is not allowed, and says what would allow it', async () => {
    expect(await answer(people('people.csv'), [])).toContain(`KQL4006`);
    expect(await answer(people('people.csv'), [join(folder, 'lines.txt')])).toContain(
      `--allow-external ${join(folder, 'people.csv')}`,
    );
    expect(await answer(people(`x/../../${folder.split('/').at(-1)}x/people.csv`), [folder])).toContain('KQL4006');
    const secret = 'externaldata (a:string) ["https://example.com/list.csv?sig=secret"]';
    expect(await answer(secret, ['example.org'])).toBe(
      'KQL4006 the query wants to read https://example.com/list.csv; allow it with --allow-external example.com',
    );
  });

  it('follows a redirect within the list only, and goes to an address of its own network only by that address', async () => {
    const list = (path: string) => `externaldata (a:string, n:long) ["http://127.0.0.1:${port}${path}"]`;
    const table = [
      ['a', 1],
      ['b', 2],
    ];
    expect(await answer(list('/list.csv?key=1'), ['127.0.0.1'])).toEqual(table);
    expect(await answer(list('/on'), [`127.0.0.1:${port}`])).toEqual(table);
    expect(await answer(list('/away'), ['127.0.0.1'])).toContain(
      'KQL4006 the query wants to read https://example.com/',
    );
    expect(await answer(list('/none'), ['127.0.0.1'])).toContain('KQL2006');
    asked.length = 0;
    const byName = `externaldata (a:string) ["https://localhost:${port}/list.csv"]`;
    expect(await answer(byName, ['localhost'])).toContain('not public');
    expect(await answer(byName.replace('https', 'http'), ['localhost'])).toContain('without encryption');
    expect(await answer(list('/list.csv').replace('127.0.0.1', '10.0.0.1'), ['10.0.0.1'])).toContain(
      'without encryption',
    );
    expect(asked).toEqual([]);
  });

  it('refuses formats that it cannot read, and broken records', async () => {
    expect(await answer('externaldata (a:string) ["https://example.com/x.parquet"]', ['example.com'])).toContain(
      'KQL4005',
    );
    expect(
      await answer('externaldata (a:string) ["https://example.com/x;managed_identity=y"]', ['example.com']),
    ).toContain('KQL4005');
    await writeFile(join(folder, 'broken.json'), '{"a": {');
    expect(await answer(`externaldata (a:string) [@"${folder}/broken.json"]`, [folder])).toContain('KQL2006');
    await writeFile(join(folder, 'latin.txt'), Buffer.from([0x61, 0xe4]));
    expect(await answer(`externaldata (a:string) [@"${folder}/latin.txt"]`, [folder])).toContain('no UTF-8');
  });
});
