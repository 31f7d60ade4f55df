import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { fail } from '../base/index.js';
import { joinSql, name, type Sql, sql } from '../sql/index.js';
import type { Row, TableSchema } from '../tables/index.js';
import { BlockAppender } from './appender.js';
import { batches } from './batches.js';
import type { Connection } from './connection.js';
import type { Engine } from './embedded.js';
import { type Block, BlockBuilder, encodeRows } from './encode.js';
import { isLost, queryError, statementError } from './errors.js';
import { refuseFileAccess } from './guard.js';
import { runQuery } from './run-query.js';
import { defaultMemoryBytes, defaultTimeoutMs, insertSettings } from './settings.js';
import type { Appender, EngineResult, InsertOptions, QueryOptions, StagedQuery, Store } from './store.js';
import { type WorkspaceOptions, WorkspaceTables } from './workspace-tables.js';

/** The store over any ClickHouse engine, embedded or remote. */
export class ClickHouseStore implements Store {
  private readonly workspace: WorkspaceTables;

  constructor(
    private readonly engine: Engine,
    options: WorkspaceOptions,
  ) {
    this.workspace = new WorkspaceTables((statement, doing) => this.statement(statement, doing), options);
  }

  async query(query: string | StagedQuery, options: QueryOptions = {}): Promise<EngineResult> {
    const staged = typeof query === 'string' ? { stages: [], sql: query } : query;
    for (const statement of [...staged.stages, staged]) refuseFileAccess(statement.sql);
    await this.workspace.ready();
    const limits = {
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      memoryBytes: options.maxMemoryBytes ?? defaultMemoryBytes,
    };
    try {
      return await this.withEngine((connection) => runQuery(connection, staged, limits, options.signal));
    } catch (error) {
      throw queryError(error, limits);
    }
  }

  workspaceId(): Promise<string> {
    return this.workspace.ready();
  }

  ensureTable(schema: TableSchema): Promise<void> {
    return this.workspace.ensure(schema);
  }

  tables(): Promise<ReadonlySet<string>> {
    return this.workspace.names();
  }

  schemas(names: readonly string[]): Promise<readonly TableSchema[]> {
    return this.workspace.schemas(names);
  }

  async insert(table: string, rows: readonly Row[], options: InsertOptions = {}): Promise<void> {
    if (rows.length === 0) return;
    const columns = await this.workspace.columns(table);
    if (!columns) return fail('ENG5003', `the table ${table} does not exist`);
    const token = options.token ?? randomUUID();
    const receivedAt = options.receivedAt ?? Date.now();
    let sending: Promise<void> = Promise.resolve();
    let part = 0;
    for (const batch of batches(rows, receivedAt)) {
      // Encoded while the engine works on the statement before.
      const block = encodeRows(table, columns, batch, receivedAt);
      await sending;
      sending = this.send(table, block, `${token}:${part++}`);
      // Its error is thrown where it is awaited, never as an unhandled rejection.
      sending.catch(() => {});
    }
    await sending;
  }

  async appender(table: string, options: Pick<InsertOptions, 'receivedAt'> = {}): Promise<Appender> {
    const columns = await this.workspace.columns(table);
    if (!columns) return fail('ENG5003', `the table ${table} does not exist`);
    const receivedAt = options.receivedAt ?? Date.now();
    return new BlockAppender(
      (expectedRows, sizes) => new BlockBuilder(table, columns, receivedAt, expectedRows, sizes),
      receivedAt,
      (block, token) => this.send(table, block, token),
    );
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  private async send(table: string, block: Block, token: string): Promise<void> {
    const statement = sql`INSERT INTO ${this.workspace.table(table)} (${joinSql(block.columns.map(name), ', ')}) FORMAT Native`;
    try {
      // When the engine is lost on the way the rows are sent again: the token makes the second time harmless.
      await this.withEngine(async ({ admin }) => {
        const { stream } = await admin.exec({
          query: statement.text,
          values: Readable.from(block.pieces, { objectMode: false }),
          clickhouse_settings: { ...insertSettings, insert_deduplication_token: token },
        });
        for await (const _ of stream);
      });
    } catch (error) {
      throw statementError(error, `to insert into the table ${table}`);
    }
  }

  private async statement(statement: Sql, doing: string): Promise<readonly (readonly unknown[])[]> {
    try {
      return await this.withEngine(async ({ admin }) => {
        if (!/^SELECT/.test(statement.text)) {
          await admin.command({ query: statement.text });
          return [];
        }
        const answer = await admin.query({ query: statement.text, format: 'JSONCompactEachRow' });
        return answer.json<unknown[]>();
      });
    } catch (error) {
      throw statementError(error, doing);
    }
  }

  /** Runs `action`; when the engine is lost meanwhile, once more on the engine that takes its place. */
  private async withEngine<T>(action: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.engine.connection();
    try {
      return await action(connection);
    } catch (error) {
      if (!isLost(error)) throw error;
      return action(await this.engine.renew(connection));
    }
  }
}
