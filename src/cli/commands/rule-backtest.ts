import type { RuleRun } from '../../detect/index.js';
import { type AddCommand, globalOptions, repeated, withWorkspace } from '../command.js';
import { shortTime, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { backtestText } from '../show/backtest.js';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly against?: string;
  readonly write?: true;
  readonly parsers?: string[];
}

export const addRuleBacktest: AddCommand = (rule) => {
  rule
    .command('backtest')
    .description('run a rule at every nominal time of a range: the alerts and incidents that would have come')
    .argument('<rule>', 'id, name, or path of a YAML file')
    .requiredOption('--from <time>', 'first nominal time')
    .requiredOption('--to <time>', 'last nominal time, included')
    .option('--against <rule>', 'another version of the rule: which alerts are new, lost and the same')
    .option('--write', 'write alerts, incidents and runs into the workspace')
    .option('--parsers <dir>', 'ASIM parsers that stand over the built-in ones (repeatable)', repeated)
    .addHelpText(
      'after',
      '\nExample:\n  vedette rule backtest new.yaml --against old.yaml --from 2026-03-01T00:00Z --to 2026-03-08T00:00Z',
    )
    .action(async (wanted: string, options: Options, command) => {
      const shared = globalOptions(command);
      const bar = progress('running');
      const report = await withWorkspace(
        shared,
        async ({ rules }) => {
          let done = 0;
          const onRun = (run: RuleRun, total: number) => bar.update(++done, total, shortTime(run.window.to));
          return rules.backtest(wanted, { ...options, onRun }).finally(() => bar.stop());
        },
        options,
      );
      if (shared.json) return writeJson(report);
      await writeLine(backtestText(report));
    });
};
