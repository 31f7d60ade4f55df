// Checks and, without --check, runs whole collections of public detections, over empty tables and over generated rows.
//   npm run build && node bench/collections.mjs FOLDER… [--rows=100] [--limit=N] [--failures=FILE] [--only=REGEX] [--check]
// Each FOLDER is a checkout. Printed for each: files, queries, those that the official parser accepts (syntax alone: the
// denominator of `check`), and of those whose tables and functions are all there: how many run. A parser with a tabular
// parameter and a query over external data are checked, not run. Every failure is listed by its reason; --failures writes
// them one a line as JSON.
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { contentIndex } from '../dist/content/index.js';
import { syntaxErrors } from '../dist/kql/index.js';
import { WorkspaceRunner } from '../dist/query/index.js';
import { openStore } from '../dist/store/index.js';
import { catalogue } from '../dist/tables/index.js';
import { Checker, noteworthy, queriesOf, verdictOf } from '../dist/workspace/check.js';
import { WorkspaceNames } from '../dist/workspace/names.js';
import { generatedRows } from './collections-rows.mjs';

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '100' },
    limit: { type: 'string' },
    failures: { type: 'string' },
    only: { type: 'string' },
    check: { type: 'boolean' },
  },
});
const at = Date.UTC(2026, 2, 15);
const day = 86_400_000;
const parallel = 2;
const timeoutMs = 20_000;

const kinds = ['empty', 'rows'];
const windows = {
  empty: { from: at + 1000 * day, to: at + 1001 * day },
  rows: { from: at - 30 * day, to: at + day },
};

const dataDir = join(await mkdtemp(join(tmpdir(), 'vedette-collections-')), 'data');
const store = await openStore({ dataDir });
const filled = new Set();

async function fill(table) {
  if (filled.has(table)) return;
  filled.add(table);
  const schema = catalogue.table(table);
  await store.ensureTable(schema);
  await store.insert(table, generatedRows(schema, Number(options.rows), at), { receivedAt: at });
}

/** What is to be checked and, unless its text needs a caller, run. */
function unitsOf(file) {
  const { content } = file;
  if (!content) return [];
  const unit = (text, part = content) => ({ file, content: part, text });
  if (content.type === 'rule' || content.type === 'hunting') return [unit(content.query)];
  if (content.type === 'query' || content.isPlain) return queriesOf(content).map((q) => unit(q.text, q));
  if (content.parameters.some((p) => p.type.startsWith('('))) return [{ ...unit(content.body), isCalled: true }];
  const lets = content.parameters.map((p) => {
    const none = p.type === 'string' ? "''" : `${p.type}(null)`;
    return `let ['${p.name}'] = ${p.default || none};\n`;
  });
  return [{ ...unit(content.body), text: lets.join('') + content.body, body: content.body }];
}

const names = (text) => new Set(text.match(/[A-Za-z_]\w*/g) ?? []);

/** All tables that the text names, in the bodies of the functions that it calls too. */
function tablesIn(text, index) {
  const seen = new Set();
  const tables = new Set();
  const walk = (part) => {
    for (const name of names(part)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const stored = index.function(name);
      if (stored) walk(stored.body);
      else if (catalogue.table(name)) tables.add(name);
    }
  };
  walk(text);
  return tables;
}

const reasonOf = (diagnostics) => {
  const d = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0];
  return d
    ? `${d.code} ${d.message
        .split('\n')[0]
        .replace(/'[^']{30,}'/g, "'…'")
        .slice(0, 160)}`
    : 'no reason';
};

function newTally(name) {
  return {
    name,
    files: 0,
    broken: 0,
    queries: 0,
    accepted: 0,
    ok: 0,
    incomplete: 0,
    failed: 0,
    given: 0,
    empty: 0,
    rows: 0,
    empties: 0,
  };
}

if (options.failures) writeFileSync(options.failures, '');
const reasons = new Map();
function failure(tally, unit, stage, reason) {
  const key = `${stage}: ${reason}`;
  const known = reasons.get(key) ?? { count: 0, example: `${tally.name}/${unit.path}` };
  known.count++;
  reasons.set(key, known);
  if (options.failures)
    appendFileSync(
      options.failures,
      `${JSON.stringify({ collection: tally.name, path: unit.path, title: unit.content.title ?? unit.content.name, stage, reason, text: unit.text })}\n`,
    );
}

