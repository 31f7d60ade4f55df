import { expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

it('a comment before a literal is no part of it', async () => {
  const rows = await rowsOf(`datatable(a: real, b: long, c: datetime, d: bool) [
    real(-1.5), 1, datetime(2026-03-04), true, // first
    real(-2.5), // second
    int(7), // third
    datetime(2026-03-05), // fourth
    // fifth
    bool(false) ]`);
  expect(rows).toEqual([
    [-1.5, 1, '2026-03-04T00:00:00Z', true],
    [-2.5, 7, '2026-03-05T00:00:00Z', false],
  ]);
});

it('a list over groups follows their keys', async () => {
  expect(
    await rowsOf(`datatable(g: long, v: long) [3, 1, 1, 2, 2, 3, 1, 4]
      | summarize s = sum(v) by g | summarize make_list(s)`),
  ).toEqual([[[6, 3, 1]]]);
});

it('mv-apply replaces the column that it expands', async () => {
  expect(
    await rowsOf('print id = 1, list = dynamic([1, 2]) | mv-apply list on (summarize total = sum(toint(list)))'),
  ).toEqual([[1, 3]]);
});

it('a literal on which the official parser breaks is a diagnostic', async () => {
  const query = 'datatable(t: datetime) [] | evaluate sequence_detect(t, 2.11:30:00, 10d, a = true)';
  await expect(rowsOf(query)).rejects.toThrow('KQL1002');
});
