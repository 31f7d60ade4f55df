import { joinSql, type Sql, sql, text } from '../../sql/index.js';
import { bind } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { type Arg, type Example, scalar } from '../entry.js';
import { quoteRegex, regexOf } from '../regex.js';

const operators = 'https://learn.microsoft.com/kusto/query/datatypes-string-operators';

/** ASCII folds byte by byte; anything else needs the slower Unicode forms. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
export const isAscii = (t: string): boolean => /^[\x00-\x7f]*$/.test(t);

/** What a string operator looks for. */
export interface Needle {
  readonly sql: Sql;
  readonly literal: string | undefined;
}

export function needleOf(arg: Arg): Needle {
  const { literal } = arg;
  if (arg.type === 'string' && typeof literal === 'string') return literalNeedle(literal);
  return { sql: stringOf(arg), literal: undefined };
}

export const literalNeedle = (value: string): Needle => ({ sql: text(value), literal: value });

const ascii = (n: Needle) => n.literal !== undefined && isAscii(n.literal);

export function contains(s: Sql, n: Needle, cs: boolean): Sql {
  if (n.literal === '') return sql`true`;
  if (cs) return sql`position(${s}, ${n.sql}) > 0`;
  return ascii(n)
    ? sql`positionCaseInsensitive(${s}, ${n.sql}) > 0`
    : sql`positionCaseInsensitiveUTF8(${s}, ${n.sql}) > 0`;
}

const startsWith = (s: Sql, n: Needle, cs: boolean): Sql =>
  cs
    ? sql`startsWith(${s}, ${n.sql})`
    : ascii(n)
      ? sql`startsWithCaseInsensitive(${s}, ${n.sql})`
      : sql`startsWithCaseInsensitiveUTF8(${s}, ${n.sql})`;

const endsWith = (s: Sql, n: Needle, cs: boolean): Sql =>
  cs
    ? sql`endsWith(${s}, ${n.sql})`
    : ascii(n)
      ? sql`endsWithCaseInsensitive(${s}, ${n.sql})`
      : sql`endsWithCaseInsensitiveUTF8(${s}, ${n.sql})`;

export const equalsFolded = (s: Sql, n: Needle): Sql =>
  ascii(n) ? sql`lower(${s}) = ${text(n.literal!.toLowerCase())}` : sql`lowerUTF8(${s}) = lowerUTF8(${n.sql})`;

/** A term is a maximal run of letters and digits, in any script. */
const termStart = '(?:^|[^\\pL\\pN])';
const termEnd = '(?:$|[^\\pL\\pN])';
const startsInTerm = (t: string) => /^[\p{L}\p{N}]/u.test(t);
const endsInTerm = (t: string) => /[\p{L}\p{N}]$/u.test(t);

/** Which ends of the needle must be ends of a term. */
export interface Ends {
  readonly start: boolean;
  readonly end: boolean;
}

/** A pattern that matches the text as whole terms: an end that is no letter or digit ends a term by itself. */
export const termPattern = (literal: string, ends: Ends): string =>
  (ends.start && startsInTerm(literal) ? termStart : '') +
  quoteRegex(literal) +
  (ends.end && endsInTerm(literal) ? termEnd : '');

/** Whether the text stands in `s` between the ends of terms. */
export function hasTerm(s: Sql, n: Needle, ends: Ends, cs: boolean): Sql {
  const found = contains(s, n, cs);
  const flags = cs ? '' : '(?i)';
  if (n.literal === undefined) {
    const start = ends.start ? sql`if(match(${n.sql}, '^[\\\\pL\\\\pN]'), ${text(termStart)}, '')` : text('');
    const end = ends.end ? sql`if(match(${n.sql}, '[\\\\pL\\\\pN]$'), ${text(termEnd)}, '')` : text('');
    return sql`${found} AND match(${s}, concat(${text(flags)}, ${start}, regexpQuoteMeta(${n.sql}), ${end}))`;
  }
  const pattern = termPattern(n.literal, ends);
  if (pattern === quoteRegex(n.literal)) return found;
  const bounded = sql`match(${s}, ${text(flags + pattern)})`;
  // The engine's tokens are terms, except that every character beyond ASCII belongs to a token.
  if (ends.start && ends.end && /^[A-Za-z0-9]+$/.test(n.literal)) {
    const token = cs ? sql`hasToken(${s}, ${n.sql})` : sql`hasTokenCaseInsensitive(${s}, ${n.sql})`;
    // The plain search comes first: it is the fastest, and few rows pass it.
    return sql`${found} AND (${token} OR (NOT isValidASCII(${s}) AND ${bounded}))`;
  }
  return sql`${found} AND ${bounded}`;
}

type Test = (s: Sql, n: Needle, cs: boolean) => Sql;

interface Spelling {
  readonly name: string;
  readonly negated: boolean;
  readonly cs: boolean;
}

const spellings = (base: string): Spelling[] =>
  [false, true].flatMap((cs) =>
    [false, true].map((negated) => ({ name: `${negated ? '!' : ''}${base}${cs ? '_cs' : ''}`, negated, cs })),
  );

