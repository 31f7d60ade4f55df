import { fail } from '../base/index.js';
import type { Row, Value } from '../tables/index.js';
import { NativeColumn, nativeBlock } from './native.js';
import type { BlockWriter } from './store.js';

/** Rows as a block of ClickHouse's Native format, with the columns that occur in them only. */
export interface Block {
  readonly columns: readonly string[];
  readonly pieces: readonly Buffer[];
}

/** Bytes by column. */
export type BlockSizes = ReadonlyMap<string, number>;

/** Blocks of one stream differ by less than this in the size of a column. */
const spareRoom = 1.1;

/** Columns whose rows all have a value: by default the time of reception. */
const always = new Set(['TimeGenerated', '_TimeReceived']);

/**
 * Encodes rows one by one. `types` are the engine's types of the table's columns; a value that does not fit its column, or
 * has none, fails with ENG5006, because leaving it out would lose it.
 */
export class BlockBuilder implements BlockWriter {
  rows = 0;
  private readonly columns = new Map<string, NativeColumn>();
  private readonly received: string;
  private readonly time: NativeColumn;

  constructor(
    private readonly table: string,
    private readonly types: ReadonlyMap<string, string>,
    receivedAt: number,
    /** Saves growing; more rows are no error. */
    private readonly expectedRows: number,
    /** Of a block of the same stream, see `sizes`: growing to a known size would copy and touch the memory twice. */
    private readonly expectedSizes?: BlockSizes,
  ) {
    this.received = new Date(receivedAt).toISOString();
    this.time = this.open('TimeGenerated', this.received);
    this.open('_TimeReceived', this.received);
  }

  add(row: Row): void {
    const at = this.rows++;
    for (const name in row) {
      const value = row[name];
      if (value === undefined || value === null) continue;
      const column = this.column(name);
      if (!column.set(at, value)) misfit(this.table, name, column.type, value);
    }
  }

  begin(time: string): number {
    const at = this.rows++;
    if (!this.time.set(at, time)) misfit(this.table, this.time.name, this.time.type, time);
    return at;
  }

  column(name: string): NativeColumn {
    return this.columns.get(name) ?? this.open(name);
  }

  finish(): Block {
    const columns = [...this.columns.values()].filter((column) => column.rows > 0 || always.has(column.name));
    return { columns: columns.map((column) => column.name), pieces: nativeBlock(columns, this.rows) };
  }

  /** Starts the next block in the memory of this one, which must be sent by now. */
  clear(): void {
    this.rows = 0;
    for (const column of this.columns.values()) column.clear();
  }

  /** Bytes of each column so far. */
  get sizes(): BlockSizes {
    return new Map([...this.columns.values()].map((column) => [column.name, column.size]));
  }

  private open(name: string, byDefault?: string): NativeColumn {
    const type = this.types.get(name);
    if (type === undefined) return fail('ENG5006', `the table ${this.table} has no column ${name}`);
    const size = this.expectedSizes?.get(name);
    const column = new NativeColumn(name, type, this.expectedRows, byDefault, size && Math.ceil(size * spareRoom));
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

/** Rows of a table that was computed in this process, as a block. */
export function encodeComputed(
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  rows: readonly (readonly Value[])[],
): Buffer[] {
  const encoded = columns.map(({ name, type }, i) => {
    const column = new NativeColumn(name, type, rows.length);
    rows.forEach((row, at) => {
      const value = row[i];
      if (value !== null && value !== undefined && !column.set(at, value)) misfit(table, name, type, value);
    });
    return column;
  });
  return nativeBlock(encoded, rows.length);
}
