import { type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { quoteRegex, regexOf } from '../regex.js';

/** How keys and values stand in the text. */
interface Format {
  readonly pair: string;
  readonly separator: string;
  readonly open: string;
  readonly close: string;
  readonly escape: string;
  readonly greedy: boolean;
}

function formatOf(args: readonly Arg[], cx: EmitContext): Format {
  const [pair, separator, quote, escapeCharacter] = args.slice(1, 5).map((a) => String(a.literal ?? ''));
  const [open = '', close = open, ...more] = [...(quote ?? '')];
  if (more.length || [...(escapeCharacter ?? '')].length > 1)
    cx.refuse('a quote is one or two characters, an escape is one');
  if (!pair !== !separator) cx.refuse('pair_delimiter and kv_delimiter belong together');
  return {
    pair: pair!,
    separator: separator!,
    open,
    close,
    escape: escapeCharacter ?? '',
    greedy: args[5]!.literal === true,
  };
}

const inClass = (t: string) => t.replace(/[\\\]^[-]/g, '\\$&');

/** A quoted text; its inside is a capture group. */
function quotedPattern({ open, close, ...f }: Format): string {
  const inside = f.escape
    ? `(?:${quoteRegex(f.escape)}.|[^${inClass(close)}${inClass(f.escape)}])*`
    : `[^${inClass(close)}]*`;
  return `${quoteRegex(open)}(${inside})${quoteRegex(close)}`;
}

/** Blanks that may be skipped: those that are no part of a delimiter. */
function blanks({ pair, separator }: Format): string {
  const free = [' ', '\t', '\r', '\n'].filter((c) => !pair.includes(c) && !separator.includes(c));
  return free.length ? `[${free.map((c) => JSON.stringify(c).slice(1, -1)).join('')}]*` : '';
}

const trimmed = (t: Sql): Sql => sql`replaceRegexpAll(${t}, '^[ \\\\t\\\\r\\\\n]+|[ \\\\t\\\\r\\\\n]+$', '')`;

const unescaped = (t: Sql, f: Format): Sql =>
  f.escape ? sql`replaceRegexpAll(${t}, ${text(`(?s)${quoteRegex(f.escape)}(.)`)}, '\\\\1')` : t;

/** Pairs of (key, value); the text of a key or value is in one of two groups, quoted and plain. */
function delimited(s: Sql, f: Format): Sql {
  const gap = blanks(f);
  const quoted = f.open ? `${quotedPattern(f)}|` : '()$^|';
  const pattern = `(?s)${gap}(?:${quoted}(.*?))${gap}${quoteRegex(f.separator)}${gap}(?:${quoted}(.*?))${gap}(?:${quoteRegex(f.pair)}|$)`;
  // A piece without a separator ends up in front of the next key.
  const plainKey = (g: Sql) => sql`arrayElement(splitByString(${text(f.pair)}, ${g}[2]), -1)`;
  const pair = (g: Sql) =>
    sql`(${trimmed(sql`concat(${unescaped(sql`${g}[1]`, f)}, ${plainKey(g)})`)}, ${sql`if(${g}[3] != '', ${unescaped(sql`${g}[3]`, f)}, ${trimmed(sql`${g}[4]`)})`})`;
  return sql`arrayMap(${lambda('groups', pair)}, extractAllGroupsVertical(${s}, ${text(pattern)}))`;
}

/** Values that may hold pair delimiters: each ends where the last word before the next separator begins. */
function greedy(s: Sql, f: Format): Sql {
  const parts = sql`splitByString(${text(f.separator)}, ${s})`;
  const words = (p: Sql) => sql`splitByString(${text(f.pair)}, ${trimmed(p)})`;
  const key = (p: Sql) => sql`arrayElement(${words(p)}, -1)`;
  const rest = (p: Sql) => sql`arrayStringConcat(arrayPopBack(${words(p)}), ${text(f.pair)})`;
  const pair = sql`(__before, __after, __at) -> (${trimmed(key(sql`__before`))}, ${trimmed(sql`if(__at = length(${parts}) - 1, __after, ${rest(sql`__after`)})`)})`;
  return sql`arrayMap(${pair}, arrayPopBack(${parts}), arrayPopFront(${parts}), arrayEnumerate(arrayPopFront(${parts})))`;
}

/** Any word may be a key; its value is the next word or quoted text. */
function loose(s: Sql, f: Format): Sql {
  const pattern = f.open ? `(?s)${quotedPattern(f)}|([\\pL\\pN]+)` : '()$^|([\\pL\\pN]+)';
  const word = (g: Sql) => sql`concat(${unescaped(sql`${g}[1]`, f)}, ${g}[2])`;
  const words = sql`arrayMap(${lambda('groups', word)}, extractAllGroupsVertical(${s}, ${text(pattern)}))`;
  return sql`arrayZip(arrayPopBack(${words}), arrayPopFront(${words}))`;
}

/** A JSON object; the first value of a key counts. */
const bagOf = (pairs: Sql): Sql =>
  bind(pairs, 'pairs', (p) => {
    const keys = sql`arrayMap(${lambda('key', (x) => sql`${x}.1`)}, ${p})`;
    const first = sql`arrayFilter((__pair, __at) -> indexOf(${keys}, __pair.1) = __at, ${p}, arrayEnumerate(${p}))`;
    const json = lambda('one', (x) => sql`concat(toJSONString(${x}.1), ':', toJSONString(${x}.2))`);
    return sql`concat('{', arrayStringConcat(arrayMap(${json}, ${first}), ','), '}')`;
  });

/** What `parse-kv` calls: the text, pair and key-value delimiter, quote, escape, greedy; gives a bag of texts. */
export const parseKv = [
  scalar({
    name: 'parse_kv',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/parse-kv-operator',
    trap: 'The first appearance of a key counts; blanks around keys and values are dropped.',
    emit: (args, cx) => {
      const f = formatOf(args, cx);
      if (f.greedy && f.open) cx.refuse('greedy values cannot be combined with quotes');
      return bind(stringOf(args[0]!), 'text', (s) => {
        if (!f.pair) return bagOf(loose(s, f));
        return bagOf(f.greedy ? greedy(s, f) : delimited(s, f));
      });
    },
  }),
  scalar({
    name: 'parse_kv_regex',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/parse-kv-operator',
    trap: 'The first group of each match is the key, the second the value.',
    emit: ([value, pattern], cx) => {
      const regex = regexOf(pattern!, cx);
      if (regex.groups.length !== 2) cx.refuse('the regex wants two groups, for the key and the value');
      const pair = lambda('found', (x) => sql`(trimBoth(${x}[1]), trimBoth(${x}[2]))`);
      return bagOf(sql`arrayMap(${pair}, extractAllGroupsVertical(${stringOf(value!)}, ${regex.sql}))`);
    },
  }),
];
