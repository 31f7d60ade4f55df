import { fail } from '../base/index.js';
import type { Row } from '../tables/index.js';
import { NativeColumn, nativeBlock } from './native.js';

/** Rows as a block of ClickHouse's Native format, with the columns that occur in them only. */
export interface Block {
  readonly columns: readonly string[];
  readonly pieces: readonly Buffer[];
}

/**
 * Encodes rows one by one. `types` are the engine's types of the table's columns; a value that does not fit its column, or
 * has none, fails with ENG5006, because leaving it out would lose it.
 */
export class BlockBuilder {
  rows = 0;
  private readonly columns = new Map<string, NativeColumn>();
  private readonly received: string;
  private readonly times: readonly NativeColumn[];

  constructor(
    private readonly table: string,
    private readonly types: ReadonlyMap<string, string>,
    receivedAt: number,
    /** Saves growing; more rows are no error. */
    private readonly expectedRows: number,
  ) {
    this.received = new Date(receivedAt).toISOString();
    this.times = [this.open('TimeGenerated'), this.open('_TimeReceived')];
  }

  add(row: Row): void {
    const at = this.rows++;
    for (const name in row) {
      const value = row[name];
      if (value === undefined || value === null) continue;
      const column = this.columns.get(name) ?? this.open(name);
      if (!column.set(at, value)) misfit(this.table, name, column.type, value);
    }
    for (const column of this.times) if (column.rows <= at) column.set(at, this.received);
  }

  finish(): Block {
    return { columns: [...this.columns.keys()], pieces: nativeBlock([...this.columns.values()], this.rows) };
  }

  private open(name: string): NativeColumn {
    const type = this.types.get(name);
    if (type === undefined) return fail('ENG5006', `the table ${this.table} has no column ${name}`);
    const column = new NativeColumn(name, type, this.expectedRows);
    this.columns.set(name, column);
    return column;
  }
}

/** A block of the given rows. */
export function encodeRows(
  table: string,
  types: ReadonlyMap<string, string>,
  rows: readonly Row[],
  receivedAt: number,
): Block {
  const builder = new BlockBuilder(table, types, receivedAt, rows.length);
  for (const row of rows) builder.add(row);
  return builder.finish();
}

const misfit = (table: string, column: string, type: string, value: unknown) =>
  fail('ENG5006', `${table}.${column} of type ${type} cannot hold ${String(value).slice(0, 100)}`);
