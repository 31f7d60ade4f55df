import { joinSql, type Sql, sql } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { type Arg, scalar } from '../entry.js';
import { listedTexts } from './ipv4.js';
import { anyOf } from './string-search.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

const textPart = (t: Sql): Sql => sql`substringIndex(${t}, '/', 1)`;

/** An address as 128 bits; an IPv4 address stands for ::ffff:a.b.c.d. NULL when the text is none. */
const rawAddress = (t: Sql): Sql => sql`toUInt128(toIPv6OrNull(${textPart(t)}))`;

/** As `rawAddress`; comparisons take `::a.b.c.d` too for the IPv4 address. */
const comparable = (t: Sql): Sql =>
  sql`toUInt128(toIPv6OrNull(replaceRegexpOne(${textPart(t)}, '^::([0-9]+[.])', '\\\\1')))`;

/** The prefix length out of 128; one after an address with dots counts IPv4 bits. NULL when it is none. */
function bitsOf(t: Sql): Sql {
  const written = sql`toUInt8OrNull(substring(${t}, position(${t}, '/') + 1))`;
  const most = sql`if(position(${t}, '.') > 0, 32, 128)`;
  return sql`if(position(${t}, '/') = 0, 128, if(${written} <= ${most}, ${written} + 128 - ${most}, NULL))`;
}

const masked = (address: Sql, bits: Sql): Sql =>
  sql`bitShiftLeft(bitShiftRight(${address}, toUInt8(128 - ${bits})), toUInt8(128 - ${bits}))`;

/** NULL as soon as one is NULL, unlike the engine's `least`. */
function leastOf(values: readonly Sql[]): Sql {
  const known = joinSql(
    values.map((v) => sql`${v} IS NOT NULL`),
    ' AND ',
  );
  return sql`if(${known}, least(${joinSql(values, ', ')}), NULL)`;
}

/** A prefix argument up to 32 counts IPv4 bits when both addresses are IPv4 ones. */
function prefixOf(prefix: Arg, texts: readonly Sql[]): Sql {
  const ipv4 = joinSql(
    texts.map((t) => sql`position(${t}, ':') = 0`),
    ' AND ',
  );
  const p = prefix.sql;
  return sql`multiIf(NOT (${p} BETWEEN 0 AND 128), NULL, ${p} <= 32 AND ${ipv4}, ${p} + 96, ${p})`;
}

function alike(a: Arg, b: Arg, prefix: Arg | undefined, body: (left: Sql, right: Sql) => Sql): Sql {
  return bind(stringOf(a), 'first', (first) =>
    bind(stringOf(b), 'second', (second) => {
      const bits = leastOf([bitsOf(first), bitsOf(second), ...(prefix ? [prefixOf(prefix, [first, second])] : [])]);
      return body(masked(comparable(first), bits), masked(comparable(second), bits));
    }),
  );
}

const inRange = (ip: Sql, range: Sql): Sql =>
  sql`${masked(comparable(ip), leastOf([bitsOf(ip), bitsOf(range)]))} = ${masked(comparable(range), bitsOf(range))}`;

/** All eight groups in four lower-case digits. */
const written = (address: Sql): Sql =>
  sql`ifNull(arrayStringConcat(extractAll(leftPad(lower(hex(assumeNotNull(${address}))), 32, '0'), '.{4}'), ':'), '')`;

const shown = (t: Sql, bits: Sql): Sql => {
  const address = masked(rawAddress(t), bits);
  return sql`if(${address} IS NULL, '', ${written(address)})`;
};

const pairExamples = (name: string, equal: unknown): (readonly [string, unknown])[] => [
  [`${name}('192.168.1.1', '192.168.1.1')`, equal],
  [`${name}('192.168.1.1/24', '192.168.1.255')`, equal],
  [`${name}('fe80::85d:e82c:9446:7994/120', 'fe80::85d:e82c:9446:7998')`, equal],
  [`${name}('192.168.1.1', '::ffff:c0a8:0101')`, equal],
  [`${name}('::192.168.1.1/30', '192.168.1.255/24')`, equal],
  [`${name}('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995', 127)`, equal],
  [`${name}('192.168.1.1', '192.168.1.0', 31)`, equal],
  [`isnull(${name}('x', '::1'))`, true],
];

