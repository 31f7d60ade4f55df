import pc from 'picocolors';
import { fail } from '../../base/index.js';
import { parseDuration } from '../../content/index.js';
import type { AutomationReport, LateMode, RunReport, WatchOptions } from '../../workspace/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, count, cut, shortTime, table, writeDiagnostics, writeJson, writeLine } from '../output.js';
import { automationJson, automationLines } from '../show/automation.js';
import { status } from '../status.js';
import { allowedWebhooks, allowWebhookOption } from './automation.js';

interface Options {
  readonly once?: true;
  readonly catchUp?: string;
  readonly late: string;
  readonly timeout?: string;
  readonly allowWebhook?: string[];
}

const lateModes: readonly LateMode[] = ['off', 'report', 'rerun'];

export const addWatch: AddCommand = (program, setStatus) => {
  program
    .command('watch')
    .description('run all enabled rules on their schedules, and automation, until stopped')
    .option('--once', 'do what is due now, gaps included, then end')
    .option('--catch-up <duration>', 'how far back gaps are filled (default 14d, NRT rules 1d)')
    .option('--late <mode>', 'rows that come after their run: off, report, or rerun to add what is new', 'report')
    .option('--timeout <duration>', "limit of one run's query (default 10m)")
    .option(...allowWebhookOption)
    .action(async (options: Options, command) => {
      const shared = globalOptions(command);
      if (!lateModes.includes(options.late as LateMode))
        fail('CLI6001', `'${options.late}' is none of ${lateModes.join(', ')}`);
      const reports: RunReport[] = [];
      const automation: AutomationReport[] = [];
      const line = statusLine();
      const watchOptions: WatchOptions = {
        catchUpMs: options.catchUp === undefined ? undefined : durationOf(options.catchUp),
        timeoutMs: options.timeout === undefined ? undefined : durationOf(options.timeout),
        late: options.late as LateMode,
        onRun(report) {
          if (options.once) reports.push(report);
          if (!options.once && shared.json) void writeJson(reportJson(report));
          if (!shared.json) line.run(report);
        },
        onAutomation(report) {
          if (options.once) automation.push(report);
          if (!options.once && shared.json) void writeJson({ automation: automationJson(report) });
          if (!shared.json) line.lines(automationLines(report));
        },
        onTrouble: writeDiagnostics,
      };
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
      try {
        await withWorkspace(
          shared,
          async ({ schedule }) => {
            const watch = schedule.watch(watchOptions);
            await (options.once ? watch.once(stop.signal) : watch.run(stop.signal));
          },
          allowedWebhooks(options),
        );
      } finally {
        process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
        line.end();
      }
      if (!options.once) return;
      const failed = reports.filter(({ result }) => result === 'failed' || result === 'disabled').length;
      if (failed > 0) setStatus(status.findings);
      if (shared.json)
        return writeJson({ runs: reports.map(reportJson), failed, automation: automation.map(automationJson) });
      const alerts = reports.reduce((sum, report) => sum + report.alertCount, 0);
      await writeLine(`${count(reports.length, 'run')}, ${count(alerts, 'alert')}, ${failed} failed`);
    });
};

/** One line for each run that matters; on a terminal a last line that says how things stand. */
function statusLine() {
  const isTerminal = process.stderr.isTTY === true;
  let [runs, alerts, failed, worst] = [0, 0, 0, 0];
  const clear = () => isTerminal && process.stderr.write('\r\x1b[K');
  return {
    run(report: RunReport) {
      if (report.result !== 'repeated') runs++;
      alerts += report.alertCount;
      const isFailure = report.result === 'failed' || report.result === 'disabled';
      if (isFailure) failed++;
      worst = Math.max(worst, report.ranAt - report.nominal);
      if (isFailure || report.alertCount > 0) {
        clear();
        process.stdout.write(`${reportLine(report)}\n`);
      }
      if (!isTerminal) return;
      const delay = `${Math.round((report.ranAt - report.nominal) / 1000)} s after ${iso(report.nominal).slice(11, 16)}`;
      clear();
      process.stderr.write(
        pc.dim(
          `${count(runs, 'run')}, ${count(alerts, 'alert')}, ${failed} failed; last ${delay}, worst ${Math.round(worst / 1000)} s`,
        ),
      );
    },
    lines(texts: readonly string[]) {
      if (texts.length === 0) return;
      clear();
      process.stdout.write(`${texts.join('\n')}\n`);
    },
    end: clear,
  };
}

