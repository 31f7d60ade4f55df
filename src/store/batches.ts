import type { Row } from '../tables/index.js';
import { type Instant, readInstant } from './ticks.js';

/** An engine refuses a block that touches more than 100 partitions, and every day is a partition. */
export const maxDaysPerStatement = 90;
export const maxRowsPerStatement = 100_000;

/**
 * Splits rows into statements of at most 90 days and 100,000 rows. Rows that span more days are put in the order of
 * their days first, so that every day of the call becomes one part, not one part a statement.
 * `dayOf` gives days since the epoch.
 */
export function* batches(rows: readonly Row[], dayOf: (row: Row) => number): Generator<readonly Row[]> {
  const days = rows.map(dayOf);
  const wide = new Set(days).size > maxDaysPerStatement;
  const order = rows.map((_, i) => i);
  if (wide) order.sort((a, b) => days[a]! - days[b]! || a - b);
  let batch: Row[] = [];
  let seen = new Set<number>();
  for (const i of order) {
    const day = days[i]!;
    if (batch.length >= maxRowsPerStatement || (!seen.has(day) && seen.size >= maxDaysPerStatement)) {
      yield batch;
      batch = [];
      seen = new Set();
    }
    batch.push(rows[i]!);
    seen.add(day);
  }
  if (batch.length > 0) yield batch;
}

const instant: Instant = { seconds: 0, ticks: 0 };

/** The day of a row's TimeGenerated; the day of reception when it has none. */
export const dayOfRow =
  (receivedAt: number) =>
  (row: Row): number => {
    const time = row.TimeGenerated;
    if (typeof time === 'string' && readInstant(time, instant)) return Math.floor(instant.seconds / 86_400);
    return Math.floor(receivedAt / 86_400_000);
  };
