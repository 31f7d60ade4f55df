import type { Appender, EngineResult, Store } from '../../store/index.js';
import type { Row, TableSchema } from '../../tables/index.js';

/** Takes what an intake inserts and keeps the rows: they come with the query, and no table is needed. */
export class CollectedRows implements Store {
  readonly rows: { readonly table: string; readonly row: Row }[] = [];

  async ensureTable(): Promise<void> {}

  async insert(table: string, rows: readonly Row[]): Promise<void> {
    for (const row of rows) this.rows.push({ table, row });
  }

  async appender(table: string): Promise<Appender> {
    let waiting: Row[] = [];
    return {
      get rows() {
        return waiting.length;
      },
      add: (row) => waiting.push(row),
      send: async () => {
        const sent = waiting;
        waiting = [];
        await this.insert(table, sent);
      },
    };
  }

  async schemas(): Promise<readonly TableSchema[]> {
    return [];
  }

  async tables(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  async query(): Promise<EngineResult> {
    throw new Error('rows are only collected here');
  }

  async workspaceId(): Promise<string> {
    return '';
  }

  async close(): Promise<void> {}
}
