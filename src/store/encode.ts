import { fail } from '../base/index.js';
import type { Row } from '../tables/index.js';
import { NativeColumn, nativeBlock } from './native.js';

/** Rows as a block of ClickHouse's Native format, with the columns that occur in them only. */
export interface Block {
  readonly columns: readonly string[];
  readonly pieces: readonly Buffer[];
}

/**
 * Encodes rows. `types` are the engine's types of the table's columns; a value that does not fit its column, or has none,
 * fails with ENG5006, because leaving it out would lose it.
 */
export function encodeRows(
  table: string,
  types: ReadonlyMap<string, string>,
  rows: readonly Row[],
  receivedAt: number,
): Block {
  const columns = new Map<string, NativeColumn>();
  const open = (name: string): NativeColumn => {
    const type = types.get(name);
    if (type === undefined) return fail('ENG5006', `the table ${table} has no column ${name}`);
    const column = new NativeColumn(name, type, rows.length);
    columns.set(name, column);
    return column;
  };
  const received = new Date(receivedAt).toISOString();
  const times = [open('TimeGenerated'), open('_TimeReceived')];
  rows.forEach((row, i) => {
    for (const name in row) {
      const value = row[name];
      if (value === undefined || value === null) continue;
      const column = columns.get(name) ?? open(name);
      if (!column.set(i, value)) misfit(table, name, column.type, value);
    }
    for (const column of times) if (column.rows <= i) column.set(i, received);
  });
  return { columns: [...columns.keys()], pieces: nativeBlock([...columns.values()], rows.length) };
}

const misfit = (table: string, column: string, type: string, value: unknown) =>
  fail('ENG5006', `${table}.${column} of type ${type} cannot hold ${String(value).slice(0, 100)}`);
