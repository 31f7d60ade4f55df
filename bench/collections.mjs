// Checks and, without --check, runs whole collections of public detections, over empty tables and over generated rows.
//   npm run build && node bench/collections.mjs FOLDER… [--state=FILE [--again]] [--every=N [--from=K]] [--rows=100]
//     [--only=REGEX] [--check] [--seconds=20]
// --state=FILE keeps what each file gave, one JSON a line, and goes on after what it holds already; --again forgets files with
// a failure first. --every=N takes the K-th of each N files; --only those whose path or text fits; --seconds limits a query.
// Each FOLDER is a checkout. Of its queries (a file may hold several):
//   unparsable  the official parser finds an error of syntax
//   refused     its binder finds an error, given the tables and functions of the catalogue and the checkout, or Kusto's
//               engine would fail as well (collections-kusto.mjs says why)
//   absent      it names a table or function that nobody knows; bound, not compiled, not run
//   accepted    all but the unparsable and the refused; of these `rule check` finds ok what is not refused by Vedette
// Run is what is accepted and not absent, but parsers that take a table. Every reason is listed. All processes share one
// engine, whose tables are filled once.
import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { openStore } from '../dist/store/index.js';
import { catalogue } from '../dist/tables/index.js';
import { hasFailed, Report } from './collections-report.mjs';
import { generatedRows } from './collections-rows.mjs';

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '100' },
    every: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    state: { type: 'string' },
    again: { type: 'boolean' },
    only: { type: 'string' },
    check: { type: 'boolean' },
    seconds: { type: 'string', default: '20' },
    processes: { type: 'string', default: String(Math.min(4, cpus().length)) },
  },
});
const at = Date.UTC(2026, 2, 15);
const day = 86_400_000;
const filesAtATime = 2;
const windows = {
  empty: { from: at + 1000 * day, to: at + 1001 * day },
  rows: { from: at - 30 * day, to: at + day },
};
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0);

const report = new Report();
const done = new Set();
if (options.state && existsSync(options.state)) {
  const lines = readFileSync(options.state, 'utf8').split('\n').filter(Boolean);
  const kept = lines.map((line) => JSON.parse(line)).filter((entry) => !options.again || !hasFailed(entry));
  writeFileSync(options.state, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  for (const entry of kept) {
    done.add(`${entry.collection}/${entry.path}`);
    report.add(entry.collection, entry);
  }
}

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

const input = JSON.stringify({ dataDir, at, timeoutMs: 1000 * Number(options.seconds), windows });
const workers = Array.from({ length: Number(options.processes) }, () =>
  fork(join(import.meta.dirname, 'collections-worker.mjs'), [input], {
    execArgv: ['--max-old-space-size=4096', '--max-semi-space-size=64'],
  }),
);
let asks = 0;
/** The answer of a process; its first message has the number 0. */
function heard(worker, id) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process ended'));
    const listen = (message) => {
      if (message.id !== id) return;
      worker.off('message', listen);
      worker.off('exit', ended);
      resolve(message.answer);
    };
    worker.on('message', listen);
    worker.on('exit', ended);
  });
}
function asked(worker, ask, about) {
  const id = ++asks;
  worker.send({ id, ask, about });
  return heard(worker, id);
}

async function collection(folder) {
  const name = basename(folder);
  const [files] = await Promise.all(workers.map((w) => asked(w, 'load', folder)));
  const only = options.only && new RegExp(options.only, 'i');
  const todo = files
    .filter((_, i) => i % Number(options.every) === Number(options.from))
    .filter(({ path, text }) => !only || only.test(path) || only.test(text))
    .map(({ path }) => path)
    .filter((path) => !done.has(`${name}/${path}`));
  if (todo.length === 0) return;
  if (store) for (const table of await asked(workers[0], 'tables', todo)) await fill(table);
  const bar =
    process.stderr.isTTY &&
    new SingleBar({ format: `${name} {bar} {value}/{total}`, stream: process.stderr }, Presets.shades_classic);
  if (bar) bar.start(todo.length, 0);
  let next = 0;
  const lane = async (worker) => {
    while (next < todo.length) {
      const entry = { collection: name, ...(await asked(worker, 'file', todo[next++])) };
      if (options.state) appendFileSync(options.state, `${JSON.stringify(entry)}\n`);
      report.add(name, entry);
      if (bar) bar.increment();
    }
  };
  await Promise.all(workers.flatMap((worker) => Array.from({ length: filesAtATime }, () => lane(worker))));
  if (bar) bar.stop();
  process.stderr.write(`${seconds()} s ${name}: ${todo.length} files\n`);
}

try {
  await Promise.all(workers.map((w) => heard(w, 0)));
  for (const folder of folders) await collection(folder);
} finally {
  for (const worker of workers) worker.disconnect();
  await store?.close();
  await rm(root, { recursive: true, force: true });
}
console.log(report.text(options.rows));
console.log(`\n${seconds()} s`);
