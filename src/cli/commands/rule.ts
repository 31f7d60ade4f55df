import pc from 'picocolors';
import type { RuleRun } from '../../detect/index.js';
import { type AddCommand, globalOptions, repeated, withWorkspace } from '../command.js';
import { cellText, count, records, resultTable, shortTime, writeDiagnostics, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { funnelText } from '../show/funnel.js';
import { severityText } from '../show/incident.js';
import { plain } from './query.js';
import { addRuleBacktest } from './rule-backtest.js';
import { addRuleCheck, flat } from './rule-check.js';
import { addRuleTest } from './rule-test.js';

const ruleArgument = ['<rule>', 'id, name, or path of a YAML file'] as const;
const parsersOption = ['--parsers <dir>', 'ASIM parsers that stand over the built-in ones (repeatable)'] as const;

export const addRule: AddCommand = (program, setStatus) => {
  const rule = program.command('rule').description('analytic rules');
  addRuleCheck(rule, setStatus);
  addRuleTest(rule, setStatus);
  addRun(rule, setStatus);
  addExplain(rule, setStatus);
  addRuleBacktest(rule, setStatus);
  addImport(rule, setStatus);
};

const addRun: AddCommand = (rule) => {
  rule
    .command('run')
    .description('run a rule once: query, trigger, alerts, incidents')
    .argument(...ruleArgument)
    .option('--at <time>', 'nominal time: the exclusive end of the window (default now)')
    .option(...parsersOption, repeated)
    .option('--dry-run', 'write nothing')
    .action(async (wanted: string, options: { at?: string; parsers?: string[]; dryRun?: true }, command) => {
      const shared = globalOptions(command);
      const run = await withWorkspace(shared, ({ rules }) => rules.run(wanted, options), options);
      if (shared.json) return writeJson({ ...run, notices: run.notices.map(plain) });
      await writeLine(runText(run, options.dryRun === true));
      writeDiagnostics(run.notices);
    });
};

/** A wider result is shown row by row. */
const TABLE_COLUMNS = 8;
const SHOWN_ROWS = 20;

function runText(
  { rule, window, resultCount, columns, rows, triggered, alerts, incidents, repeated: again }: RuleRun,
  isDry: boolean,
): string {
  const lines = [
    pc.bold(rule.name),
    pc.dim(
      `${shortTime(window.from)} to ${shortTime(window.to)} UTC${again ? ', run before: this is what it stored' : ''}`,
    ),
    '',
  ];
  const shown = columns.length > TABLE_COLUMNS ? records : resultTable;
  if (rows.length > 0) lines.push(shown(columns, rows.slice(0, SHOWN_ROWS)), '');
  if (rows.length > SHOWN_ROWS) lines.push(pc.dim(`the first ${SHOWN_ROWS}; all are in --json`), '');
  lines.push(`${count(resultCount, 'row')}: ${triggered ? pc.yellow('triggered') : pc.green('not triggered')}`);
  const verb = isDry ? 'would be ' : '';
  if (triggered) lines.push(`${count(alerts.length, 'alert')} ${verb}raised`);
  for (const incident of incidents) {
    lines.push(`incident ${incident.IncidentNumber}  ${severityText(incident.Severity)}  ${cellText(incident.Title)}`);
  }
  if (incidents[0] && !isDry) lines.push('', pc.dim(`vedette incident show ${incidents[0].IncidentNumber}`));
  return lines.join('\n');
}

const addExplain: AddCommand = (rule) => {
  rule
    .command('explain')
    .description('rows in and out of every step of the query, and why none is left')
    .argument(...ruleArgument)
    .option('--at <time>', 'nominal time: the exclusive end of the window (default now)')
    .option(...parsersOption, repeated)
    .action(async (wanted: string, options: { at?: string; parsers?: string[] }, command) => {
      const shared = globalOptions(command);
      const explanation = await withWorkspace(shared, ({ rules }) => rules.explain(wanted, options), options);
      if (!shared.json) return writeLine(funnelText(explanation));
      const steps = explanation.steps.map(({ line: _, ...step }) => step);
      const { stoppedAt, silent, hidden } = explanation;
      return writeJson({ steps, stoppedAt, silent, hidden });
    });
};

const addImport: AddCommand = (rule) => {
  rule
    .command('import')
    .description('copy the rules and parsers of a checkout into the workspace')
    .argument('<dir>', 'folder, such as a checkout of Azure-Sentinel')
    .action(async (folder: string, _options, command) => {
      const shared = globalOptions(command);
      const bar = progress('importing');
      const onFile = (done: number, files: number) => bar.update(done, files);
      const report = await withWorkspace(shared, ({ rules }) => rules.import(folder, { onFile })).finally(() =>
        bar.stop(),
      );
      const { rules, parsers, failed, huntingQueries, looseQueries, files } = report;
      if (shared.json) {
        const each = files.map(({ diagnostics, ...file }) => ({ ...file, diagnostics: diagnostics.map(flat) }));
        return writeJson({ rules, huntingQueries, parsers, looseQueries, failed, files: each });
      }
      writeDiagnostics(report.diagnostics.filter((d) => d.severity === 'error'));
      await writeLine(
        `${count(rules, 'rule')}, ${count(huntingQueries, 'hunting query', 'hunting queries')} and ${count(parsers, 'parser')} imported from ${count(files.filter((f) => f.outcome === 'imported' || f.outcome === 'partly').length, 'file')}, ${count(failed, 'file')} failed`,
      );
      if (looseQueries > 0)
        await writeLine(`${count(looseQueries, 'query', 'queries')} in pages and text files were left where they are`);
    });
};
