import { joinSql, number, type Sql, sql, text } from '../../sql/index.js';
import type { KqlType } from '../../tables/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { type Regex, regexOf } from '../regex.js';
import { conversion } from './conversion.js';
import { wholeLiteral } from './text.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

const converters: Partial<Record<KqlType, string>> = {
  int: 'toint',
  long: 'tolong',
  real: 'todouble',
  bool: 'tobool',
  datetime: 'todatetime',
  timespan: 'totimespan',
  decimal: 'todecimal',
  guid: 'toguid',
};

/** Text as a value of the type that the call asks for; text that is none gives null. */
function converted(value: Sql, source: Arg, cx: EmitContext): Sql {
  if (cx.type === 'string') return value;
  const name = converters[cx.type];
  const entry = conversion.find((c) => c.name === name);
  if (entry?.kind !== 'scalar') return cx.refuse(`a match cannot become a ${cx.type}`);
  return entry.emit([{ sql: value, type: 'string', nullable: false, expr: source.expr, literal: undefined }], cx);
}

/** The text of one capture group in the first match; '' without a match. */
function captured(s: Sql, regex: Regex, group: number): Sql {
  if (group === 1 && regex.groups.length > 0) return sql`extract(${s}, ${regex.sql})`;
  if (group === 0 && regex.groups.length === 0 && regex.pattern !== undefined) return sql`extract(${s}, ${regex.sql})`;
  return sql`regexpExtract(${s}, ${regex.sql}, ${number(group)})`;
}

/** Numbers of the capture groups that an array names by number or name. */
function selectedGroups(arg: Arg, regex: Regex, cx: EmitContext): number[] {
  const listed: unknown = typeof arg.literal === 'string' ? JSON.parse(arg.literal) : undefined;
  if (!Array.isArray(listed)) return cx.refuse('the capture groups must be a literal array');
  return listed.map((g) => {
    const at = typeof g === 'number' ? g : regex.groups.indexOf(String(g)) + 1;
    return at >= 1 && at <= regex.groups.length ? at : cx.refuse(`there is no capture group '${g}'`);
  });
}

function extractAll(args: readonly Arg[], cx: EmitContext): Sql {
  const regex = regexOf(args[0]!, cx);
  if (regex.pattern === undefined) return cx.refuse('the regular expression must be a literal');
  if (regex.groups.length === 0) cx.refuse('the regular expression needs a capture group');
  const all = regex.groups.map((_, i) => i + 1);
  const chosen = args.length === 3 ? selectedGroups(args[1]!, regex, cx) : all;
  return bind(stringOf(args.at(-1)!), 'text', (s) => {
    const matches = sql`extractAllGroupsVertical(${s}, ${regex.sql})`;
    const one = (m: Sql, g: number) => sql`${m}[${number(g)}]`;
    const pick = (m: Sql) =>
      chosen.length === 1
        ? one(m, chosen[0]!)
        : sql`[${joinSql(
            chosen.map((g) => one(m, g)),
            ', ',
          )}]`;
    const answer =
      chosen.length > 1 && args.length === 2 ? matches : sql`arrayMap(${lambda('match', pick)}, ${matches})`;
    return sql`if(empty(${matches}), NULL, toJSONString(${answer}))`;
  });
}

function replaceRegex(source: Arg, pattern: Arg, rewrite: Arg, cx: EmitContext): Sql {
  const regex = regexOf(pattern, cx);
  const isPlain = typeof rewrite.literal === 'string' && !rewrite.literal.includes('\\');
  if (isPlain && pattern.literal === '^') return sql`concat(${rewrite.sql}, ${stringOf(source)})`;
  if (isPlain && pattern.literal === '$') return sql`concat(${stringOf(source)}, ${rewrite.sql})`;
  if (regex.matchesEmpty && rewrite.literal !== '') {
    cx.refuse('a pattern that matches the empty text is not supported here', 'use + in place of *');
  }
  if (typeof rewrite.literal === 'string' && regex.pattern !== undefined) {
    const beyond = [...rewrite.literal.matchAll(/\\(\d)/g)].find((m) => Number(m[1]) > regex.groups.length);
    if (beyond) cx.refuse(`the rewrite names the group ${beyond[0]}, which the pattern does not have`);
  }
  return sql`replaceRegexpAll(${stringOf(source)}, ${regex.sql}, ${stringOf(rewrite)})`;
}