function reportLine(report: RunReport): string {
  const what =
    report.result === 'failed' || report.result === 'disabled'
      ? `${pc.red(report.result === 'disabled' ? 'AUTO DISABLED' : 'failed')}  ${cut(cellText(report.reason), 200)}`
      : pc.yellow(count(report.alertCount, 'alert'));
  return `${shortTime(iso(report.nominal))}  ${cellText(report.ruleName)}  ${what}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();

const reportJson = ({ nominal, ranAt, durationMs, ...rest }: RunReport) => ({
  ...rest,
  nominal: iso(nominal),
  ranAt: iso(ranAt),
  delayMs: ranAt - nominal,
  durationMs: Math.round(durationMs),
});

const durationOf = (text: string): number =>
  parseDuration(text) || fail('CLI6001', `'${text}' is not a duration`, { hint: 'write 14d, 6h or PT30M' });

export const addSchedule: AddCommand = (program) => {
  const schedule = program.command('schedule').description('when rules run, and what became of it');

  schedule
    .command('list')
    .description('next run, last result and delay of every rule')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const rules = await withWorkspace(shared, (workspace) => workspace.schedule.status());
      if (shared.json) {
        return writeJson({
          rules: rules.map(({ next, last, ...rest }) => ({
            ...rest,
            next: next && { nominal: iso(next.nominal), dueAt: iso(next.dueAt) },
            last: last && { ...last, nominal: iso(last.nominal), ranAt: iso(last.ranAt) },
          })),
        });
      }
      const columns = ['Rule', 'Kind', 'Status', 'Next run', 'Behind', 'Last', 'Rows', 'Alerts', 'Delay'];
      const right = new Set(['Behind', 'Rows', 'Alerts', 'Delay']);
      await writeLine(
        table(
          columns.map((title) => ({ title, right: right.has(title) })),
          rules.map(({ ruleName, kind, status: state, next, behind, last }) => [
            cut(cellText(ruleName), 50),
            kind,
            state === 'AutoDisabled' ? pc.red('AUTO DISABLED') : state,
            next ? shortTime(iso(next.dueAt)) : '',
            behind > 0 ? pc.yellow(String(behind)) : '',
            last ? shortTime(iso(last.nominal)) : '',
            ...(last ? [String(last.resultCount), String(last.alertCount)] : ['', '']),
            last ? `${Math.round(last.delayMs / 1000)} s` : '',
          ]),
        ),
      );
      for (const { ruleName, reason } of rules.filter((rule) => rule.reason))
        await writeLine(`\n${pc.red(`AUTO DISABLED ${cellText(ruleName)}`)}: ${cellText(reason)}`);
    });

  schedule
    .command('enable')
    .description('let a rule that was disabled after failures run again')
    .argument('<rule>', 'id or name')
    .action(async (wanted: string, _options, command) => {
      const shared = globalOptions(command);
      const enabled = await withWorkspace(shared, (workspace) => workspace.schedule.enable(wanted));
      await (shared.json ? writeJson({ enabled }) : writeLine(enabled ? 'enabled' : 'it was not disabled'));
    });

  schedule
    .command('late')
    .description('rows that came after the runs that should have seen them, by rule')
    .option('--since <duration>', 'how far back', '14d')
    .action(async ({ since }: { since: string }, command) => {
      const shared = globalOptions(command);
      const from = Date.now() - durationOf(since);
      const rules = await withWorkspace(shared, (workspace) => workspace.schedule.late(from));
      if (shared.json) return writeJson({ rules });
      if (rules.length === 0) return writeLine('No rows came late.');
      const columns = ['Rule', 'Runs', 'Rows', 'Latest', 'New alerts'];
      await writeLine(
        table(
          columns.map((title, i) => ({ title, right: i > 0 })),
          rules.map(({ ruleName, runs, rows, maxDelayMs, newAlerts }) => [
            ...[cut(cellText(ruleName), 50), String(runs), String(rows), `${Math.round(maxDelayMs / 60_000)} min`],
            String(newAlerts),
          ]),
        ),
      );
    });
};
