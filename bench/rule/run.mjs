/**
 * Measures the phishing rule: compiled from KQL, written by hand in SQL, and in DuckDB, over the same rows.
 *   npm run build && node bench/rule/run.mjs [--rows 22552000] [--quick] [--runs 5] [--seed 7] [--data DIR] [--no-duckdb] [--sql]
 * Runs alternate, so that what else the machine does hits all alike. Ends with status 1 when the answers differ or the
 * compiled rule takes more than 1.3 times the CPU time of the hand-written one.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWorkspace } from '../../dist/workspace/index.js';
import { openDuckdb } from './duckdb.mjs';
import { day, generate } from './generate.mjs';
import { hand } from './hand.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '22552000' },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '7' },
    data: { type: 'string' },
    sql: { type: 'boolean', default: false },
    'no-duckdb': { type: 'boolean', default: false },
  },
});
const maxRatio = 1.3;
const maxMemoryMiB = 2048;
const rows = options.quick ? 2_000_000 : Number(options.rows);
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'vedette-rule-')));
const log = (text) => console.error(text);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** CPU seconds and peak resident MiB of a process, from Linux. */
const cpuSeconds = async (pid) => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const peakMiB = async (pid) => Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const resetPeak = (pid) => writeFile(`/proc/${pid}/clear_refs`, '5');

const dataDir = join(directory, 'data');
await mkdir(dataDir, { recursive: true });
// Compiled queries are kept there; the first compilation shall be one.
await rm(join(dataDir, 'cache'), { recursive: true, force: true });
const workspace = await openWorkspace({ dataDir });
let duckdb;
try {
  const { store } = workspace;
  const tables = await generate(store, rows, Number(options.seed), log);
  const { pid } = JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8'));
  const rule = await workspace.rules.find('Possible Phishing with CSL and Network Sessions');
  const kql = rule.query.text ?? rule.query;
  const request = { at: day.at, timespan: `${day.from.replace(' ', 'T')}Z/${day.to.replace(' ', 'T')}Z` };

  const timed = async (body) => {
    const begin = performance.now();
    const value = await body();
    return [value, performance.now() - begin];
  };
  const [sql, cold] = await timed(() => workspace.sql(kql, request));
  const [, warm] = await timed(() => workspace.sql(kql, request));
  const written = hand(day.from, day.to);
  if (options.sql) {
    for (const s of written.stages) console.log(`CREATE TEMPORARY TABLE ${s.name} AS\n${s.sql};\n`);
    console.log(`${written.sql}\n\n-- compiled\n${sql}\n`);
  }

  const instant = (text) => `${text.replace(' ', 'T').replace(/0+$/, '').replace(/\.$/, '').replace(/Z$/, '')}`;
  const comparable = (answer) =>
    answer.map(([time, ...rest]) => [instant(String(time)), ...rest.map(String)].join('\t')).sort();
  const contenders = [
    { name: 'compiled from KQL', pid, run: async () => (await workspace.query(kql, request)).rows },
    { name: 'written by hand', pid, run: async () => (await store.query(written)).rows },
  ];
  if (!options['no-duckdb']) {
    duckdb = await openDuckdb(store, directory, day, log);
    contenders.push({ name: 'DuckDB', pid: process.pid, run: duckdb.run });
  }
  for (const c of contenders) Object.assign(c, { wall: [], cpu: [], peak: 0, answer: comparable(await c.run()) });
  for (let i = 0; i < Number(options.runs); i++) {
    for (const c of contenders) {
      await resetPeak(c.pid);
      const before = await cpuSeconds(c.pid);
      const [, ms] = await timed(c.run);
      c.wall.push(ms / 1000);
      c.cpu.push((await cpuSeconds(c.pid)) - before);
      c.peak = Math.max(c.peak, await peakMiB(c.pid));
    }
  }

  const byHand = contenders[1];
  const total = Object.values(tables).reduce((sum, n) => sum + n, 0);
  console.log(
    `${total.toLocaleString('en')} rows in ${Object.keys(tables).length} tables, ${byHand.answer.length} result rows`,
  );
  console.log(`compilation: ${cold.toFixed(0)} ms in a fresh process, ${warm.toFixed(0)} ms when known\n`);
  console.log(
    '| | wall s (median) | CPU s (median) | CPU to hand-written | peak resident MiB |\n|---|---|---|---|---|',
  );
  for (const c of contenders) {
    c.ratio = median(c.cpu) / median(byHand.cpu);
    console.log(
      `| ${c.name} | ${median(c.wall).toFixed(2)} | ${median(c.cpu).toFixed(2)} | ${c.ratio.toFixed(2)} | ${c.peak.toFixed(0)} |`,
    );
  }
  const problems = contenders
    .filter((c) => c.answer.length === 0 || c.answer.join('\n') !== byHand.answer.join('\n'))
    .map(
      (c) =>
        `${c.name} answers otherwise: ${c.answer.find((row, i) => row !== byHand.answer[i]) ?? `${c.answer.length} rows`}`,
    );
  if (contenders[0].ratio > maxRatio)
    problems.push(`the compiled rule takes more than ${maxRatio} times the hand-written one`);
  if (contenders[0].peak > maxMemoryMiB) problems.push(`the engine took more than ${maxMemoryMiB} MiB`);
  for (const problem of problems) log(problem);
  if (problems.length) process.exitCode = 1;
} finally {
  duckdb?.close();
  await workspace.close();
  if (!options.data) await rm(directory, { recursive: true, force: true });
}
