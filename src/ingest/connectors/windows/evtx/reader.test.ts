import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toXml } from '../element.js';
import { eventOfElement } from '../event.js';
import { crc32 } from './crc32.js';
import {
  amp,
  type BuiltValue,
  bytesOf,
  element,
  evtxFile,
  fragment,
  literal,
  substitution,
  template,
} from './evtx-builder.js';
import { type EvtxItem, EvtxReader } from './reader.js';

const { u16, u32, u64, utf16 } = bytesOf;

function read(bytes: Uint8Array, step = bytes.length): EvtxItem[] {
  const reader = new EvtxReader();
  const items: EvtxItem[] = [];
  for (let at = 0; at < bytes.length; at += step) items.push(...reader.push(bytes.subarray(at, at + step)));
  items.push(...reader.end());
  return items;
}

const xmlOf = (item: EvtxItem | undefined): string =>
  item && 'event' in item ? toXml(item.event) : `damage: ${item?.damage}`;
const damages = (items: readonly EvtxItem[]): string[] =>
  items.flatMap((item) => ('damage' in item ? [item.damage] : []));

/** `<D>` with one value in it. */
const valued = (type: number, bytes: BuiltValue['bytes']) =>
  fragment(template(element('E', [element('D', [substitution(0)])]), [{ type, bytes }]));

const sid = Buffer.from('01050000000000051500000001000000020000000300000050040000', 'hex');
const doubleBytes = Buffer.alloc(8);
doubleBytes.writeDoubleLE(1.5);

describe('binary XML values, as [MS-EVEN6] and the event viewer spell them', () => {
  const cases: readonly (readonly [string, number, Buffer, string])[] = [
    ['null', 0x00, Buffer.alloc(0), ''],
    ['string with its terminator', 0x01, utf16('né<\0'), 'né&lt;'],
    ['ANSI string', 0x02, Buffer.from('abc\0'), 'abc'],
    ['Int8', 0x03, Buffer.from([0xff]), '-1'],
    ['UInt8', 0x04, Buffer.from([0xff]), '255'],
    ['Int16', 0x05, u16(0xfffe), '-2'],
    ['UInt16', 0x06, u16(0xfffe), '65534'],
    ['Int32', 0x07, u32(0xfffffffd), '-3'],
    ['UInt32', 0x08, u32(0xfffffffd), '4294967293'],
    ['Int64', 0x09, u64(0xffffffffffffffffn), '-1'],
    ['UInt64', 0x0a, u64(0xffffffffffffffffn), '18446744073709551615'],
    ['Real32', 0x0b, Buffer.from('0000c03f', 'hex'), '1.5'],
    ['Real64', 0x0c, doubleBytes, '1.5'],
    ['Boolean', 0x0d, u32(1), 'true'],
    ['Binary', 0x0e, Buffer.from('00ab', 'hex'), '00AB'],
    [
      'GUID',
      0x0f,
      Buffer.from('254984547854944 9a5ba3e3b0328c30d'.replace(' ', ''), 'hex'),
      '{54844925-5478-4994-a5ba-3e3b0328c30d}',
    ],
    ['SizeT of 4 bytes', 0x10, u32(0x3e7), '0x3e7'],
    ['SizeT of 8 bytes', 0x10, u64(0x3e7n), '0x3e7'],
    ['FILETIME', 0x11, u64(116_444_736_000_000_001n), '1970-01-01T00:00:00.0000001Z'],
    ['SYSTEMTIME', 0x12, Buffer.concat([2026, 3, 3, 4, 9, 12, 31, 7].map(u16)), '2026-03-04T09:12:31.007Z'],
    ['SID', 0x13, sid, 'S-1-5-21-1-2-3-1104'],
    ['HexInt32', 0x14, u32(0xc000006d), '0xc000006d'],
    ['HexInt64', 0x15, u64(0x8020000000000000n), '0x8020000000000000'],
  ];
  it.each(cases)('%s', (_name, type, bytes, expected) => {
    const [item] = read(evtxFile([valued(type, bytes)]));
    expect(xmlOf(item)).toBe(expected === '' ? '<E><D/></E>' : `<E><D>${expected}</D></E>`);
  });

  it('an array repeats the element around it', () => {
    const words = utf16('one\0\0two\0\0');
    expect(xmlOf(read(evtxFile([valued(0x81, words)]))[0])).toBe('<E><D>one</D><D/><D>two</D><D/></E>');
    const numbers = Buffer.concat([u16(1), u16(513)]);
    expect(xmlOf(read(evtxFile([valued(0x86, numbers)]))[0])).toBe('<E><D>1</D><D>513</D></E>');
    expect(xmlOf(read(evtxFile([valued(0x93, Buffer.concat([sid, sid]))]))[0])).toContain('1104</D><D>S-1-5-21');
  });

  it('a value of an unknown type makes the record a reject, not a guess', () => {
    expect(damages(read(evtxFile([valued(0x7f, Buffer.alloc(4))])))).toEqual(['record 1: value type 0x7f is unknown']);
  });
});

