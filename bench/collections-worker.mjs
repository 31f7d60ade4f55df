// One of the processes of collections.mjs: checks and runs the units that it is told, several at a time.
import { readFileSync } from 'node:fs';
import { WorkspaceRunner } from '../dist/query/index.js';
import { openStore } from '../dist/store/index.js';
import { Checker, noteworthy, verdictOf } from '../dist/workspace/check.js';
import { WorkspaceNames } from '../dist/workspace/names.js';
import { namesOfUnits, tablesIn, unitsUnder } from './collections-units.mjs';

const { folders, only, again, dataDir, at, timeoutMs, windows } = JSON.parse(process.argv[2]);
const store = dataDir && (await openStore({ dataDir }));
const collections = new Map();
const wanted = again && namesOfUnits(readFileSync(again, 'utf8').split('\n').filter(Boolean));

const shortened = (text) =>
  text
    .split('\n')[0]
    .replace(/'[^']{30,}'/g, "'…'")
    .slice(0, 160);
function reasonOf(diagnostics) {
  const d = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0];
  return d ? `${d.code} ${shortened(d.message)}` : 'no reason';
}
/** What a finding is about, as the author wrote it. */
function spelled(diagnostics) {
  const { span, source } = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0] ?? {};
  return span && source ? source.text.slice(span.start, span.end).slice(0, 300) : undefined;
}
const thrown = (error) =>
  error.diagnostics ?? [
    { code: 'THROWN', severity: 'error', message: String(error.stack).split('\n').slice(0, 2).join(' ') },
  ];

function checked(unit, checker) {
  let found;
  try {
    found = noteworthy(checker.check({ ...unit.file, content: unit.content, diagnostics: [] }));
  } catch (error) {
    return { verdict: 'failed', reason: reasonOf(thrown(error)) };
  }
  // Declarations without a query: nothing that could run, in Kusto either.
  if (found.some((d) => d.code === 'KQL1002')) return { verdict: 'unparsable', reason: reasonOf(found) };
  const verdict = verdictOf(found);
  if (verdict === 'ok') return { verdict };
  const absent = found.filter((d) => /^RUL300[48]$/.test(d.code));
  const reason = reasonOf(verdict === 'incomplete' ? absent : found);
  // The official binder's own findings are numbered from KS100 on: it refuses the query, given these tables.
  return { verdict: verdict === 'failed' && /^KS/.test(reason) ? 'refused' : verdict, reason, about: spelled(found) };
}

async function ran(unit, runner, kind) {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  try {
    const answer = await runner.query(unit.text, { at, window: windows[kind], timeoutMs });
    if (!answer.ok) return { ok: false, reason: reasonOf(answer.diagnostics), ms: took() };
    return { ok: true, rows: answer.value.rows.length, ms: took() };
  } catch (error) {
    return { ok: false, reason: reasonOf(thrown(error)), ms: took() };
  }
}

async function one(folder, i) {
  const { units, checker, runner } = collections.get(folder);
  const unit = units[i];
  const began = performance.now();
  const check = checked(unit, checker);
  const result = {
    ...{ folder, i, path: unit.path, title: unit.content.title ?? unit.content.name, text: unit.text },
    ...check,
    ms: Math.round(performance.now() - began),
  };
  const isRun = store && !unit.isCalled && (check.verdict === 'ok' || check.verdict === 'failed');
  if (isRun) {
    result.empty = await ran(unit, runner, 'empty');
    result.rows = await ran(unit, runner, 'rows');
  }
  return result;
}

process.on('message', async ({ load, work }) => {
  if (load) {
    const found = await unitsUnder(load, only, wanted);
    const names = new WorkspaceNames(found.index);
    const checker = new Checker(names);
    const runner = store && new WorkspaceRunner(store, names, { missingExternal: 'empty' });
    collections.set(load, { ...found, checker, runner });
    const tables = tablesIn(
      found.units.map((u) => u.text),
      found.index,
    );
    process.send({ loaded: load, files: found.files, broken: found.broken, units: found.units.length, tables });
  }
  if (work) process.send({ done: await one(work.folder, work.i) });
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: folders.length });
