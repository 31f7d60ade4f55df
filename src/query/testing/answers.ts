import { beforeAll } from 'vitest';
import { openTestStore } from '../../store/testing/index.js';
import { type QueryRequest, type QueryResult, WorkspaceRunner } from '../index.js';

/** Queries of a test file over a workspace without content; whatever is refused throws with its codes. */
export function openAnswers() {
  let runner: WorkspaceRunner;
  beforeAll(async () => {
    runner = new WorkspaceRunner(await openTestStore(), { function: () => undefined });
  });
  const answer = async (query: string, options?: QueryRequest): Promise<QueryResult> =>
    answerOf(runner, query, options);
  return {
    answer,
    rowsOf: async (query: string) => (await answer(query)).rows,
    tableOf: async (query: string) => {
      const { columns, rows } = await answer(query);
      return { names: columns.map((c) => c.name), rows };
    },
  };
}

/** The answer, or an error with the codes of what was refused. */
export async function answerOf(runner: WorkspaceRunner, query: string, options?: QueryRequest): Promise<QueryResult> {
  const result = await runner.query(query, options);
  if (!result.ok) throw new Error(result.diagnostics.map((d) => `${d.code} ${d.message}`).join('; '));
  return result.value;
}
