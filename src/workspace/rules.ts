import { fail } from '../base/index.js';
import {
  type AnalyticRule,
  functionsHash,
  type ImportOptions,
  type ImportReport,
  importContent,
} from '../content/index.js';
import { type Explanation, explainRule, type RuleRun, readExclusions, runRule } from '../detect/index.js';
import { type BacktestRange, type BacktestReport, runBacktest } from './backtests.js';
import { type Engine, unwrap } from './engine.js';
import { hiddenAt } from './exclusions.js';
import { usefulNotices } from './notices.js';
import { parseTime, type Time } from './times.js';

export interface RuleRunOptions {
  /** Nominal time: the exclusive end of the window, and what `now()` answers; the present when left out. */
  readonly at?: Time | undefined;
  /** Computes everything and writes nothing. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The rules of a workspace. A rule is named by its id, its name, or the path of its YAML file. */
export interface Rules {
  list(): Promise<readonly AnalyticRule[]>;
  find(rule: string): Promise<AnalyticRule>;
  run(rule: string, options?: RuleRunOptions): Promise<RuleRun>;
  /** Follows the rows of a run through every operator of the query. */
  explain(rule: string, options?: Pick<RuleRunOptions, 'at' | 'signal'>): Promise<Explanation>;
  /**
   * Runs the rule at `from` and at every queryFrequency after it, up to and including `to`, and another version of it when
   * one is named. Nothing is written unless asked for.
   */
  backtest(rule: string, range: BacktestRange): Promise<BacktestReport>;
  /** Copies the rules and functions under a folder into the workspace. */
  import(folder: string, options?: ImportOptions): Promise<ImportReport>;
}

export function rulesOf(engine: Engine): Rules {
  const find = async (rule: string) => unwrap(await (await engine.content()).rule(rule));
  const timeOf = (at: Time | undefined) => (at === undefined ? engine.clock.now() : parseTime(at));
  const setting = async (rule: AnalyticRule) => ({
    ...{ store: engine.store, runner: await engine.runner(), clock: engine.clock },
    exclusions: await readExclusions(engine.store, rule.id),
    functionsHash: functionsHash(rule.query, (await engine.content()).function),
  });
  return {
    list: async () => (await engine.content()).rules,
    find,
    async run(wanted, { at, dryRun, signal } = {}) {
      const rule = await find(wanted);
      const run = unwrap(await runRule(rule, { ...(await setting(rule)), at: timeOf(at), dryRun, signal }));
      return { ...run, notices: usefulNotices(run.notices) };
    },
    async explain(wanted, { at, signal } = {}) {
      const options = { at: timeOf(at), runner: await engine.runner(), isMeasured: true, signal };
      const rule = await find(wanted);
      const explanation = unwrap(await explainRule(rule, options));
      const hidden = await hiddenAt(engine, rule, options.at, signal);
      return hidden ? { ...explanation, hidden } : explanation;
    },
    backtest: (wanted, range) => runBacktest(engine, find, wanted, range),
    async import(folder, options) {
      const { contentDir } = engine.places;
      if (!contentDir) return fail('CLI6001', 'this workspace has no folder for rules and parsers');
      const report = await importContent(folder, contentDir, options);
      engine.forget();
      return report;
    },
  };
}