const examplesOf = (examples: readonly (readonly [string, string, boolean, boolean])[], o: Spelling): Example[] =>
  examples.map(([s, n, folded, exact]) => [`"${s}" ${o.name} "${n}"`, (o.cs ? exact : folded) !== o.negated] as const);

/** Older spellings that the parser still takes. */
const olderContains: readonly Spelling[] = [
  { name: 'containscs', negated: false, cs: true },
  { name: 'notcontains', negated: true, cs: false },
  { name: 'notcontainscs', negated: true, cs: true },
];

/** All spellings of an operator; each example is the text, the needle, and the answers ignoring and minding case. */
const family = (
  base: string | readonly Spelling[],
  test: Test,
  trap: string | undefined,
  examples: readonly (readonly [string, string, boolean, boolean])[],
) =>
  (typeof base === 'string' ? spellings(base) : base).map((o) =>
    scalar({
      name: o.name,
      nulls: 'never',
      docs: operators,
      ...(trap ? { trap } : {}),
      emit: ([left, right]) =>
        bind(stringOf(left!), 'text', (s) => {
          const found = test(s, needleOf(right!), o.cs);
          return o.negated ? sql`NOT (${found})` : found;
        }),
      examples: examplesOf(examples, o),
    }),
  );

export const stringSearch = [
  ...family(
    'has',
    (s, n, cs) => hasTerm(s, n, { start: true, end: true }, cs),
    'Whole terms only, and a needle may span several; an underscore ends a term.',
    [
      ['North America', 'america', true, false],
      ['North America', 'amer', false, false],
      ['foo.bar.baz', 'foo.bar', true, true],
      ['xfoo.bar', 'foo.bar', false, false],
      ['run a.EXE now', '.exe', true, false],
      ['run a.exec now', '.exe', false, false],
      ['a_b', 'a', true, true],
      ['caf\u00e9', 'caf', false, false],
      ['\u00abcaf\u00e9\u00bb', 'CAF\u00c9', true, false],
      ['say \u201chello\u201d', 'hello', true, true],
    ],
  ),
  ...family('hasprefix', (s, n, cs) => hasTerm(s, n, { start: true, end: false }, cs), undefined, [
    ['North America', 'ame', true, false],
    ['North America', 'mer', false, false],
  ]),
  ...family('hassuffix', (s, n, cs) => hasTerm(s, n, { start: false, end: true }, cs), undefined, [
    ['North America', 'icA', true, false],
    ['North America', 'ica', true, true],
    ['North America', 'americ', false, false],
  ]),
  ...family('contains', contains, undefined, [
    ['FabriKam', 'BRik', true, false],
    ['Fabrikam', 'xyz', false, false],
    ['M\u00dcLLER', '\u00fcll', true, false],
  ]),
  ...family(olderContains, contains, undefined, [['FabriKam', 'BRik', true, false]]),
  ...family('startswith', startsWith, undefined, [
    ['Fabrikam', 'fab', true, false],
    ['Fabrikam', 'kam', false, false],
    ['\u00c4BC', '\u00e4b', true, false],
  ]),
  ...family('endswith', endsWith, undefined, [
    ['Fabrikam', 'Kam', true, false],
    ['Fabrikam', 'brik', false, false],
  ]),
  ...[false, true].map((negated) =>
    scalar({
      name: negated ? '!~' : '=~',
      nulls: 'never',
      docs: operators,
      emit: ([a, b]) => {
        const [left, right] = a!.literal !== undefined && b!.literal === undefined ? [b!, a!] : [a!, b!];
        const equal = equalsFolded(stringOf(left), needleOf(right));
        return negated ? sql`NOT (${equal})` : equal;
      },
      examples: [
        [`"abc" ${negated ? '!~' : '=~'} "ABC"`, !negated],
        [`"caf\u00e9" ${negated ? '!~' : '=~'} "CAF\u00c9"`, !negated],
        [`"aBc" ${negated ? '!~' : '=~'} "xyz"`, negated],
      ],
    }),
  ),
  scalar({
    name: 'matches regex',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/matches-regex-operator',
    trap: 'A match anywhere in the text; the dot does not match a newline.',
    emit: ([s, pattern], cx) => sql`match(${stringOf(s!)}, ${regexOf(pattern!, cx).sql})`,
    examples: [
      ['"Fabrikam" matches regex "b.*k"', true],
      ['"a\\nb" matches regex "a.b"', false],
      ['"a\\nb" matches regex "(?s)a.b"', true],
      ['"caf\u00e9" matches regex @"^\\w+$"', true],
    ],
  }),
];

export const anyOf = (tests: readonly Sql[]): Sql =>
  tests.length === 0 ? sql`false` : tests.length === 1 ? tests[0]! : joinSql(tests, ' OR ');
export const allOf = (tests: readonly Sql[]): Sql =>
  tests.length === 0 ? sql`true` : tests.length === 1 ? tests[0]! : joinSql(tests, ' AND ');
