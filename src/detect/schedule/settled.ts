import { joinSql, name, number, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { runSchema, timeOf } from '../ledger.js';
import type { Schedule } from './timing.js';
import { nominalFrom } from './timing.js';

/** A rule whose past is asked for: nominal times from `from` on. */
export interface Asked {
  readonly ruleId: string;
  readonly schedule: Schedule;
  readonly from: number;
}

/**
 * Nominal times that the ledger has, whatever version of the rule ran, by rule id in lower case.
 *
 * Most rules have no gaps, so that a count tells enough; only the others are read time by time.
 */
export async function settledTimes(
  store: Store,
  asked: readonly Asked[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const settled = new Map<string, ReadonlySet<number>>();
  if (asked.length === 0 || !(await store.tables()).has(runSchema.name)) return settled;
  const ms = sql`toUnixTimestamp64Milli(TimeGenerated)`;
  const earliest = Math.min(...asked.map(({ from }) => from));
  const answer = await store.query(
    sql`SELECT lower(RuleId), toString(min(${ms})), toString(max(${ms})), uniqExact(${ms})
FROM ${name(runSchema.name)} WHERE TimeGenerated >= ${timeOf(earliest)} GROUP BY 1`.text,
  );
  const summaries = new Map(
    answer.rows.map(([id, min, max, count]) => [
      String(id),
      { min: Number(min), max: Number(max), count: Number(count) },
    ]),
  );
  const broken: Asked[] = [];
  for (const one of asked) {
    const id = one.ruleId.toLowerCase();
    const summary = summaries.get(id);
    if (!summary) continue;
    const { frequencyMs } = one.schedule;
    const isOnGrid = summary.min === nominalFrom(one.schedule, one.from);
    const isWhole = (summary.max - summary.min) / frequencyMs + 1 === summary.count;
    if (!isOnGrid || !isWhole) broken.push(one);
    else settled.set(id, new Set(Array.from({ length: summary.count }, (_, k) => summary.min + k * frequencyMs)));
  }
  if (broken.length > 0) {
    const ids = joinSql(
      broken.map(({ ruleId }) => text(ruleId.toLowerCase())),
      ', ',
    );
    const from = Math.min(...broken.map((one) => one.from));
    const times = await store.query(
      sql`SELECT lower(RuleId), groupUniqArray(${number(2_000_000)})(${ms}) FROM ${name(runSchema.name)}
WHERE TimeGenerated >= ${timeOf(from)} AND lower(RuleId) IN (${ids}) GROUP BY 1`.text,
    );
    for (const [id, list] of times.rows) settled.set(String(id), new Set((list as unknown[]).map(Number)));
  }
  return settled;
}

/** The latest nominal time that the ledger has for a rule. */
export async function lastSettled(store: Store, ruleId: string): Promise<number | undefined> {
  if (!(await store.tables()).has(runSchema.name)) return undefined;
  const answer = await store.query(
    sql`SELECT toUnixTimestamp64Milli(maxOrNull(TimeGenerated)) FROM ${name(runSchema.name)} WHERE lower(RuleId) = ${text(ruleId.toLowerCase())}`
      .text,
  );
  const cell = answer.rows[0]?.[0];
  return cell === null || cell === undefined ? undefined : Number(cell);
}

/** The run with the latest nominal time of each rule, by rule id in lower case. Times are milliseconds since the epoch. */
export async function lastRuns(
  store: Store,
): Promise<Map<string, { nominal: number; ranAt: number; resultCount: number; alertCount: number }>> {
  if (!(await store.tables()).has(runSchema.name)) return new Map();
  const ranAt = sql`toUnixTimestamp64Milli(assumeNotNull(RanAt))`;
  const latest = sql`tuple(TimeGenerated, RanAt)`;
  const answer = await store.query(
    sql`SELECT lower(RuleId) AS id, toString(toUnixTimestamp64Milli(max(TimeGenerated))), toString(argMax(${ranAt}, ${latest})),
argMax(ResultCount, ${latest}), argMax(JSONLength(assumeNotNull(AlertIds)), ${latest}) FROM ${name(runSchema.name)} GROUP BY id`
      .text,
  );
  return new Map(
    answer.rows.map(([id, nominal, at, resultCount, alertCount]) => [
      String(id),
      { nominal: Number(nominal), ranAt: Number(at), resultCount: Number(resultCount), alertCount: Number(alertCount) },
    ]),
  );
}
