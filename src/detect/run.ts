import { type Clock, type Diagnostic, type Result, success, systemClock } from '../base/index.js';
import { type AnalyticRule, formatDuration } from '../content/index.js';
import type { QueryResult, QueryRunner } from '../query/index.js';
import type { Store } from '../store/index.js';
import type { Column, Row } from '../tables/index.js';
import { type Alert, alertTypeOf, buildAlerts, shortTime } from './alert.js';
import { alertId, alertSchema, readAlerts, writeAlerts } from './alert-store.js';
import { type Exclusion, findingsOf, type HiddenCount, hiddenCounts, writeHidden } from './exclusions/index.js';
import { type GroupingStep, groupAlerts, type OpenGroup } from './grouping.js';
import { isoTime, type RunKey, runIdOf } from './identity.js';
import { inTurn } from './in-turn.js';
import { addAlerts, list } from './incident.js';
import {
  incidentSchema,
  insertIncident,
  nextIncidentNumber,
  readCandidates,
  readIncidents,
  readIncidentsOfAlerts,
  updateIncident,
} from './incident-store.js';
import { keptRows, lastAlertingRun, type RunRecord, readRun, writeRun } from './ledger.js';
import { keepPlan, type RunPlan, readPlan } from './plan.js';
import { resultRows } from './result-row.js';
import { completeRow } from './stored-rows.js';
import { isTriggered, windowOf } from './trigger.js';

