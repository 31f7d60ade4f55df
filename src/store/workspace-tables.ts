import { randomUUID } from 'node:crypto';
import { joinSql, name, qualified, Sql, sql, text } from '../sql/index.js';
import { type Column, type TableSchema, tableSchema } from '../tables/index.js';
import {
  columnDefinition,
  createTable,
  expiry,
  indexDefinition,
  isKey,
  kqlTypeOf,
  type TableOptions,
} from './schema.js';

/** Runs one statement of the store's own as the admin; `doing` completes "the engine refused …". */
export type Statement = (statement: Sql, doing: string) => Promise<readonly (readonly unknown[])[]>;

export interface WorkspaceOptions {
  readonly database: string;
  /** Days after reception at which rows go; kept for ever when left out. */
  readonly retentionDays?: number | undefined;
  /** Id of a workspace that is made now; a new one when left out. */
  readonly workspaceId?: string | undefined;
}

/** Every query asks for the names of the tables, some of them twice; asking the engine takes longer than a cached query. */
const listedForMs = 200;

/** The database of a workspace and its tables. */
export class WorkspaceTables {
  /** Engine types of the columns of the tables that are known to exist. */
  private readonly known = new Map<string, ReadonlyMap<string, string>>();
  private readonly ensuring = new Map<string, Promise<void>>();
  private workspace: Promise<string> | undefined;
  private listed: { readonly at: number; readonly names: Promise<ReadonlySet<string>> } | undefined;

  constructor(
    private readonly run: Statement,
    private readonly options: WorkspaceOptions,
  ) {}

  /** Creates the database at the first call. The id of the workspace is its comment. */
  ready(): Promise<string> {
    if (!this.workspace) {
      const attempt = this.openWorkspace();
      attempt.catch(() => {
        this.workspace = undefined;
      });
      this.workspace = attempt;
    }
    return this.workspace;
  }

  async ensure(schema: TableSchema): Promise<void> {
    while (!this.has(schema)) {
      const running = this.ensuring.get(schema.name);
      if (running) {
        await running;
        continue;
      }
      const attempt = this.createOrExtend(schema).finally(() => this.ensuring.delete(schema.name));
      this.ensuring.set(schema.name, attempt);
      await attempt;
    }
  }

  /** Names of all tables. One that another process makes is seen after `listedForMs` at the latest. */
  names(): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (this.listed && now - this.listed.at < listedForMs) return this.listed.names;
    const listed = { at: now, names: this.list() };
    listed.names.catch(() => {
      if (this.listed === listed) this.listed = undefined;
    });
    this.listed = listed;
    return listed.names;
  }

  private async list(): Promise<ReadonlySet<string>> {
    await this.ready();
    const rows = await this.run(
      sql`SELECT name FROM system.tables WHERE database = ${text(this.options.database)}`,
      'to list the tables',
    );
    return new Set(rows.map(([table]) => String(table)));
  }

  /** KQL schemas of the named tables; columns of types that the store does not make are left out. */
  async schemas(tables: readonly string[]): Promise<TableSchema[]> {
    if (tables.length === 0) return [];
    await this.ready();
    const rows = await this.run(
      sql`SELECT table, name, type, comment FROM system.columns WHERE database = ${text(this.options.database)}
AND table IN (${joinSql(tables.map(text), ', ')}) ORDER BY table, position`,
      'to read the columns of the tables',
    );
    const columns = new Map<string, Column[]>();
    for (const [table, column, engineType, comment] of rows.map((row) => row.map(String))) {
      const type = kqlTypeOf(engineType!, comment!);
      const own = columns.get(table!) ?? [];
      if (type) own.push({ name: column!, type });
      columns.set(table!, own);
    }
    return [...columns].map(([table, own]) => tableSchema(table, own));
  }

  /** Engine types of a table's columns; undefined when there is no such table. */
  async columns(table: string): Promise<ReadonlyMap<string, string> | undefined> {
    return this.known.get(table) ?? this.load(table);
  }

  table(table: string): Sql {
    return qualified(name(this.options.database), table);
  }

  private has(schema: TableSchema): boolean {
    const known = this.known.get(schema.name);
    return known !== undefined && schema.columns.every((column) => known.has(column.name));
  }

  private async createOrExtend(schema: TableSchema): Promise<void> {
    const options: TableOptions = { ...this.options, workspaceId: await this.ready() };
    if (!(await this.load(schema.name))) {
      await this.run(createTable(schema, options), `to create the table ${schema.name}`);
      this.listed = undefined;
    }
    const known = (await this.load(schema.name)) ?? new Map();
    const changes = schema.columns
      .filter((column) => !known.has(column.name))
      .flatMap((column) => [
        `ADD COLUMN IF NOT EXISTS ${columnDefinition(schema.name, column, options)}`,
        ...(isKey(column)
          ? [`ADD INDEX IF NOT EXISTS ${indexDefinition(column)}`.replace('EXISTS INDEX', 'EXISTS')]
          : []),
      ]);
    if (changes.length > 0) {
      const all = Sql.of(changes.join(', '), true);
      await this.run(sql`ALTER TABLE ${this.table(schema.name)} ${all}`, `to add columns to the table ${schema.name}`);
    }
    await this.applyRetention(schema.name);
    await this.load(schema.name);
  }

  private async applyRetention(table: string): Promise<void> {
    const days = this.options.retentionDays;
    if (days === undefined) return;
    const [row] = await this.run(
      sql`SELECT create_table_query FROM system.tables WHERE database = ${text(this.options.database)} AND name = ${text(table)}`,
      `to read the table ${table}`,
    );
    if (String(row?.[0]).includes(`TTL ${expiry(days)}`)) return;
    await this.run(
      sql`ALTER TABLE ${this.table(table)} MODIFY TTL ${Sql.of(expiry(days).text, true)}`,
      `to change the retention of the table ${table}`,
    );
  }

  private async load(table: string): Promise<ReadonlyMap<string, string> | undefined> {
    await this.ready();
    const rows = await this.run(
      sql`SELECT name, type FROM system.columns WHERE database = ${text(this.options.database)} AND table = ${text(table)}`,
      `to read the columns of the table ${table}`,
    );
    if (rows.length === 0) return undefined;
    const columns = new Map(rows.map(([column, type]) => [String(column), String(type)]));
    this.known.set(table, columns);
    return columns;
  }

  private async openWorkspace(): Promise<string> {
    const database = name(this.options.database);
    await this.run(
      sql`CREATE DATABASE IF NOT EXISTS ${database} ENGINE = Atomic COMMENT ${text(`workspace ${this.options.workspaceId ?? randomUUID()}`)}`,
      'to create the database',
    );
    const [row] = await this.run(
      sql`SELECT comment FROM system.databases WHERE name = ${text(this.options.database)}`,
      'to read the database',
    );
    return /^workspace ([0-9a-f-]{36})$/.exec(String(row?.[0]))?.[1] ?? '';
  }
}
