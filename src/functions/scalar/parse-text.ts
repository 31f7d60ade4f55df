import { joinSql, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf } from '../dynamic-sql.js';
import { scalar } from '../entry.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

/** A JSON object of texts. */
const textBag = (entries: readonly (readonly [name: string, value: Sql])[]): Sql =>
  bagOf(entries.map(([n, v]) => [n, sql`toJSONString(${v})`]));

/** A JSON object of JSON texts. */
const bagOf = (entries: readonly (readonly [name: string, json: Sql])[]): Sql =>
  sql`concat('{', ${joinSql(
    entries.flatMap(([n, v], i) => [text(`${i ? ',' : ''}${JSON.stringify(n)}:`), v]),
    ', ',
  )}, '}')`;

const group = (s: Sql, pattern: string, n = 1): Sql =>
  sql`regexpExtract(${s}, ${text(pattern)}, ${n === 1 ? sql`1` : sql`2`})`;

/** `a=1&b=2` as a bag of texts, the first of a repeated name. */
function queryBag(query: Sql): Sql {
  const pairs = sql`arrayFilter(${lambda('part', (p) => sql`notEmpty(${p})`)}, splitByChar('&', ${query}))`;
  const nameOf = (p: Sql) => sql`substringIndex(${p}, '=', 1)`;
  const json = lambda(
    'pair',
    (p) => sql`concat(toJSONString(${nameOf(p)}), ':', toJSONString(substring(${p}, length(${nameOf(p)}) + 2)))`,
  );
  const first = sql`(__pair, __at) -> indexOf(arrayMap(${lambda('other', nameOf)}, ${pairs}), ${nameOf(sql`__pair`)}) = __at`;
  const kept = sql`arrayFilter(${first}, ${pairs}, arrayEnumerate(${pairs}))`;
  return sql`concat('{', arrayStringConcat(arrayMap(${json}, ${kept}), ','), '}')`;
}

const scheme = '^([A-Za-z][A-Za-z0-9+.-]*)://';

/**
 * The parts of an address that are texts, each by one expression. Without a scheme there is no authority: everything
 * before the query is the path. The account ends at the last `@` of the authority.
 */
const urlPatterns: Readonly<Record<string, string>> = {
  Scheme: scheme,
  Host: '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?(\\[[^\\]/?#]*\\]|[^:/?#]*)',
  Port: '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?[^@/?#]*:([0-9]*)(?:[/?#]|$)',
  Path: '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)',
  Username: '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#:]*)(?::[^/?#]*)?@',
  Password: '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#:]*:([^/?#]*)@',
  Fragment: '#(.*)$',
};

export const urlText = (url: Sql, part: string): Sql => {
  const found = group(url, urlPatterns[part]!);
  if (part !== 'Host') return found;
  // For most links the engine's own function gives the same, six times as fast; it gives nothing for what it finds odd.
  const isPlain = sql`(startsWith(${url}, 'http://') OR startsWith(${url}, 'https://')) AND position(${url}, '@') = 0`;
  return sql`if(${isPlain} AND domain(${url}) != '', domain(${url}), ${found})`;
};

function urlParts(u: Sql): Sql {
  const of = (part: string) => [part, sql`toJSONString(${urlText(u, part)})`] as const;
  return bagOf([
    ...['Scheme', 'Host', 'Port', 'Path', 'Username', 'Password'].map(of),
    ['Query Parameters', queryBag(group(u, '^[^?#]*\\?([^#]*)'))],
    of('Fragment'),
  ]);
}

function pathParts(p: Sql): Sql {
  const rest = sql`replaceRegexpOne(${p}, ${text(scheme)}, '')`;
  const directory = group(rest, '(?s)^(.*)[\\\\/]');
  const last = group(rest, '(?s)([^\\\\/]*)$');
  const file = sql`substringIndex(${last}, ':', 1)`;
  return textBag([
    ['Scheme', group(p, scheme)],
    ['RootPath', group(rest, '^([A-Za-z]:[\\\\/])')],
    ['DirectoryPath', directory],
    ['DirectoryName', group(directory, '([^\\\\/:]*)$')],
    ['Filename', file],
    ['Extension', group(file, '\\.([^.]*)$')],
    ['AlternateDataStreamName', group(last, '^[^:]*:(.*)$')],
  ]);
}

