import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ClickHouseError } from '@clickhouse/client';
import { fail } from '../base/index.js';
import { joinSql, name, Sql, sql } from '../sql/index.js';
import type { Connection } from './connection.js';
import { encodeComputed } from './encode.js';
import { maxResultBytes, maxResultRows, querySettings, type Settings } from './settings.js';
import type { ComputedStage, EngineResult, StagedQuery } from './store.js';

export interface Limits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** How long after its limit a query that the engine did not stop by itself is given up. */
const graceMs = 5_000;
const killTimeoutMs = 10_000;

/** Runs a query as the reader. An abort ends it on the engine before this returns. The time limit covers all stages. */
export async function runQuery(
  connection: Connection,
  query: StagedQuery,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<EngineResult> {
  const cancelled = () => fail('KQL2003', 'the query was cancelled');
  if (signal?.aborted) return cancelled();
  const session = new Session(connection, limits, query);
  /** Ends work in this process. */
  const work = new AbortController();
  let stopped: 'cancelled' | 'late' | undefined;
  let killing: Promise<void> | undefined;
  const stop = (why: 'cancelled' | 'late') => {
    stopped ??= why;
    work.abort();
    killing ??= session.kill();
  };
  const onAbort = () => stop('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop('late'), limits.timeoutMs + graceMs);
  timer.unref();
  try {
    for (const stage of query.stages) {
      if (stage.computed) await session.fill(stage.name, stage.sql, stage.computed, work.signal, () => stop('late'));
      else
        await session.run(
          sql`CREATE TEMPORARY TABLE ${name(stage.name)} ENGINE = Memory AS ${Sql.of(stage.sql, true)}`,
        );
      if (stage.decisive && (await session.read(sql`SELECT 1 FROM ${name(stage.name)} LIMIT 1`)).rows.length === 0) {
        return { columns: [], rows: [], rowsRead: session.rowsRead };
      }
    }
    const answer = await session.read(Sql.of(query.sql, true));
    if (stopped) throw new Error('the answer was cut');
    return answer;
  } catch (error) {
    await killing;
    if (stopped === 'cancelled') return cancelled();
    if (stopped === 'late')
      return fail('KQL2001', `the query ran longer than its limit of ${limits.timeoutMs / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    session.close();
  }
}

/** Statements of one query. Temporary tables need an engine session; a lone SELECT does without. */
class Session {
  private readonly id: string | undefined;
  private readonly startedAt = performance.now();
  private readonly transport = new AbortController();
  private queryId = '';
  /** Of all statements so far. */
  rowsRead = 0;

  constructor(
    private readonly connection: Connection,
    private readonly limits: Limits,
    private readonly query: StagedQuery,
  ) {
    this.id = query.stages.length > 0 ? `vedette-${randomUUID()}` : undefined;
  }

  /** Fills a temporary table. It stays in memory while later statements run, so it may take half of the limit. */
  async run(statement: Sql): Promise<void> {
    const query = { query: statement.text, ...this.options(this.limits.memoryBytes / 2) };
    const { summary } = await this.connection.reader.command(query);
    this.rowsRead += Number(summary?.read_rows ?? 0);
  }

  /** Fills a temporary table with rows that are computed here. They go to the engine as data, never as a statement. */
  async fill(
    table: string,
    input: string,
    { name: label, columns, compute }: ComputedStage,
    signal: AbortSignal,
    late: () => void,
  ): Promise<void> {
    const tooLarge = (what: string) =>
      fail('KQL2005', `${label} runs outside the engine, and ${what}`, {
        hint: 'filter or summarize the rows before it',
      });
    const limit = `more than ${maxResultRows} rows or ${maxResultBytes / 1e6} MB`;
    const rows = await this.read(Sql.of(input, true)).catch((error: unknown) => {
      // TOO_MANY_ROWS_OR_BYTES
      if (error instanceof ClickHouseError && error.code === '396') tooLarge(`would get ${limit}`);
      throw error;
    });
    const timer = setTimeout(late, this.msLeft());
    const made = await compute(rows, signal).finally(() => clearTimeout(timer));
    const block = encodeComputed(label, columns, made);
    if (made.length > maxResultRows || block.reduce((n, piece) => n + piece.length, 0) > maxResultBytes)
      tooLarge(`would give ${limit}`);
    const declared = columns.map((c) => Sql.of(`${name(c.name).text} ${c.type}`, true));
    await this.run(sql`CREATE TEMPORARY TABLE ${name(table)} (${joinSql(declared, ', ')}) ENGINE = Memory`);
    if (made.length === 0) return;
    const { stream } = await this.connection.reader.exec({
      query: sql`INSERT INTO ${name(table)} (${joinSql(
        columns.map((c) => name(c.name)),
        ', ',
      )}) FORMAT Native`.text,
      values: Readable.from(block, { objectMode: false }),
      ...this.options(this.limits.memoryBytes / 2),
    });
    for await (const _ of stream);
  }

  async read(statement: Sql): Promise<EngineResult> {
    const answer = await this.connection.reader.query({
      query: statement.text,
      format: 'JSONCompactEachRowWithNamesAndTypes',
      ...this.options(),
    });
    const lines: unknown[][] = [];
    for await (const chunk of answer.stream()) for (const line of chunk) lines.push(line.json<unknown[]>());
    const [names, types] = [lines[0] ?? [], lines[1] ?? []];
    this.rowsRead += summaryRows(answer.response_headers['x-clickhouse-summary']);
    return {
      rowsRead: this.rowsRead,
      columns: names.map((column, i) => ({ name: String(column), type: String(types[i]) })),
      rows: lines.slice(2),
    };
  }

  /** The kill may come before the engine knows the query; then hanging up ends it. */
  kill(): Promise<void> {
    return killQuery(this.connection, this.queryId).finally(() => this.transport.abort());
  }

  /** Frees the temporary tables; the engine would do so itself a minute later. */
  close(): void {
    if (!this.id) return;
    const { id } = this;
    this.connection.reader
      .command({ query: 'SELECT 1', session_id: id, clickhouse_settings: { ...sessionEnd } })
      .catch(() => {});
  }

  private msLeft(): number {
    return Math.max(1, this.limits.timeoutMs - (performance.now() - this.startedAt));
  }

  private options(memoryBytes = this.limits.memoryBytes) {
    this.queryId = `vedette-${randomUUID()}`;
    return {
      query_id: this.queryId,
      abort_signal: this.transport.signal,
      query_params: this.query.parameters ?? {},
      ...(this.id ? { session_id: this.id } : {}),
      clickhouse_settings: {
        ...querySettings,
        max_execution_time: this.msLeft() / 1000,
        max_memory_usage: String(Math.floor(memoryBytes)),
      },
    };
  }
}

/** Rows read, of the header that ends a statement's work. A long answer begins before that, so it may count too few. */
function summaryRows(header: unknown): number {
  try {
    return Number((JSON.parse(String(header)) as { read_rows?: unknown }).read_rows ?? 0);
  } catch {
    return 0;
  }
}

/** Not a setting but a parameter of the HTTP interface: the session ends with this statement. */
const sessionEnd: Settings = { close_session: 1 };

async function killQuery({ admin }: Connection, queryId: string): Promise<void> {
  const waited = AbortSignal.timeout(killTimeoutMs);
  await admin
    .command({
      query: 'KILL QUERY WHERE query_id = {id:String} SYNC',
      query_params: { id: queryId },
      abort_signal: waited,
    })
    .catch(() => {});
}
