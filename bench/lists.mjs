// A watchlist of a million rows and a STIX bundle of 100 MB: node bench/lists.mjs [rows] [objects], after `npm run build`.
// Prints the time and memory of reading them, and of queries that look things up in them.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorkspace } from '../dist/index.js';

const rows = Number(process.argv[2] ?? 1_000_000);
const objects = Number(process.argv[3] ?? 200_000);
const folder = await mkdtemp(join(tmpdir(), 'vedette-lists-'));
const workspace = await openWorkspace({ dataDir: join(folder, 'data') });

async function written(name, lines) {
  const path = join(folder, name);
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
  return path;
}

async function measured(what, action) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const answer = await action();
  const { user, system } = process.cpuUsage(cpu);
  const ms = Math.round(performance.now() - started);
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  console.log(`${what}: ${ms} ms, ${Math.round((user + system) / 1e3)} ms of CPU in Node, ${memory} MB; ${answer}`);
}

const address = (i) => `198.51.${(i >> 8) % 256}.${i % 256}`;
const key = (i) => `${address(i)}-${i}`;

function* csv() {
  yield 'Ip,Owner,Site,Note\n';
  for (let i = 0; i < rows; i++)
    yield `${key(i)},user${i % 5_000}@example.com,site${i % 40},"asset ${i}, rack ${i % 97}"\n`;
}

function* bundle() {
  yield '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[';
  const times = {
    created: '2026-01-01T00:00:00Z',
    modified: '2026-01-01T00:00:00Z',
    valid_from: '2026-01-01T00:00:00Z',
  };
  for (let i = 0; i < objects; i++) {
    const id = `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const pattern = `[ipv4-addr:value = '203.0.${(i >> 8) % 256}.${i % 256}' OR url:value = 'http://h${i}.example.com/']`;
    const own = { type: 'indicator', spec_version: '2.1', id, pattern_type: 'stix', pattern, ...times };
    yield `${i ? ',' : ''}${JSON.stringify({ ...own, name: `Indicator ${i}`, description: 'x'.repeat(120), confidence: 70 })}`;
  }
  yield ']}';
}

const query = (kql) => measured(kql, async () => `answer ${JSON.stringify((await workspace.query(kql)).rows)}`);

console.log(`load ${loadavg()[0].toFixed(1)}`);
const source = await written('list.csv', csv());
await measured(`watchlist of ${rows} rows`, async () => {
  const result = await workspace.watchlists.import({ alias: 'Assets', searchKey: 'Ip', source });
  return `${result.rows} rows, ${result.rejected} rejected`;
});
await query('print 1 | count');
for (let again = 0; again < 2; again++) {
  await query("_GetWatchlist('Assets') | count");
  await query(`_GetWatchlist('Assets') | where SearchKey == '${key(1_000)}' | project Owner`);
  await query(
    `print ip = '${key(1_000)}' | join kind=inner _GetWatchlist('Assets') on $left.ip == $right.SearchKey | project Owner`,
  );
}
const feed = await written('feed.json', bundle());
await measured(`STIX bundle of ${objects} indicators`, async () => {
  const result = await workspace.intelligence.import([feed]);
  return `${result.written} written, ${result.rejected} rejected`;
});
await query(
  'ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id, ObservableValue | where IsActive | count',
);
console.log(`load ${loadavg()[0].toFixed(1)}`);

await workspace.close();
await rm(folder, { recursive: true, force: true });
