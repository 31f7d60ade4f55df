import type { KqlType } from '../../tables/index.js';
import { hostileText, kqlText } from './hostile.js';
import type { Random } from './random.js';
import { dynamicValue } from './tables.js';

/** A literal of the type, null among them. */
export function literalOf(type: KqlType, r: Random): string {
  if (type !== 'string' && r.chance(0.06)) return `${type}(null)`;
  switch (type) {
    case 'string':
      return kqlText(hostileText(r), r);
    case 'int':
      return `int(${r.pick([0, 1, -1, 2, 3, 31, 2147483647, -2147483648])})`;
    case 'long':
      return r.pick([
        '0',
        '1',
        '-1',
        '2',
        '3',
        '10',
        '-7',
        '64',
        '1000',
        '9223372036854775807',
        'long(-9223372036854775807)',
        '0x1f',
      ]);
    case 'real':
      return r.pick(['0.0', '1.5', '-0.25', '1e3', '-3.0', '1e300', 'real(nan)', 'real(+inf)', 'real(-inf)', '0.1']);
    case 'decimal':
      return r.pick(['decimal(0)', 'decimal(1.5)', 'decimal(-12345.678)', 'decimal(1000000)']);
    case 'bool':
      return r.pick(['true', 'false']);
    case 'datetime':
      return r.pick([
        'datetime(2024-02-29)',
        'datetime(2026-03-04T05:06:07.1234567Z)',
        'datetime(1970-01-01)',
        'datetime(1601-01-01)',
        'datetime(9999-12-31 23:59:59.9999999)',
        'now()',
        'ago(1d)',
      ]);
    case 'timespan':
      return r.pick(['1d', '1h', '90m', '1s', '100ms', '1tick', 'time(0)', '-1d', 'time(1.02:03:04.5)', '36500d']);
    case 'guid':
      return 'guid(74be27de-1e4e-49d9-b579-fe0b331d3642)';
    case 'dynamic':
      return `dynamic(${dynamicText(dynamicValue(r, 2), r)})`;
  }
}

/** JSON, in which KQL lets texts stand in its own spellings. */
function dynamicText(value: unknown, r: Random): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\u2028', '\\u2028');
  if (Array.isArray(value)) return `[${value.map((v) => dynamicText(v, r)).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([k, v]) => `${dynamicText(k, r)}: ${dynamicText(v, r)}`)
      .join(', ')}}`;
  return value === undefined ? 'null' : String(value);
}

export const arrayLiteral = (r: Random): string =>
  `dynamic(${r.pick(['[]', '[1, 2, 3]', '[3, 1, 2, 2]', '[1.5, -2, 0, 4, 4, 2.25]', '["a", "b", null]', '["x", "zqt\'`", "y"]', '[true, false]', '[1, "a", null, {"a": 1}, [2]]', '[10, 20, 30, 40, 50, 60, 70, 80]', '[1, null, 3]'])})`;
export const bagLiteral = (r: Random): string =>
  `dynamic(${r.pick(['{}', '{"a": 1, "b": "x"}', '{"a": {"b": [1, 2]}, "c": null}', '{"zqn\'`\\\\": "zqt"}', '{"a b": 1.5, "x.y": true}'])})`;

/** Texts that an argument of this name expects. */
const pools: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /regex|rewrite_pattern/i,
    ['a', '(\\w+)', '([0-9]+)-?(x)?', '^\\s*', '[a-z]{1,3}', '(?i)the', '\\d+', '.', '', '(?P<n>a)(b)?', 'zqt', '('],
  ],
  [/^rewrite$/, ['\\1', 'x', '', '\\0-\\2', '$1']],
  [/format/i, ['yyyy-MM-dd', 'HH:mm:ss.fffffff', 'd.hh:mm', 'yy/M/d h:m:s tt', 'MB']],
  [/timezone/i, ['UTC', 'Europe/Berlin', 'US/Pacific', 'Nowhere/Land']],
  [
    /^part$/,
    ['year', 'month', 'day', 'hour', 'minute', 'second', 'week', 'quarter', 'millisecond', 'nanosecond', 'dayOfYear'],
  ],
  [/jsonPath|path/i, ['$.a', '$.b[1]', '$["a"]', '$.c.d', '$']],
  [/^ip|ips|ranges|start_ip|end_ip/i, ['192.0.2.1', '192.0.2.0/24', '10.0.0.0/8', '2001:db8::1', '2001:db8::/32', 'x']],
  [/^url|query$/i, ['https://u:p@h.example.com:8443/a?x=1&y=2#f', 'x=1&y=%20', 'a b']],
  [/geohash/i, ['u4pru', 'zz', '9q8yy']],
  [/s2|h3|cell/i, ['479e8b7c', '862a1072fffffff', '8000000000000000000000000000000']],
  [/^parser$/, ['windows']],
  [/delimiter/i, [',', ' ', '', '::']],
];

export function textFor(parameter: string, values: readonly string[], r: Random): string {
  if (values.length > 0 && r.chance(0.9)) return kqlText(r.pick(values));
  const pool = pools.find(([pattern]) => pattern.test(parameter));
  return pool && r.chance(0.9) ? kqlText(r.pick(pool[1])) : literalOf('string', r);
}
