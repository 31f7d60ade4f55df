import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Appender } from '../../store/index.js';
import type { Row } from '../../tables/index.js';
import type { DecodeContext } from '../connector.js';
import { cefRow } from './cef.js';
import { PlainCef } from './cef-plain.js';

const context: DecodeContext = {
  receivedAt: Date.parse('2026-03-05T00:00:00Z'),
  zoneOffsetMinutes: 0,
  file: new Map(),
};

/** Keeps what is written as a row. */
class OneRow implements Appender {
  readonly rows = 0;
  row: Row | undefined;
  add() {}
  async send() {}
  writer(time: string) {
    const row: Row = { TimeGenerated: time };
    this.row = row;
    const once = (name: string, value: Row[string]) => {
      if (name in row) throw new Error(`${name} was written twice`);
      row[name] = value;
      return true;
    };
    return {
      begin: () => 0,
      column: (name: string) => ({
        set: (_: number, value: Row[string]) => once(name, value),
        setBytes: (_: number, source: Buffer, from: number, to: number) =>
          once(name, source.toString('utf8', from, to)),
      }),
    };
  }
}

const plain = new PlainCef(context);

function written(line: string): Row | undefined {
  // Something stands before and behind the line, as in a file.
  const block = Buffer.from(`=x ${line}\n=`);
  const to = block.length - 2;
  const header = plain.header(block, 3, to);
  const rows = new OneRow();
  return header !== -1 && plain.write(block, 3, header, to, rows) ? rows.row : undefined;
}

/** What `cefRow` says, as it is stored: an empty text is no value. */
function meant(line: string): Row | string {
  const row = cefRow(line.replace(/\r+$/, ''), context);
  if (typeof row === 'string') return row;
  row.TimeGenerated ??= '2026-03-05T00:00:00Z';
  row.Type = 'CommonSecurityLog';
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== ''));
}

const head = '<134>Mar  4 09:12:31 fw1 CEF:0|Example|P|1|7|name|3|';

