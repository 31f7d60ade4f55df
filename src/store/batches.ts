import type { Row } from '../tables/index.js';

/** An engine refuses a block that touches more than 100 partitions, and every month is a partition. */
export const maxMonthsPerStatement = 90;
/** Enough that the cost of a statement does not show, and little enough that two of them fit in memory anywhere. */
export const maxRowsPerStatement = 65_536;

/**
 * Splits rows into statements of at most 90 months and 65,536 rows. Rows that span more months are put in the order of
 * their months first, so that a month becomes one part of the table, not one part a statement.
 */
export function* batches(rows: readonly Row[], receivedAt: number): Generator<readonly Row[]> {
  const received = new Date(receivedAt).toISOString().slice(0, 7);
  const months = rows.map(({ TimeGenerated: time }) => (typeof time === 'string' ? time.slice(0, 7) : received));
  let ordered = rows;
  if (new Set(months).size > maxMonthsPerStatement) {
    const order = rows
      .map((_, i) => i)
      .sort((a, b) => (months[a]! < months[b]! ? -1 : months[a]! > months[b]! ? 1 : a - b));
    ordered = order.map((i) => rows[i]!);
    months.sort();
  }
  let start = 0;
  let seen = new Set<string>();
  for (let i = 0; i < ordered.length; i++) {
    const month = months[i]!;
    if (i - start >= maxRowsPerStatement || (seen.size >= maxMonthsPerStatement && !seen.has(month))) {
      yield ordered.slice(start, i);
      start = i;
      seen = new Set();
    }
    seen.add(month);
  }
  if (start < ordered.length) yield ordered.slice(start);
}
