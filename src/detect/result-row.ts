import { formatDatetime, parseDatetime, shortDatetime } from '../base/index.js';
import type { QueryResult } from '../query/index.js';
import { contentKey } from './content-key.js';

/** One row of a result, by column name. */
export class ResultRow {
  constructor(
    private readonly columns: ReadonlyMap<string, number>,
    readonly cells: readonly unknown[],
    readonly index: number,
  ) {}

  /** Null when the column is missing, null or empty text. */
  value(column: string): unknown {
    const at = this.columns.get(column);
    const cell = at === undefined ? null : this.cells[at];
    return cell === undefined || cell === '' ? null : cell;
  }

  /** The value as an alert shows it: text as it is, everything else as JSON; blanks around it do not count. */
  text(column: string): string {
    const value = this.value(column);
    if (value === null) return '';
    return (typeof value === 'string' ? value : contentKey(value)).trim();
  }

  object(): Record<string, unknown> {
    return Object.fromEntries([...this.columns].map(([name, at]) => [name, this.cells[at] ?? null]));
  }
}

export function resultRows(result: Pick<QueryResult, 'columns' | 'rows'>): ResultRow[] {
  const columns = new Map(result.columns.map((column, i) => [column.name, i]));
  return result.rows.map((cells, i) => new ResultRow(columns, cells, i));
}

/** Smallest and largest TimeGenerated of the rows; undefined when they have none. */
export function timeSpan(rows: readonly ResultRow[]): { start: string; end: string } | undefined {
  let start: bigint | undefined;
  let end: bigint | undefined;
  for (const row of rows) {
    const ticks = parseDatetime(row.text('TimeGenerated'));
    if (ticks === undefined) continue;
    if (start === undefined || ticks < start) start = ticks;
    if (end === undefined || ticks > end) end = ticks;
  }
  return start === undefined || end === undefined
    ? undefined
    : { start: shortDatetime(formatDatetime(start)), end: shortDatetime(formatDatetime(end)) };
}