describe('binary XML structure', () => {
  it('a template inside a value is read with its own values', () => {
    const inner = fragment(
      template(element('LogFileCleared', [element('Name', [substitution(0)])]), [{ type: 0x01, bytes: utf16('ana') }]),
    );
    const outer = template(element('UserData', [substitution(0)]), [{ type: 0x21, bytes: inner }]);
    expect(xmlOf(read(evtxFile([fragment(outer)]))[0])).toBe(
      '<UserData><LogFileCleared><Name>ana</Name></LogFileCleared></UserData>',
    );
  });

  it('an element that is a value lacks the dependency identifier', () => {
    const inner = fragment(element('EventXML', [literal('x')], { bare: true }));
    const outer = template(element('UserData', [substitution(0)]), [{ type: 0x21, bytes: inner }]);
    expect(xmlOf(read(evtxFile([fragment(outer)]))[0])).toBe('<UserData><EventXML>x</EventXML></UserData>');
  });

  it('an element whose only content is optional and null is left out', () => {
    const definition = element('E', [element('Binary', [substitution(0, true)]), element('D', [substitution(0)])]);
    const values = [{ type: 0x00, bytes: Buffer.alloc(0) }];
    expect(xmlOf(read(evtxFile([fragment(template(definition, values))]))[0])).toBe('<E><D/></E>');
  });

  it('attributes, entities and text join; an optional null attribute is left out', () => {
    const definition = element('E', [literal('a'), amp, substitution(1)], {
      attributes: { Name: literal('n'), UserID: substitution(0, true) },
    });
    const values = [
      { type: 0x00, bytes: Buffer.alloc(0) },
      { type: 0x08, bytes: u32(7) },
    ];
    expect(xmlOf(read(evtxFile([fragment(template(definition, values))]))[0])).toBe('<E Name="n">a&amp;7</E>');
  });

  it('a template that is used again is found by its offset', () => {
    const first = valued(0x08, u32(1));
    // The first record's definition starts behind record header, fragment header and the instance's own ten bytes.
    const offset = 512 + 24 + 4 + 10;
    const again = () =>
      Buffer.concat([
        Buffer.from([0x0f, 1, 1, 0, 0x0c, 1]), u32(1), u32(offset), u32(1), u16(4), Buffer.from([8, 0]), u32(2), Buffer.from([0]),
      ]); // biome-ignore format: fields in file order
    expect(read(evtxFile([first, again])).map(xmlOf)).toEqual(['<E><D>1</D></E>', '<E><D>2</D></E>']);
  });

  it('a template that contains itself ends at the depth limit', () => {
    const self = (at: number) => {
      const body = Buffer.concat([
        Buffer.from([0x0f, 1, 1, 0, 0x0c, 1]),
        u32(1),
        u32(at + 14),
        u32(0),
        Buffer.from([0]),
      ]);
      const head = Buffer.concat([Buffer.from([0x0f, 1, 1, 0, 0x0c, 1]), u32(1), u32(at + 14)]);
      return Buffer.concat([head, u32(0), Buffer.alloc(16), u32(body.length), body, u32(0), Buffer.from([0])]);
    };
    expect(damages(read(evtxFile([self])))).toEqual(['record 1: binary XML nested deeper than 32']);
  });
});

describe('damaged files', () => {
  const three = () => evtxFile([valued(0x08, u32(1)), valued(0x08, u32(2)), valued(0x08, u32(3))]);

  it('a record whose header is gone is one reject, the others are read', () => {
    const file = three();
    const second = 4096 + 512 + file.readUInt32LE(4096 + 512 + 4);
    file.fill(0xee, second, second + 4);
    const items = read(file);
    expect(items.filter((item) => 'event' in item).map(xmlOf)).toEqual(['<E><D>1</D></E>', '<E><D>3</D></E>']);
    expect(damages(items)).toEqual([
      'checksum of chunk 0 is wrong: its records may be damaged',
      expect.stringContaining('no record header at byte'),
    ]);
  });

  it('a record that lost its size is read by the copy at its end', () => {
    const file = three();
    const second = 4096 + 512 + file.readUInt32LE(4096 + 512 + 4);
    file.fill(0, second + 4, second + 8);
    const items = read(file);
    expect(items.filter((item) => 'event' in item).map(xmlOf)).toHaveLength(3);
    expect(damages(items)).toEqual(['checksum of chunk 0 is wrong: its records may be damaged']);
  });

  it('a changed byte is noticed by the checksum even when the record still decodes', () => {
    const file = three();
    const at = file.lastIndexOf(u32(3));
    file[at] = 9;
    expect(damages(read(file))).toEqual(['checksum of chunk 0 is wrong: its records may be damaged']);
  });

  it('a chunk without its header is one reject with all its bytes', () => {
    const file = three();
    file.fill(0, 4096, 4096 + 8);
    const [item, ...others] = read(file);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ damage: 'chunk 0 has no chunk header' });
    expect(item?.bytes.length).toBe(65_536);
  });

  it('a damaged file header costs one reject, not the records', () => {
    const file = three();
    file[10] = 0xff;
    const items = read(file);
    expect(damages(items)).toEqual(['checksum of the file header is wrong']);
    expect(items).toHaveLength(4);
  });

  it('a file that was cut inside a chunk gives the records before the cut', () => {
    const file = three().subarray(0, 4096 + 512 + 200);
    const items = read(file);
    expect(damages(items)[0]).toBe('the file ends inside chunk 0');
    expect(xmlOf(items.find((item) => 'event' in item))).toBe('<E><D>1</D></E>');
  });

  it('reads the same whatever the size of the pieces', () => {
    expect(read(three(), 1000).map(xmlOf)).toEqual(read(three()).map(xmlOf));
  });
});

