import { describe, expect, it } from 'vitest';
import type { Scalar } from 'yaml';
import { scalarSource } from './scalar-source.js';
import { readYaml } from './yaml-file.js';

/** The source of the scalar at key `query`. */
function open(text: string) {
  const file = readYaml('rule.yaml', text);
  if (!file.ok) throw new Error(file.diagnostics[0]?.message);
  const scalar = file.value[0]!.root!.get('query', true) as Scalar<string>;
  return { value: scalar.value, source: scalarSource('rule.yaml', text, scalar) };
}

/** Each word of the value must lead to the same word of the file, and to its n-th occurrence there. */
function expectWordsInPlace(text: string, words: readonly string[]) {
  const { value, source } = open(text);
  let inValue = 0;
  let inFile = text.indexOf('query:') + 'query:'.length;
  for (const word of words) {
    inValue = value.indexOf(word, inValue);
    inFile = text.indexOf(word, inFile);
    expect(inValue, `${word} in the value`).toBeGreaterThanOrEqual(0);
    expect(source.map(inValue), word).toBe(inFile);
    expect(source.map(inValue + word.length - 1), `end of ${word}`).toBe(inFile + word.length - 1);
    inValue += word.length;
    inFile += word.length;
  }
}

describe('the place of a query in its file', () => {
  it('plain, on one line', () => expectWordsInPlace('id: 1\nquery:   T | where A == 1\n', ['T', 'where', 'A', '1']));

  it('plain, over several lines that fold', () =>
    expectWordsInPlace('query: T\n  | where A\n\n  | take 1\nname: x\n', ['T', '| where', 'A', '| take', '1']));

  it('literal', () =>
    expectWordsInPlace('query: |\n  T\n  | where A\n\n    | take 1\nname: x\n', ['T', '| where', 'A', '| take', '1']));

  it('literal with carriage returns', () =>
    expectWordsInPlace('query: |\r\n  T\r\n  | where A\r\n  | take 1\r\n', ['T', '| where', 'A', '| take', '1']));

  it('literal with an indentation indicator and leading blanks', () =>
    expectWordsInPlace('query: |2-\n    T\n  | where A\n', ['T', '| where', 'A']));

  it('literal with a line of blanks that is longer than the indentation', () =>
    expectWordsInPlace('query: |\n  T\n      \n  | where A\n      \n  | where A\n', ['T', '| where', '| where', 'A']));

  it('folded, with blank and more indented lines', () =>
    expectWordsInPlace('query: >\n  T\n  | where A\n\n  | where B\n    and C\n  | take 1\n', [
      ...['T', '| where', 'A', '| where', 'B', 'and', 'C', '| take'],
    ]));

  it('single quotes, which stand twice inside', () => {
    const text = "query: 'T | where A == ''x'' | take 1'\n";
    const { value, source } = open(text);
    expect(value).toBe("T | where A == 'x' | take 1");
    expect(source.map(value.indexOf('x'))).toBe(text.indexOf('x'));
    expect(source.map(value.indexOf('take'))).toBe(text.indexOf('take'));
    expect(source.map(value.indexOf("'x"))).toBe(text.indexOf("''x"));
  });

  it('double quotes with escapes and folded lines', () => {
    const text = 'query: "T\\n| where A == \\"x\\" \\u0041\n  | take \\\n  1"\n';
    const { value, source } = open(text);
    expect(value).toBe('T\n| where A == "x" A | take 1');
    for (const word of ['T', '| where', 'x', '| take']) {
      expect(source.map(value.indexOf(word)), word).toBe(text.indexOf(word, text.indexOf('"')));
    }
    expect(source.map(value.length - 1)).toBe(text.lastIndexOf('1'));
    expect(source.map(value.indexOf('A |'))).toBe(text.indexOf('\\u0041'));
  });

  it('puts offsets past the end behind the last character', () => {
    const text = 'query: T | take 1\n';
    expect(open(text).source.map(1000)).toBe(text.indexOf('1') + 1);
  });

  it('keeps surrogate pairs in step', () =>
    expectWordsInPlace('query: "T | where A == \'😀\' | take 1"\n', ['T', '😀', '| take']));
});