export const ipv6Functions = [
  scalar({
    name: 'ipv6_compare',
    nulls: 'possible',
    docs: docs('ipv6-compare'),
    emit: ([a, b, prefix]) =>
      alike(
        a!,
        b!,
        prefix,
        (x, y) => sql`if(${x} IS NULL OR ${y} IS NULL, NULL, toInt64(${x} > ${y}) - toInt64(${x} < ${y}))`,
      ),
    examples: [...pairExamples('ipv6_compare', 0), ["ipv6_compare('fe80::2', 'fe80::1')", 1]],
  }),
  scalar({
    name: 'ipv6_is_match',
    nulls: 'possible',
    docs: docs('ipv6-is-match'),
    emit: ([a, b, prefix]) => alike(a!, b!, prefix, (x, y) => sql`${x} = ${y}`),
    examples: [...pairExamples('ipv6_is_match', true), ["ipv6_is_match('fe80::2', 'fe80::1')", false]],
  }),
  scalar({
    name: 'ipv6_is_in_range',
    nulls: 'possible',
    docs: docs('ipv6-is-in-range'),
    emit: ([ip, range]) => bind(stringOf(ip!), 'ip', (t) => bind(stringOf(range!), 'range', (r) => inRange(t, r))),
    examples: [
      [
        "ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', 'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112')",
        true,
      ],
      ["ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', '0:0:0:0:0:ffff:c0a8:ac/60')", false],
    ],
  }),
  scalar({
    name: 'ipv6_is_in_any_range',
    nulls: 'possible',
    docs: docs('ipv6-is-in-any-range'),
    emit: ([ip, ...ranges], cx) => {
      const { known, single, arrays } = listedTexts(ranges);
      if (known.length) {
        const literals = ranges.filter((r) => r.literal !== undefined && r.type === 'string').map((r) => r.sql);
        single.push(...literals);
        for (const r of ranges.filter((x) => x.literal !== undefined && x.type === 'dynamic')) {
          arrays.push(sql`JSONExtract(${r.sql}, 'Array(String)')`);
        }
      }
      if (!single.length && !arrays.length) cx.refuse('there are no ranges');
      return bind(stringOf(ip!), 'ip', (t) => {
        const tests = [
          ...single.map((r) => bind(r, 'range', (range) => sql`ifNull(${inRange(t, range)}, false)`)),
          ...arrays.map(
            (all) => sql`arrayExists(${lambda('range', (r) => sql`ifNull(${inRange(t, r)}, false)`)}, ${all})`,
          ),
        ];
        return sql`if(${rawAddress(t)} IS NULL, NULL, ${anyOf(tests)})`;
      });
    },
    examples: [
      ['ipv6_is_in_any_range("fe80::1", dynamic(["fe80::/10", "fc00::/7"]))', true],
      ['ipv6_is_in_any_range("2001:db8::1", "fe80::/10", "fc00::/7")', false],
      ['isnull(ipv6_is_in_any_range("x", "fe80::/10"))', true],
    ],
  }),
  scalar({
    name: 'parse_ipv6',
    nulls: 'never',
    docs: docs('parse-ipv6'),
    emit: ([ip]) => bind(stringOf(ip!), 'ip', (t) => shown(t, bitsOf(t))),
    examples: [
      ["parse_ipv6('192.168.255.255/24')", '0000:0000:0000:0000:0000:ffff:c0a8:ff00'],
      ["parse_ipv6('fe80::85d:e82c:9446:7994/120')", 'fe80:0000:0000:0000:085d:e82c:9446:7900'],
      ["parse_ipv6('no')", ''],
    ],
  }),
  scalar({
    name: 'parse_ipv6_mask',
    nulls: 'never',
    docs: docs('parse-ipv6-mask'),
    emit: ([ip, prefix]) => {
      const p = prefix!.sql;
      const given = sql`if(${p} BETWEEN 0 AND 128, ${p}, NULL)`;
      return bind(stringOf(ip!), 'ip', (t) => shown(t, leastOf([bitsOf(t), given])));
    },
    examples: [
      ["parse_ipv6_mask('192.168.255.255', 120)", '0000:0000:0000:0000:0000:ffff:c0a8:ff00'],
      ["parse_ipv6_mask('192.168.255.255/24', 124)", '0000:0000:0000:0000:0000:ffff:c0a8:ff00'],
      ["parse_ipv6_mask('fe80::85d:e82c:9446:7994/120', 124)", 'fe80:0000:0000:0000:085d:e82c:9446:7900'],
      ["parse_ipv6_mask('::192.168.255.255/24', 128)", '0000:0000:0000:0000:0000:0000:c0a8:ff00'],
    ],
  }),
];
