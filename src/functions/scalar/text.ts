import { joinSql, number, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { dynamicElements, dynamicText, stringOf } from '../dynamic-sql.js';
import { type Arg, scalar } from '../entry.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

/** The value of a whole-number literal. */
export const wholeLiteral = (arg: Arg | undefined): number | undefined =>
  typeof arg?.literal === 'bigint' ? Number(arg.literal) : undefined;

/** A string must not become NULL because a number beside it is. */
export const neverNull = (value: Sql, ...causes: readonly Arg[]): Sql =>
  causes.some((a) => a.nullable && a.type !== 'string') ? sql`ifNull(${value}, '')` : value;

/** Parts around a separator; the engine wants a literal one, so others are first turned into a NUL. */
/** The parts of a text as an array of the engine. */
export const parts = (s: Sql, separator: Arg): Sql =>
  separator.type === 'string' && typeof separator.literal === 'string'
    ? sql`splitByString(${separator.sql}, ${s})`
    : sql`splitByChar('\\0', replaceAll(${s}, ${stringOf(separator)}, '\\0'))`;

/** Joins an array of texts; the engine wants a literal separator. */
function joined(array: Sql, separator: Arg): Sql {
  if (separator.type === 'string' && typeof separator.literal === 'string')
    return sql`arrayStringConcat(${array}, ${separator.sql})`;
  const s = stringOf(separator);
  return sql`substring(arrayStringConcat(arrayMap(${lambda('piece', (p) => sql`concat(${s}, ${p})`)}, ${array})), length(${s}) + 1)`;
}

const elementTexts = (dynamic: Sql): Sql =>
  sql`arrayMap(${lambda('element', (e) => sql`if(${e} = 'null', '', ${dynamicText(e)})`)}, ${dynamicElements(dynamic)})`;

/** Whether a text can overlap a copy of itself. */
const overlapsItself = (t: string) => [...t].some((_, i, all) => i > 0 && t.startsWith(all.slice(i).join('')));

/** First character (from 1) of a zero-based start that counts from the end when negative. */
function firstCharacter(s: Sql, start: Arg): Sql {
  const known = wholeLiteral(start);
  if (known !== undefined && known >= 0) return number(known + 1);
  const from = start.sql;
  return sql`if(${from} >= 0, ${from} + 1, greatest(lengthUTF8(${s}) + ${from} + 1, 1))`;
}

function substring(source: Arg, start: Arg, length: Arg | undefined): Sql {
  return bind(stringOf(source), 'text', (s) => {
    const first = firstCharacter(s, start);
    if (!length) return neverNull(sql`substringUTF8(${s}, ${first})`, start);
    const known = wholeLiteral(length);
    const count = known === undefined ? sql`greatest(${length.sql}, 0)` : number(Math.max(known, 0));
    return neverNull(sql`substringUTF8(${s}, ${first}, ${count})`, start, length);
  });
}

/** As with literal lists: first every match becomes a mark, then every mark its rewrite. */
function replacedByRow(s: Sql, lookups: Arg, rewrites: Arg): Sql {
  const from = dynamicElements(lookups.sql);
  const to = dynamicElements(rewrites.sql);
  const mark = sql`char(243, 176 + intDiv(i, 4096), 128 + intDiv(i, 64) % 64, 128 + i % 64)`;
  const lookup = sql`JSONExtractString(${from}[i])`;
  const rewrite = sql`if(startsWith(${to}[i], '"'), JSONExtractString(${to}[i]), ${lookup})`;
  const places = sql`arrayFilter(i -> startsWith(${from}[i], '"') AND ${from}[i] != '""', arrayEnumerate(${from}))`;
  const marked = sql`arrayFold((acc, i) -> replaceAll(acc, ${lookup}, ${mark}), ${places}, ${s})`;
  return sql`arrayFold((acc, i) -> replaceAll(acc, ${mark}, ${rewrite}), ${places}, ${marked})`;
}

export const textFunctions = [
  scalar({
    name: 'strlen',
    nulls: 'never',
    docs: docs('strlen'),
    trap: 'Counts code points, neither bytes nor what a reader sees as one character.',
    emit: ([s]) => sql`toInt64(lengthUTF8(${stringOf(s!)}))`,
    examples: [
      ['strlen("hello")', 5],
      ['strlen("\u24a6\u24b0")', 2],
    ],
  }),
  scalar({
    name: 'string_size',
    nulls: 'never',
    docs: docs('string-size'),
    emit: ([s]) => sql`toInt64(length(${stringOf(s!)}))`,
    examples: [['string_size("\u24a6\u24b0\u24ae\u24af\u24aa")', 15]],
  }),
  scalar({
    name: 'strcat',
    nulls: 'never',
    docs: docs('strcat'),
    emit: (args) => (args.length === 1 ? stringOf(args[0]!) : sql`concat(${joinSql(args.map(stringOf), ', ')})`),
    examples: [
      ['strcat("a", 1, "-", true)', 'a1-True'],
      ['strcat("a", int(null), "b")', 'ab'],
    ],
  }),
  scalar({
    name: 'strcat_delim',
    nulls: 'never',
    docs: docs('strcat-delim'),
    emit: ([delimiter, ...args]) => {
      const d = stringOf(delimiter!);
      return sql`concat(${joinSql(
        args.flatMap((a, i) => (i === 0 ? [stringOf(a)] : [d, stringOf(a)])),
        ', ',
      )})`;
    },
    examples: [["strcat_delim('-', 1, '2', 'A', 1s)", '1-2-A-00:00:01']],
  }),
  ...['strcat_array', 'array_strcat'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('strcat-array'),
      emit: ([array, delimiter]) => joined(elementTexts(array!.sql), delimiter!),
      examples: [
        [`${name}(dynamic([1, 2, 3]), "->")`, '1->2->3'],
        [`${name}(dynamic([1, null, "x"]), "-")`, '1--x'],
        [`${name}(dynamic(["a", "b"]), strcat("+", "+"))`, 'a++b'],
      ],
    }),
  ),
  scalar({
    name: 'current_database',
    nulls: 'never',
    docs: docs('current-database'),
    emit: () => sql`currentDatabase()`,
    examples: [['isnotempty(current_database())', true]],
  }),
  scalar({
    name: 'strrep',
    nulls: 'never',
    docs: docs('strrep'),
    trap: 'At most 1,024 copies.',
    emit: ([value, times, delimiter], cx) => {
      const known = wholeLiteral(times);
      if (known !== undefined && known < 1) cx.refuse('the number of copies must be positive');
      const copies = sql`arrayWithConstant(least(greatest(ifNull(${times!.sql}, 0), 0), 1024), ${stringOf(value!)})`;
      return delimiter ? joined(copies, delimiter) : sql`arrayStringConcat(${copies})`;
    },
    examples: [
      ["strrep('ABC', 2)", 'ABCABC'],
      ["strrep(123, 3, '.')", '123.123.123'],
      ["strrep(3s, 2, ' ')", '00:00:03 00:00:03'],
    ],
  }),
  scalar({
    name: 'substring',
    nulls: 'never',
    docs: docs('substring'),
    emit: ([source, start, length]) => substring(source!, start!, length),
    examples: [
      ['substring("123456", 1)', '23456'],
      ['substring("ABCD", 0, 2)', 'AB'],
      ['substring("123456", -2, 2)', '56'],
      ['substring("hello", 1, -1)', ''],
      ['substring("abc", 10, 5)', ''],
      ['substring("\u00e4bc", 1, 1)', 'b'],
    ],
  }),
  scalar({
    name: 'indexof',
    nulls: 'possible',
    docs: docs('indexof'),
    trap: 'Counts code points from 0; -1 when absent.',
    emit: ([source, lookup, start, length, occurrence], cx) => {
      const n = occurrence ? wholeLiteral(occurrence) : 1;
      if (n === undefined || n < 1) return cx.refuse('the occurrence must be a positive literal');
      const limit = length ? wholeLiteral(length) : -1;
      if (limit !== undefined && limit < -1) return sql`CAST(NULL, 'Nullable(Int64)')`;
      const m = stringOf(lookup!);
      return bind(stringOf(source!), 'text', (s) => {
        if (!start) return sql`toInt64(positionUTF8(${s}, ${m})) - 1`;
        const first = firstCharacter(s, start);
        const range =
          limit === -1
            ? sql`substringUTF8(${s}, ${first})`
            : sql`substringUTF8(${s}, ${first}, if(${length!.sql} < 0, lengthUTF8(${s}), ${length!.sql}))`;
        if (n === 1) {
          const at = sql`toInt64(positionUTF8(${range}, ${m}))`;
          return sql`if(${at} = 0, -1, ${at} + ${first} - 2)`;
        }
        const t = lookup!.literal;
        if (typeof t !== 'string' || t === '' || overlapsItself(t)) {
          return cx.refuse('a further occurrence is known only of a literal that cannot overlap itself');
        }
        if (limit !== -1) {
          if (n > 16) cx.refuse('more than 16 occurrences within a limited length are not supported');
          // Each search counts the length from where it begins, as the documented example asks.
          const after = (from: Sql): Sql => {
            const near = sql`substringUTF8(${s}, ${from}, if(${length!.sql} < 0, lengthUTF8(${s}), ${length!.sql}))`;
            return bind(sql`positionUTF8(${near}, ${m})`, 'at', (at) => sql`if(${at} = 0, 0, ${at} + ${from} - 1)`);
          };
          let at = after(first);
          for (let i = 1; i < n; i++) at = bind(at, `match${i}`, (p) => sql`if(${p} = 0, 0, ${after(sql`${p} + 1`)})`);
          return sql`toInt64(${at}) - 1`;
        }
        const pieces = parts(range, lookup!);
        const before = sql`lengthUTF8(arrayStringConcat(arraySlice(${pieces}, 1, ${number(n)}))) + ${number((n - 1) * [...t].length)}`;
        return sql`if(length(${pieces}) > ${number(n)}, toInt64(${before}) + ${first} - 1, -1)`;
      });
    },
    examples: [
      ['indexof("abcdefg", "cde")', 2],
      ['indexof("abcdefg", "cde", 1, 4)', 2],
      ['indexof("abcdefg", "cde", 1, 2)', -1],
      ['indexof("abcdefg", "cde", 3, 4)', -1],
      ['indexof("abcdefg", "cde", -5)', 2],
      ['indexof(1234567, 5, 1, 4)', 4],
      ['indexof("abcdefgabcdefg", "cde", 1, 10, 2)', 9],
      ['indexof("abcdefgabcdefg", "cde", 1, 3, 2)', -1],
      ['indexof("abcdefgabcdefg", "cde", 1, -1, 2)', 9],
      ['indexof("abcdefgabcdefg", "cde", 1, -1, 3)', -1],
      ['indexof("\u00e4\u00f6u", "u")', 2],
    ],
  }),
  scalar({
    name: 'split',
    nulls: 'never',
    docs: docs('split'),
    trap: 'With an index the answer is still an array, of one element or none. An index of -1 asks for all parts.',
    elements: ([source, delimiter, index]) =>
      index || delimiter!.literal === ''
        ? undefined
        : sql`arrayMap(v -> toJSONString(v), ${parts(stringOf(source!), delimiter!)})`,
    emit: ([source, delimiter, index], cx) => {
      if (delimiter!.literal === '') cx.refuse('an empty delimiter is not supported', 'use extract_all("(.)", …)');
      const known = wholeLiteral(index);
      const all = parts(stringOf(source!), delimiter!);
      if (!index || known === -1) return sql`toJSONString(${all})`;
      if (known !== undefined && known < 0) cx.refuse('a negative index is not supported');
      const at = known === undefined ? sql`${index.sql} + 1` : number(known + 1);
      if (known !== undefined) return sql`toJSONString(arraySlice(${all}, ${at}, 1))`;
      const one = sql`arraySlice(${all}, ${sql`ifNull(${at}, 0)`}, 1)`;
      return sql`toJSONString(if(ifNull(${index.sql}, -1) >= 0, ${one}, ${all}))`;
    },
    examples: [
      ['split("aa_bb", "_")', ['aa', 'bb']],
      ['split("aaa_bbb_ccc", "_", 1)', ['bbb']],
      ['split("", "_")', ['']],
      ['split("a__b", "_")', ['a', '', 'b']],
      ['split("aabbcc", "bb")', ['aa', 'cc']],
      ['split("a@b", "@", 2)', []],
      ['split("a/b\\"c", strcat("/", ""))', ['a', 'b"c']],
    ],
  }),
  scalar({
    name: 'toupper',
    nulls: 'never',
    docs: docs('toupper'),
    emit: ([s]) => sql`upperUTF8(${stringOf(s!)})`,
    examples: [['toupper("h\u00e4llo")', 'H\u00c4LLO']],
  }),
  scalar({
    name: 'tolower',
    nulls: 'never',
    docs: docs('tolower'),
    emit: ([s]) => sql`lowerUTF8(${stringOf(s!)})`,
    examples: [['tolower("H\u00c4LLO")', 'h\u00e4llo']],
  }),
  scalar({
    name: 'reverse',
    nulls: 'never',
    docs: docs('reverse'),
    trap: 'Reverses the text of any value.',
    emit: ([s]) => sql`reverseUTF8(${stringOf(s!)})`,
    examples: [
      ['reverse("a\u00e4b")', 'b\u00e4a'],
      ['reverse(12345)', '54321'],
      ['reverse(3h)', '00:00:30'],
    ],
  }),
  scalar({
    name: 'strcmp',
    nulls: 'never',
    docs: docs('strcmp'),
    emit: ([a, b]) =>
      sql`toInt64(multiIf(${stringOf(a!)} = ${stringOf(b!)}, 0, ${stringOf(a!)} > ${stringOf(b!)}, 1, -1))`,
    examples: [
      ['strcmp("ABC", "ABC")', 0],
      ['strcmp("abc", "ABC")', 1],
      ['strcmp("ABC", "abc")', -1],
      ['strcmp("abcde", "abc")', 1],
    ],
  }),
  scalar({
    name: 'replace_string',
    nulls: 'never',
    docs: docs('replace-string'),
    emit: ([s, lookup, rewrite]) =>
      lookup!.literal === ''
        ? stringOf(s!)
        : sql`replaceAll(${stringOf(s!)}, ${stringOf(lookup!)}, ${stringOf(rewrite!)})`,
    examples: [
      ['replace_string("a cat", "cat", "hamster")', 'a hamster'],
      ['replace_string("aaa", "", "X")', 'aaa'],
      ['replace_string("a.b", ".", "$1")', 'a$1b'],
    ],
  }),
  scalar({
    name: 'replace_strings',
    nulls: 'never',
    docs: docs('replace-strings'),
    trap: 'An earlier lookup wins anywhere in the text; what one has matched no other sees.',
    emit: ([s, lookups, rewrites], cx) => {
      const listed = (a: Arg): unknown[] | undefined => {
        const value: unknown = typeof a.literal === 'string' ? JSON.parse(a.literal) : undefined;
        return Array.isArray(value) ? value : undefined;
      };
      const [from, to] = [listed(lookups!), listed(rewrites!)];
      if (!from || !to) return replacedByRow(stringOf(s!), lookups!, rewrites!);
      if (from.length !== to.length) cx.refuse('there must be as many rewrites as lookups');
      // Characters for private use stand for the matches until all lookups are done.
      const mark = (i: number) => text(String.fromCodePoint(0xf0000 + i));
      const pairs = from.flatMap((l, i) => (typeof l === 'string' && l !== '' ? [{ l, i }] : []));
      const marked = pairs.reduce((t, { l, i }) => sql`replaceAll(${t}, ${text(l)}, ${mark(i)})`, stringOf(s!));
      return pairs.reduce((t, { l, i }) => {
        const rewrite = to[i];
        return sql`replaceAll(${t}, ${mark(i)}, ${text(typeof rewrite === 'string' ? rewrite : l)})`;
      }, marked);
    },
    examples: [
      [
        'replace_strings("a cat into a dog", dynamic(["cat", "dog"]), dynamic(["dog", "pigeon"]))',
        'a dog into a pigeon',
      ],
      ['replace_strings("This is", dynamic(["This", "is"]), dynamic(["This", "was"]))', 'This was'],
      ['replace_strings("This is", dynamic(["is", "This"]), dynamic(["was", "This"]))', 'Thwas was'],
      ['replace_strings("This is", split("This,is", ","), pack_array("This", "was"))', 'This was'],
      ['replace_strings("This is", pack_array("is", 1, "This"), pack_array("was", "x", strcat("T", "")))', 'Thwas was'],
      ['replace_strings("This is", dynamic(["This", "is"]), dynamic([12345, "was"]))', 'This was'],
    ],
  }),
  scalar({
    name: 'translate',
    nulls: 'never',
    docs: docs('translate'),
    trap: 'The last replacement serves all further characters; an empty list removes them.',
    emit: ([search, replacement, source], cx) => {
      if (typeof search!.literal !== 'string' || typeof replacement!.literal !== 'string') {
        return cx.refuse('the lists of characters must be literals');
      }
      const to = [...replacement!.literal];
      const map = new Map<string, string>();
      [...search!.literal].forEach((c, i) => {
        if (!map.has(c)) map.set(c, to[Math.min(i, to.length - 1)] ?? '');
      });
      const [from, into] = [[...map.keys()].join(''), [...map.values()].join('')];
      return from ? sql`translateUTF8(${stringOf(source!)}, ${text(from)}, ${text(into)})` : stringOf(source!);
    },
    examples: [
      ['translate("abc", "x", "abc")', 'xxx'],
      ['translate("abc", "", "ab")', ''],
      ['translate("krasp", "otsku", "spark")', 'kusto'],
    ],
  }),
  scalar({
    name: 'format_bytes',
    nulls: 'never',
    docs: docs('format-bytes'),
    emit: ([size, precision, unit], cx) => {
      const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
      const asked = precision ? wholeLiteral(precision) : 0;
      if (asked === undefined) return cx.refuse('the precision must be a literal');
      // Beyond these nothing is left to round, or to round away.
      const digits = Math.max(-18, Math.min(18, asked));
      if (unit && typeof unit.literal !== 'string') cx.refuse('the unit must be a literal');
      const wanted = unit?.literal ? units.indexOf(String(unit.literal)) : -1;
      if (unit?.literal && wanted < 0) cx.refuse(`the unit must be one of ${units.join(', ')}`);
      const value = sql`toFloat64(${size!.sql})`;
      const shown = (power: number) =>
        sql`concat(toString(round(${value} / ${number(1024 ** power)}, ${number(digits)})), ${text(` ${units[power]}`)})`;
      if (wanted >= 0) return neverNull(shown(wanted), size!);
      const steps = units.slice(1).flatMap((_, i) => [sql`abs(${value}) < ${number(1024 ** (i + 1))}`, shown(i)]);
      return neverNull(sql`multiIf(${joinSql([...steps, shown(6)], ', ')})`, size!);
    },
    examples: [
      ['format_bytes(564)', '564 Bytes'],
      ['format_bytes(10332, 1)', '10.1 KB'],
      ['format_bytes(20010332)', '19 MB'],
      ['format_bytes(20010332, 2)', '19.08 MB'],
      ['format_bytes(20010332, 0, "KB")', '19541 KB'],
    ],
  }),
  scalar({
    name: 'gettype',
    nulls: 'never',
    docs: docs('gettype'),
    trap: 'Of a dynamic, the type of what it holds.',
    emit: ([value]) => {
      if (value!.type !== 'dynamic') return text(value!.type);
      return bind(value!.sql, 'value', (d) => {
        const first = sql`substring(${d}, 1, 1)`;
        return sql`multiIf(${d} IS NULL, 'null', ${first} = '"', 'string', ${first} = '{', 'dictionary', ${first} = '[', 'array', ${first} IN ('t', 'f'), 'bool', match(${d}, '[.eE]'), 'double', 'long')`;
      });
    },
    examples: [
      ['gettype("a")', 'string'],
      ['gettype(111)', 'long'],
      ['gettype(1s)', 'timespan'],
      ['gettype(123.45)', 'real'],
      ["gettype(parse_json(' [1, 2, 3] '))", 'array'],
      ['gettype(dynamic({"abc": 1}).abc)', 'long'],
      ['gettype(parse_json(""))', 'null'],
    ],
  }),
];
