import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { tableSchema } from '../tables/index.js';
import { WorkspaceRunner } from './runner.js';
import { answerOf } from './testing/index.js';

let store: Store;
let runner: WorkspaceRunner;
beforeAll(async () => {
  store = await openTestStore();
  runner = new WorkspaceRunner(store, { function: () => undefined });
});

const column = async (query: string) => (await answerOf(runner, query)).rows.map(([value]) => value);

it('computes a let that is used twice once: a random number is the same in both places', async () => {
  expect(
    await column(
      'let T = range x from 1 to 3 step 1 | extend r = rand(); T | join kind=inner T on r | summarize count()',
    ),
  ).toEqual([3]);
});

it('answers a chain of twelve joins in time that does not double with each', async () => {
  const joins = '| join kind=inner (range x from 1 to 100 step 1 | where x > 0) on x | project x '.repeat(12);
  expect(await column(`range x from 1 to 10 step 1 | where x < 4 ${joins} | sort by x asc`)).toEqual([1, 2, 3]);
}, 60_000);

it('gives no rows, with the columns of the query, when a decisive stage has none', async () => {
  const answer = await runner.query(
    'range x from 1 to 10 step 1 | where x > 99 | join kind=inner (range x from 1 to 9 step 1) on x | extend s = "a"',
  );
  expect(answer.ok && answer.value).toMatchObject({
    rows: [],
    columns: [{ name: 'x' }, { name: 'x1' }, { name: 's', type: 'string' }],
  });
});

it('still counts over no rows', async () => {
  expect(
    await column(
      'range x from 1 to 10 step 1 | where x > 99 | join kind=inner (range x from 1 to 9 step 1) on x | count',
    ),
  ).toEqual([0]);
});

describe('over a stored table', () => {
  const schema = tableSchema('Numbered_CL', [{ name: 'n', type: 'long' }]);
  const library = { function: () => undefined, table: (name: string) => (name === schema.name ? schema : undefined) };
  const rowsOf = async (query: string) => (await answerOf(new WorkspaceRunner(store, library), query)).rows;
  beforeAll(async () => {
    await store.ensureTable(schema);
    const rows = [1, 2, 3].map((n) => ({ TimeGenerated: '2026-03-04T09:00:00Z', n }));
    await store.insert(schema.name, rows);
  });

  it('computes a random column once, however often the let is used', async () => {
    const query = 'let T = Numbered_CL | project n, r = rand(); T | join kind=inner T on r | count';
    expect(await rowsOf(query)).toEqual([[3]]);
  });

  // The engine would plan the first column a million times, and only where the table has rows.
  it('plans a condition on a column that reads the one before twice, twenty times over', async () => {
    const choices = Array.from({ length: 20 }, (_, i) => `| extend s = iff(n > ${i / 10}, strcat(s, "${i % 10}"), s)`);
    const chain = `Numbered_CL | extend s = "" ${choices.join(' ')} | where strlen(s) > 3`;
    expect(await rowsOf(`${chain} | sort by n asc | project n, strlen(s)`)).toEqual([
      [1, 10],
      [2, 20],
      [3, 20],
    ]);
    const doubled = Array.from({ length: 20 }, () => '| extend s = strcat(substring(s, 0, 5), substring(s, 0, 1))');
    const marked = `Numbered_CL | extend s = strcat("x", n) ${doubled.join(' ')} | where s startswith "x" | summarize count()`;
    expect(await rowsOf(marked)).toEqual([[3]]);
  });
});
