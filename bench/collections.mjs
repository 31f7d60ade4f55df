// Checks and, without --check, runs whole collections of public detections, over empty tables and over generated rows.
//   npm run build && node bench/collections.mjs FOLDER… [--rows=100] [--every=N] [--failures=FILE] [--only=REGEX] [--check]
//     [--again=FILE] what an earlier --failures holds  [--seconds=20] the limit of a query; --every=N takes each N-th
// Each FOLDER is a checkout. Of its queries (a file may hold several):
//   unparsable  the official parser finds an error of syntax
//   refused     its binder finds an error, given the tables and functions of the catalogue and the checkout
//   incomplete  it names a table or function that nobody knows; bound, not compiled, not run
//   accepted    all but the unparsable and the refused; of these `rule check` finds ok what is not refused by Vedette
// Run is what is accepted and complete, but parsers that take a table. Every reason is listed; --failures writes the
// queries one a line as JSON. Two processes share one engine, whose tables are filled once.
import { fork } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { openStore } from '../dist/store/index.js';
import { catalogue } from '../dist/tables/index.js';
import { generatedRows } from './collections-rows.mjs';

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '100' },
    every: { type: 'string', default: '1' },
    failures: { type: 'string' },
    only: { type: 'string' },
    again: { type: 'string' },
    check: { type: 'boolean' },
    seconds: { type: 'string', default: '20' },
    processes: { type: 'string', default: String(Math.min(4, cpus().length)) },
  },
});
const at = Date.UTC(2026, 2, 15);
const day = 86_400_000;
const atATime = 2;
const step = Number(options.every);
const windows = {
  empty: { from: at + 1000 * day, to: at + 1001 * day },
  rows: { from: at - 30 * day, to: at + day },
};
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0);

const root = await mkdtemp(join(tmpdir(), 'vedette-collections-'));
const dataDir = options.check ? undefined : join(root, 'data');
const store = dataDir && (await openStore({ dataDir }));
const filled = new Set();
async function fill(table) {
  if (filled.has(table)) return;
  filled.add(table);
  const schema = catalogue.table(table);
  await store.ensureTable(schema);
  await store.insert(table, generatedRows(schema, Number(options.rows), at), { receivedAt: at });
}

if (options.failures) writeFileSync(options.failures, '');
const reasons = new Map();
const slow = [];
function reported(tally, result, stage, reason) {
  const key = `${stage}: ${reason}`;
  const known = reasons.get(key) ?? { count: 0, example: `${tally.name}/${result.path}` };
  known.count++;
  reasons.set(key, known);
  const { path, title, about, text } = result;
  if (options.failures)
    appendFileSync(
      options.failures,
      `${JSON.stringify({ collection: tally.name, path, title, stage, reason, about, text })}\n`,
    );
}

const newTally = (name) => ({
  ...{ name, files: 0, broken: 0, queries: 0, unparsable: 0, refused: 0, incomplete: 0, ok: 0, failed: 0 },
  ...{ given: 0, empty: 0, rows: 0, answers: 0, failedFiles: new Set() },
});

function count(tally, result) {
  tally[result.verdict]++;
  if (result.verdict !== 'ok') reported(tally, result, result.verdict, result.reason);
  if (result.verdict === 'failed') tally.failedFiles.add(result.path);
  slow.push({ ms: result.ms, what: `check ${tally.name}/${result.path}` });
  if (!result.rows) return;
  tally.given++;
  for (const kind of ['empty', 'rows']) {
    if (result[kind].ok) tally[kind]++;
    else reported(tally, result, `run ${kind}`, result[kind].reason);
    slow.push({ ms: result[kind].ms, what: `run ${kind} ${tally.name}/${result.path}` });
  }
  if (result.rows.rows > 0) tally.answers++;
}

const input = {
  folders,
  only: options.only,
  again: options.again,
  dataDir,
  at,
  timeoutMs: 1000 * Number(options.seconds),
  windows,
};
const workers = Array.from({ length: Number(options.processes) }, () =>
  fork(join(import.meta.dirname, 'collections-worker.mjs'), [JSON.stringify(input)], {
    execArgv: ['--max-old-space-size=4096'],
  }),
);
const heard = (worker, key) =>
  new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a worker ended'));
    const listen = (message) => {
      if (!(key in message)) return;
      worker.off('message', listen);
      worker.off('exit', ended);
      resolve(message);
    };
    worker.on('message', listen);
    worker.on('exit', ended);
  });
await Promise.all(workers.map((w) => heard(w, 'ready')));

async function collection(folder) {
  const tally = newTally(basename(folder));
  const loaded = await Promise.all(
    workers.map((w) => {
      w.send({ load: folder });
      return heard(w, 'loaded');
    }),
  );
  const { files, broken, units, tables } = loaded[0];
  Object.assign(tally, { files, broken, queries: Math.ceil(units / step) });
  if (store) for (const table of tables) await fill(table);
  const bar =
    process.stderr.isTTY &&
    new SingleBar({ format: `${tally.name} {bar} {value}/{total}`, stream: process.stderr }, Presets.shades_classic);
  if (bar) bar.start(tally.queries, 0);
  let next = 0;
  let done = 0;
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve) => {
          let open = 0;
          const more = () => {
            while (open < atATime && next < tally.queries) {
              worker.send({ work: { folder, i: step * next++ } });
              open++;
            }
            if (open > 0) return;
            worker.off('message', listen);
            resolve();
          };
          const listen = (message) => {
            if (!message.done) return;
            open--;
            count(tally, message.done);
            if (bar) bar.update(++done);
            more();
          };
          worker.on('message', listen);
          more();
        }),
    ),
  );
  if (bar) bar.stop();
  return tally;
}

const rate = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`);
const tallies = [];
try {
  for (const folder of folders) {
    const tally = await collection(folder);
    tallies.push(tally);
    process.stderr.write(`${seconds()} s ${JSON.stringify({ ...tally, failedFiles: tally.failedFiles.size })}\n`);
  }
} finally {
  for (const worker of workers) worker.disconnect();
  await store?.close();
  await rm(root, { recursive: true, force: true });
}

const total = newTally('all');
for (const tally of tallies)
  for (const [key, value] of Object.entries(tally)) if (typeof value === 'number') total[key] += value;
console.log(
  `| Collection | Files | Queries | Unparsable | Refused by the binder | Accepted | Check ok | Name what is not here | Run | On empty tables | On ${options.rows} rows | With an answer |`,
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
for (const t of [...tallies, total]) {
  const accepted = t.ok + t.incomplete + t.failed;
  console.log(
    `| ${t.name} | ${t.files} | ${t.queries} | ${t.unparsable} | ${t.refused} | ${accepted} | ${rate(accepted - t.failed, accepted)} | ${t.incomplete} | ${t.given} | ${rate(t.empty, t.given)} | ${rate(t.rows, t.given)} | ${t.answers} |`,
  );
}
console.log(`\n${seconds()} s, ${total.broken} files unreadable\n`);
for (const [reason, { count, example }] of [...reasons].sort((a, b) => b[1].count - a[1].count).slice(0, 400))
  console.log(`${String(count).padStart(5)}  ${reason}   [${example}]`);
console.log('\nSlowest');
for (const { ms, what } of slow.sort((a, b) => b.ms - a.ms).slice(0, 25))
  console.log(`${String(ms).padStart(6)} ms  ${what}`);
