// One of the processes of collections.mjs: checks and runs the files that it is told, several at a time.
import { WorkspaceRunner } from '../dist/query/index.js';
import { openStore } from '../dist/store/index.js';
import { Checker, noteworthy, verdictOf } from '../dist/workspace/check.js';
import { WorkspaceNames } from '../dist/workspace/names.js';
import { alsoKustos } from './collections-kusto.mjs';
import { filesUnder, namedIn, unitsOf } from './collections-units.mjs';

const { dataDir, at, timeoutMs, windows } = JSON.parse(process.argv[2]);
const store = dataDir && (await openStore({ dataDir }));
let open;

const shortened = (text) =>
  text
    .split('\n')[0]
    .replace(/'[^']{30,}'/g, "'…'")
    .slice(0, 160);
const worst = (diagnostics) => diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0];
function reasonOf(diagnostics) {
  const d = worst(diagnostics);
  return d ? `${d.code} ${shortened(d.message)}` : 'no reason';
}
/** What a finding is about, as the author wrote it. */
function spelled(diagnostics) {
  const { span, source } = worst(diagnostics) ?? {};
  return span && source ? source.text.slice(span.start, span.end).slice(0, 300) : undefined;
}
const thrown = (error) =>
  error.diagnostics ?? [
    { code: 'THROWN', severity: 'error', message: String(error.stack).split('\n').slice(0, 2).join(' ') },
  ];

function checked(unit) {
  let found;
  try {
    found = noteworthy(open.checker.check({ ...unit.part, content: unit.content, diagnostics: [] }));
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

async function ran(unit, kind) {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  try {
    const answer = await open.runner.query(unit.text, { at, window: windows[kind], timeoutMs });
    if (!answer.ok) return { ok: false, reason: reasonOf(answer.diagnostics), ms: took() };
    return { ok: true, rows: answer.value.rows.length, ms: took() };
  } catch (error) {
    return { ok: false, reason: reasonOf(thrown(error)), ms: took() };
  }
}

async function one(unit) {
  const began = performance.now();
  const check = checked(unit);
  const result = { title: unit.title, ...check, ms: Math.round(performance.now() - began) };
  if (store && !unit.isCalled && (check.verdict === 'ok' || check.verdict === 'failed')) {
    result.empty = await ran(unit, 'empty');
    result.rows = await ran(unit, 'rows');
  }
  const failures = [check.verdict === 'failed' && result, result.empty, result.rows].filter((r) => r?.reason);
  if (failures.length === 0) return result;
  const whole = [unit.text, ...namedIn([unit.text], open.index).bodies].join('\n');
  for (const failure of failures) failure.alsoKustos = alsoKustos(failure.reason, whole);
  return { ...result, text: unit.text };
}

async function file(path) {
  const found = open.files.get(path);
  const units = [];
  for (const unit of unitsOf(found)) units.push(await one(unit));
  // What cannot be read at all holds no query.
  const broken = found.parts.find((p) => !p.content && p.diagnostics.length > 0);
  return { path, broken: broken && reasonOf(broken.diagnostics), units };
}

const asked = {
  async load(folder) {
    const { index, files } = await filesUnder(folder);
    const names = new WorkspaceNames(index);
    const runner = store && new WorkspaceRunner(store, names, { missingExternal: 'empty' });
    open = { index, files, checker: new Checker(names), runner };
    return [...files.values()].map(({ path, text }) => ({ path, text }));
  },
  tables: (paths) =>
    namedIn(
      paths.map((path) => open.files.get(path).text),
      open.index,
    ).tables,
  file,
};

process.on('message', async ({ id, ask, about }) => process.send({ id, answer: await asked[ask](about) }));
process.on('disconnect', () => process.exit(0));
process.send({ id: 0 });
