import { z } from 'zod';
import { DiagnosticError, fail } from '../base/index.js';
import type { QueryResult } from '../query/index.js';
import { type Setup, setupSchema } from './inline-tables.js';
import type { QueryOptions } from './query-options.js';

export type BatchOptions = Pick<QueryOptions, 'at' | 'timespan' | 'parameters' | 'timeoutMs' | 'signal'>;

/** The answer to one line; `id` is null when the line had none. */
export type BatchAnswer =
  | ({ readonly id: unknown } & Pick<QueryResult, 'columns' | 'rows'>)
  | { readonly id: unknown; readonly error: { readonly code: string; readonly message: string } };

/** Queries that run at the same time. The engine itself uses every core for each. */
const CONCURRENCY = 2;

const lineSchema = z.object({ id: z.unknown().optional(), query: z.string(), setup: setupSchema.nullish() });

/** Answers lines in the order in which they are done. Blank lines are passed over. */
export async function runBatch(
  lines: AsyncIterable<string>,
  work: (line: string) => Promise<BatchAnswer>,
  answer: (line: BatchAnswer) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (running.size >= CONCURRENCY) await Promise.race(running);
    const job: Promise<void> = work(line)
      .then(answer)
      .finally(() => running.delete(job));
    running.add(job);
  }
  await Promise.all(running);
}

/** A line `{id, query, setup?}`; whatever is wrong with it or its query becomes its answer. */
export async function answerLine(
  line: string,
  query: (kql: string, setup: Setup | undefined) => Promise<QueryResult>,
): Promise<BatchAnswer> {
  let id: unknown = null;
  try {
    const value = parseLine(line);
    id = idOf(value);
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) return { id, error: { code: 'CLI6001', message: z.prettifyError(parsed.error) } };
    const { columns, rows } = await query(parsed.data.query, parsed.data.setup ?? undefined);
    return { id, columns, rows };
  } catch (error) {
    return { id, error: reasonOf(error) };
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    return fail('CLI6001', `the line is not JSON: ${(error as Error).message}`);
  }
}

const idOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'id' in value ? (value.id ?? null) : null;

/** A bug of ours on one line must not end the run over the others: it is answered, under a code of its own. */
function reasonOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof DiagnosticError))
    return { code: 'CLI6003', message: String((error as Error).message ?? error) };
  const first = error.diagnostics.find((d) => d.severity === 'error') ?? error.diagnostics[0];
  return { code: first?.code ?? 'CLI6003', message: error.diagnostics.map((d) => d.message).join('; ') };
}
