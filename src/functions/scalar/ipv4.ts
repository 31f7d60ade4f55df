import { joinSql, number, type Sql, sql } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { dynamicElements, dynamicText, stringOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { anyOf } from './string-search.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

/** Addresses `from` to `to`, as numbers. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Reads `a.b.c.d` or `a.b.c.d/n`. */
export function literalRange(t: string): Range | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(t);
  if (!m) return undefined;
  const octets = m.slice(1, 5).map(Number);
  const bits = Number(m[5] ?? 32);
  if (octets.some((o) => o > 255) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const address = octets.reduce((n, o) => n * 256 + o, 0);
  const from = Math.floor(address / size) * size;
  return { from, to: from + size - 1 };
}

/** The address in a text with or without a prefix length, not masked; NULL when it is none. */
const rawAddress = (t: Sql): Sql => sql`IPv4StringToNumOrNull(substringIndex(${t}, '/', 1))`;

/** The prefix length, 32 when absent; NULL when it is none. */
const bitsOf = (t: Sql): Sql => sql`if(position(${t}, '/') = 0, 32, ${ownBits(t)})`;
const ownBits = (t: Sql): Sql => {
  const bits = sql`toUInt8OrNull(substring(${t}, position(${t}, '/') + 1))`;
  return sql`if(${bits} <= 32, ${bits}, NULL)`;
};

/** Keeps the leading bits of an address. */
const masked = (address: Sql, bits: Sql): Sql =>
  sql`bitShiftLeft(bitShiftRight(toUInt64(${address}), 32 - ${bits}), 32 - ${bits})`;

/** The address as a number, masked by its own prefix; NULL when the text is none. */
const addressOf = (t: Sql): Sql =>
  sql`if(position(${t}, '/') = 0, ${rawAddress(t)}, ${masked(rawAddress(t), ownBits(t))})`;

const validPrefix = (prefix: Arg): Sql => sql`if(${prefix.sql} BETWEEN 0 AND 32, ${prefix.sql}, NULL)`;

const least = (values: readonly Sql[]): Sql => sql`least(${joinSql(values, ', ')})`;

/** Both addresses under the shortest of the prefixes in the texts and the argument. */
function alike(a: Arg, b: Arg, prefix: Arg | undefined, body: (left: Sql, right: Sql) => Sql): Sql {
  return bind(stringOf(a), 'first', (first) =>
    bind(stringOf(b), 'second', (second) => {
      const bits = least([bitsOf(first), bitsOf(second), ...(prefix ? [validPrefix(prefix)] : [])]);
      // `least` skips a NULL, which must make the answer NULL.
      const all = [bitsOf(first), bitsOf(second), ...(prefix ? [validPrefix(prefix)] : [])];
      const known = joinSql(
        all.map((x) => sql`${x} IS NOT NULL`),
        ' AND ',
      );
      return sql`if(${known}, ${body(masked(rawAddress(first), bits), masked(rawAddress(second), bits))}, NULL)`;
    }),
  );
}

const between = (address: Sql, { from, to }: Range): Sql =>
  from === to ? sql`${address} = ${number(from)}` : sql`${address} BETWEEN ${number(from)} AND ${number(to)}`;

/** Whether an address lies in a range given as text. */
const inComputed = (address: Sql, range: Sql): Sql =>
  bind(range, 'computed', (text) => sql`${masked(address, bitsOf(text))} = ${masked(rawAddress(text), bitsOf(text))}`);

const fewRanges = 16;

/** Sorted, overlapping ones joined. */
function merged(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const r of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && r.from <= last.to + 1) out[out.length - 1] = { from: last.from, to: Math.max(last.to, r.to) };
    else out.push(r);
  }
  return out;
}

function inKnown(address: Sql, ranges: readonly Range[]): Sql {
  const some = merged(ranges);
  if (some.length <= fewRanges) return anyOf(some.map((r) => between(address, r)));
  const numbers = (of: (r: Range) => number) =>
    sql`[${joinSql(
      some.map((r) => sql`toUInt32(${number(of(r))})`),
      ', ',
    )}]`;
  const test = sql`(__from, __to) -> ${address} BETWEEN __from AND __to`;
  return sql`arrayExists(${test}, ${numbers((r) => r.from)}, ${numbers((r) => r.to)})`;
}

