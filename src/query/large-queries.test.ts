import { expect, it } from 'vitest';
import { Compiler } from './compile.js';

/* Texts that would keep a compiler busy for hours, or overflow its stack, are refused with a code. */

const compiler = new Compiler({ function: () => undefined });
const repeated = (n: number, make: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => make(i)).join('');

/** Lets of which each reads the one before. */
const lets = (n: number, first: string, next: (name: string) => string): string =>
  `let s0 = ${first}; ${repeated(n, (i) => `let s${i + 1} = ${next(`s${i}`)}; `)}`;

it.each([
  ['nested parentheses', `print x = ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['nested calls', `print x = ${'not('.repeat(5_000)}true${')'.repeat(5_000)}`],
  ['nested arrays', `print x = dynamic(${'['.repeat(50_000)}${']'.repeat(50_000)})`],
  ['lets that double', `${lets(40, '1', (s) => `${s} + ${s}`)} print s40`],
  [
    'tables that double, by quoted names',
    `${lets(40, 'range x from 1 to 2 step 1', (s) => `union ${s}, ${s}`)} s40 | count`.replaceAll(
      /\bs(\d+)/g,
      "['s $1']",
    ),
  ],
  [
    'views that double',
    `let v0 = view () { range x from 1 to 2 step 1 }; ${repeated(40, (i) => `let v${i + 1} = view () { union v${i}(), v${i}() }; `)} v40 | count`,
  ],
  ['tables that double', `${lets(40, 'range x from 1 to 2 step 1', (s) => `${s} | union ${s}`)} s40 | count`],
  ['a text that doubles', `${lets(34, '"0123456789abcdef"', (s) => `strcat(${s}, ${s})`)} print strlen(s34)`],
  [
    'functions that double',
    `let f0 = (x: long) { x + 1 }; ${repeated(30, (i) => `let f${i + 1} = (x: long) { f${i}(x) + f${i}(x + 1) }; `)} print f30(1)`,
  ],
])('refuses %s as too large or too deep', (_name, kql) => {
  const compiled = compiler.compile(kql, { exists: () => true });
  expect(!compiled.ok && compiled.diagnostics[0]!.code).toBe('KQL1003');
});

it('takes brackets in texts and comments for what they are', () => {
  const kql = `print x = "${'('.repeat(1000)}" // ${'['.repeat(1000)}`;
  expect(compiler.compile(kql, { exists: () => true }).ok).toBe(true);
});

it('takes a hundred lets, each of the one before, and brackets a hundred deep', () => {
  expect(compiler.compile(`${lets(100, '1', (s) => `${s} + 1`)} print s100`, { exists: () => true }).ok).toBe(true);
  expect(compiler.compile(`print x = ${'('.repeat(100)}1${')'.repeat(100)}`, { exists: () => true }).ok).toBe(true);
});

// The official tree takes quadratic time to write out its own text: this took minutes.
it('takes a list of twenty thousand texts', { timeout: 60_000 }, () => {
  const list = repeated(20_000, (i) => `${i ? ', ' : ''}"192.0.2.${i}"`);
  expect(compiler.compile(`Syslog | where Computer in (${list}) | count`, { exists: () => true }).ok).toBe(true);
});
