import { expect, it } from 'vitest';
import { isCondition } from './condition.js';

it.each([
  'Account == "svc"',
  '(a or b) and not(c)',
  "SourceIP in (_GetWatchlist('Scanners') | project SearchKey) // the scanners of IT",
  'a == ")"',
])('%s is a condition', (text) => {
  expect(isCondition(text)).toBe(true);
});

it.each([
  'true) | union SecurityEvent | where (true',
  'true); SecurityEvent | where (true',
  'true) or (true',
  'true), (true',
  'true /*',
  'a == "',
  '',
])('%s is none', (text) => {
  expect(isCondition(text)).toBe(false);
});
