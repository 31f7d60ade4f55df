import type { Code } from '../base/index.js';
import type { Appender, Store } from '../store/index.js';
import type { Row, TableSchema } from '../tables/index.js';
import { rejectRow, rejectTable } from './reject.js';
import { type RejectGroup, RejectGroups } from './reject-groups.js';

const BATCH_ROWS = 100_000;
const BATCH_CHARS = 64 * 1024 * 1024;

/**
 * Writes rows that are of their tables' types already, and rejects, in batches: one is inserted while the next one grows,
 * so memory does not grow with the input.
 */
export class TableWriter {
  /** Rows by table, rejects left out. */
  readonly tables: Record<string, number> = {};
  rejected = 0;
  private readonly appenders = new Map<string, Appender>();
  /** Rows of tables that are not open yet. */
  private readonly waiting = new Map<string, { schema: TableSchema; rows: Row[] }>();
  private readonly groups = new RejectGroups();
  private pendingRows = 0;
  private pendingChars = 0;
  private insert: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly store: Store,
    private readonly from: { readonly connector: string; readonly receivedAt: number },
  ) {}

  /** `chars` is about what the row takes. */
  add(schema: TableSchema, row: Row, chars: number): void {
    this.queue(schema, row, chars);
    this.tables[schema.name] = (this.tables[schema.name] ?? 0) + 1;
  }

  reject(
    refused: { readonly code: Code; readonly reason: string; readonly raw: string },
    file: string,
    bytes?: Uint8Array,
  ): void {
    this.rejected++;
    this.groups.add(refused);
    this.queue(rejectTable, rejectRow(refused, { ...this.from, file }, bytes), refused.raw.length);
  }

  rejects(): readonly RejectGroup[] {
    return this.groups.sorted();
  }

  /** To be called after every block of input. Waits only while the batch before is on its way. */
  async drain(): Promise<void> {
    for (const { schema, rows } of this.waiting.values()) {
      await this.store.ensureTable(schema);
      const appender = await this.store.appender(schema.name, { receivedAt: this.from.receivedAt });
      for (const row of rows) appender.add(row);
      this.appenders.set(schema.name, appender);
    }
    this.waiting.clear();
    if (this.pendingRows >= BATCH_ROWS || this.pendingChars >= BATCH_CHARS) await this.flush();
  }

  /** Writes what is left; everything is durable when it resolves. */
  async finish(): Promise<void> {
    await this.drain();
    await this.flush();
    await this.settled();
  }

  private queue(schema: TableSchema, row: Row, chars: number): void {
    this.pendingRows++;
    this.pendingChars += chars;
    const open = this.appenders.get(schema.name);
    if (open) {
      // Encoded at once: rows that wait for the end of the block cost the garbage collector more than the encoder.
      open.add(row);
      return;
    }
    const table = this.waiting.get(schema.name) ?? { schema, rows: [] };
    this.waiting.set(schema.name, table);
    table.rows.push(row);
  }

  private async flush(): Promise<void> {
    this.pendingRows = 0;
    this.pendingChars = 0;
    await this.settled();
    const sends = [...this.appenders.values()].filter((appender) => appender.rows > 0).map((a) => a.send());
    this.insert = Promise.all(sends).then(
      () => {},
      (error: unknown) => {
        this.failure ??= { error };
      },
    );
  }

  private async settled(): Promise<void> {
    await this.insert;
    if (this.failure) throw this.failure.error;
  }
}
