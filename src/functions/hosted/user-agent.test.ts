import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { userAgents } from './user-agent.js';

it('names the version of the list that it reads', () => {
  const file = createRequire(import.meta.url).resolve('uap-core/package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  expect(userAgents[0]!.approximate).toContain(` ${version};`);
});
