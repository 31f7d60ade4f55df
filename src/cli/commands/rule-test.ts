import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { fail } from '../../base/index.js';
import { openRuleTester, type RuleTester, type RuleTestReport } from '../../workspace/index.js';
import { type AddCommand, globalOptions } from '../command.js';
import { junit } from '../junit.js';
import { writeJson, writeLine } from '../output.js';
import { defaultDataDir } from '../program.js';
import { progress } from '../progress.js';
import { ruleTestText } from '../show/rule-test.js';
import { status } from '../status.js';
import { watchPaths } from '../watch.js';

interface Options {
  readonly coverage?: true;
  readonly junit?: string;
  readonly watch?: true;
}

export const addRuleTest: AddCommand = (rule, setStatus) => {
  rule
    .command('test')
    .description('run the cases of NAME.test.yaml beside rules')
    .argument('<path...>', 'rules, test files and folders')
    .option('--coverage', 'which steps and branches of each query the cases went through')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--watch', 'run the tests of whatever changes, until interrupted')
    .action(async (paths: string[], options: Options, command) => {
      const shared = globalOptions(command);
      const tester = await openRuleTester(paths, join(shared.data ?? defaultDataDir, 'content'));
      const show = async (report: RuleTestReport) => {
        setStatus(report.failed > 0 || report.passed === 0 ? status.findings : status.success);
        if (options.junit !== undefined) await writeJunit(options.junit, report);
        await (shared.json ? writeJson(report) : writeLine(ruleTestText(report)));
      };
      try {
        await show(await runTests(tester, options));
        if (options.watch) await watchTests(tester, paths, options, show);
      } finally {
        await tester.close();
      }
    });
};

async function runTests(
  tester: RuleTester,
  { coverage }: Options,
  changed?: readonly string[],
): Promise<RuleTestReport> {
  const bar = progress('testing');
  const onCase = (done: number, cases: number) => bar.update(done, cases);
  return tester.run({ coverage, onCase, changed }).finally(() => bar.stop());
}

async function watchTests(
  tester: RuleTester,
  paths: readonly string[],
  options: Options,
  show: (report: RuleTestReport) => Promise<void>,
): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  process.stderr.write(pc.dim('watching; interrupt to end\n'));
  await watchPaths(
    paths,
    async (files) => {
      const changed = files.filter((file) => resolve(file) !== resolve(options.junit ?? ''));
      if (changed.length === 0) return;
      const report = await runTests(tester, options, changed);
      if (report.tests.length > 0) await show(report);
    },
    interrupted.signal,
  );
}

const writeJunit = (file: string, report: RuleTestReport) =>
  writeFile(file, junit(report)).catch((error: Error) => fail('CLI6002', error.message));
