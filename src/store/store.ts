import type { Row, TableSchema } from '../tables/index.js';

/** One answer of the engine. Cells are as ClickHouse prints them in JSON: 64-bit integers and dates as text. */
export interface EngineResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface QueryOptions {
  /** Stops the query on the engine, not only the wait for it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Bytes; default 2 GB. */
  readonly maxMemoryBytes?: number | undefined;
}

/** A workspace's storage: the private engine of a data directory, or a ClickHouse server by URL. */
export interface Store {
  /** Runs one SELECT as the read-only user. Fails with KQL2001 (time), KQL2002 (memory), KQL2003 (cancelled), KQL2004. */
  query(sql: string, options?: QueryOptions): Promise<EngineResult>;
  /** Creates the table of the schema when it is not there yet, adds columns that it lacks. Cheap when already done. */
  ensureTable(schema: TableSchema): Promise<void>;
  /** Names of the tables that exist. */
  tables(): Promise<ReadonlySet<string>>;
  /** Columns of those of the named tables that exist, read back from the engine: for tables that no catalogue knows. */
  schemas(names: readonly string[]): Promise<readonly TableSchema[]>;
  /** Appends rows; they are durable when this returns. They may span any time. */
  insert(table: string, rows: readonly Row[], options?: InsertOptions): Promise<void>;
  /** A GUID that stays with the workspace: the default of TenantId. */
  workspaceId(): Promise<string>;
  close(): Promise<void>;
}

export interface InsertOptions {
  /** Milliseconds since the epoch, becomes `_TimeReceived` and the ingestion time. */
  readonly receivedAt?: number | undefined;
  /**
   * Names the batch: the same rows, in the same order, under the same token are stored once, however often they are sent.
   * The engine remembers the last 10,000 parts of a table (a batch makes one a month and 65,536 rows).
   */
  readonly token?: string | undefined;
}
