import { expect, it } from 'vitest';
import { kustoValue } from './values.js';

// Expected: JSON has no other form for these than what its reader gives; whole numbers past 2^53 would be rounded.
it.each([
  ['[-0.011950886230637562,0.0]', [-0.011950886230637562, 0]],
  ['{"a":12345678901234567890,"b":-12345678901234567}', { a: '12345678901234567890', b: '-12345678901234567' }],
  [
    '[9007199254740991,1234567890123456789.5,"12345678901234567890"]',
    [9007199254740991, 1.2345678901234568e18, '12345678901234567890'],
  ],
  ['0.30000000000000004', 0.30000000000000004],
])('the dynamic %s is read as JSON, without losing digits', (json, value) => {
  expect(kustoValue('dynamic', json)).toEqual(value);
});
