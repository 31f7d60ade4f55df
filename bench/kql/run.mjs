/**
 * Thirty detection queries over the rows of bench/rule: compiled from KQL, beside SQL written by hand for ClickHouse and for
 * DuckDB; then what compiling them takes.
 *   npm run build && node bench/kql/run.mjs [--rows 22552000] [--quick] [--runs 5] [--seed 7] [--data DIR] [--only REGEX] [--sql]
 * Runs alternate, and the ratio is of the least CPU times, which other work on the machine disturbs least. Ends with status 1
 * when answers differ or the median ratio passes 1.15.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWorkspace } from '../../dist/workspace/index.js';
import { openDuckdb } from '../duckdb.mjs';
import { day, generate } from '../rule/generate.mjs';
import { columns, queries } from './queries.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '22552000' },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '7' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    sql: { type: 'boolean', default: false },
  },
});
const maxMedianRatio = 1.15;
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'vedette-kql-')));
const log = (text) => console.error(text);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const least = (list) => Math.min(...list);

/** CPU seconds of a process so far, from Linux, in nanoseconds' resolution where the scheduler keeps it. */
const cpuSeconds = async (pid) => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Numbers and instants are printed in many ways: the same value must be the same text. */
const cell = (value) => {
  const text = String(value ?? '');
  if (/^\d{4}-\d\d-\d\d[ T]/.test(text))
    return text
      .replace(' ', 'T')
      .replace(/(\.\d*?)0*Z?$/, '$1')
      .replace(/[.Z]+$/, '');
  return /^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : text;
};
/** Columns stand in another order in KQL than where SQL selects them. */
const comparable = (rows) =>
  rows
    .map((row) => row.map(cell).sort().join('\t'))
    .sort()
    .join('\n');

const dataDir = join(directory, 'data');
await mkdir(dataDir, { recursive: true });
await rm(join(dataDir, 'cache'), { recursive: true, force: true });
const workspace = await openWorkspace({ dataDir });
let duckdb;
try {
  const { store } = workspace;
  const tables = await generate(store, options.quick ? 2_000_000 : Number(options.rows), Number(options.seed), log);
  const { pid } = JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8'));
  duckdb = await openDuckdb(store, directory, 'duck-kql.db', columns, log);
  const request = { at: day.at, timespan: `${day.from.replace(' ', 'T')}Z/${day.to.replace(' ', 'T')}Z` };
  const within = (zone) => `TimeGenerated >= ${zone}'${day.from}' AND TimeGenerated < ${zone}'${day.to}'`;

  const problems = [];
  const ratios = [];
  const compile = { first: [], cached: [] };
  const timed = async (body, times) => {
    const begin = performance.now();
    const value = await body();
    times.push(performance.now() - begin);
    return value;
  };
  // The parser and the binder load once in a process.
  await workspace.sql('print 1', request);
  const rows = Object.values(tables).reduce((sum, n) => sum + n, 0);
  console.log(
    `${rows.toLocaleString('en')} rows in ${Object.keys(tables).length} tables; medians of wall ms, least CPU s\n`,
  );
  console.log(
    '| query | rows | KQL ms | ClickHouse ms | DuckDB ms | CPU s of KQL | of ClickHouse | ratio | DuckDB ratio |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const query of queries.filter((q) => new RegExp(options.only).test(q.name))) {
    const sql = await timed(() => workspace.sql(query.kql, request), compile.first);
    await timed(() => workspace.sql(query.kql, request), compile.cached);
    if (options.sql) console.log(`\n${sql}\n`);
    const hand = query.clickhouse.replaceAll('$T', within(''));
    const contenders = [
      { name: 'KQL', pid, run: async () => (await workspace.query(query.kql, request)).rows },
      { name: 'ClickHouse', pid, run: async () => (await store.query(hand)).rows },
      { name: 'DuckDB', pid: process.pid, run: () => duckdb.run(query.duckdb.replaceAll('$T', within('TIMESTAMP '))) },
    ];
    for (const c of contenders) Object.assign(c, { wall: [], cpu: [], answer: await c.run() });
    for (let i = 0; i < Number(options.runs); i++) {
      for (const c of contenders) {
        const before = await cpuSeconds(c.pid);
        await timed(c.run, c.wall);
        c.cpu.push((await cpuSeconds(c.pid)) - before);
      }
    }
    const [kql, clickhouse, duck] = contenders;
    for (const c of [kql, duck])
      if (comparable(c.answer) !== comparable(clickhouse.answer))
        problems.push(
          `${query.name}: ${c.name} gives ${c.answer.length} rows, ClickHouse ${clickhouse.answer.length}; first ${JSON.stringify(c.answer[0])} and ${JSON.stringify(clickhouse.answer[0])}`,
        );
    if (clickhouse.answer.length === 0) problems.push(`${query.name}: no rows, so it shows nothing`);
    // The kernel counts CPU time in hundredths: below three of them the clock tells more.
    const cost = (c) => (least(clickhouse.cpu) >= 0.03 ? least(c.cpu) : least(c.wall) / 1000);
    const ratio = cost(kql) / cost(clickhouse);
    ratios.push({ ratio, duck: cost(duck) / cost(clickhouse) });
    const ms = (c) => median(c.wall).toFixed(0);
    console.log(
      `| ${query.name} | ${kql.answer.length} | ${ms(kql)} | ${ms(clickhouse)} | ${ms(duck)} | ${least(kql.cpu).toFixed(2)} | ${least(clickhouse.cpu).toFixed(2)} | ${ratio.toFixed(2)} | ${(cost(kql) / cost(duck)).toFixed(2)} |`,
    );
  }
  const middle = median(ratios.map((r) => r.ratio));
  console.log(
    `\nmedian ratio to ClickHouse by hand ${middle.toFixed(2)}, worst ${Math.max(...ratios.map((r) => r.ratio)).toFixed(2)}`,
  );
  console.log(`median ratio of DuckDB by hand to ClickHouse by hand ${median(ratios.map((r) => r.duck)).toFixed(2)}`);
  console.log(
    `compiling: median ${median(compile.first).toFixed(0)} ms, cached ${median(compile.cached).toFixed(1)} ms`,
  );
  for (const problem of problems) log(problem);
  if (problems.length > 0 || middle > maxMedianRatio) process.exitCode = 1;
} finally {
  duckdb?.close();
  await workspace.close();
  if (!options.data) await rm(directory, { recursive: true, force: true });
}
