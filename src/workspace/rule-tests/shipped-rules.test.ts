import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtInContent } from '../../content/index.js';
import { testRules } from './index.js';

it('the shipped rules pass their cases, and each has some', { timeout: 900_000 }, async () => {
  const { tests, coverage = [] } = await testRules([builtInContent()], { coverage: true });
  expect(tests.filter((test) => !test.passed).map(({ name, failures }) => [name, failures])).toEqual([]);
  const rules = readdirSync(join(builtInContent(), 'rules')).filter((file) => !file.endsWith('.test.yaml'));
  expect([...new Set(tests.map((test) => test.file))]).toHaveLength(rules.length);
  expect(tests.length).toBeGreaterThanOrEqual(40);
  for (const { rule, steps, branches } of coverage) {
    const never = [
      ...steps.filter((step) => step.passed === 0 || (step.canStop && step.stopped === 0)).map((step) => step.id),
      ...branches.filter((branch) => branch.taken === 0).map((branch) => branch.branch),
    ];
    expect([rule, never]).toEqual([rule, []]);
  }
});
