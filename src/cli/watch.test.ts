import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchPaths } from './watch.js';

it('tells of changes once they are quiet, and of those meanwhile afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-watch-'));
  const write = (name: string) => writeFile(join(folder, name), 'x');
  const end = new AbortController();
  const told: string[][] = [];
  const watching = watchPaths(
    [folder],
    async (files) => {
      told.push([...files].sort());
      if (told.length === 1) {
        await write('c.yaml');
        await new Promise((resolve) => setTimeout(resolve, 400));
      } else end.abort();
    },
    end.signal,
  );
  await Promise.all(['a.yaml', 'b.yaml', '.a.yaml.swp', 'a.yaml~'].map(write));
  await watching;
  await rm(folder, { recursive: true });
  expect(told).toEqual([[join(folder, 'a.yaml'), join(folder, 'b.yaml')], [join(folder, 'c.yaml')]]);
});
