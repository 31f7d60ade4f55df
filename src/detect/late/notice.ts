import { name, number, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { tableSchema } from '../../tables/index.js';
import { isoTime } from '../identity.js';
import { runSchema, timeOf } from '../ledger.js';
import { newestRows } from '../stored-rows.js';

const minute = 60_000;

/** Rows of one table that came together, long after their events. Times are milliseconds since the epoch. */
export interface Arrival {
  /** The minute of their TimeGenerated. */
  readonly minute: number;
  readonly receivedAt: number;
  readonly rows: number;
  /** The longest way from event to reception. */
  readonly maxDelayMs: number;
}

/** Rows that a run of a rule should have seen but that came after it. */
export interface LateRows {
  readonly nominal: number;
  readonly rows: number;
  readonly maxDelayMs: number;
  /** When the last of them came. */
  readonly receivedTo: number;
}

/** One row for each run whose window got rows after it ran. TimeGenerated is the nominal time of that run. */
export const lateSchema = tableSchema('VedetteLate_CL', [
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'LateRows', type: 'long' },
  { name: 'MaxDelaySeconds', type: 'long' },
  { name: 'ReceivedTo', type: 'datetime' },
  { name: 'Rerun', type: 'bool' },
  { name: 'NewAlerts', type: 'long' },
]);

/** Rows received in (after, to] more than `delayMs` after their events: no run on time can have seen them. */
export async function arrivals(
  store: Store,
  table: string,
  range: { readonly after: number; readonly to: number; readonly eventsFrom: number; readonly delayMs: number },
): Promise<Arrival[]> {
  const generated = sql`toUnixTimestamp64Milli(TimeGenerated)`;
  const received = sql`toUnixTimestamp64Milli(_TimeReceived)`;
  const answer = await store.query(
    sql`SELECT toString(intDiv(${generated}, ${number(minute)}) * ${number(minute)}) AS m, toString(${received}) AS r, count(),
toString(max(${received} - ${generated}))
FROM ${name(table)} WHERE TimeGenerated >= ${timeOf(range.eventsFrom)} AND _TimeReceived > ${timeOf(range.after)}
AND _TimeReceived <= ${timeOf(range.to)} AND ${received} - ${generated} > ${number(range.delayMs)}
GROUP BY m, r`.text,
  );
  return answer.rows.map(([at, receivedAt, rows, maxDelay]) => ({
    ...{ minute: Number(at), receivedAt: Number(receivedAt), rows: Number(rows), maxDelayMs: Number(maxDelay) },
  }));
}

/** The runs of a rule that would have seen the arrivals, had they been there. The oldest first. */
export async function lateFor(store: Store, ruleId: string, found: readonly Arrival[]): Promise<LateRows[]> {
  if (found.length === 0 || !(await store.tables()).has(runSchema.name)) return [];
  const first = Math.min(...found.map((arrival) => arrival.minute));
  const ms = (column: string) => sql`toUnixTimestamp64Milli(assumeNotNull(${name(column)}))`;
  // Runs over earlier windows end before the first arrival; how long later windows are does not matter.
  const answer = await store.query(
    sql`SELECT toString(${ms('WindowFrom')}) AS f, toString(${ms('WindowTo')}) AS t, toString(max(${ms('RanAt')}))
FROM ${name(runSchema.name)} WHERE lower(RuleId) = ${text(ruleId.toLowerCase())} AND TimeGenerated > ${timeOf(first)}
GROUP BY f, t ORDER BY t`.text,
  );
  const sorted = [...found].sort((a, b) => a.minute - b.minute);
  return answer.rows.flatMap((cells) => {
    const [from, to, ranAt] = cells.map(Number) as [number, number, number];
    let [rows, maxDelayMs, receivedTo] = [0, 0, 0];
    for (let i = firstAfter(sorted, from - minute); i < sorted.length && sorted[i]!.minute < to; i++) {
      const arrival = sorted[i]!;
      if (arrival.receivedAt <= ranAt) continue;
      rows += arrival.rows;
      maxDelayMs = Math.max(maxDelayMs, arrival.maxDelayMs);
      receivedTo = Math.max(receivedTo, arrival.receivedAt);
    }
    return rows > 0 ? [{ nominal: to, rows, maxDelayMs, receivedTo }] : [];
  });
}

/** Index of the first arrival whose minute lies after `time`. */
function firstAfter(sorted: readonly Arrival[], time: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.minute > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

export interface LateNote extends LateRows {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly rerun: boolean;
  readonly newAlerts: number;
}

export async function recordLate(store: Store, note: LateNote, now: number): Promise<void> {
  await store.ensureTable(lateSchema);
  const row = {
    TimeGenerated: isoTime(note.nominal),
    RuleId: note.ruleId,
    RuleName: note.ruleName,
    LateRows: note.rows,
    MaxDelaySeconds: Math.round(note.maxDelayMs / 1000),
    ReceivedTo: isoTime(note.receivedTo),
    Rerun: note.rerun,
    NewAlerts: note.newAlerts,
  };
  const token = `late ${note.ruleId} ${note.nominal} ${note.receivedTo}`;
  await store.insert(lateSchema.name, [row], { token, receivedAt: now });
}

/** The reception time up to which late rows were looked for and dealt with. */
export async function lateCheckedTo(store: Store): Promise<number | undefined> {
  const [row] = await newestRows(store, lateSchema, {
    where: sql`RuleId = ${text('')}`,
    key: 'RuleId',
    newestBy: 'ReceivedTo',
  });
  return row && Date.parse(String(row.ReceivedTo));
}

/** Kept as a row without a rule, so that a restart goes on from there. */
export async function keepLateCheckedTo(store: Store, checkedTo: number): Promise<void> {
  await store.ensureTable(lateSchema);
  const row = { TimeGenerated: isoTime(checkedTo), ReceivedTo: isoTime(checkedTo), LateRows: 0, NewAlerts: 0 };
  await store.insert(lateSchema.name, [row], { token: `late checked to ${checkedTo}`, receivedAt: checkedTo });
}

/** What came late for a rule since a time. */
export interface LateSummary {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly runs: number;
  readonly rows: number;
  readonly maxDelayMs: number;
  readonly newAlerts: number;
}

export async function lateSummaries(store: Store, since: number): Promise<LateSummary[]> {
  if (!(await store.tables()).has(lateSchema.name)) return [];
  const answer = await store.query(
    sql`SELECT RuleId, argMax(RuleName, ReceivedTo), uniqExact(TimeGenerated), sum(LateRows), max(MaxDelaySeconds), sum(NewAlerts)
FROM ${name(lateSchema.name)} WHERE RuleId != ${text('')} AND TimeGenerated >= ${timeOf(since)} GROUP BY RuleId ORDER BY RuleId`
      .text,
  );
  return answer.rows.map(([ruleId, ruleName, runs, rows, seconds, newAlerts]) => ({
    ...{ ruleId: String(ruleId), ruleName: String(ruleName), runs: Number(runs), rows: Number(rows) },
    ...{ maxDelayMs: Number(seconds) * 1000, newAlerts: Number(newAlerts) },
  }));
}
