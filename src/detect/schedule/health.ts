import type { AnalyticRule } from '../../content/index.js';
import { joinSql, name, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { catalogue, type Row } from '../../tables/index.js';
import { isoTime } from '../identity.js';
import { runSchema, timeOf } from '../ledger.js';

const healthSchema = catalogue.table('SentinelHealth')!;
export const healthResourceType = 'Analytics Rule';

/** How one attempt at a run ended. Times are milliseconds since the epoch. */
export interface RunOutcome {
  readonly runId: string;
  readonly rule: Pick<AnalyticRule, 'id' | 'name' | 'kind'>;
  readonly window: { readonly from: number; readonly to: number };
  readonly ranAt: number;
  readonly durationMs: number;
  /** Partial success: the run was done, but an entity, a detail or a source was missing. */
  readonly status: 'Success' | 'Partial success' | 'Failure';
  readonly reason: string;
  readonly resultCount?: number | undefined;
  readonly alertCount?: number | undefined;
  /** Attempts before this one, at the same nominal time. */
  readonly retries: number;
}

/** Notes an attempt as a row of SentinelHealth, in the columns of the product. */
export async function recordHealth(store: Store, outcome: RunOutcome): Promise<void> {
  await store.ensureTable(healthSchema);
  const token = `health of ${outcome.runId} ${outcome.status === 'Failure' ? `failed at ${outcome.ranAt}` : 'done'}`;
  await store.insert(healthSchema.name, [healthRow(outcome)], { token, receivedAt: outcome.ranAt });
}

export function healthRow(outcome: RunOutcome): Row {
  const { rule, window, runId } = outcome;
  const failed = outcome.status === 'Failure';
  return {
    TimeGenerated: isoTime(outcome.ranAt),
    RecordId: runId,
    OperationName: rule.kind === 'NRT' ? 'NRT analytics rule run' : 'Scheduled analytics rule run',
    SentinelResourceId: rule.id,
    SentinelResourceName: rule.name,
    SentinelResourceKind: rule.kind,
    SentinelResourceType: healthResourceType,
    SourceSystem: 'Vedette',
    Status: outcome.status,
    Description: failed ? 'Rule failed to run' : 'Rule executed successfully',
    Reason: outcome.reason,
    ExtendedProperties: {
      CorrelationId: runId,
      QueryStartTimeUTC: isoTime(window.from),
      QueryEndTimeUTC: isoTime(window.to),
      TriggeredOn: isoTime(window.to),
      DelayMs: outcome.ranAt - window.to,
      DurationMs: Math.round(outcome.durationMs),
      Retries: outcome.retries,
      ...(failed
        ? {}
        : { QueryResultAmount: outcome.resultCount ?? 0, AlertsGeneratedAmount: outcome.alertCount ?? 0 }),
    },
  };
}

/** Writes the rows of runs that were done but whose process ended before it could say so. Gives how many. */
export async function repairHealth(
  store: Store,
  since: number,
  rules: ReadonlyMap<string, Pick<AnalyticRule, 'id' | 'name' | 'kind'>>,
): Promise<number> {
  if (!(await store.tables()).has(runSchema.name) || rules.size === 0) return 0;
  await store.ensureTable(healthSchema);
  const ids = joinSql(
    [...rules.values()].map((rule) => text(rule.id)),
    ', ',
  );
  const isSince = sql`TimeGenerated >= ${timeOf(since)}`;
  const answer = await store.query(
    sql`SELECT RunId, RuleId, toUnixTimestamp64Milli(assumeNotNull(WindowFrom)), toUnixTimestamp64Milli(assumeNotNull(WindowTo)),
toUnixTimestamp64Milli(assumeNotNull(RanAt)), ResultCount, JSONLength(assumeNotNull(AlertIds))
FROM ${name(runSchema.name)} WHERE ${isSince} AND RuleId IN (${ids})
AND RunId NOT IN (SELECT RecordId FROM ${name(healthSchema.name)} WHERE ${isSince})
LIMIT 1 BY RunId`.text,
  );
  for (const [runId, ruleId, from, to, ranAt, resultCount, alertCount] of answer.rows) {
    const rule = rules.get(String(ruleId).toLowerCase());
    if (!rule) continue;
    await recordHealth(store, {
      ...{ runId: String(runId), rule, window: { from: Number(from), to: Number(to) }, ranAt: Number(ranAt) },
      ...{ durationMs: 0, status: 'Success', reason: '', retries: 0 },
      ...{ resultCount: Number(resultCount), alertCount: Number(alertCount) },
    });
  }
  return answer.rows.length;
}