/** The fields of the first record; a quote inside quotes is doubled. */
function csvFields(s: Sql): Sql {
  const record = sql`regexpExtract(${s}, '^(?:"(?:[^"]|"")*"|[^"\\\\r\\\\n])*', 0)`;
  const fields = sql`extractAllGroupsVertical(concat(',', ${record}), ',(?:"((?:[^"]|"")*)"|([^,]*))')`;
  return sql`toJSONString(arrayMap(${lambda('field', (f) => sql`concat(replaceAll(${f}[1], '""', '"'), ${f}[2])`)}, ${fields}))`;
}

/**
 * Arguments as CommandLineToArgvW finds them: the program ends at a quote or blank; then blanks separate, quotes group,
 * and backslashes escape only before a quote.
 */
function windowsArguments(s: Sql): Sql {
  const program = sql`if(startsWith(${s}, '"'), ${group(s, '(?s)^"([^"]*)')}, ${group(s, '^([^ \\t]*)')})`;
  const rest = sql`if(startsWith(${s}, '"'), replaceRegexpOne(${s}, '(?s)^"[^"]*"?', ''), replaceRegexpOne(${s}, '^[^ \\\\t]*', ''))`;
  const pieces = sql`extractAll(concat(${rest}, ' '), '\\\\\\\\*"|\\\\\\\\+|[ \\\\t]+|[^ \\\\t"\\\\\\\\]+')`;
  // The accumulator: finished arguments, the current one, whether quotes are open, whether an argument has begun.
  const [done, current, open, begun] = [sql`__acc.1`, sql`__acc.2`, sql`__acc.3`, sql`__acc.4`];
  const blank = sql`match(__piece, '^[ \\\\t]')`;
  const quote = sql`endsWith(__piece, '"')`;
  const slashes = sql`intDiv(length(__piece) - 1, 2)`;
  const escaped = sql`(length(__piece) - 1) % 2 = 1`;
  const ends = sql`${blank} AND ${open} = 0`;
  const step = sql`(if(${ends} AND ${begun} = 1, arrayPushBack(${done}, ${current}), ${done}), multiIf(${ends}, '', ${quote}, concat(${current}, repeat('\\\\', ${slashes}), if(${escaped}, '"', '')), concat(${current}, __piece)), toUInt8(if(${quote} AND NOT (${escaped}), 1 - ${open}, ${open})), toUInt8(if(${ends}, 0, 1)))`;
  const folded = sql`arrayFold((__acc, __piece) -> ${step}, ${pieces}, ([${program}], '', toUInt8(0), toUInt8(0)))`;
  // Quotes that never close take the rest, with the blank that was added to end the last argument.
  return bind(folded, 'parsed', (p) => {
    const rescued = sql`if(${p}.3 = 1, arrayPushBack(${p}.1, substring(${p}.2, 1, length(${p}.2) - 1)), ${p}.1)`;
    return sql`if(${s} = '', '[]', toJSONString(${rescued}))`;
  });
}

