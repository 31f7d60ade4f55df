import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { connectors } from './connectors/index.js';
import { ingest } from './ingest.js';
import type { IngestResult } from './intake.js';
import { Recorder } from './testing/index.js';

const receivedAt = Date.parse('2026-03-04T10:00:00Z');
const directory = await mkdtemp(join(tmpdir(), 'vedette-ingest-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

const cef = (id: string, extension = '') => `<134>Mar  4 09:12:31 s CEF:0|Example|P|1|${id}|n|1|${extension}`;

/** Feeds bytes in pieces of the given size, as a socket would. */
async function* pieces(bytes: Buffer, size = bytes.length): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(input: Buffer | string, id = 'CEF', size?: number) {
  const recorder = new Recorder();
  const stream = pieces(Buffer.from(input as string), size);
  const result = await ingest(recorder, connectors.find(id)!, [{ name: 'test', stream }], { receivedAt });
  const rows = [...recorder.rows].filter(([table]) => table !== 'VedetteReject_CL').flatMap(([, list]) => list);
  const rejects = recorder.rows.get('VedetteReject_CL') ?? [];
  expect(result.read).toBe(rows.length + rejects.length);
  expect(result.rejected).toBe(rejects.length);
  return { result, rows, rejects, recorder };
}

const ids = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row.DeviceEventClassID);

describe('shapes of files', () => {
  const three = [cef('1'), cef('2'), cef('3')];
  test.each([
    ['LF', three.join('\n')],
    ['CRLF', `${three.join('\r\n')}\r\n`],
    ['NUL', `${three.join('\0')}\0`],
    ['byte order mark', `\ufeff${three.join('\n')}`],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(three.join('\n'), 'utf16le')])],
    ['octet-counted', three.map((line) => `${line.length} ${line}`).join('')],
    ['gzip', gzipSync(three.join('\n'))],
    ['gzip members', Buffer.concat(three.map((line) => gzipSync(`${line}\n`)))],
    ['JSON lines', three.map((line) => JSON.stringify({ message: line })).join('\n')],
    [
      'JSON array',
      JSON.stringify(
        three.map((line) => ({ _raw: line })),
        null,
        2,
      ),
    ],
    ['JSON array of texts', JSON.stringify(three)],
    ['JSON envelope', JSON.stringify({ count: 3, records: three.map((line) => ({ raw: line })), next: [] }, null, 1)],
    ['JSON sequence, pretty-printed', three.map((line) => JSON.stringify({ log: line }, null, 2)).join('\n')],
    ['CSV', `_time,host,_raw\n${three.map((line) => `1772615551,h,"${line}"`).join('\n')}`],
  ])('%s', async (_, input) => {
    for (const size of [undefined, 7]) {
      const { rows, result } = await read(Buffer.from(input as string), 'CEF', size);
      expect(ids(rows)).toEqual(['1', '2', '3']);
      expect(result.rejected).toBe(0);
    }
  });

  test('a broken JSON line touches no other', async () => {
    const { rows, rejects } = await read(`{"_raw":"${cef('1')}"}\n{"_raw":"cut\n{"_raw":"${cef('2')}"}\n`);
    expect(ids(rows)).toEqual(['1', '2']);
    expect(rejects.map((row) => row.RawData)).toEqual(['{"_raw":"cut']);
  });

  test('a JSON file that is cut off keeps its whole elements', async () => {
    const { rows, rejects } = await read(`{"records":[{"_raw":"${cef('1')}"},\n{"_raw":"half`);
    expect(ids(rows)).toEqual(['1']);
    expect(rejects[0]).toMatchObject({ Code_s: 'ING2001', Reason_s: 'the JSON is cut off', RawData: '{"_raw":"half' });
  });

  test('rows of an export go to their table with their types; unknown columns are kept', async () => {
    const row = {
      TimeGenerated: '2026-03-04T09:12:31Z',
      DeviceVendor: 'X',
      SourcePort: '443',
      LogSeverity: 3,
      My: 'x',
    };
    const { rows, result } = await read(JSON.stringify([row]));
    expect(rows[0]).toMatchObject({ SourcePort: 443, LogSeverity: '3', AdditionalExtensions: 'My=x' });
    expect(result.notices).toHaveLength(1);
  });
});

