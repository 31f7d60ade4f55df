import { describe, expect, it } from 'vitest';
import { allEntries } from '../functions/index.js';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

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