/** The texts that arguments hold: those known now, and the SQL of those known per row. */
export function listedTexts(args: readonly Arg[]): { known: string[]; single: Sql[]; arrays: Sql[] } {
  const known: string[] = [];
  const single: Sql[] = [];
  const arrays: Sql[] = [];
  for (const a of args) {
    if (a.type === 'dynamic' && a.literal !== undefined) {
      const value: unknown = a.literal === null ? [] : JSON.parse(String(a.literal));
      known.push(...(Array.isArray(value) ? value : [value]).map(String));
    } else if (a.type === 'dynamic') {
      arrays.push(sql`arrayMap(${lambda('element', (e) => dynamicText(e))}, ${dynamicElements(a.sql)})`);
    } else if (typeof a.literal === 'string') known.push(a.literal);
    else single.push(stringOf(a));
  }
  return { known, single, arrays };
}

function inAnyRange(ip: Arg, ranges: readonly Arg[]): Sql {
  const { known, single, arrays } = listedTexts(ranges);
  const valid = known.map(literalRange).filter((r) => r !== undefined);
  return bind(stringOf(ip), 'ip', (t) =>
    bind(addressOf(t), 'address', (address) => {
      const tests = [
        ...(valid.length ? [inKnown(address, valid)] : []),
        ...single.map((r) => sql`ifNull(${inComputed(address, r)}, false)`),
        ...arrays.map(
          (r) => sql`arrayExists(${lambda('range', (x) => sql`ifNull(${inComputed(address, x)}, false)`)}, ${r})`,
        ),
      ];
      return sql`if(${address} IS NULL, NULL, ${anyOf(tests)})`;
    }),
  );
}