describe('hostile input', () => {
  test('a record of 10 MB is a row, whole', async () => {
    const value = 'x'.repeat(10 * 1024 * 1024);
    const { rows } = await read(`${cef('1', `msg=${value}`)}\n${cef('2')}`, 'CEF', 1024 * 1024);
    expect(ids(rows)).toEqual(['1', '2']);
    expect(rows[0]!.Message).toHaveLength(value.length);
  });

  test('a record past the limit is refused in pieces, and the next one is read', async () => {
    const { rows, rejects } = await read(`${cef('1', 'x'.repeat(40 * 1024 * 1024))}\n${cef('2')}`, 'CEF', 1024 * 1024);
    expect(ids(rows)).toEqual(['2']);
    expect(new Set(rejects.map((row) => row.Code_s))).toEqual(new Set(['ING2005']));
    const kept = rejects.reduce((sum, row) => sum + (row.RawData as string).length, 0);
    expect(kept).toBe(cef('1').length + 40 * 1024 * 1024);
  });

  test.each([
    ['a run of equals signs', 'a='.repeat(250_000)],
    ['a run of quotes', ' k="'.repeat(100_000)],
    ['a run of backslashes', '\\'.repeat(400_000)],
    ['a run of pipes', '|'.repeat(400_000)],
    ['a run of blanks', ' '.repeat(800_000)],
    ['a run of NULs', `${'\0'.repeat(800_000)}x`],
    ['a run of brackets', '['.repeat(400_000)],
    ['a run of braces', '{"a":'.repeat(250_000)],
    ['a run of commas', ','.repeat(400_000)],
    ['one long word', 'x'.repeat(800_000)],
  ])('%s ends in seconds in every connector', { timeout: 120_000 }, async (_, text) => {
    const heads = [
      '',
      '<134>Mar  4 09:12:31 s ',
      '<134>1 2026-03-04T09:12:31Z h a 1 - [',
      cef('1'),
      'date=1 type=1 devid=1 ',
    ];
    for (const id of ['CEF', 'Syslog', 'Fortinet', 'CheckPoint', 'PaloAltoNetworks', 'Zscaler'])
      for (const start of heads) {
        const from = performance.now();
        await read(`${start}${text}\n`, id);
        expect(performance.now() - from).toBeLessThan(5000);
      }
  });

  test('quotes, pipes and backslashes in every field survive as sent', async () => {
    const nasty = `'";--\\\\ \\| \`\${x} %00 <b> 日本`;
    const { rows } = await read(`<134>Mar  4 09:12:31 s CEF:0|${nasty}|P|1|1|${nasty}|1|msg=${nasty} vendor=${nasty}`);
    expect(rows[0]!.DeviceVendor).toBe(`'";--\\ | \`\${x} %00 <b> 日本`);
    expect(rows[0]!.Message).toBe(`'";--\\ \\| \`\${x} %00 <b> 日本`);
    expect(rows[0]!.AdditionalExtensions).toBe(`vendor=${nasty}`);
  });

  test('broken UTF-8: the record is kept with replacement characters, a reject keeps the bytes', async () => {
    const broken = Buffer.concat([
      Buffer.from(cef('1', 'msg=a')),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('b src=192.0.2.1'),
    ]);
    const junk = Buffer.from([0x80, 0x81, 0x00, 0x82]);
    const { rows, rejects } = await read(Buffer.concat([broken, Buffer.from('\n'), junk, Buffer.from('\n')]));
    expect(rows[0]!.Message).toBe('a\ufffd\ufffdb');
    expect(Buffer.from(rejects[0]!.RawDataBase64_s as string, 'base64')).toEqual(junk);
  });

  test('binary junk is refused, never thrown', async () => {
    let seed = 1;
    const junk = Buffer.alloc(300_000);
    for (let at = 0; at < junk.length; at++) {
      seed = (seed * 48271) % 2147483647;
      junk[at] = seed & 255;
    }
    for (const id of ['CEF', 'Syslog', 'Fortinet', 'CheckPoint', 'PaloAltoNetworks', 'Zscaler']) {
      const { result } = await read(junk, id);
      expect(result.rejected / result.read).toBeGreaterThan(0.9);
    }
  });

  test('a gzip bomb ends as one reject and memory stays flat', async () => {
    const bomb = gzipSync(Buffer.alloc(150 * 1024 * 1024));
    const before = process.memoryUsage.rss();
    const { rejects } = await read(bomb);
    expect(rejects.at(-1)).toMatchObject({ Code_s: 'ING2006' });
    expect(rejects.at(-1)!.Reason_s).toContain('gzip bomb');
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('a gzip file that is cut off gives its rows and one reject', async () => {
    const whole = gzipSync(
      Array.from({ length: 5000 }, (_, at) => cef(`${at}`, `n=${(at * 7919) % 99991}`)).join('\n'),
    );
    const { rows, rejects } = await read(whole.subarray(0, whole.length - 2000));
    expect(rows.length).toBeGreaterThan(1000);
    expect(rejects.map((row) => row.Code_s)).toContain('ING2006');
  });

  test('an archive is named, not read as text', async () => {
    const { result } = await read(Buffer.from([0x50, 0x4b, 0x03, 0x04, 1, 2, 3]));
    expect(result.rejects[0]!.reason).toContain('a zip archive');
  });

  test('JSON nested too deep is refused', async () => {
    const { result } = await read(`{"message":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(result.rejects[0]!.code).toBe('ING2005');
  });

  test('keys of a JSON record reach no prototype', async () => {
    await read('{"__proto__":{"polluted":1},"constructor":{"x":1}}', 'Zscaler');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('the run', () => {
  test('a path that is not there is an error of use, before anything is read', async () => {
    const run = ingest(new Recorder(), connectors.find('CEF')!, [join(directory, 'none')], { receivedAt });
    await expect(run).rejects.toThrow('CLI6002');
  });

  test('a folder is read in name order, progress counts its bytes', async () => {
    const folder = await mkdtemp(join(directory, 'folder-'));
    await writeFile(join(folder, 'b.log'), cef('b'));
    await writeFile(join(folder, 'a.log'), cef('a'));
    const recorder = new Recorder();
    const seen: number[] = [];
    await ingest(recorder, connectors.find('cef')!, [folder], {
      receivedAt,
      onProgress: ({ bytesRead, bytesTotal }) => seen.push(bytesRead, bytesTotal ?? -1),
    });
    expect(ids(recorder.rows.get('CommonSecurityLog')!)).toEqual(['a', 'b']);
    expect(seen.slice(-2)).toEqual([2 * cef('a').length, 2 * cef('a').length]);
  });

  test('batches are inserted while more is read, none is lost', async () => {
    const lines = Array.from({ length: 110_001 }, (_, at) => cef(`${at}`)).join('\n');
    const { recorder, rows } = await read(lines, 'CEF', 1024 * 1024);
    expect(rows).toHaveLength(110_001);
    expect(recorder.batches.length).toBeGreaterThan(1);
  });

  test('an engine that fails ends the run with its error', async () => {
    class Failing extends Recorder {
      override async insert(): Promise<void> {
        throw new Error('the engine is gone');
      }
    }
    const stream = pieces(Buffer.from(cef('1')));
    const run = ingest(new Failing(), connectors.find('CEF')!, [{ name: 'x', stream }], { receivedAt });
    await expect(run).rejects.toThrow('the engine is gone');
  });

  test('ids and aliases in any case', () => {
    expect(connectors.find('paloaltonetworks')?.id).toBe('PaloAltoNetworks');
    expect(connectors.find('ZSCALERAMA')?.id).toBe('Zscaler');
    expect(connectors.find('nobody')).toBeUndefined();
  });
});

describe('in the engine', async () => {
  const store = await openTestStore();
  const run = async (text: string): Promise<IngestResult> => {
    const stream = pieces(Buffer.from(text));
    return ingest(store, connectors.find('CEF')!, [{ name: 'test', stream }], { receivedAt });
  };

  test('every value of a hostile record fits its column', async () => {
    const numbers = ['99999999999999999999', '-1', '0x10', '1e5', '', '9223372036854775807', '9223372036854775808'];
    const keys = ['cn1', 'in', 'spt', 'cnt', 'cfp1', 'flexNumber1', 'externalId', 'type', 'start', 'end', 'fsize'];
    const lines = numbers.map((value, at) => cef(`n${at}`, keys.map((key) => `${key}=${value}`).join(' ')));
    const result = await run(lines.join('\n'));
    expect(result).toMatchObject({ read: numbers.length, rejected: 0 });
    const stored = await store.query(
      "SELECT FieldDeviceCustomNumber1, SentBytes FROM CommonSecurityLog WHERE DeviceEventClassID = 'n5'",
    );
    expect(stored.rows).toEqual([['9223372036854775807', null]]);
  });

  test('rows and rejects can be queried', async () => {
    await run(`${cef('stored', 'msg=a\\nb src=192.0.2.1 k=it\\\\s;')}\nno record\n`);
    const rows = await store.query(
      "SELECT SourceIP, Message, AdditionalExtensions, toString(TimeGenerated) FROM CommonSecurityLog WHERE DeviceEventClassID = 'stored'",
    );
    expect(rows.rows).toEqual([['192.0.2.1', 'a\nb', 'k=it\\\\s;', '2026-03-04 09:12:31.0000000']]);
    const rejects = await store.query('SELECT Connector_s, File_s, Code_s, RawData FROM VedetteReject_CL');
    expect(rejects.rows).toEqual([['CEF', 'test', 'ING2001', 'no record']]);
  });

  test('plain lines go into the columns as the rows of the same lines do, whatever stands between them and wherever chunks end', async () => {
    const id = (n: number) => `p${n}`;
    const lines: (string | Buffer)[] = [
      cef(id(1), 'src=192.0.2.1 spt=1 x=1'),
      cef(id(2), 'msg=two'),
      'lines of text',
      cef(id(3), 'spt=http x=1 x=2'),
      `${cef(id(4), 'src=192.0.2.4 msg=a')}\r`,
      'own=continued dst=192.0.2.5',
      '',
      'no record',
      cef(id(5), 'in=5 start=1772615551'),
      Buffer.concat([Buffer.from(cef(id(6), 'msg=')), Buffer.from([0xff])]),
      cef(id(7), 'msg=日本'),
      `${cef(id(8))}\0${cef(id(9), 'src=192.0.2.9')}`,
      JSON.stringify({ _raw: cef(id(10)) }),
      cef(id(11), 'src=192.0.2.11').replace('Mar  4', 'Mar  4 1990'),
      'CEF:0|Example|P|1|p12|n|1|rt=Mar 04 2026 09:12:31 dst=192.0.2.12',
      'another thing',
      cef(id(13), 'last=1'),
    ];
    const input = Buffer.concat([
      Buffer.from('\ufeff'),
      ...[...lines, ...lines, ...lines].flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]),
    ]);
    let runs = 0;
    const stored = async (size: number, isPlain: boolean) => {
      const target: Store = isPlain
        ? store
        : Object.assign(Object.create(store) as Store, {
            appender: async (...args: Parameters<Store['appender']>) =>
              Object.assign(await store.appender(...args), { writer: undefined }),
          });
      const at = receivedAt + ++runs;
      const sources = [{ name: 'test', stream: pieces(input, size) }];
      const result = await ingest(target, connectors.find('CEF')!, sources, { receivedAt: at });
      const ofRun = `_TimeReceived = fromUnixTimestamp64Milli(${at})`;
      const { rows } = await store.query(
        `SELECT * EXCEPT (_ItemId, _TimeReceived) FROM CommonSecurityLog WHERE ${ofRun} ORDER BY ALL`,
      );
      const rejects = await store.query(`SELECT RawData, RawDataBase64_s FROM VedetteReject_CL WHERE ${ofRun}`);
      expect(rows).toHaveLength(39);
      return { result, rows, rejects: rejects.rows };
    };
    const expected = await stored(input.length, false);
    expect(expected.result).toMatchObject({ read: 45, rejected: 6, tables: { CommonSecurityLog: 39 } });
    for (const size of [input.length, 997, 100, 7])
      expect(await stored(size, true), `pieces of ${size}`).toEqual(expected);
  });
});
