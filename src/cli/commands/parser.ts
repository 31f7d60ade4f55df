import { join } from 'node:path';
import pc from 'picocolors';
import { type CheckedParser, checkParsers, type ParserTestResult, testParsers } from '../../workspace/index.js';
import { type AddCommand, globalOptions } from '../command.js';
import { cellText, count, writeJson, writeLine } from '../output.js';
import { defaultDataDir, type GlobalOptions } from '../program.js';
import { progress } from '../progress.js';
import { status } from '../status.js';

const pathArgument = ['<path...>', 'parser files, test files and folders'] as const;

export const addParser: AddCommand = (program, setStatus) => {
  const parser = program.command('parser').description('ASIM parsers');
  addTest(parser, setStatus);
  addCheck(parser, setStatus);
};

const addTest: AddCommand = (parser, setStatus) => {
  parser
    .command('test')
    .description('run the cases of NAME.test.yaml beside parsers')
    .argument(...pathArgument)
    .action(async (paths: string[], _options, command) => {
      const shared = globalOptions(command);
      const results = await withProgress('testing', (onFile) =>
        testParsers(paths, { contentDir: contentDirOf(shared), onFile }),
      );
      const failed = results.filter((result) => result.failures.length > 0);
      if (failed.length > 0 || results.length === 0) setStatus(status.findings);
      if (shared.json) return writeJson({ files: results.length, failed: failed.length, results });
      for (const result of failed) await writeLine(failureText(result));
      const checks = results.reduce((sum, result) => sum + result.checks, 0);
      const colour = failed.length > 0 || results.length === 0 ? pc.red : pc.green;
      await writeLine(colour(`${count(results.length, 'file')}, ${count(checks, 'check')}: ${failed.length} failed`));
    });
};

const addCheck: AddCommand = (parser, setStatus) => {
  parser
    .command('check')
    .description('compare the columns and values of Network Session parsers with the schema')
    .argument(...pathArgument)
    .action(async (paths: string[], _options, command) => {
      const shared = globalOptions(command);
      const checked = await withProgress('checking', (onFile) =>
        checkParsers(paths, { contentDir: contentDirOf(shared), onFile }),
      );
      const failed = checked.filter(({ findings }) => findings.some((finding) => finding.severity === 'error'));
      if (failed.length > 0) setStatus(status.findings);
      if (shared.json) return writeJson({ parsers: checked.length, failed: failed.length, results: checked });
      for (const each of checked) await writeLine(findingsText(each));
      const colour = failed.length > 0 ? pc.red : pc.green;
      await writeLine(colour(`${count(checked.length, 'parser')}: ${failed.length} failed`));
    });
};

const contentDirOf = ({ data }: GlobalOptions) => join(data ?? defaultDataDir, 'content');

async function withProgress<T>(word: string, work: (onFile: (done: number, files: number) => void) => Promise<T>) {
  const bar = progress(word);
  return work((done, files) => bar.update(done, files)).finally(() => bar.stop());
}

const failureText = ({ file, failures }: ParserTestResult) =>
  [pc.bold(file), ...failures.map((failure) => `  ${pc.red(failure)}`)].join('\n');

const colours = { error: pc.red, warning: pc.yellow, info: pc.dim } as const;

function findingsText({ parser, rows, findings }: CheckedParser): string {
  const lines = findings.map(({ severity, field, message, example }) =>
    colours[severity](`  ${severity} ${field} ${message}${example === undefined ? '' : `, not ${cellText(example)}`}`),
  );
  return [`${pc.bold(parser)} ${pc.dim(count(rows, 'row'))}`, ...lines].join('\n');
}
