import { type Result, success } from '../base/index.js';
import type { AnalyticRule } from '../content/index.js';
import type { Row } from '../tables/index.js';
import { readAlerts } from './alert-store.js';
import { readIncidents } from './incident-store.js';
import { type RuleRun, type RunOptions, runRule } from './run.js';

export interface BacktestOptions extends Omit<RunOptions, 'at' | 'dryRun'> {
  /** Milliseconds since the epoch, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly onRun?: ((run: RuleRun) => void) | undefined;
}

export interface BacktestRun extends Pick<RuleRun, 'window' | 'resultCount' | 'triggered'> {
  /** SystemAlertId of the alerts that the run raised. */
  readonly alertIds: readonly string[];
  /** Result rows that exclusions hid; left out when there are none. */
  readonly hidden?: number | undefined;
}

export interface Backtest {
  readonly runs: readonly BacktestRun[];
  readonly alerts: readonly Row[];
  readonly incidents: readonly Row[];
}

/** Nominal times from, from + frequency, … up to and including `to`. */
export function nominalTimes(rule: Pick<AnalyticRule, 'queryFrequencyMs'>, from: number, to: number): number[] {
  const count = Math.floor((to - from) / rule.queryFrequencyMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, k) => from + k * rule.queryFrequencyMs);
}

/** Runs a rule at every nominal time of a range, each run exactly as `runRule` would alone. */
export async function backtest(rule: AnalyticRule, options: BacktestOptions): Promise<Result<Backtest>> {
  const { from, to, onRun, ...common } = options;
  const runs: BacktestRun[] = [];
  const incidentNames = new Set<string>();
  for (const at of nominalTimes(rule, from, to)) {
    const run = await runRule(rule, { ...common, at });
    if (!run.ok) return run;
    onRun?.(run.value);
    const { window, resultCount, triggered, alerts, incidents, hidden = [] } = run.value;
    const hiddenRows = hidden.reduce((sum, each) => sum + each.rows, 0);
    const alertIds = alerts.map((alert) => String(alert.SystemAlertId));
    runs.push({ window, resultCount, triggered, alertIds, ...(hiddenRows > 0 && { hidden: hiddenRows }) });
    for (const incident of incidents) incidentNames.add(String(incident.IncidentName));
  }
  return success({
    runs,
    alerts: await readInParts(new Set(runs.flatMap((run) => run.alertIds)), (ids) => readAlerts(options.store, ids)),
    // A later run may have added alerts to an incident of an earlier one.
    incidents: await readInParts(incidentNames, (names) => readIncidents(options.store, names)),
  });
}

const PART = 1_000;

async function readInParts(
  keys: ReadonlySet<string>,
  read: (keys: readonly string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const all = [...keys];
  const rows: Row[] = [];
  for (let i = 0; i < all.length; i += PART) rows.push(...(await read(all.slice(i, i + PART))));
  return rows;
}
