import { expect, it } from 'vitest';
import { formatReal } from './real.js';

// Numbers in strings of Kusto's own answers: geo_polygon_densify and geo_line_densify, and 0.1 + 0.2.
it.each([
  [10, '10.0'],
  [9.999999999999998, '9.999999999999999'],
  [10.000000000000002, '10.000000000000002'],
  [50.25000000000001, '50.25000000000001'],
  [-(0.1 + 0.2), '-0.30000000000000007'],
  [-74.0031, '-74.0031'],
  [1e20, '100000000000000000000.0'],
  [1e21, '1e21'],
  [1e-7, '1e-7'],
])('%d is written as %s', (value, text) => {
  expect(formatReal(value)).toBe(text);
});