it('CRC-32 has the check value of the standard', () => {
  expect(crc32(Buffer.from('12345'), Buffer.from('6789'))).toBe(0xcbf43926);
});

const shared = join(fileURLToPath(new URL('.', import.meta.url)), '../../../../../../shared/samples/windows');

describe.skipIf(!existsSync(shared))('public EVTX files (skipped when the sample folder is absent)', () => {
  const files = existsSync(shared) ? readdirSync(shared).filter((file) => file.endsWith('.evtx')) : [];

  it.each(files)('%s: every record number of every chunk header is read, in order', (file) => {
    const bytes = readFileSync(join(shared, file));
    const wanted: string[] = [];
    for (let at = 4096; at + 65_536 <= bytes.length; at += 65_536)
      if (bytes.toString('latin1', at, at + 7) === 'ElfChnk') {
        const [first, last] = [bytes.readBigUInt64LE(at + 24), bytes.readBigUInt64LE(at + 32)];
        for (let id = first; id <= last; id++) wanted.push(id.toString());
      }
    const items = read(bytes, 100_000);
    expect(items.map((item) => ('event' in item ? item.recordId : item.damage))).toEqual(wanted);
    // A filtered export numbers its records anew, so EventRecordID is another number.
    for (const item of items) expect('event' in item && eventOfElement(item.event)).not.toHaveProperty('reason');
  });

  it('values are the bytes of the file: strings, addresses and times of the first packet drop', () => {
    const bytes = readFileSync(join(shared, 'evtx-crate-Security_short_selected.evtx'));
    const [item] = read(bytes);
    const event = item && 'event' in item ? eventOfElement(item.event) : undefined;
    expect(event).toMatchObject({ eventId: 5152, channel: 'Security', computer: 'temporal', recordId: '319457771' });
    // FILETIME of the record header, in 100 ns since 1601: the system time of the event is the same moment.
    const ticks = bytes.readBigUInt64LE(4096 + 512 + 16);
    const ms = Number((ticks - 116_444_736_000_000_000n) / 10_000n);
    expect(Date.parse((event as { time: string }).time)).toBe(ms);
    const record = bytes.subarray(4096 + 512, 4096 + 512 + bytes.readUInt32LE(4096 + 516));
    const values = new Map((event as { data: { name: string; value: string }[] }).data.map((d) => [d.name, d.value]));
    for (const name of ['SourceAddress', 'DestAddress', 'SourcePort', 'DestPort', 'Direction', 'LayerName'])
      expect(record.includes(utf16(values.get(name)!))).toBe(true);
    expect([...values.keys()]).toEqual(
      'ProcessId Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID'.split(
        ' ',
      ),
    );
  });

  it('400 files with random bytes changed: no crash, no hang, and every intact record is still read', () => {
    const original = readFileSync(join(shared, 'evtx-crate-Security_short_selected.evtx'));
    const count = read(original).length;
    let seed = 12_345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const used = original.readUInt32LE(4096 + 48);
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(original);
      const touched = new Set<number>();
      for (let flips = 1 + random(8); flips > 0; flips--) {
        const at = random(4096 + used);
        bytes[at] = random(256);
        touched.add(at);
      }
      const items = read(bytes);
      expect(items.length).toBeGreaterThan(0);
      // A change inside the used bytes of the chunk must not pass unnoticed.
      const changed = [...touched].some((at) => at >= 4096 + 512 && bytes[at] !== original[at]);
      if (changed) expect(damages(items).length).toBeGreaterThan(0);
      expect(items.filter((item) => 'event' in item).length).toBeLessThanOrEqual(count);
    }
  });
});