function inRange(ip: Arg, range: Arg, cx: EmitContext): Sql {
  if (typeof range.literal === 'string') {
    const known = literalRange(range.literal);
    if (!known)
      return cx.refuse(`'${range.literal}' is not an IPv4 range`, 'use ipv4_is_in_any_range for several ranges');
    return bind(stringOf(ip), 'ip', (t) => bind(addressOf(t), 'address', (a) => between(a, known)));
  }
  return bind(stringOf(ip), 'ip', (t) => bind(stringOf(range), 'range', (r) => inComputed(addressOf(t), r)));
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((r) => literalRange(r)!);

/** Address and prefix length of what format_ipv4 takes: a text or a number, and maybe a prefix. */
function formatted(ip: Arg, prefix: Arg | undefined, body: (address: Sql, bits: Sql) => Sql): Sql {
  const numeric = ip.type === 'int' || ip.type === 'long';
  return bind(numeric ? ip.sql : stringOf(ip), 'ip', (t) => {
    const address = numeric ? sql`if(${t} BETWEEN 0 AND 4294967295, ${t}, NULL)` : rawAddress(t);
    const own = numeric ? number(32) : bitsOf(t);
    const bits = prefix ? sql`if(isNull(${validPrefix(prefix)}), NULL, ${least([own, validPrefix(prefix)])})` : own;
    return sql`ifNull(${body(masked(address, bits), bits)}, '')`;
  });
}

const dotted = (address: Sql): Sql => sql`IPv4NumToString(toUInt32(${address}))`;

/** The fewest blocks that cover a range: each is the largest that starts aligned and does not pass the end. */
function cidrList(start: Sql, end: Sql): Sql {
  const at = sql`__acc.1`;
  const left = sql`toUInt64(${end}) - ${at} + 1`;
  const aligned = sql`if(${at} = 0, 4294967296, bitAnd(${at}, bitNot(${at}) + 1))`;
  const size = sql`least(${aligned}, bitShiftLeft(toUInt64(1), toUInt8(floor(log2(${left})))))`;
  const block = sql`concat(${dotted(at)}, '/', toString(32 - toUInt8(log2(${size}))))`;
  const step = sql`if(${at} > ${end}, __acc, (${at} + ${size}, arrayPushBack(__acc.2, ${block})))`;
  return sql`toJSONString(arrayFold((__acc, __i) -> ${step}, range(64), (toUInt64(${start}), emptyArrayString())).2)`;
}

const pairExamples = (name: string, equal: unknown): (readonly [string, unknown])[] => [
  [`${name}('192.168.1.0', '192.168.1.0')`, equal],
  [`${name}('192.168.1.1/24', '192.168.1.255')`, equal],
  [`${name}('192.168.1.1', '192.168.1.255/24')`, equal],
  [`${name}('192.168.1.1/30', '192.168.1.255/24')`, equal],
  [`${name}('192.168.1.1', '192.168.1.0', 31)`, equal],
  [`isnull(${name}('x', '192.168.1.0'))`, true],
];

export const ipv4Functions = [
  scalar({
    name: 'ipv4_compare',
    nulls: 'possible',
    docs: docs('ipv4-compare'),
    trap: 'Only the bits count that every prefix keeps.',
    emit: ([a, b, prefix]) =>
      alike(
        a!,
        b!,
        prefix,
        (x, y) => sql`if(${x} IS NULL OR ${y} IS NULL, NULL, toInt64(${x} > ${y}) - toInt64(${x} < ${y}))`,
      ),
    examples: [...pairExamples('ipv4_compare', 0), ["ipv4_compare('10.0.0.1', '9.255.0.1')", 1]],
  }),
  scalar({
    name: 'ipv4_is_match',
    nulls: 'possible',
    docs: docs('ipv4-is-match'),
    emit: ([a, b, prefix]) => alike(a!, b!, prefix, (x, y) => sql`${x} = ${y}`),
    examples: [...pairExamples('ipv4_is_match', true), ["ipv4_is_match('10.0.0.1', '10.0.0.2')", false]],
  }),
  scalar({
    name: 'ipv4_is_in_range',
    nulls: 'possible',
    docs: docs('ipv4-is-in-range'),
    emit: ([ip, range], cx) => inRange(ip!, range!, cx),
    examples: [
      ["ipv4_is_in_range('192.168.1.1', '192.168.1.1')", true],
      ["ipv4_is_in_range('192.168.1.1', '192.168.1.255/24')", true],
      ["ipv4_is_in_range('192.168.2.1', strcat('192.168.1.0', '/24'))", false],
      ["isnull(ipv4_is_in_range('x', '10.0.0.0/8'))", true],
    ],
  }),
  scalar({
    name: 'ipv4_is_in_any_range',
    nulls: 'possible',
    docs: docs('ipv4-is-in-any-range'),
    emit: ([ip, ...ranges]) => inAnyRange(ip!, ranges),
    examples: [
      ["ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8', '127.1.0.1/16')", true],
      ['ipv4_is_in_any_range("127.0.0.1", dynamic(["127.0.0.1", "192.168.1.1"]))', true],
      ['ipv4_is_in_any_range("1.1.1.1", dynamic(["127.0.0.1/8", "192.168.1.1/16"]))', false],
      ['ipv4_is_in_any_range("10.1.1.1", split("1.1.1.1 10.0.0.0/8", " "))', true],
      ['isnull(ipv4_is_in_any_range("", dynamic(["127.0.0.1"])))', true],
    ],
  }),
  scalar({
    name: 'ipv4_is_private',
    nulls: 'possible',
    docs: docs('ipv4-is-private'),
    trap: 'The three private blocks only: loopback and link-local addresses are not private. Null for any other text.',
    emit: ([ip]) =>
      bind(stringOf(ip!), 'ip', (t) =>
        bind(addressOf(t), 'address', (a) => anyOf(privateRanges.map((r) => between(a, r)))),
      ),
    examples: [
      ["ipv4_is_private('192.168.1.1/24')", true],
      ["ipv4_is_private('10.1.2.3/24')", true],
      ["ipv4_is_private('172.31.255.255')", true],
      ["ipv4_is_private('172.32.0.0')", false],
      ["ipv4_is_private('202.1.2.3')", false],
      ["ipv4_is_private('127.0.0.1')", false],
      ["isnull(ipv4_is_private('::1'))", true],
      ["isnull(ipv4_is_private(''))", true],
    ],
  }),
  scalar({
    name: 'ipv4_netmask_suffix',
    nulls: 'possible',
    docs: docs('ipv4-netmask-suffix'),
    emit: ([ip]) => bind(stringOf(ip!), 'ip', (t) => sql`if(${rawAddress(t)} IS NULL, NULL, toInt64(${bitsOf(t)}))`),
    examples: [
      ["ipv4_netmask_suffix('10.1.2.3')", 32],
      ["ipv4_netmask_suffix('192.168.1.1/24')", 24],
      ["isnull(ipv4_netmask_suffix('192.168.1.1/33'))", true],
    ],
  }),
  scalar({
    name: 'parse_ipv4',
    nulls: 'possible',
    docs: docs('parse-ipv4'),
    emit: ([ip]) => bind(stringOf(ip!), 'ip', (t) => sql`toInt64(${addressOf(t)})`),
    examples: [
      ["parse_ipv4('192.168.1.1')", 3232235777],
      ["parse_ipv4('192.168.1.1/24')", 3232235776],
      ["parse_ipv4('255.255.255.255/31')", 4294967294],
      ["isnull(parse_ipv4('1.2.3'))", true],
      ["isnull(parse_ipv4('1.2.3.256'))", true],
    ],
  }),
  scalar({
    name: 'parse_ipv4_mask',
    nulls: 'possible',
    docs: docs('parse-ipv4-mask'),
    emit: ([ip, prefix]) => alike(ip!, ip!, prefix, (x) => sql`toInt64(${x})`),
    examples: [
      ['parse_ipv4_mask("127.0.0.1", 24)', 2130706432],
      ['isnull(parse_ipv4_mask("127.0.0.1", 33))', true],
    ],
  }),
  scalar({
    name: 'format_ipv4',
    nulls: 'never',
    docs: docs('format-ipv4'),
    emit: ([ip, prefix]) => formatted(ip!, prefix, dotted),
    examples: [
      ["format_ipv4('192.168.1.1', 24)", '192.168.1.0'],
      ["format_ipv4('192.168.1.1/24', 32)", '192.168.1.0'],
      ["format_ipv4('192.168.1.1/24', -1)", ''],
      ['format_ipv4(3232235777)', '192.168.1.1'],
    ],
  }),
  scalar({
    name: 'format_ipv4_mask',
    nulls: 'never',
    docs: docs('format-ipv4-mask'),
    emit: ([ip, prefix]) => formatted(ip!, prefix, (a, bits) => sql`concat(${dotted(a)}, '/', toString(${bits}))`),
    examples: [
      ["format_ipv4_mask('192.168.1.1', 24)", '192.168.1.0/24'],
      ["format_ipv4_mask('192.168.1.1', 32)", '192.168.1.1/32'],
      ["format_ipv4_mask('192.168.1.1/24', 32)", '192.168.1.0/24'],
      ["format_ipv4_mask('192.168.1.1/24', -1)", ''],
    ],
  }),
  scalar({
    name: 'ipv4_range_to_cidr_list',
    nulls: 'possible',
    docs: docs('ipv4-range-to-cidr-list'),
    emit: ([start, end]) => {
      const [from, to] = [addressOf(stringOf(start!)), addressOf(stringOf(end!))];
      return sql`if(${from} IS NULL OR ${to} IS NULL OR ${from} > ${to}, NULL, ${cidrList(sql`assumeNotNull(${from})`, sql`assumeNotNull(${to})`)})`;
    },
    examples: [
      ['ipv4_range_to_cidr_list("1.1.128.0", "1.1.140.255")', ['1.1.128.0/21', '1.1.136.0/22', '1.1.140.0/24']],
      ['ipv4_range_to_cidr_list("0.0.0.0", "255.255.255.255")', ['0.0.0.0/0']],
    ],
  }),
];
