import { type Result, success, systemClock } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import { type Alert, buildAlerts } from '../alert.js';
import { alertId } from '../alert-store.js';
import { contentKey } from '../content-key.js';
import { findingsOf, writeHidden } from '../exclusions/index.js';
import { uuidOf } from '../identity.js';
import { inTurn } from '../in-turn.js';
import { type RunRecord, readRun, readRunsAt } from '../ledger.js';
import { keepPlan, readPlan } from '../plan.js';
import { resultRows } from '../result-row.js';
import { completeRun, type RuleRun, type RunOptions, recordOfRun } from '../run.js';
import { isTriggered } from '../trigger.js';

export interface Rerun {
  readonly runId: string;
  readonly run: RuleRun;
}

/**
 * Runs a rule once more over a window that got rows after its run, and adds what is new: alerts for rows of the result that
 * no earlier run of this window had. With AlertPerResult these are the very alerts that the run would have written, had the
 * rows been there; with SingleAlert one more alert stands for the new rows. Nothing that was written is taken back.
 *
 * Undefined when there is nothing to run again: the window was not run yet, an alert suppressed it, the rule has changed
 * since, or a later run has seen everything up to `receivedTo`.
 * Errors  those of the query; nothing is written then
 */
export async function addLateResults(
  rule: AnalyticRule,
  options: Omit<RunOptions, 'dryRun'> & { readonly receivedTo: number },
): Promise<Result<Rerun | undefined>> {
  const { store, at } = options;
  const records = await readRunsAt(store, rule.id, at);
  const first = records[0];
  if (!first || first.key.ruleHash !== rule.hash || records.some((record) => record.ranAt >= options.receivedTo))
    return success(undefined);
  if (first.notices.some((notice) => notice.code === 'RUL3007')) return success(undefined);
  const runId = uuidOf('late run', first.runId, String(records.length));
  const planned = await readPlan(store, runId, at);
  if (planned) return inTurn(store, async () => success({ runId, run: await completeRun(rule, store, planned) }));

  const ranAt = (options.clock ?? systemClock).now();
  const request = {
    at,
    window: { ...first.key.window, on: rule.kind === 'NRT' ? '_TimeReceived' : 'TimeGenerated' } as const,
    source: rule.source,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  };
  const answer = await findingsOf(rule, options.runner, request, options.exclusions ?? []);
  if (!answer.ok) return answer;
  const { columns, rows, notices } = answer.value;
  const triggered = isTriggered(rule, rows.length);
  const common = { rule, window: first.key.window, workspaceId: await store.workspaceId(), writtenAt: ranAt };
  const make = (id: string, indexes: readonly number[]) => {
    const wanted = new Set(indexes);
    return buildAlerts(
      { ...common, runId: id },
      resultRows({ columns, rows }).filter((row) => wanted.has(row.index)),
    );
  };
  const all = rows.map((_, i) => i);
  let alerts: Alert[] = [];
  if (triggered && !records.some((record) => record.triggered)) alerts = make(first.runId, all);
  else if (triggered && rule.aggregationKind === 'AlertPerResult') {
    const present = new Set(records.flatMap((record) => record.alertIds));
    alerts = make(first.runId, all).filter((alert) => !present.has(alertId(alert)));
  } else if (triggered && records.every((record) => record.rows.length === record.resultCount)) {
    const added = newRows(rows, records);
    if (added.length > 0) alerts = make(runId, added);
  }
  const ran = {
    rule: { id: rule.id, name: rule.name, kind: rule.kind, version: rule.version },
    ...{ resultCount: rows.length, triggered, columns, rows },
    notices: notices.map(({ source: _, span: __, ...notice }) => notice),
  };
  const own = { record: recordOfRun(runId, first.key, ran, ranAt, alerts), alerts };
  return inTurn(store, async () => {
    if (await readRun(store, runId, at)) return success(undefined);
    await writeHidden(store, { runId, nominal: at, ranAt }, answer.value.hidden);
    const plan = alerts.length > 0 ? await keepPlan(store, own) : own;
    return success({ runId, run: await completeRun(rule, store, plan) });
  });
}

/** Numbers of the rows that no record has; a row that stands twice needs to be there twice. */
function newRows(rows: readonly (readonly unknown[])[], records: readonly RunRecord[]): number[] {
  const known = new Map<string, number>();
  for (const record of records) {
    const here = new Map<string, number>();
    for (const row of record.rows) here.set(contentKey(row), (here.get(contentKey(row)) ?? 0) + 1);
    for (const [key, n] of here) known.set(key, Math.max(n, known.get(key) ?? 0));
  }
  return rows.flatMap((row, i) => {
    const key = contentKey(row);
    const left = known.get(key) ?? 0;
    known.set(key, left - 1);
    return left > 0 ? [] : [i];
  });
}