export interface RunOptions {
  /** Nominal time of the run in milliseconds since the epoch: the exclusive end of its window and its `now()`. */
  readonly at: number;
  readonly runner: QueryRunner;
  readonly store: Store;
  /** Hash of the functions that the query resolves to. */
  readonly functionsHash?: string | undefined;
  /** What the rule must not alert on; those of other rules are left out. */
  readonly exclusions?: readonly Exclusion[] | undefined;
  /** Computes everything and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Tells when alerts and incidents are written; the window never depends on it. */
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** One run of a rule, values in Kusto's JSON. */
export interface RuleRun {
  readonly rule: { readonly id: string; readonly name: string; readonly kind: string; readonly version: string };
  readonly window: { readonly from: string; readonly to: string };
  readonly resultCount: number;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly triggered: boolean;
  /** Rows of SecurityAlert. */
  readonly alerts: readonly Row[];
  /** Rows of SecurityIncident: those that the alerts opened or joined, as they are now. */
  readonly incidents: readonly Row[];
  readonly notices: readonly Diagnostic[];
  /** What exclusions hid of the result: it is in neither the rows nor their count. Left out when it is nothing, and by a repeated run. */
  readonly hidden?: readonly HiddenCount[] | undefined;
  /** The run was done before; what it stored is returned and nothing was written. */
  readonly repeated: boolean;
}

/**
 * Runs a rule once: query over the window, trigger, alerts, incidents.
 *
 * A run is identified by rule, functions and window. Doing it again changes nothing and returns what is stored; what a run
 * that broke off has written already is kept and the rest is added.
 *
 * Errors  those of the query; nothing is written then
 */
export async function runRule(rule: AnalyticRule, options: RunOptions): Promise<Result<RuleRun>> {
  const { store, at, dryRun = false } = options;
  const clock = options.clock ?? systemClock;
  const window = windowOf(rule, at);
  const key: RunKey = { ruleId: rule.id, ruleHash: rule.hash, functionsHash: options.functionsHash ?? '', window };
  const runId = runIdOf(key);

  if (!dryRun) {
    const record = await readRun(store, runId, at);
    if (record) return success(await repeatedRun(rule, store, record));
    const plan = await readPlan(store, runId, at);
    if (plan) return inTurn(store, async () => success(await completeRun(rule, store, plan)));
  }
  const suppressed = await suppression(rule, store, at);
  if (suppressed) {
    const run = emptyRun(rule, key, suppressed);
    // Noted like any other: the nominal time is settled, and no gap to be filled later.
    if (!dryRun) await writeRun(store, recordOfRun(runId, key, run, clock.now(), []));
    return success(run);
  }

  // Before the query: what is received from now on it may not see, and counts as late.
  const ranAt = clock.now();
  const request = {
    at,
    window: { ...window, on: rule.kind === 'NRT' ? '_TimeReceived' : 'TimeGenerated' } as const,
    source: rule.source,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  };
  const answer = await findingsOf(rule, options.runner, request, options.exclusions ?? []);
  if (!answer.ok) return answer;

  const { columns, rows } = answer.value;
  const counts = hiddenCounts(answer.value.hidden);
  const hidden = counts.length > 0 ? { hidden: counts } : {};
  const notices = [...answer.value.notices, ...missingColumns(rule, answer.value)].map(withoutSource);
  const triggered = isTriggered(rule, rows.length);
  const workspaceId = await store.workspaceId();
  const alerts = triggered
    ? buildAlerts({ runId, rule, window, workspaceId, writtenAt: ranAt }, resultRows(answer.value))
    : [];
  const run: Omit<RuleRun, 'alerts' | 'incidents'> = {
    ...emptyRun(rule, key, undefined),
    ...{ resultCount: rows.length, columns, rows, triggered, notices },
  };
  if (dryRun) return success({ ...run, ...hidden, ...(await planned(rule, store, at, ranAt, workspaceId, alerts)) });

  const own: RunPlan = { record: recordOfRun(runId, key, run, ranAt, alerts), alerts };
  return inTurn(store, async () => {
    // Another caller may have finished the same run while this one waited.
    const meanwhile = await readRun(store, runId, at);
    if (meanwhile) return success(await repeatedRun(rule, store, meanwhile));
    await writeHidden(store, { runId, nominal: at, ranAt }, answer.value.hidden);
    const plan = alerts.length > 0 ? await keepPlan(store, own) : own;
    return success({ ...(await completeRun(rule, store, plan)), ...hidden });
  });
}

export const recordOfRun = (
  runId: string,
  key: RunKey,
  run: Pick<RuleRun, 'rule' | 'resultCount' | 'triggered' | 'columns' | 'rows' | 'notices'>,
  ranAt: number,
  alerts: readonly Alert[],
): RunRecord => ({
  ...{ runId, key, ruleName: run.rule.name, ranAt, resultCount: run.resultCount, triggered: run.triggered },
  ...{ columns: run.columns, rows: keptRows(run.rows), notices: run.notices },
  alertIds: alerts.map(alertId),
  incidentNames: [],
  alertRows: Object.fromEntries(
    alerts.filter((a) => a.resultRows.length !== run.rows.length).map((a) => [alertId(a), a.resultRows]),
  ),
});

/** Writes what a run has planned, as far as it is not there: alerts, incidents, and last the record of the run. */
export async function completeRun(rule: AnalyticRule, store: Store, { record, alerts }: RunPlan): Promise<RuleRun> {
  const { runId, key, ranAt } = record;
  await writeAlerts(store, runId, alerts, ranAt);
  const stored = await readAlerts(store, alerts.map(alertId));
  const incidents = await writeIncidents(rule, store, key.window.to, ranAt, stored);
  const incidentNames = incidents.map((incident) => String(incident.IncidentName));
  await writeRun(store, { ...record, incidentNames });
  const { resultCount, triggered, columns, rows, notices } = record;
  return {
    ...emptyRun(rule, key, undefined),
    ...{ resultCount, triggered, columns, rows, notices, alerts: stored, incidents },
  };
}

const emptyRun = (rule: AnalyticRule, key: RunKey, notice: Diagnostic | undefined): RuleRun => ({
  rule: { id: rule.id, name: rule.name, kind: rule.kind, version: rule.version },
  window: { from: isoTime(key.window.from), to: isoTime(key.window.to) },
  resultCount: 0,
  columns: [],
  rows: [],
  triggered: false,
  alerts: [],
  incidents: [],
  notices: notice ? [notice] : [],
  repeated: false,
});

async function repeatedRun(rule: AnalyticRule, store: Store, record: RunRecord): Promise<RuleRun> {
  const cut: Diagnostic[] =
    record.rows.length < record.resultCount
      ? [
          {
            code: 'KQL2004',
            severity: 'info',
            message: `the record of the run keeps ${record.rows.length} of its ${record.resultCount} result rows`,
          },
        ]
      : [];
  return {
    ...emptyRun(rule, record.key, undefined),
    resultCount: record.resultCount,
    columns: record.columns,
    rows: record.rows,
    triggered: record.triggered,
    alerts: await readAlerts(store, record.alertIds),
    incidents: await readIncidents(store, record.incidentNames),
    notices: [...record.notices, ...cut],
    repeated: true,
  };
}

/** After an alert the rule rests for the suppression duration, counted from the nominal time of that run. */
async function suppression(rule: AnalyticRule, store: Store, at: number): Promise<Diagnostic | undefined> {
  if (!rule.suppressionEnabled) return undefined;
  const since = await lastAlertingRun(store, rule.id, at - rule.suppressionMs, at);
  if (since === undefined) return undefined;
  const duration = formatDuration(rule.suppressionMs);
  return {
    code: 'RUL3007',
    severity: 'info',
    message: `not run: the alert of ${shortTime(since)} suppresses the rule for ${duration}`,
  };
}

/** Open incidents that alerts of a run at this time may join, the newest last. */
async function openGroups(rule: AnalyticRule, store: Store, at: number, workspaceId: string): Promise<OpenGroup[]> {
  const { grouping, createIncident } = rule.incidentConfiguration;
  if (!createIncident || !grouping.enabled) return [];
  const range = { from: shortTime(at - grouping.lookbackMs), to: shortTime(at) };
  const incidents = await readCandidates(store, alertTypeOf(workspaceId, rule.id), rule.id, range);
  incidents.sort((a, b) => Number(a.IncidentNumber) - Number(b.IncidentNumber));
  const firstIds = incidents.map((incident) => list(incident, 'AlertIds')[0] ?? '');
  const firstAlerts = new Map((await readAlerts(store, firstIds)).map((alert) => [alert.SystemAlertId, alert]));
  return incidents.flatMap((incident, i) => {
    const firstAlert = firstAlerts.get(firstIds[i]!);
    return firstAlert ? [{ incident, firstAlert }] : [];
  });
}

/** Puts alerts into incidents. Alerts that are in one already, from a run that broke off, stay there. */
async function writeIncidents(
  rule: AnalyticRule,
  store: Store,
  at: number,
  now: number,
  alerts: readonly Row[],
): Promise<Row[]> {
  const { steps, present } = await groupingSteps(rule, store, at, now, alerts);
  const names = present.map((incident) => String(incident.IncidentName));
  for (const step of steps) {
    const name = String(step.incident.IncidentName);
    if (step.kind === 'open') await insertIncident(store, step.incident, now);
    else await updateIncident(store, name, (incident) => addAlerts(incident, step.alerts, now), now);
    names.push(name);
  }
  return readIncidents(store, [...new Set(names)]);
}

async function groupingSteps(
  rule: AnalyticRule,
  store: Store,
  at: number,
  now: number,
  alerts: readonly Row[],
): Promise<{ steps: GroupingStep[]; present: Row[] }> {
  const ids = alerts.map((alert) => String(alert.SystemAlertId));
  const present = await readIncidentsOfAlerts(store, rule.id, ids);
  const placed = new Set(present.flatMap((incident) => list(incident, 'AlertIds')));
  const rest = alerts.filter((alert) => !placed.has(String(alert.SystemAlertId)));
  if (rest.length === 0) return { steps: [], present };
  const groups = await openGroups(rule, store, at, await store.workspaceId());
  return { steps: groupAlerts(rule, rest, groups, now), present };
}

/** The rows that a run would write. */
async function planned(
  rule: AnalyticRule,
  store: Store,
  at: number,
  now: number,
  workspaceId: string,
  alerts: readonly Alert[],
): Promise<Pick<RuleRun, 'alerts' | 'incidents'>> {
  const rows = alerts.map((alert) => completeRow(alertSchema, alert.row, workspaceId));
  const { steps, present } = await groupingSteps(rule, store, at, now, rows);
  let number = await nextIncidentNumber(store);
  const incidents = steps.map(({ kind, incident }) => {
    const numbered =
      kind === 'join' ? incident : { ...incident, IncidentNumber: number, ProviderIncidentId: String(number++) };
    return completeRow(incidentSchema, numbered, workspaceId);
  });
  return { alerts: rows, incidents: [...present, ...incidents] };
}

/** Columns that the rule maps but the result lacks: the alert then misses what they would say. */
export function missingColumns(rule: AnalyticRule, result: Pick<QueryResult, 'columns'>): Diagnostic[] {
  const present = new Set(result.columns.map((column) => column.name));
  const { alertDetailsOverride: details } = rule;
  const formats = [details.alertDisplayNameFormat, details.alertDescriptionFormat].filter((f) => f !== undefined);
  const uses: [string, string][] = [
    ...rule.entityMappings.flatMap((m) =>
      m.fieldMappings.map((f): [string, string] => [f.columnName, `entity ${m.entityType}, ${f.identifier}`]),
    ),
    ...rule.sentinelEntitiesMappings.map((column): [string, string] => [column, 'sentinelEntitiesMappings']),
    ...Object.entries(rule.customDetails).map(([n, column]): [string, string] => [column, `custom detail ${n}`]),
    ...formats.flatMap((f) =>
      [...f.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map((m): [string, string] => [m[1]!, 'alertDetailsOverride']),
    ),
    ...details.alertDynamicProperties.map((p): [string, string] => [p.value, p.alertProperty]),
    ...[details.alertTacticsColumnName, details.alertSeverityColumnName]
      .filter((column) => column !== undefined)
      .map((column): [string, string] => [column, 'alertDetailsOverride']),
  ];
  return uses
    .filter(([column]) => !present.has(column))
    .map(([column, use]) => ({
      code: 'RUL3006',
      severity: 'warning',
      message: `the query returns no column ${column} (${use})`,
    }));
}

const withoutSource = ({ source: _, span: __, ...notice }: Diagnostic): Diagnostic => notice;