const trimmed = (s: Sql, pattern: Arg, cx: EmitContext, ends: 'start' | 'end' | 'both'): Sql => {
  const head = ends === 'end' ? s : sql`replaceRegexpOne(${s}, ${regexOf(pattern, cx, (p) => `^(?:${p})`).sql}, '')`;
  return ends === 'start' ? head : sql`replaceRegexpOne(${head}, ${regexOf(pattern, cx, (p) => `(?:${p})$`).sql}, '')`;
};

const trim = (name: string, ends: 'start' | 'end' | 'both', input: string, output: string) =>
  scalar({
    name,
    nulls: 'never',
    docs: docs(name.replace('_', '-')),
    trap: 'Removes one match of a regular expression, not all repetitions of it.',
    emit: ([pattern, source], cx) => trimmed(stringOf(source!), pattern!, cx, ends),
    examples: [
      [`${name}("x", "xxabcxx")`, output],
      [`${name}(@"[^\\w]+", "${input}")`, ends === 'end' ? '-  Te st1' : ends === 'start' ? 'Te st1// $' : 'Te st1'],
    ],
  });

/** Where the n-th match starts, in code points from 0; -1 when there is none. */
function indexOfRegex(args: readonly Arg[], cx: EmitContext): Sql {
  const [source, pattern, start, length, occurrence] = args;
  const [from, limit, nth] = [start, length, occurrence].map((a, i) => (a ? wholeLiteral(a) : [0, -1, 1][i]));
  if (from === undefined || limit === undefined || nth === undefined) {
    return cx.refuse('start, length and occurrence must be literals');
  }
  if (from < 0 || limit < -1 || nth < 0) return sql`CAST(NULL, 'Nullable(Int64)')`;
  const regex = regexOf(pattern!, cx);
  if (regex.pattern === undefined || regex.matchesEmpty || nth === 0) {
    return cx.refuse('the pattern must be a literal that cannot match the empty text');
  }
  const whole = regexOf(pattern!, cx, (p) => `(${p})`);
  return bind(stringOf(source!), 'text', (s) => {
    const range =
      limit === -1
        ? sql`substringUTF8(${s}, ${number(from + 1)})`
        : sql`substringUTF8(${s}, ${number(from + 1)}, ${number(limit)})`;
    const matches = sql`extractAll(${range}, ${whole.sql})`;
    const between = sql`splitByRegexp(${regex.sql}, ${range})`;
    const before = sql`arrayStringConcat(arraySlice(${between}, 1, ${number(nth)})), arrayStringConcat(arraySlice(${matches}, 1, ${number(nth - 1)}))`;
    return sql`if(length(${matches}) >= ${number(nth)}, toInt64(lengthUTF8(concat(${before}))) + ${number(from)}, -1)`;
  });
}

function countOf(args: readonly Arg[], cx: EmitContext): Sql {
  const [source, search, kind] = args;
  if (kind && typeof kind.literal !== 'string') cx.refuse('the kind must be a literal');
  if (kind?.literal === 'regex') {
    const regex = regexOf(search!, cx);
    if (regex.pattern === undefined) cx.refuse('the regular expression must be a literal');
    return sql`toInt64(countMatches(${stringOf(source!)}, ${regex.sql}))`;
  }
  if (search!.literal === '') cx.refuse('the text to count is empty');
  const t = search!.literal;
  if (typeof t === 'string' && ![...t].some((_, i) => i > 0 && t.startsWith(t.slice(i)))) {
    return sql`toInt64(countSubstrings(${stringOf(source!)}, ${search!.sql}))`;
  }
  const n = stringOf(search!);
  return bind(stringOf(source!), 'text', (s) => {
    const starts = lambda('at', (at) => sql`substring(${s}, ${at}, length(${n})) = ${n}`);
    return sql`if(${n} = '', 0, toInt64(arrayCount(${starts}, range(1, length(${s}) + 1))))`;
  });
}

const quoted = '[\\\\.+*?()|\\[\\]{}^$#&~-]';

