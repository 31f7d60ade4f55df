import { beforeAll, describe, expect, it } from 'vitest';
import { allEntries } from '../functions/index.js';
import { openTestStore } from '../store/testing/index.js';
import { WorkspaceRunner } from './runner.js';

let runner: WorkspaceRunner;
beforeAll(async () => {
  runner = new WorkspaceRunner(await openTestStore(), { function: () => undefined });
});

async function rowsOf(query: string): Promise<readonly (readonly unknown[])[]> {
  const answer = await runner.query(query);
  if (!answer.ok) throw new Error(answer.diagnostics.map((d) => `${d.code} ${d.message}`).join('; '));
  return answer.value.rows;
}

/** The examples in the function table are documentation; here they run. */
describe('examples', () => {
  for (const entry of allEntries()) {
    if (entry.kind === 'scalar' || entry.kind === 'hosted') {
      for (const [kql, expected] of entry.examples) {
        it(`${entry.name}: ${kql}`, async () => expect((await rowsOf(`print v = ${kql}`))[0]?.[0]).toEqual(expected));
      }
    } else if (entry.kind !== 'refusal') {
      for (const [query, rows] of entry.examples) {
        it(`${entry.name}: ${query}`, async () => expect(await rowsOf(query)).toEqual(rows));
      }
    }
  }
});
