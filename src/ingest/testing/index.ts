import type { Appender, EngineResult, Store } from '../../store/index.js';
import type { Row, TableSchema } from '../../tables/index.js';

/** Keeps inserted rows as the intake handed them over, for tests of decoding; tests of storage use the engine. */
export class Recorder implements Store {
  readonly rows = new Map<string, Row[]>();
  /** Rows of every insert, in order. */
  readonly batches: { readonly table: string; readonly rows: number }[] = [];

  async ensureTable(): Promise<void> {}

  async insert(table: string, rows: readonly Row[]): Promise<void> {
    this.rows.set(table, [...(this.rows.get(table) ?? []), ...rows]);
    this.batches.push({ table, rows: rows.length });
  }

  async appender(table: string): Promise<Appender> {
    let rows: Row[] = [];
    return {
      get rows() {
        return rows.length;
      },
      add: (row) => rows.push(row),
      send: async () => {
        const sent = rows;
        rows = [];
        await this.insert(table, sent);
      },
    };
  }

  async schemas(): Promise<readonly TableSchema[]> {
    return [];
  }

  async tables(): Promise<ReadonlySet<string>> {
    return new Set(this.rows.keys());
  }

  async query(): Promise<EngineResult> {
    throw new Error('a recorder answers no queries');
  }

  async workspaceId(): Promise<string> {
    return '';
  }

  async close(): Promise<void> {}
}