describe('plain lines', () => {
  test.each([
    ['text, numbers and own keys', `${head}src=192.0.2.1 spt=443 in=12 x=1 y=a b  act=Deny`],
    ['escapes', `${head}msg=a\\=b\\\\c\\nd\\re\\t\\ own=a\\=b suser=corp\\\\u\\`],
    ['empty values', `${head}src= spt= start= x= msg=`],
    ['a key that stands in a value', `${head}request=http://a/?b=c&d=e msg=a =b c= d e==f`],
    [
      'numbers at their limits',
      `${head}in=999999999999999 out=-5 spt=2147483647 cn1=3000000000 externalId=12 cfp1=-1.5e3`,
    ],
    ['a long of 19 digits', `${head}in=9223372036854775807`],
    ['text in a number that another column keeps', `${head}externalId=abc`],
    ['times', `${head}start=1772615551 end=Mar 04 2026 09:12:31 GMT rt=1772615551000`],
    ['characters beyond ASCII', `${head}msg=日本 é ключ=x suser=é`],
    ['a word for the severity', head.replace('|3|', '|Very-High|')],
    ['no severity', head.replace('|3|', '||')],
    ['no header before it, its own time', 'CEF:0|Example|P|1|7|n|3|rt=Mar 04 2026 09:12:31 src=192.0.2.1'],
    ['no time at all', 'CEF:0|Example|P|1|7|n|3|rt=soon src=192.0.2.1'],
    ['RFC 5424', '<134>1 2026-03-04T09:12:31.1234567+01:00 h app - - - CEF:0|Example|P|1|7|n|3|src=192.0.2.1'],
    ['a relay', '<13>Mar  4 09:12:31 relay <134>Mar  4 09:12:30 fw2 CEF:0|Example|P|1|7|n|3|src=192.0.2.1'],
    ['a year behind the time', head.replace('Mar  4 09:12:31', 'Dec 31 09:12:31 2026')],
    ['a zone behind the time', head.replace('09:12:31', '09:12:31 EST:')],
    ['decimals behind the time', head.replace('09:12:31', '09:12:31.250')],
    ['a time without PRI', head.replace('<134>', '')],
    ['a PRI out of range', head.replace('<134>', '<192>')],
    ['no time that exists', head.replace('Mar  4', 'Feb 30')],
    ['a host that is a year', head.replace('fw1', '2025')],
    ['a host and a program', head.replace('fw1', 'fw1 agent[7]:')],
    ['no host', head.replace(' fw1', '')],
    ['a carriage return', `${head}src=192.0.2.1 msg=a \r`],
    ['a pipe before the extension', `${head}| src=192.0.2.1`],
    ['keys in another case', `${head}SRC=192.0.2.1 Act=x`],
  ])('%s: as cefRow reads it', (_, line) => {
    expect(written(line)).toEqual(meant(line));
  });

  test.each([
    ['a key twice', `${head}src=192.0.2.1 src=192.0.2.2`],
    ['an own key twice', `${head}x=1 x=2`],
    ['two spellings of a key', `${head}src=192.0.2.1 SRC=192.0.2.2`],
    ['text in a number', `${head}spt=http`],
    ['a number out of range', `${head}spt=2147483648`],
    ['no time in a time', `${head}start=soon`],
    ['text in front of the first key', `${head}hello src=192.0.2.1`],
    ['text without a key', `${head}hello`],
    ['an unescaped pipe', '<134>Mar  4 09:12:31 fw1 CEF:0|Example|P|1|7|a|b|3|src=192.0.2.1'],
    ['an escaped pipe', '<134>Mar  4 09:12:31 fw1 CEF:0|Example|P|1|7|a\\|b|3|src=192.0.2.1'],
    ['too few pipes', '<134>Mar  4 09:12:31 fw1 CEF:0|Example|P|1|7|a'],
    ['NUL', `${head}msg=a\0<b`],
    ['JSON around it', `{"_raw":"${head}src=192.0.2.1"}`],
    ['another word with CEF before it', 'CEFfw CEF:0|Example|P|1|7|a|3|src=192.0.2.1'],
  ])('%s: left to cefRow', (_, line) => {
    expect(written(line)).toBeUndefined();
  });
});

test('lines that are cut, joined and shuffled are read as cefRow reads them, or left to it', () => {
  const folder = fileURLToPath(new URL('../connectors/', import.meta.url));
  const lines = ['cef', 'fortinet', 'check-point', 'palo-alto-networks', 'zscaler'].flatMap((name) =>
    readdirSync(`${folder}${name}/samples`)
      .filter((file) => file.endsWith('.log'))
      .flatMap((file) => readFileSync(`${folder}${name}/samples/${file}`, 'utf8').split('\n'))
      .filter((line) => line.includes('CEF')),
  );
  let seed = 11;
  const random = (limit: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % limit;
  };
  const pick = () => lines[random(lines.length)]!;
  const signs = [
    '=',
    ' ',
    '\\',
    '|',
    ';',
    '\r',
    '\0',
    '"',
    'é',
    '\t',
    '<',
    '7',
    ' src=',
    ' msg=x',
    ' spt=1',
    ' CEF:0|',
  ];
  let taken = 0;
  const total = 20_000;
  for (let round = 0; round < total; round++) {
    let line = pick();
    for (let change = random(4); change > 0; change--) {
      const at = random(line.length + 1);
      const kind = random(4);
      if (kind === 0) line = line.slice(0, at) + signs[random(signs.length)]! + line.slice(at);
      else if (kind === 1) line = line.slice(0, at) + line.slice(at + 1 + random(5));
      else if (kind === 2) line = line.slice(0, at) + pick().slice(random(200));
      else line = line.replace(/(\w+)=(\S*)/, '$2=$1');
    }
    const row = written(line);
    if (row) {
      taken++;
      expect(row, line).toEqual(meant(line));
    }
  }
  expect(taken).toBeGreaterThan(total / 5);
});