export const parseText = [
  ...['parse_url', 'parseurl'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('parse-url'),
      trap: 'Every part is a text, the port too. Without a scheme there is no host.',
      emit: ([u]) => bind(stringOf(u!), 'url', urlParts),
      examples: [
        [
          `${name}("scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment")`,
          {
            Scheme: 'scheme',
            Host: 'host',
            Port: '1234',
            Path: '/this/is/a/path',
            Username: 'username',
            Password: 'password',
            'Query Parameters': { k1: 'v1', k2: 'v2' },
            Fragment: 'fragment',
          },
        ],
        [
          `${name}("https://[2001:db8::1]/")`,
          {
            Scheme: 'https',
            Host: '[2001:db8::1]',
            Port: '',
            Path: '/',
            Username: '',
            Password: '',
            'Query Parameters': {},
            Fragment: '',
          },
        ],
      ],
    }),
  ),
  ...['parse_urlquery', 'parseurlquery'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('parse-url-query'),
      emit: ([q]) => bind(stringOf(q!), 'query', (query) => bagOf([['Query Parameters', queryBag(query)]])),
      examples: [[`${name}("k1=v1&k2=v2=x&k3")`, { 'Query Parameters': { k1: 'v1', k2: 'v2=x', k3: '' } }]],
    }),
  ),
  scalar({
    name: 'parse_path',
    nulls: 'never',
    docs: docs('parse-path'),
    emit: ([p]) => bind(stringOf(p!), 'path', pathParts),
    examples: [
      [
        'parse_path("file://C:/temp/file.txt:some.exe")',
        {
          Scheme: 'file',
          RootPath: 'C:/',
          DirectoryPath: 'C:/temp',
          DirectoryName: 'temp',
          Filename: 'file.txt',
          Extension: 'txt',
          AlternateDataStreamName: 'some.exe',
        },
      ],
      [
        'parse_path(@"\\\\shared\\users\\temp\\file.txt.gz")',
        {
          Scheme: '',
          RootPath: '',
          DirectoryPath: '\\\\shared\\users\\temp',
          DirectoryName: 'temp',
          Filename: 'file.txt.gz',
          Extension: 'gz',
          AlternateDataStreamName: '',
        },
      ],
    ],
  }),
  scalar({
    name: 'parse_csv',
    nulls: 'never',
    docs: docs('parse-csv'),
    trap: 'The first record only.',
    emit: ([s]) => bind(stringOf(s!), 'csv', csvFields),
    examples: [
      [
        `parse_csv('aa,"b,b,b",cc,"Escaping quotes: ""Title""","line1\\nline2"')`,
        ['aa', 'b,b,b', 'cc', 'Escaping quotes: "Title"', 'line1\nline2'],
      ],
      ["parse_csv('record1,a,b,c\\nrecord2,x,y,z')", ['record1', 'a', 'b', 'c']],
      ["parse_csv('a,,')", ['a', '', '']],
    ],
  }),
  scalar({
    name: 'parse_version',
    nulls: 'possible',
    docs: docs('parse-version'),
    trap: 'A decimal of up to 32 digits, eight for each part.',
    emit: ([v]) =>
      bind(stringOf(v!), 'version', (s) => {
        const parts = sql`arrayResize(splitByChar('.', ${s}), 4, '0')`;
        const digits = sql`arrayStringConcat(arrayMap(${lambda('part', (p) => sql`leftPad(${p}, 8, '0')`)}, ${parts}))`;
        return sql`if(match(${s}, '^[0-9]{1,8}([.][0-9]{1,8}){0,3}$'), toDecimal256OrNull(${digits}, 18), NULL)`;
      }),
    examples: [
      ['parse_version("0.0.0.5") == decimal(5)', true],
      ['parse_version("1.2.3.4") > parse_version("1.2.3")', true],
      ['parse_version("1.0") == parse_version("1.0.0.0")', true],
      ['isnull(parse_version("1.x"))', true],
      ['tostring(parse_version("1.2.3.4"))', '1000000020000000300000004'],
    ],
  }),
  scalar({
    name: 'parse_command_line',
    nulls: 'never',
    docs: docs('parse-command-line'),
    emit: ([s, kind], cx) => {
      if (kind!.literal !== 'windows') cx.refuse('the only kind is "windows"');
      return bind(stringOf(s!), 'line', windowsArguments);
    },
    examples: [
      ['parse_command_line("echo \\"hello world!\\"", "windows")', ['echo', 'hello world!']],
      [
        `parse_command_line(@'"C:\\Program Files\\a.exe" -x  "a\\\\" b\\"c "d e\\\\\\"f" "open', "windows")`,
        ['C:\\Program Files\\a.exe', '-x', 'a\\', 'b"c', 'd e\\"f', 'open'],
      ],
    ],
  }),
];
