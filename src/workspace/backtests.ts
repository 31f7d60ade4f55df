import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail } from '../base/index.js';
import { type AnalyticRule, functionsHash } from '../content/index.js';
import {
  type Backtest,
  backtest,
  type Comparison,
  compareBacktests,
  nominalTimes,
  type RuleRun,
  readExclusions,
} from '../detect/index.js';
import { openStore, type Store } from '../store/index.js';
import { type Engine, unwrap } from './engine.js';
import { parseTime, type Time } from './times.js';

export interface BacktestRange {
  readonly from: Time;
  readonly to: Time;
  /** Another version of the rule to compare with: an id, a name or the path of a YAML file. */
  readonly against?: string | undefined;
  /** Writes alerts, incidents and runs into the workspace, as the same number of single runs would. */
  readonly write?: boolean | undefined;
  /** Called after each run with the number of all. */
  readonly onRun?: ((run: RuleRun, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the other version gave, and how alerts and incidents differ. */
export interface VersionReport extends Comparison {
  readonly rule: Pick<AnalyticRule, 'id' | 'name' | 'version'>;
  readonly backtest: Backtest;
}

export interface BacktestReport extends Backtest {
  readonly against?: VersionReport | undefined;
}

/**
 * Runs a rule at every nominal time of a range over the rows of the workspace. Alerts, incidents and suppression follow
 * from the runs of the range alone: they are kept in an engine of their own that goes with the answer.
 */
export async function runBacktest(
  engine: Engine,
  find: (rule: string) => Promise<AnalyticRule>,
  wanted: string,
  options: BacktestRange,
): Promise<BacktestReport> {
  const [from, to] = [parseTime(options.from), parseTime(options.to)];
  if (to < from) fail('CLI6001', 'the back-test ends before it begins');
  if (options.write && options.against !== undefined)
    fail('CLI6001', 'versions are compared without writing into the workspace');
  const rule = await find(wanted);
  const other = options.against === undefined ? undefined : await find(options.against);
  const rules = other ? [rule, other] : [rule];
  const total = rules.reduce((sum, each) => sum + nominalTimes(each, from, to).length, 0);

  const run = async (each: AnalyticRule): Promise<Backtest> => {
    const runner = await engine.runner();
    const hash = functionsHash(each.query, (await engine.content()).function);
    const { onRun, signal } = options;
    const exclusions = await readExclusions(engine.store, each.id);
    const over = async (store: Store) =>
      unwrap(
        await backtest(each, {
          ...{ store, runner, from, to, signal, clock: engine.clock, functionsHash: hash, exclusions },
          onRun: onRun && ((done) => onRun(done, total)),
        }),
      );
    return options.write ? over(engine.store) : withScratch(await engine.store.workspaceId(), over);
  };
  const mine = await run(rule);
  if (!other) return mine;
  const theirs = await run(other);
  const comparison = compareBacktests({ rule, backtest: mine }, { rule: other, backtest: theirs }, from);
  const { id, name, version } = other;
  return { ...mine, against: { rule: { id, name, version }, backtest: theirs, ...comparison } };
}

/** Runs an action over an empty store that stands for the workspace. */
async function withScratch<T>(workspaceId: string, action: (store: Store) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vedette-backtest-'));
  try {
    const store = await openStore({ dataDir, workspaceId });
    try {
      return await action(store);
    } finally {
      await store.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
