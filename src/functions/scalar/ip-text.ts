import { type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { type Arg, scalar } from '../entry.js';
import { quoteRegex } from '../regex.js';
import { listedTexts, literalRange } from './ipv4.js';
import { anyOf } from './string-search.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

const octet = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const before = '(?:^|[^0-9A-Za-z])';
const after = '(?:$|[^0-9A-Za-z])';
const prefixForm = `^(?:${octet}\\.){1,3}$`;

const address = (t: string) => !t.includes('/') && literalRange(t) !== undefined;

/** The pattern of the addresses that start with `t`; undefined when it is no prefix. */
function patternOf(t: string, prefix: boolean): string | undefined {
  if (address(t)) return before + quoteRegex(t) + after;
  if (!prefix || !new RegExp(prefixForm).test(t)) return undefined;
  const missing = 4 - (t.length - t.replaceAll('.', '').length);
  return before + quoteRegex(t) + `${octet}\\.`.repeat(missing - 1) + octet + after;
}

/** Whether the address or prefix in `n`, known per row only, stands in `s`. */
function computed(s: Sql, n: Sql, prefix: boolean): Sql {
  const whole = sql`match(${s}, concat(${text(before)}, regexpQuoteMeta(${n}), ${text(after)}))`;
  const isAddress = sql`IPv4StringToNumOrNull(${n}) IS NOT NULL`;
  if (!prefix) return sql`position(${s}, ${n}) > 0 AND ${isAddress} AND ${whole}`;
  const missing = sql`toUInt8(3 - countSubstrings(${n}, '.'))`;
  const rest = sql`concat(repeat(${text(`${octet}\\.`)}, ${missing}), ${text(octet + after)})`;
  const part = sql`match(${n}, ${text(prefixForm)}) AND match(${s}, concat(${text(before)}, regexpQuoteMeta(${n}), ${rest}))`;
  return sql`position(${s}, ${n}) > 0 AND if(${isAddress}, ${whole}, ${part})`;
}

function found(source: Arg, wanted: readonly Arg[], prefix: boolean): Sql {
  const { known, single, arrays } = listedTexts(wanted);
  return bind(stringOf(source), 'text', (s) =>
    anyOf([
      ...known.flatMap((t) => {
        const pattern = patternOf(t, prefix);
        return pattern ? [sql`position(${s}, ${text(t)}) > 0 AND match(${s}, ${text(pattern)})`] : [];
      }),
      ...single.map((n) => computed(s, n, prefix)),
      ...arrays.map((a) => sql`arrayExists(${lambda('wanted', (n) => computed(s, n, prefix))}, ${a})`),
    ]),
  );
}

const log = "'05:04:54 127.0.0.1 GET /favicon.ico 404'";

export const ipTextFunctions = [
  ...['has_ipv4', 'has_any_ipv4'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs(name.replaceAll('_', '-')),
      trap: 'Letters and digits beside the address hide it; a dot does not.',
      emit: ([source, ...wanted]) => found(source!, wanted, false),
      examples: [
        [`${name}(${log}, '127.0.0.1')`, true],
        [`${name}(${log}, strcat('127.0.', '0.1'))`, true],
        [`${name}('05:04:54 127.0.0.256 GET', '127.0.0.256')`, false],
        [`${name}('05:04:54127.0.0.1 GET', '127.0.0.1')`, false],
        ...(name === 'has_any_ipv4' ? ([[`${name}(${log}, dynamic(['127.0.0.2', '127.0.0.1']))`, true]] as const) : []),
      ],
    }),
  ),
  ...['has_ipv4_prefix', 'has_any_ipv4_prefix'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs(name.replaceAll('_', '-')),
      trap: 'A prefix ends with a dot, or is a whole address.',
      emit: ([source, ...wanted]) => found(source!, wanted, true),
      examples: [
        [`${name}(${log}, '127.0.')`, true],
        [`${name}(${log}, strcat('127.', '0.'))`, true],
        [`${name}(${log}, '127.0.0.1')`, true],
        [`${name}(${log}, '127.0')`, false],
        [`${name}('05:04:54 127.0.0.256 GET', '127.0.')`, false],
        [`${name}('05:04:54127.0.0.1 GET', '127.0.')`, false],
        ...(name === 'has_any_ipv4_prefix'
          ? ([[`${name}(${log}, split('192.168. 127.0.', ' '))`, true]] as const)
          : []),
      ],
    }),
  ),
];