export const regexFunctions = [
  scalar({
    name: 'extract',
    nulls: 'possible',
    docs: docs('extract'),
    emit: ([pattern, group, source], cx) => {
      const regex = regexOf(pattern!, cx);
      const n = wholeLiteral(group);
      if (n === undefined || n < 0) return cx.refuse('the capture group must be a literal');
      if (regex.pattern !== undefined && n > regex.groups.length) cx.refuse(`there is no capture group ${n}`);
      return converted(captured(stringOf(source!), regex, n), source!, cx);
    },
    examples: [
      ['extract("User: ([^,]+)", 1, "User: James, Age: 29")', 'James'],
      ['extract(@"\\d+", 0, "Age: 35")', '35'],
      ['extract(@"(\\w)(\\d)", 2, "a5")', '5'],
      ['extract(@"(\\w)(\\d)", 0, "a5")', 'a5'],
      ['extract("x(y)", 1, "abc")', ''],
      ['extract("a.c", 0, "a\\nc")', ''],
    ],
  }),
  ...['extract_all', 'extractall'].map((name) =>
    scalar({
      name,
      nulls: 'possible',
      docs: docs('extract-all'),
      trap: 'Null without a match; a flat array for one capture group, an array of arrays for several.',
      emit: extractAll,
      examples: [
        [`${name}(@"([\\da-f]{2})", "82b8-d3")`, ['82', 'b8', 'd3']],
        [
          `${name}(@"(\\w)(\\w+)(\\w)", "82b8be2d-dfa7")`,
          [
            ['8', '2b8be2', 'd'],
            ['d', 'fa', '7'],
          ],
        ],
        [`${name}(@"(\\w)(\\w+)(\\w)", dynamic([1, 3]), "82b8be2d")`, [['8', 'd']]],
        [`${name}(@"(?P<first>\\w)(?P<last>\\w)", dynamic(["last"]), "ab cd")`, ['b', 'd']],
        [`isnull(${name}("(x)", "abc"))`, true],
      ],
    }),
  ),
  scalar({
    name: 'replace_regex',
    nulls: 'never',
    docs: docs('replace-regex'),
    trap: 'The rewrite names groups with a backslash; a dollar sign means itself.',
    emit: ([source, pattern, rewrite], cx) => replaceRegex(source!, pattern!, rewrite!, cx),
    examples: [
      ['replace_regex("Number is 1", @"is (\\d+)", @"was: \\1")', 'Number was: 1'],
      ['replace_regex("abc", "b", @"[\\0$1]")', 'a[b$1]c'],
      ['replace_regex("  a b", @"\\s*", "")', 'ab'],
    ],
  }),
  scalar({
    name: 'replace',
    nulls: 'never',
    docs: docs('replace-regex'),
    trap: 'The older order of arguments: pattern, rewrite, text.',
    emit: ([pattern, rewrite, source], cx) => replaceRegex(source!, pattern!, rewrite!, cx),
    examples: [['replace(@"is (\\d+)", @"was: \\1", "Number is 1")', 'Number was: 1']],
  }),
  trim('trim', 'both', '-  Te st1// $', 'xabcx'),
  trim('trim_start', 'start', '-  Te st1// $', 'xabcxx'),
  trim('trim_end', 'end', '-  Te st1// $', 'xxabcx'),
  scalar({
    name: 'indexof_regex',
    nulls: 'possible',
    docs: docs('indexof-regex'),
    emit: indexOfRegex,
    examples: [
      ['indexof_regex("abcabc", @"a.c")', 0],
      ['indexof_regex("abcabcdefg", @"a.c", 0, 9, 2)', 3],
      ['indexof_regex("abcabc", @"a.c", 1, -1, 2)', -1],
      ['indexof_regex("ababaa", @"a.a", 0, -1, 2)', -1],
      ['isnull(indexof_regex("abcabc", @"a|ab", -1))', true],
    ],
  }),
  scalar({
    name: 'countof',
    nulls: 'never',
    docs: docs('countof'),
    trap: 'Plain matches may overlap, matches of a regular expression do not.',
    emit: countOf,
    examples: [
      ['countof("aaa", "a")', 3],
      ['countof("aaaa", "aa")', 3],
      ['countof("ababa", "ab", "normal")', 2],
      ['countof("ababa", "aba")', 2],
      ['countof("ababa", "aba", "regex")', 1],
      ['countof("abcabc", "a.c", "regex")', 2],
    ],
  }),
  scalar({
    name: 'regex_quote',
    nulls: 'never',
    docs: docs('regex-quote'),
    emit: ([s]) => sql`replaceRegexpAll(${stringOf(s!)}, ${text(quoted)}, '\\\\\\\\\\\\0')`,
    examples: [["regex_quote('(so$me.Te^xt)')", '\\(so\\$me\\.Te\\^xt\\)']],
  }),
];
