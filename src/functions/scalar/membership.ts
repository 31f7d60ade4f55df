import type { Expr, LiteralValue } from '../../ir/index.js';
import { joinSql, number, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { dynamicElements, dynamicText, stringOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, type Example, scalar } from '../entry.js';
import { aligned } from './comparison.js';
import {
  allOf,
  anyOf,
  equalsFolded,
  hasTerm,
  isAscii,
  literalNeedle,
  type Needle,
  needleOf,
  termPattern,
} from './string-search.js';

const asText = (value: unknown): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** The values of a literal dynamic array as texts; a scalar counts as an array of one. */
function literalTexts(json: LiteralValue): string[] {
  if (json === null) return [];
  const value: unknown = JSON.parse(String(json));
  return (Array.isArray(value) ? value : [value]).map(asText);
}

/** The values of a dynamic as texts, computed by the engine. */
const textsOf = (dynamic: Sql): Sql =>
  sql`arrayMap(${lambda('element', (e) => sql`if(${e} = 'null', '', ${dynamicText(e)})`)}, ${dynamicElements(dynamic)})`;

/** Texts known when the query is compiled, and the arguments that are known per row only. */
function listed(elements: readonly Arg[]): { texts: string[]; computed: readonly Arg[] } {
  const texts: string[] = [];
  const computed: Arg[] = [];
  for (const e of elements) {
    if (e.type === 'dynamic' && e.literal !== undefined) texts.push(...literalTexts(e.literal));
    else if (e.type === 'string' && typeof e.literal === 'string') texts.push(e.literal);
    else computed.push(e);
  }
  return { texts: [...new Set(texts)], computed };
}

const inList = (value: Sql, items: readonly Sql[]): Sql => sql`${value} IN (${joinSql(items, ', ')})`;

/** Whether a computed value is the same for all rows, so that a set can be built from it. */
const constant = (e: Expr): boolean => e.kind === 'ScalarSubquery';

function inTexts(value: Arg, elements: readonly Arg[], fold: boolean): Sql {
  const { texts, computed } = listed(elements);
  return bind(stringOf(value), 'text', (s) => {
    const plain = fold ? texts.filter(isAscii) : texts;
    const folded = (t: Sql) => (fold ? sql`lowerUTF8(${t})` : t);
    const tests: Sql[] = [];
    if (plain.length) {
      const unique = [...new Set(plain.map((t) => (fold ? t.toLowerCase() : t)))];
      tests.push(inList(fold ? sql`lower(${s})` : s, unique.map(text)));
    }
    if (plain.length < texts.length) {
      const others = texts.filter((t) => !isAscii(t)).map((t) => sql`lowerUTF8(${text(t)})`);
      tests.push(inList(sql`lowerUTF8(${s})`, others));
    }
    for (const e of computed) {
      if (e.type !== 'dynamic') tests.push(fold ? equalsFolded(s, needleOf(e)) : sql`${s} = ${stringOf(e)}`);
      else if (constant(e.expr)) {
        const element = sql`arrayJoin(${textsOf(e.sql)})`;
        tests.push(sql`${folded(s)} IN (SELECT ${folded(element)})`);
      } else tests.push(sql`has(arrayMap(${lambda('item', folded)}, ${textsOf(e.sql)}), ${folded(s)})`);
    }
    return anyOf(tests);
  });
}

const typedLists = new Set(['int', 'long', 'real', 'bool', 'datetime', 'timespan', 'guid']);

/** Whether the literal can stand in a list for the value: `EventID in (1, 2)` compares an int with longs. */
const listable = (value: Arg, e: Arg): boolean =>
  e.type === value.type ||
  (value.type === 'int' &&
    e.type === 'long' &&
    typeof e.literal === 'bigint' &&
    BigInt.asIntN(32, e.literal) === e.literal);

function inValues(value: Arg, elements: readonly Arg[], cx: EmitContext): Sql {
  const same = elements.filter((e) => e.literal !== undefined && e.literal !== null && listable(value, e));
  const tests: Sql[] = [];
  if (same.length && typedLists.has(value.type)) {
    const test = inList(
      value.sql,
      same.map((e) => (e.type === value.type ? e.sql : number(Number(e.literal)))),
    );
    tests.push(value.nullable ? sql`ifNull(${test}, false)` : test);
  }
  for (const e of elements) {
    if (typedLists.has(value.type) && same.includes(e)) continue;
    tests.push(e.type === 'dynamic' ? inDynamic(value, e, cx) : equalTo(value, e, cx));
  }
  return anyOf(tests);
}

function equalTo(value: Arg, e: Arg, cx: EmitContext): Sql {
  const { left, right, nullable } = aligned(value, e, cx);
  return nullable ? sql`ifNull(${left} = ${right}, false)` : sql`${left} = ${right}`;
}

/** A typed value among the elements of an array: numbers by value, everything else by its text. */
function inDynamic(value: Arg, e: Arg, cx: EmitContext): Sql {
  switch (value.type) {
    case 'int':
    case 'long':
    case 'real': {
      const known = e.literal !== undefined ? literalNumbers(e.literal) : undefined;
      if (known) return known.length ? sql`ifNull(${inList(value.sql, known.map(number))}, false)` : sql`false`;
      const numbers = sql`arrayMap(${lambda('element', (x) => sql`toFloat64OrNull(${dynamicText(x)})`)}, ${dynamicElements(e.sql)})`;
      return sql`ifNull(has(${numbers}, toNullable(toFloat64(${value.sql}))) AND ${value.sql} IS NOT NULL, false)`;
    }
    case 'bool':
      return sql`has(${textsOf(e.sql)}, lower(${stringOf(value)}))`;
    case 'guid':
      return sql`has(arrayMap(${lambda('item', (t) => sql`lower(${t})`)}, ${textsOf(e.sql)}), lower(${stringOf(value)}))`;
    case 'datetime':
    case 'timespan':
      return sql`has(${textsOf(e.sql)}, ${stringOf(value)})`;
    default:
      return cx.refuse(`a ${value.type} cannot be looked up in a dynamic array`);
  }
}

/** The numbers of a literal array; undefined when one is too large to be exact here. */
function literalNumbers(json: LiteralValue): number[] | undefined {
  const values: unknown = JSON.parse(String(json));
  const numbers = (Array.isArray(values) ? values : [values]).filter((v): v is number => typeof v === 'number');
  return numbers.every((n) => Math.abs(n) <= Number.MAX_SAFE_INTEGER) ? numbers : undefined;
}

const textual = new Set(['string', 'dynamic']);

const numbers = (name: string, negated: boolean): Example[] => [
  [`3 ${name} (1, 3, 5)`, !negated],
  [`3 ${name} (dynamic([1, 3]))`, !negated],
  [`int(null) ${name} (1, 2)`, negated],
  [`int(3) ${name} (1, 3, 9999999999)`, !negated],
  [`int(1410065407) ${name} (9999999999)`, negated],
];

const membership = (name: string) => {
  const negated = name.startsWith('!');
  const fold = name.endsWith('~');
  return scalar({
    name,
    nulls: 'never',
    docs: `https://learn.microsoft.com/kusto/query/${negated ? 'not-' : ''}in-${fold ? '' : 'cs-'}operator`,
    trap: 'A null is in no list.',
    emit: ([value, ...elements], cx) => {
      const numeric = value!.type === 'dynamic' && elements.some((e) => !textual.has(e.type));
      const found =
        textual.has(value!.type) && !numeric ? inTexts(value!, elements, fold) : inValues(value!, elements, cx);
      return negated ? sql`NOT (${found})` : found;
    },
    examples: [
      [`"abc" ${name} ("123", "345", "abc")`, !negated],
      [`"Abc" ${name} ("123", "abc")`, fold !== negated],
      [`"M\u00fcller" ${name} ("m\u00dcLLER")`, fold !== negated],
      [`"b" ${name} (dynamic(["a", "b"]))`, !negated],
      ...(fold ? [] : numbers(name, negated)),
    ],
  });
};

const whole = { start: true, end: true };

/** So many needles go into one regular expression, and the engine's multi-search takes fewer than 256. */
const chunkSize = 200;

/** Whether any of the texts stands in `s` as terms. */
function hasAny(s: Sql, texts: readonly string[]): Sql {
  if (texts.length <= 4 || texts.includes('')) {
    const each = anyOf(texts.map((t) => hasTerm(s, literalNeedle(t), whole, false)));
    // One search for all texts at once sorts out nearly every row.
    if (texts.length < 2 || !texts.every((t) => t !== '' && isAscii(t))) return each;
    return sql`multiSearchAnyCaseInsensitive(${s}, [${joinSql(texts.map(text), ', ')}]) AND (${each})`;
  }
  const tests: Sql[] = [];
  for (const ascii of [true, false]) {
    const some = texts.filter((t) => isAscii(t) === ascii);
    for (let i = 0; i < some.length; i += chunkSize) {
      const chunk = some.slice(i, i + chunkSize);
      const pattern = `(?i)(?:${chunk.map((t) => termPattern(t, whole)).join('|')})`;
      const array = sql`[${joinSql(chunk.map(text), ', ')}]`;
      const found = ascii
        ? sql`multiSearchAnyCaseInsensitive(${s}, ${array})`
        : sql`multiSearchAnyCaseInsensitiveUTF8(${s}, ${array})`;
      tests.push(sql`${found} AND match(${s}, ${text(pattern)})`);
    }
  }
  return anyOf(tests);
}

const eachTerm = (s: Sql, array: Sql, quantifier: 'arrayExists' | 'arrayAll'): Sql => {
  const test = lambda('needle', (n) => hasTerm(s, { sql: n, literal: undefined } satisfies Needle, whole, false));
  return quantifier === 'arrayExists' ? sql`arrayExists(${test}, ${array})` : sql`arrayAll(${test}, ${array})`;
};

const docsOf = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replace('_', '-')}-operator`;

export const memberships = [
  ...['in', '!in', 'in~', '!in~'].map(membership),
  scalar({
    name: 'has_any',
    nulls: 'never',
    docs: docsOf('has_any'),
    emit: ([value, ...elements]) => {
      const { texts, computed } = listed(elements);
      return bind(stringOf(value!), 'text', (s) =>
        anyOf([
          ...(texts.length ? [hasAny(s, texts)] : []),
          ...computed.map((e) =>
            e.type === 'dynamic' ? eachTerm(s, textsOf(e.sql), 'arrayExists') : hasTerm(s, needleOf(e), whole, false),
          ),
        ]),
      );
    },
    examples: [
      ['"North America" has_any ("south", "north")', true],
      ['"North America" has_any ("south", "nor")', false],
      ['"North America" has_any (dynamic(["a", "b", "c", "d", "e", "north"]))', true],
      ['"North America" has_any (dynamic(["a", "b", "c", "d", "e", "nor"]))', false],
      ['"North America" has_any (split("x,north", ","))', true],
      ['"North America" has_any (dynamic([]))', false],
    ],
  }),
  scalar({
    name: 'has_all',
    nulls: 'never',
    docs: docsOf('has_all'),
    emit: ([value, ...elements]) => {
      const { texts, computed } = listed(elements);
      return bind(stringOf(value!), 'text', (s) =>
        allOf([
          ...texts.map((t) => hasTerm(s, literalNeedle(t), whole, false)),
          ...computed.map((e) =>
            e.type === 'dynamic' ? eachTerm(s, textsOf(e.sql), 'arrayAll') : hasTerm(s, needleOf(e), whole, false),
          ),
        ]),
      );
    },
    examples: [
      ['"North and South America" has_all ("south", "north")', true],
      ['"North and South America" has_all ("south", "nor")', false],
      ['"North and South America" has_all (split("x,north", ","))', false],
    ],
  }),
  scalar({
    name: 'has_any_index',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/has-any-index-function',
    trap: 'The place in the list, not in the text; -1 when none is there.',
    emit: ([value, list]) => {
      if (list!.literal === undefined) {
        const found = (s: Sql) =>
          lambda('needle', (n) => hasTerm(s, { sql: n, literal: undefined } satisfies Needle, whole, false));
        return bind(
          stringOf(value!),
          'text',
          (s) => sql`toInt64(arrayFirstIndex(${found(s)}, ${textsOf(list!.sql)})) - 1`,
        );
      }
      const texts = literalTexts(list!.literal);
      if (!texts.length) return sql`toInt64(-1)`;
      return bind(stringOf(value!), 'text', (s) => {
        const steps = texts.flatMap((t, at) => [hasTerm(s, literalNeedle(t), whole, false), number(at)]);
        return sql`toInt64(multiIf(${joinSql([...steps, number(-1)], ', ')}))`;
      });
    },
    examples: [
      ['has_any_index("this is an example", dynamic(["this", "example"]))', 0],
      ['has_any_index("this is an example", dynamic(["not", "example"]))', 1],
      ['has_any_index("this is an example", dynamic(["not", "found"]))', -1],
      ['has_any_index("this is an example", dynamic([]))', -1],
      ['has_any_index("Example number 2", range(1, 3, 1))', 1],
      ['has_any_index("a b", split("x,b,b", ","))', 1],
    ],
  }),
];
