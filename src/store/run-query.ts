import { randomUUID } from 'node:crypto';
import { fail } from '../base/index.js';
import type { Connection } from './connection.js';
import { querySettings } from './settings.js';
import type { EngineResult } from './store.js';

export interface Limits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** How long after its limit a query that the engine did not stop by itself is given up. */
const graceMs = 5_000;
const killTimeoutMs = 10_000;

/** Runs a SELECT as the reader. An abort ends it on the engine before this returns. */
export async function runQuery(
  connection: Connection,
  statement: string,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<EngineResult> {
  const cancelled = () => fail('KQL2003', 'the query was cancelled');
  if (signal?.aborted) return cancelled();
  const queryId = `vedette-${randomUUID()}`;
  const transport = new AbortController();
  let stopped: 'cancelled' | 'late' | undefined;
  let killing: Promise<void> | undefined;
  const stop = (why: 'cancelled' | 'late') => {
    stopped ??= why;
    // The kill may come before the engine knows the query; then hanging up ends it.
    killing ??= killQuery(connection, queryId).finally(() => transport.abort());
  };
  const onAbort = () => stop('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop('late'), limits.timeoutMs + graceMs);
  timer.unref();
  try {
    const answer = await connection.reader.query({
      query: statement,
      format: 'JSONCompactEachRowWithNamesAndTypes',
      query_id: queryId,
      abort_signal: transport.signal,
      clickhouse_settings: {
        ...querySettings,
        max_execution_time: limits.timeoutMs / 1000,
        max_memory_usage: String(limits.memoryBytes),
      },
    });
    const lines: unknown[][] = [];
    for await (const chunk of answer.stream()) for (const line of chunk) lines.push(line.json<unknown[]>());
    if (stopped) throw new Error('the answer was cut');
    const [names, types] = [lines[0] ?? [], lines[1] ?? []];
    return {
      columns: names.map((column, i) => ({ name: String(column), type: String(types[i]) })),
      rows: lines.slice(2),
    };
  } catch (error) {
    await killing;
    if (stopped === 'cancelled') return cancelled();
    if (stopped === 'late')
      return fail('KQL2001', `the query ran longer than its limit of ${limits.timeoutMs / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

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
