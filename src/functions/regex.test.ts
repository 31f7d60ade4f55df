import { describe, expect, it } from 'vitest';
import { literal } from '../ir/index.js';
import { text } from '../sql/index.js';
import { emitContext, toArg } from './entry.js';
import { regexOf } from './regex.js';

const read = (pattern: string) =>
  regexOf(toArg(literal('string', pattern), text(pattern), false), emitContext('matches regex', 'bool', undefined));

/** The engine's RE2 differs from Kusto's expressions in its classes, its dot and what it does not know. */
describe('regular expressions', () => {
  it('widens the classes to Unicode, inside brackets too', () => {
    expect(read('\\d[\\d_]').pattern).toBe('\\p{Nd}[\\p{Nd}_]');
    expect(read('\\S').pattern).toContain('\\x{85}');
  });

  it('keeps the dot from matching a newline unless a flag says so', () => {
    expect(read('a.b[.]\\.').pattern).toBe('a[^\\n]b[.]\\.');
    expect(read('(?s)a.b').pattern).toBe('(?s)a.b');
  });

  it('counts and names capture groups', () => {
    expect(read('(a)(?:b)(?P<x>c)(?<y>d)\\((?i)[(]').groups).toEqual([undefined, 'x', 'y']);
  });

  it('spells code points the way RE2 does', () => {
    expect(read('\\u00e9\\u{1F600}').pattern).toBe('\\x{00e9}\\x{1F600}');
  });

  it.each(['[a-z&&[^b]]', '[a--b]', '\\<(x|=)', '\\w*\\>', '\\b{start}', '\\Qa\\E'])(
    'refuses %s, which RE2 reads otherwise',
    (p) => {
      expect(() => read(p)).toThrow();
    },
  );

  it('reads the ends of words where the pattern tells on which side the word is', () => {
    expect(read('\\<ab').pattern).toBe('\\bab');
    expect(read('\\<\\d+\\>').pattern).toBe('\\b\\p{Nd}+\\b');
    // No word starts before a slash.
    expect(read('\\</x').pattern).toBe('[^\\x00-\\x{10FFFF}]/x');
    // Nor does one end behind a quote or a dash.
    expect(read('"\\>x').pattern).toBe('"[^\\x00-\\x{10FFFF}]x');
    expect(read('a\\-\\>').pattern).toBe('a\\-[^\\x00-\\x{10FFFF}]');
    expect(() => read('a\\n\\>')).toThrow();
    expect(() => read('x\\<')).toThrow();
  });

  it('takes for itself a bracket that opens no class, and what is no boundary between brackets', () => {
    expect(read('[[]x').pattern).toBe('[\\[]x');
    expect(read('[\\<\\>]').pattern).toBe('[<>]');
  });

  it('knows which patterns match nothing', () => {
    expect(read('x*').matchesEmpty).toBe(true);
    expect(read('^x*').matchesEmpty).toBe(false);
    expect(read('x+').matchesEmpty).toBe(false);
  });
});
