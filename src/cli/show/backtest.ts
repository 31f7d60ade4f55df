import pc from 'picocolors';
import { displayName, listedEntities } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';
import type { BacktestReport } from '../../workspace/index.js';
import { cellText, count, cut, shortTime, table } from '../output.js';

const BAR_WIDTH = 40;
/** A longer range is drawn in steps of several runs. */
const MOST_STEPS = 48;
const SHOWN_ALERTS = 10;

/** Alerts of a stretch of the range; without another version all count as the same. */
interface Step {
  readonly from: string;
  runs: number;
  rows: number;
  same: number;
  fresh: number;
  lost: number;
}

/** The alerts over the range as bars, and with another version which of them are new, lost and the same. */
export function backtestText(report: BacktestReport): string {
  const { runs, alerts, incidents, against } = report;
  const steps = stepsOf(report);
  const most = Math.max(1, ...steps.map((step) => step.same + step.fresh + step.lost));
  const rows = steps.map((step) => [
    pc.dim(shortTime(step.from)),
    String(step.rows),
    bar(step, most),
    step.same + step.fresh + step.lost === 0 ? '' : against ? counts(step) : String(step.same),
  ]);
  const columns = [{ title: 'Window ends' }, { title: 'Rows', right: true }, { title: 'Alerts' }, { title: '' }];
  const fired = runs.filter((run) => run.triggered).length;
  const lines = [
    table(columns, rows),
    '',
    `${count(runs.length, 'run')}, ${fired} triggered, ${count(alerts.length, 'alert')}, ${count(incidents.length, 'incident')}`,
  ];
  const hidden = runs.reduce((sum, run) => sum + (run.hidden ?? 0), 0);
  if (hidden > 0) lines.push(pc.yellow(`${count(hidden, 'row')} hidden by exclusions`));
  if (!against) return lines.join('\n');
  const { rule, backtest, alerts: byAlert, incidents: byIncident } = against;
  return [
    ...lines,
    `against ${cellText(rule.name)}${rule.version ? ` ${rule.version}` : ''}: ${count(backtest.alerts.length, 'alert')}, ${count(backtest.incidents.length, 'incident')}`,
    '',
    `alerts     ${legend(byAlert)}`,
    `incidents  ${legend(byIncident)}`,
    ...listed(pc.yellow('new'), byAlert.new),
    ...listed(pc.red('lost'), byAlert.lost),
  ].join('\n');
}

const legend = ({ same, new: fresh, lost }: { same: readonly Row[]; new: readonly Row[]; lost: readonly Row[] }) =>
  `${pc.green('█')} ${same.length} same  ${pc.yellow('+')} ${fresh.length} new  ${pc.red('-')} ${lost.length} lost`;

const counts = ({ same, fresh, lost }: Step) =>
  [same > 0 && String(same), fresh > 0 && pc.yellow(`+${fresh}`), lost > 0 && pc.red(`-${lost}`)]
    .filter(Boolean)
    .join(' ');

function listed(title: string, alerts: readonly Row[]): string[] {
  if (alerts.length === 0) return [];
  const lines = alerts
    .slice(0, SHOWN_ALERTS)
    .map(
      (alert) => `  ${pc.dim(shortTime(alert.EndTime))}  ${cellText(alert.AlertName)}  ${pc.dim(entityNames(alert))}`,
    );
  const more = alerts.length - SHOWN_ALERTS;
  return ['', `${title}:`, ...lines, ...(more > 0 ? [pc.dim(`  and ${more} more; all are in --json`)] : [])];
}

const NAMES_WIDTH = 80;
const entityNames = (alert: Row) =>
  cut(listedEntities(alert.Entities).map(displayName).map(cellText).join(', '), NAMES_WIDTH);

function stepsOf({ runs, alerts, against }: BacktestReport): Step[] {
  const ends = [...new Set([...runs, ...(against?.backtest.runs ?? [])].map((run) => run.window.to))].sort();
  const size = Math.max(1, Math.ceil(ends.length / MOST_STEPS));
  const steps: Step[] = [];
  const stepOf = new Map<string, Step>();
  for (const [i, end] of ends.entries()) {
    if (i % size === 0) steps.push({ from: end, runs: 0, rows: 0, same: 0, fresh: 0, lost: 0 });
    stepOf.set(end, steps.at(-1)!);
  }
  const stepOfAlert = new Map<string, Step>();
  for (const run of against?.backtest.runs ?? [])
    for (const id of run.alertIds) stepOfAlert.set(id, stepOf.get(run.window.to)!);
  for (const run of runs) {
    const step = stepOf.get(run.window.to)!;
    step.runs++;
    step.rows += run.resultCount;
    for (const id of run.alertIds) stepOfAlert.set(id, step);
  }
  const add = (rows: readonly Row[], kind: 'same' | 'fresh' | 'lost') => {
    for (const row of rows) {
      const step = stepOfAlert.get(String(row.SystemAlertId));
      if (step) step[kind]++;
    }
  };
  add(against?.alerts.same ?? alerts, 'same');
  add(against?.alerts.new ?? [], 'fresh');
  add(against?.alerts.lost ?? [], 'lost');
  return steps;
}

/** Signs and not colours alone tell the kinds apart. Every kind that occurs is seen. */
function bar(step: Step, most: number): string {
  const length = (n: number) => (n === 0 ? 0 : Math.max(1, Math.round((n / most) * BAR_WIDTH)));
  return `${pc.green('█'.repeat(length(step.same)))}${pc.yellow('+'.repeat(length(step.fresh)))}${pc.red('-'.repeat(length(step.lost)))}`;
}
