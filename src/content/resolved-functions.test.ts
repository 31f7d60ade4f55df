import { describe, expect, it } from 'vitest';
import type { StoredFunction } from '../kql/index.js';
import { functionsHash, resolvedFunctions } from './index.js';

const library = (bodies: Record<string, string>) => (name: string) =>
  Object.hasOwn(bodies, name) ? ({ name, parameters: [], body: bodies[name]! } satisfies StoredFunction) : undefined;

describe('functions that a query resolves to', () => {
  const bodies = { A: 'B() | union C', B: 'T', C: 'A()', D: 'T' };

  it('include those that are called by others, and circles end', () => {
    expect([...resolvedFunctions('A | take 1', library(bodies)).keys()].sort()).toEqual(['A', 'B', 'C']);
    expect(resolvedFunctions('T | where constructor == 1', library(bodies)).size).toBe(0);
  });

  it('change their hash when one of them changes, and only then', () => {
    const hash = functionsHash('A', library(bodies));
    expect(functionsHash('A', library({ ...bodies, B: 'U' }))).not.toBe(hash);
    expect(functionsHash('A', library({ ...bodies, D: 'U' }))).toBe(hash);
    expect(functionsHash('A | take 1', library({ C: 'A()', B: 'T', A: 'B() | union C' }))).toBe(hash);
    expect(functionsHash('T', library(bodies))).toBe('');
  });
});
