import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { WorkspaceRunner } from './runner.js';

type Data = string | number | Data[] | { [key: string]: Data };

/** Control byte: type and size; sizes from 29 on take a byte of their own. Types past 7 take a second byte. */
function encoded(value: Data): Buffer {
  const head = (type: number, size: number) => {
    const [first, more] = size < 29 ? [size, []] : [29, [size - 29]];
    return Buffer.from(type < 8 ? [(type << 5) | first, ...more] : [first, type - 7, ...more]);
  };
  if (typeof value === 'string') return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([head(11, value.length), ...value.map(encoded)]);
  if (typeof value === 'object')
    return Buffer.concat([head(7, Object.keys(value).length), ...Object.entries(value).flat().map(encoded)]);
  const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8);
  if (!Number.isInteger(value)) {
    bytes.writeDoubleBE(value);
    return Buffer.concat([head(3, 8), bytes]);
  }
  bytes.writeUInt32BE(value);
  return Buffer.concat([head(6, 4), bytes]);
}

/** A database in MaxMind's format, whose networks are given by their bits. */
function database(version: 4 | 6, networks: readonly (readonly [bits: string, data: Data])[]): Buffer {
  const nodes: (number | undefined)[][] = [[undefined, undefined]];
  const blobs: Buffer[] = [];
  const ends: (() => void)[] = [];
  for (const [bits, data] of networks) {
    let at = 0;
    for (const bit of bits.slice(0, -1)) {
      const next = nodes[at]![Number(bit)] ?? nodes.push([undefined, undefined]) - 1;
      nodes[at]![Number(bit)] = next;
      at = next;
    }
    const offset = Buffer.concat(blobs).length;
    blobs.push(encoded(data));
    ends.push(() => {
      nodes[at]![Number(bits.at(-1))] = nodes.length + 16 + offset;
    });
  }
  for (const end of ends) end();
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.flat().forEach((record, i) => {
    tree.writeUIntBE(record ?? nodes.length, i * 3, 3);
  });
  const metadata = encoded({
    node_count: nodes.length,
    record_size: 24,
    ip_version: version,
    database_type: 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    description: { en: 'test' },
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), ...blobs, marker, metadata]);
}

const bitsOf = (address: readonly number[], length: number, each = 8) =>
  address
    .map((n) => n.toString(2).padStart(each, '0'))
    .join('')
    .slice(0, length);

const city = {
  country: { names: { en: 'Exampleland' } },
  subdivisions: [{ names: { en: 'North' } }],
  city: { names: { en: 'Sample' } },
  location: { latitude: 12.5, longitude: 151.25 },
};
const networks = [
  [bitsOf([192, 0, 2], 24), city],
  [bitsOf([198, 51, 100], 24), { country: { names: { en: 'Otherland' } } }],
] as const;

let store: Store;
let folder: string;
beforeAll(async () => {
  store = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'vedette-geo-'));
  const inSix = networks.map(([bits, data]) => ['0'.repeat(96) + bits, data] as const);
  const six = [bitsOf([0x2001, 0xdb8], 32, 16), city] as const;
  await writeFile(join(folder, 'six.mmdb'), database(6, [...inSix, six]));
  await writeFile(join(folder, 'four.mmdb'), database(4, networks));
  await writeFile(join(folder, 'none.mmdb'), 'no database');
});
afterAll(() => rm(folder, { recursive: true }));

async function asked(file: string | undefined, ...addresses: string[]) {
  const runner = new WorkspaceRunner(store, { function: () => undefined }, { geoDatabase: file && join(folder, file) });
  const rows = addresses.map((a, i) => `${i}, "${a}"`).join(', ');
  const query = `datatable(n: long, a: string)[${rows}] | extend g = geo_info_from_ip_address(a) | sort by n asc | project g`;
  const answer = await runner.query(query);
  if (!answer.ok) return answer.diagnostics.map((d) => `${d.code} ${d.message} ${d.hint}`).join();
  return answer.value.rows.flat();
}

const found = { country: 'Exampleland', state: 'North', city: 'Sample', latitude: 12.5, longitude: 151.25 };

describe('geo_info_from_ip_address', () => {
  it('says what the database knows, and no more', async () => {
    const addresses = [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '2001:db8::5',
      '198.51.100.1',
      '203.0.113.1',
      '',
      'host',
      '2001:db9::',
    ];
    expect(await asked('six.mmdb', ...addresses)).toEqual([
      ...[found, found, found],
      { country: 'Otherland' },
      ...[null, null, null, null],
    ]);
  });

  it('takes no IPv6 address for the IPv4 address of its first bits', async () => {
    expect(await asked('four.mmdb', '192.0.2.255', 'c000:0200::1')).toEqual([found, null]);
  });

  it('refuses without a database, or with a file that is none', async () => {
    if (!process.env.VEDETTE_GEO_DATABASE)
      expect(await asked(undefined, '192.0.2.7')).toMatch(/^KQL4005 .*VEDETTE_GEO_DATABASE/);
    expect(await asked('none.mmdb', '192.0.2.7')).toMatch(/^KQL4005 .*none\.mmdb/);
    expect(await asked('missing.mmdb', '192.0.2.7')).toMatch(/^KQL4005 .*missing\.mmdb/);
  });
});