async function runUnit(unit, tally, runner, index) {
  for (const table of tablesIn(unit.text, index)) await fill(table);
  tally.given++;
  const failed = new Set();
  for (const kind of kinds) {
    try {
      const answer = await runner.query(unit.text, { at, window: windows[kind], timeoutMs });
      if (answer.ok) {
        tally[kind]++;
        if (kind === 'rows' && answer.value.rows.length > 0) tally.answers = (tally.answers ?? 0) + 1;
        continue;
      }
      failed.add(`${reasonOf(answer.diagnostics)}`);
      failure(tally, unit, `run ${kind}`, reasonOf(answer.diagnostics));
    } catch (error) {
      failure(
        tally,
        unit,
        `run ${kind}`,
        `THROWN ${reasonOf(error.diagnostics ?? [{ code: error.name, message: String(error.stack).split('\n').slice(0, 2).join(' ') }])}`,
      );
    }
  }
}

async function collection(folder) {
  const tally = newTally(basename(folder));
  const own = await contentIndex({ parsers: [folder], builtIn: false, pages: true });
  const shipped = await contentIndex();
  const index = { function: (name) => own.function(name) ?? shipped.function(name) };
  const workspaceNames = new WorkspaceNames(index);
  const checker = new Checker(workspaceNames);
  const runner = new WorkspaceRunner(store, workspaceNames);
  tally.files = new Set(own.files.filter((f) => f.content || f.diagnostics.length).map((f) => f.name)).size;
  tally.broken = new Set(own.files.filter((f) => !f.content && f.diagnostics.length).map((f) => f.name)).size;
  let units = own.files.flatMap(unitsOf);
  const wanted = options.only && new RegExp(options.only, 'i');
  if (wanted) units = units.filter((u) => wanted.test(u.file.name) || wanted.test(u.text));
  if (options.limit) units = units.slice(0, Number(options.limit));
  for (const unit of units) unit.path = relative(folder, unit.file.name);
  tally.queries = units.length;
  const bar =
    process.stderr.isTTY &&
    new SingleBar({ format: `${tally.name} {bar} {value}/{total}`, stream: process.stderr }, Presets.shades_classic);
  if (bar) bar.start(units.length, 0);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < units.length; i = next++) {
      const unit = units[i];
      if (syntaxErrors(unit.body ?? unit.text).length === 0) {
        tally.accepted++;
        let verdict;
        let found = [];
        try {
          found = noteworthy(checker.check({ ...unit.file, content: unit.content, diagnostics: [] }));
          verdict = verdictOf(found);
        } catch (error) {
          verdict = 'failed';
          found = [
            { code: 'THROWN', severity: 'error', message: String(error.stack).split('\n').slice(0, 2).join(' ') },
          ];
        }
        // Declarations without a query: nothing that could run, in Kusto either.
        if (found.some((d) => d.code === 'KQL1002')) {
          tally.accepted--;
          continue;
        }
        if (verdict === 'unparsable') verdict = 'failed';
        tally[verdict]++;
        if (verdict === 'failed') failure(tally, unit, 'check', reasonOf(found));
        if (verdict === 'incomplete')
          failure(tally, unit, 'incomplete', reasonOf(found.filter((d) => /RUL300[48]/.test(d.code))));
        const isHere = verdict !== 'incomplete' && !/\b(externaldata|inline_external_table)\b/i.test(unit.text);
        if (!options.check && isHere && !unit.isCalled) await runUnit(unit, tally, runner, index);
      }
      if (bar) bar.update(i + 1);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  if (bar) bar.stop();
  return tally;
}

const rate = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`);
const tallies = [];
const began = Date.now();
try {
  for (const folder of folders) {
    const tally = await collection(folder);
    tallies.push(tally);
    process.stderr.write(`${((Date.now() - began) / 1000).toFixed(0)} s ${JSON.stringify(tally)}\n`);
  }
} finally {
  await store.close();
  await rm(join(dataDir, '..'), { recursive: true, force: true });
}

const total = newTally('all');
for (const tally of tallies)
  for (const key of Object.keys(tally)) if (key !== 'name') total[key] = (total[key] ?? 0) + tally[key];
console.log(
  `| Collection | Files | Unreadable | Queries | Accepted by the parser | Check fails | Check ok | Lacks a table or function | Given | Run on empty tables | Run on ${options.rows} rows | With an answer |`,
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
for (const t of [...tallies, total])
  console.log(
    `| ${t.name} | ${t.files} | ${t.broken} | ${t.queries} | ${t.accepted} | ${t.failed} | ${rate(t.accepted - t.failed, t.accepted)} | ${t.incomplete} | ${t.given} | ${rate(t.empty, t.given)} | ${rate(t.rows, t.given)} | ${t.answers ?? 0} |`,
  );
console.log(`\n${((Date.now() - began) / 1000).toFixed(0)} s\n`);
for (const [reason, { count, example }] of [...reasons].sort((a, b) => b[1].count - a[1].count).slice(0, 150))
  console.log(`${String(count).padStart(5)}  ${reason}   [${example}]`);
