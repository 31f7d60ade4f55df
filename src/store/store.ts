import type { Row, TableSchema, Value } from '../tables/index.js';

/** One answer of the engine. Cells are as ClickHouse prints them in JSON: 64-bit integers and dates as text. */
export interface EngineResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that the engine read for it, in all statements; undefined where it does not say. */
  readonly rowsRead?: number | undefined;
}

export interface QueryOptions {
  /** Stops the query on the engine, not only the wait for it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Bytes; default 2 GB. */
  readonly maxMemoryBytes?: number | undefined;
}

/** A temporary table that is filled from this process. */
export interface ComputedStage {
  /** For messages. */
  readonly name: string;
  /** With the engine's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Makes the rows of the table; must look at the signal now and then and give others a turn. A dynamic may be JsonText. */
  compute(input: EngineResult, signal: AbortSignal): Promise<readonly (readonly Value[])[]>;
}

/**
 * A SELECT with relations that are computed first: each stage fills a temporary table that later statements read by its
 * name. The tables live in the engine's memory and end with the query.
 */
export interface StagedQuery {
  readonly stages: readonly {
    readonly name: string;
    readonly sql: string;
    /** When it has no rows the answer has none, and the rest is not run. */
    readonly decisive: boolean;
    /** The rows of `sql` are not the table's own but what these are computed from. */
    readonly computed?: ComputedStage | undefined;
  }[];
  readonly sql: string;
  /** Values of `{name:String}` in the statements. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** A workspace's storage: the private engine of a data directory, or a ClickHouse server by URL. */
export interface Store {
  /** Runs one SELECT as the read-only user. Fails with KQL2001 (time), KQL2002 (memory), KQL2003 (cancelled), KQL2004. */
  query(query: string | StagedQuery, options?: QueryOptions): Promise<EngineResult>;
  /** Creates the table of the schema when it is not there yet, adds columns that it lacks. Cheap when already done. */
  ensureTable(schema: TableSchema): Promise<void>;
  /** Names of the tables that exist. */
  tables(): Promise<ReadonlySet<string>>;
  /** Columns of those of the named tables that exist, read back from the engine: for tables that no catalogue knows. */
  schemas(names: readonly string[]): Promise<readonly TableSchema[]>;
  /** Appends rows; they are durable when this returns. They may span any time. */
  insert(table: string, rows: readonly Row[], options?: InsertOptions): Promise<void>;
  /** Opens a batch of rows of one table that grows row by row; for streams of rows. The table must exist. */
  appender(table: string, options?: Pick<InsertOptions, 'receivedAt'>): Promise<Appender>;
  /** A GUID that stays with the workspace: the default of TenantId. */
  workspaceId(): Promise<string>;
  close(): Promise<void>;
}

/** Rows on their way into one table. They are encoded as they come, so that nobody has to keep them. */
export interface Appender {
  /** Rows added since the last `send`. */
  readonly rows: number;
  add(row: Row): void;
  /**
   * The block for one more row of the given time, whose values come one by one; for decoders that build no rows. Left
   * out where rows are kept as they are.
   */
  writer?(time: string): BlockWriter;
  /** Sends the rows so far, durable when it resolves; the next ones may be added meanwhile. */
  send(): Promise<void>;
}

/** A block of rows that is written column by column. */
export interface BlockWriter {
  /** Begins a row with its TimeGenerated (ISO UTC) and gives its number. Columns that are not set are null or empty. */
  begin(time: string): number;
  /** The same object for the same name as long as the block lasts. Fails with ENG5006 for an unknown name. */
  column(name: string): ColumnWriter;
}

/** Both give false when the value does not fit the column's type. A row's columns are set once, rows in order. */
export interface ColumnWriter {
  set(row: number, value: NonNullable<Value>): boolean;
  /** Text as UTF-8: the bytes [from, to) of `source`. */
  setBytes(row: number, source: Buffer, from: number, to: number): boolean;
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
