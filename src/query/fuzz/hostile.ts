import type { Random } from './random.js';

/** Stands in every hostile text, and must never stand in a statement outside quotes. */
export const textMark = 'zqt';
/** Stands in every hostile name, and must stand in a statement as a name only. */
export const nameMark = 'zqn';

/** What breaks those who paste texts into SQL: quotes, escapes, comments, parameters, heredocs, other scripts. */
const tails = [
  `'`,
  `"`,
  '`',
  '\\',
  `\\'`,
  `''`,
  `'; DROP TABLE x; --`,
  ' -- ',
  '/*',
  '*/',
  '{x:String}',
  '{now:String}',
  '$1',
  '$zqt$',
  '$$',
  ' %41',
  '\n',
  '\t',
  '\0',
  '\r\n',
  '\u2028',
  '\u2019',
  'é',
  '日本',
  '😀',
  '#{1}',
  `${'$'}{x}`,
  '?',
  '%s',
  '\\x41',
  '\\0',
  '\b',
  ' or 1=1',
  '(',
  ')',
  '[0]',
  'İı',
];

/** Texts that mean something to functions of texts. */
const sensible = [
  '',
  'a',
  'A',
  'true',
  'null',
  '0',
  '-1',
  '12',
  '3.25',
  '1e5',
  '0x1F',
  '9223372036854775807',
  '2024-02-29',
  '2024-03-10T12:34:56.1234567Z',
  '1.02:03:04',
  '00:00:01',
  '192.0.2.1',
  '198.51.100.7/24',
  '2001:db8::1',
  'fe80::1/64',
  'https://user:pass@host.example.com:8443/a/b?x=1&y=%20#f',
  'C:\\Windows\\System32\\cmd.exe',
  '/usr/bin/python3',
  '{"a":1,"b":[1,2.5,null,"x"],"c":{"d":"e"}}',
  '[1,2,3]',
  '["a","b"]',
  '<a b="c"><d>1</d></a>',
  'a,b,"c,d"',
  'key=value key2="v 2"',
  'the quick brown fox',
  'Zm9v',
  '1.2.3.4',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36',
  '74be27de-1e4e-49d9-b579-fe0b331d3642',
  'host.example.com',
  ' spaced ',
  'ÄÖü ß',
];

export const hostileText = (r: Random): string =>
  r.chance(0.55)
    ? r.pick(sensible)
    : `${r.pick(['', 'a ', "'", '\\'])}${textMark}${r.times(r.int(1, 3), () => r.pick(tails)).join('')}`;

/** Names of columns, lets and properties. */
export const hostileName = (r: Random, unique: number): string =>
  `${nameMark}${unique}${r.chance(0.4) ? '' : r.times(r.int(1, 2), () => r.pick(tails.filter((t) => !/[\0\b]/.test(t)))).join('')}`;

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0', '\b': '\\b' };

/** A literal of KQL in one of its spellings. */
export function kqlText(text: string, r?: Random): string {
  const plain = !/[\n\r\0\b\t\u2028]/.test(text);
  const style = r?.int(0, 4) ?? 0;
  if (style === 1 && plain) return `@'${text.replaceAll("'", "''")}'`;
  if (style === 2 && plain) return `@"${text.replaceAll('"', '""')}"`;
  if (style === 3 && !text.includes('```') && !text.endsWith('`') && !text.startsWith('`') && !/[\0\r]/.test(text))
    return `\`\`\`${text}\`\`\``;
  const quote = style === 4 ? "'" : '"';
  return (
    quote +
    text.replace(/[\\'"\n\r\t\0\b]/g, (c) => escapes[c] ?? (/['"]/.test(c) && c !== quote ? c : `\\${c}`)) +
    quote
  );
}

/** A name as a query spells it: bare where it can be. */
export const kqlName = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) && !keywords.has(name.toLowerCase())
    ? name
    : `[${kqlText(name).replace(/^"(.*)"$/s, (_, t: string) => `'${t.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`)}]`;

const keywords = new Set(
  'where by select from table print range project extend count top take limit order sort join on kind in and or not with as'.split(
    ' ',
  ),
);
