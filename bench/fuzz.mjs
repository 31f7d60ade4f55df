// Generated queries over small tables with hostile names and texts: each must be answered or refused with a code, the same
// with and without the optimiser's rewrites, and no text of a user may stand in a statement outside a literal.
//   npm run build && node bench/fuzz.mjs [--queries=100000] [--seed=1] [--state=FILE] [--only=SEED,SEED] [--shrink] [--jobs=3]
// Query number i has the seed `seed * 1000003 + i`. With --state the counts and failures are kept in FILE, and the same
// command goes on where it was stopped. --only shows the queries of these seeds and what becomes of them; --shrink cuts each
// failing query down. Exit status 1 when something failed.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const dist = process.env.VEDETTE_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const { FuzzChecker, generate, isFailure, shrink } = await import(join(dist, 'query/fuzz/index.js'));
const { openStore } = await import(join(dist, 'store/index.js'));

const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    state: { type: 'string' },
    only: { type: 'string' },
    shrink: { type: 'boolean' },
    jobs: { type: 'string', default: '3' },
  },
});
const total = Number(options.queries);
const keptFailures = 1000;

const dataDir = join(await mkdtemp(join(tmpdir(), 'vedette-fuzz-')), 'data');
const store = await openStore({ dataDir });
const checker = await FuzzChecker.over(store);
try {
  if (options.only) for (const seed of options.only.split(',')) await showOne(Number(seed));
  else process.exitCode = await runAll();
} finally {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function showOne(seed) {
  const query = generate(seed);
  console.log(query.kql);
  const verdict = await checker.check(query);
  console.log(query.stable, query.ordered, verdict);
  if (isFailure(verdict) && options.shrink) console.log(`\n${await shrink(query, verdict, (q) => checker.check(q))}`);
}

function load() {
  const { seed } = options;
  if (options.state && existsSync(options.state)) {
    const known = JSON.parse(readFileSync(options.state, 'utf8'));
    if (known.seed !== seed) throw new Error(`${options.state} is of seed ${known.seed}`);
    return known;
  }
  return { seed, done: 0, seconds: 0, verdicts: {}, codes: {}, failures: [] };
}

async function runAll() {
  const state = load();
  const save = () => {
    if (!options.state) return;
    writeFileSync(`${options.state}.new`, JSON.stringify(state, null, 1));
    renameSync(`${options.state}.new`, options.state);
  };
  let stopping = false;
  process.on('SIGINT', () => {
    stopping = true;
  });
  const startedAt = performance.now() - state.seconds * 1000;
  const block = 200;
  while (state.done < total && !stopping) {
    const count = Math.min(block, total - state.done);
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const query = generate(Number(options.seed) * 1000003 + state.done + next++);
        const verdict = await checkWithin(query);
        state.verdicts[verdict.kind] = (state.verdicts[verdict.kind] ?? 0) + 1;
        if (verdict.code) state.codes[verdict.code] = (state.codes[verdict.code] ?? 0) + 1;
        if (!isFailure(verdict)) continue;
        const small = options.shrink ? await shrink(query, verdict, (q) => checker.check(q)) : undefined;
        if (state.failures.length < keptFailures) state.failures.push({ seed: query.seed, ...verdict, small });
        console.log(`${query.seed} ${verdict.kind}: ${verdict.why}${small ? `\n${small}` : ''}`);
      }
    };
    await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
    state.done += count;
    state.seconds = Math.round((performance.now() - startedAt) / 1000);
    save();
    if (state.done % 5000 === 0) console.log(new Date().toISOString(), state.done, JSON.stringify(state.verdicts));
  }
  const { failures: _, ...summary } = state;
  console.log(JSON.stringify(summary, null, 1));
  return state.failures.length > 0 ? 1 : 0;
}

/** A checker that does not come back is the worst of failures. */
async function checkWithin(query) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'slow', why: 'no answer within a minute' }), 60_000);
  });
  const verdict = await Promise.race([checker.check(query), late]);
  clearTimeout(timer);
  return verdict;
}
