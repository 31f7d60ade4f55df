import { beforeAll, describe, expect, it } from 'vitest';
import { openTestStore } from '../../store/testing/index.js';
import { FuzzChecker } from './check.js';
import { generate } from './generate.js';

const queries = 2_000;
const seed = 77_000_000;
const blocks = 20;

let checker: FuzzChecker;
beforeAll(async () => {
  checker = await FuzzChecker.over(await openTestStore());
});

/** A failure names its seed: `node bench/fuzz.mjs --only=SEED --shrink` shows the query and cuts it down. */
describe('generated queries are answered or refused with a code, the same without rewrites, and no text leaves its literal', () => {
  const verdicts = { answered: 0, refused: 0, limit: 0 };

  it.each(Array.from({ length: blocks }, (_, i) => i))('block %i', async (block) => {
    const size = queries / blocks;
    const failures: string[] = [];
    let next = 0;
    const worker = async () => {
      while (next < size) {
        const q = generate(seed + block * size + next++);
        const verdict = await checker.check(q);
        if ('why' in verdict) failures.push(`${q.seed} ${verdict.kind}: ${verdict.why}`);
        else verdicts[verdict.kind] += 1;
      }
    };
    // One is bound in this process while the engine runs another.
    await Promise.all([worker(), worker()]);
    expect(failures).toEqual([]);
  });

  it('are answered, most of them', () => {
    expect(verdicts.answered).toBeGreaterThan(queries * 0.5);
    expect(verdicts.limit).toBeLessThan(queries * 0.01);
  });
});
