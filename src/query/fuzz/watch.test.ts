import { describe, expect, it } from 'vitest';
import { difference } from './compare.js';
import { generate } from './generate.js';
import { isFailure } from './index.js';
import { leaked } from './statement.js';

describe('what watches over them', () => {
  const marks = { text: 'zqt', name: 'zqn' };
  it.each([
    ["SELECT zqn1 FROM t WHERE x = 'zqt\\'; DROP'", undefined],
    ['SELECT `zqn a` AS zqn2', undefined],
    ["SELECT 'a' zqt", 'a text'],
    ["SELECT 'zqt\\\\' OR zqt = 'b'", 'a text'],
    ['SELECT zqn1$x', 'a name'],
    ["SELECT 1 -- zqt'", 'a comment'],
    ["SELECT 'open", 'a quote'],
    ["SELECT values('`zqn\\'a` String')", undefined],
    ["SELECT values('`zqn` String, zqn`a String')", 'columns in a literal'],
  ])('finds what leaves its literal in %s', (statement, expected) => {
    const found = leaked(statement, marks);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });

  it('finds answers that differ', () => {
    const table = (...rows: unknown[][]) => ({ columns: [{ name: 'a', type: 'real' as const }], rows, notices: [] });
    expect(difference(table([1], [2]), table([2], [1]), false)).toBeUndefined();
    expect(difference(table([1], [2]), table([2], [1]), true)).toBeDefined();
    expect(difference(table([0.1 + 0.2]), table([0.3]), false)).toBeUndefined();
    expect(difference(table([1]), table([1], [1]), false)).toBeDefined();
    expect(difference(table([null]), table([0]), false)).toBeDefined();
  });

  it('makes the same query of the same seed', () => {
    expect(generate(5)).toEqual(generate(5));
    expect(generate(5).kql).not.toBe(generate(6).kql);
  });

  it('takes an engine error, a crash and another answer for failures', () => {
    expect(isFailure({ kind: 'engine', why: 'x' })).toBe(true);
    expect(isFailure({ kind: 'refused', code: 'KQL4005' })).toBe(false);
  });
});
