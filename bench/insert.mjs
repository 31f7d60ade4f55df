// How fast rows reach the disk: node bench/insert.mjs [rows] [batch], after `npm run build`.
// Prints rows a second of `Store.insert` (JavaScript objects in, durable when it returns), of encoding alone, and of the
// engine fed with the same bytes, which is the most that any client could reach.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { encodeRows } from '../dist/store/encode.js';
import { openStore } from '../dist/store/index.js';
import { insertSettings } from '../dist/store/settings.js';
import { catalogue } from '../dist/tables/index.js';

const total = Number(process.argv[2] ?? 1_000_000);
const size = Number(process.argv[3] ?? 50_000);
const start = Date.parse('2026-03-01T00:00:00Z');
const pick = (list, i) => list[(i * 2_654_435_761) % list.length];

/** A proxy record with 26 filled columns. */
const row = (i) => ({
  TimeGenerated: new Date(start + i * 40).toISOString(),
  DeviceVendor: 'Zscaler',
  DeviceProduct: 'NSSWeblog',
  DeviceVersion: '5.7',
  DeviceEventClassID: pick(['Allowed', 'Blocked'], i),
  Activity: pick(['Allowed', 'Blocked'], i),
  LogSeverity: String(i % 10),
  DeviceAction: pick(['Allowed', 'Blocked'], i),
  ApplicationProtocol: pick(['HTTP', 'HTTPS'], i),
  DestinationHostName: `host${(i * 7919) % 50_000}.example.com`,
  DestinationIP: `198.51.100.${i % 256}`,
  SourceIP: `192.0.2.${(i * 31) % 256}`,
  SourceUserName: `user${(i * 17) % 5_000}@example.com`,
  SourceTranslatedAddress: '203.0.113.7',
  RequestURL: `https://host${(i * 7919) % 50_000}.example.com/path/${i % 1_000}?q=${i}`,
  RequestMethod: pick(['GET', 'POST'], i),
  RequestClientApplication: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36',
  SourcePort: 1_024 + (i % 60_000),
  DestinationPort: 443,
  SentBytes: 300 + (i % 5_000),
  ReceivedBytes: 1_000 + (i % 100_000),
  DeviceCustomString1: pick(['Sales', 'Engineering', 'Finance'], i),
  DeviceCustomString1Label: 'dept',
  DeviceCustomString2: pick(['News', 'Search', 'Webmail', 'Streaming'], i),
  DeviceCustomString2Label: 'urlcat',
  Computer: 'proxy1.example.com',
});

const dataDir = await mkdtemp(join(tmpdir(), 'vedette-bench-'));
const store = await openStore({ dataDir });
try {
  const schema = catalogue.table('CommonSecurityLog');
  await store.ensureTable(schema);
  const types = await store.workspace.columns('CommonSecurityLog');
  const { admin } = await store.engine.connection();
  const bySize = [];
  for (let i = 0; i < total; i += size)
    bySize.push(Array.from({ length: Math.min(size, total - i) }, (_, k) => row(i + k)));

  const report = async (what, body) => {
    const begin = performance.now();
    const note = await body();
    const seconds = (performance.now() - begin) / 1000;
    console.log(`${what.padEnd(28)} ${Math.round(total / seconds).toLocaleString('en')} rows/s ${note ?? ''}`);
  };
  await store.insert('CommonSecurityLog', bySize[0]);
  await report('insert()', async () => {
    for (const rows of bySize) await store.insert('CommonSecurityLog', rows);
  });
  await report('insert(), two callers', async () => {
    const queue = [...bySize];
    const worker = async () => {
      for (let rows = queue.pop(); rows; rows = queue.pop()) await store.insert('CommonSecurityLog', rows);
    };
    await Promise.all([worker(), worker()]);
  });
  const blocks = [];
  await report('encoding alone', async () => {
    for (const rows of bySize) blocks.push(encodeRows('CommonSecurityLog', types, rows, start));
    return `(${Math.round(blocks.reduce((sum, block) => sum + block.pieces.reduce((n, piece) => n + piece.length, 0), 0) / total)} bytes a row)`;
  });
  await report('the engine, same bytes', async () => {
    for (const block of blocks) {
      const { stream } = await admin.exec({
        query: `INSERT INTO vedette.CommonSecurityLog (${block.columns.join(', ')}) FORMAT Native`,
        values: Readable.from(block.pieces, { objectMode: false }),
        clickhouse_settings: insertSettings,
      });
      for await (const _ of stream);
    }
  });
  const times = [];
  for (let i = 0; i < 200; i++) {
    const begin = performance.now();
    await store.query('SELECT 1');
    times.push(performance.now() - begin);
  }
  console.log(`a small query                p50 ${times.sort((a, b) => a - b)[100].toFixed(1)} ms`);
} finally {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
}
