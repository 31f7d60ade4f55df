import { describe, expect, test } from 'vitest';
import { parseJson, TooDeep } from './json.js';

describe('numbers', () => {
  test('an integer past 2^53 keeps its digits as text, one below stays a number', () => {
    expect(parseJson('{"a":9223372036854775807,"b":[-9007199254740993],"c":9007199254740991}')).toEqual({
      a: '9223372036854775807',
      b: ['-9007199254740993'],
      c: 9007199254740991,
    });
  });
  test('the decimals of a number are no long integer', () => {
    expect(parseJson('{"a":0.30000000000000004,"b":1234567890123456.5,"c":1e16}')).toEqual({
      a: 0.30000000000000004,
      b: 1234567890123456.5,
      c: 1e16,
    });
  });
  test('digits inside strings stay, behind escapes too', () => {
    expect(parseJson('{"a\\"9223372036854775807":"\\\\","b":"9223372036854775807 "}')).toEqual({
      'a"9223372036854775807': '\\',
      b: '9223372036854775807 ',
    });
  });
  test('a long integer beside a string of megabytes does not exhaust the stack', () => {
    const long = 'x'.repeat(8 * 1024 * 1024);
    expect(parseJson(`{"a":"${long}","b":9223372036854775807}`)).toEqual({ a: long, b: '9223372036854775807' });
  });
});

test('nesting past the limit is refused before it is parsed', () => {
  expect(() => parseJson('['.repeat(100_000))).toThrow(TooDeep);
});
