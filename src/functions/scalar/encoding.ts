import { joinSql, number, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { stringOf, ticksOf } from '../dynamic-sql.js';
import { type Arg, type EmitContext, refuse, scalar } from '../entry.js';

const docs = (page: string) => `https://learn.microsoft.com/kusto/query/${page}-function`;

/** Decoded bytes; '' for what is no base64. */
const decoded = (s: Sql): Sql => sql`tryBase64Decode(${s})`;

/** A GUID's bytes stand in the order of .NET: its first three numbers little-endian. Takes and gives 32 hex digits. */
const swapped = (hex: Sql): Sql => {
  const byte = (i: number) => sql`substring(${hex}, ${number(2 * i + 1)}, 2)`;
  return sql`concat(${joinSql([3, 2, 1, 0, 5, 4, 7, 6].map(byte), ', ')}, substring(${hex}, 17))`;
};

/** Bytes as numbers in a JSON array. */
const byteArray = (bytes: Sql): Sql =>
  sql`toJSONString(arrayMap(${lambda('at', (i) => sql`reinterpretAsUInt8(substring(${bytes}, ${i}, 1))`)}, range(1, length(${bytes}) + 1)))`;

const ticksAt1970 = number(621355968000000000n);

/** Kusto hashes a text's UTF-8 bytes and a number's eight bytes; a datetime is its ticks since the year 1. */
function xxhash(value: Arg, cx: EmitContext): Sql {
  const bytes = (n: Sql) => sql`reinterpretAsFixedString(toInt64(${n}))`;
  switch (value.type) {
    case 'string':
      return sql`xxHash64(${value.sql})`;
    case 'long':
    case 'timespan':
      return sql`xxHash64(${bytes(value.sql)})`;
    case 'datetime':
      return sql`xxHash64(${bytes(sql`${ticksOf(value.sql)} + ${ticksAt1970}`)})`;
    default:
      return cx.refuse(`the hash of a ${value.type} is not known`, 'hash its text: hash(tostring(…))');
  }
}

const hash = (name: string, page: string) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(page),
    trap: 'xxHash64, signed.',
    emit: ([value, modulo], cx) => {
      const h = xxhash(value!, cx);
      return modulo ? sql`toInt64(moduloOrNull(${h}, toUInt64(${modulo.sql})))` : sql`reinterpretAsInt64(${h})`;
    },
    examples: [
      [`${name}("World")`, '1846988464401551951'],
      [`${name}("World", 100)`, 51],
      [`${name}("World", 0)`, null],
      [`${name}(datetime(2015-01-01))`, '1380966698541616202'],
    ],
  });

const digest = (name: string, of: (s: Sql) => Sql, world: string, datetime: string) =>
  scalar({
    name,
    nulls: 'never',
    docs: docs(name.replace('_', '-')),
    trap: 'Other values than strings are hashed as their text.',
    emit: ([value]) => sql`lower(hex(${of(stringOf(value!))}))`,
    examples: [
      [`${name}("World")`, world],
      [`${name}(datetime(2020-01-01))`, datetime],
    ],
  });

/** Percent-encodes every byte outside letters, digits and `kept`, in lower-case digits as Kusto does. */
function percentEncoded(s: Sql, kept: string, space: string): Sql {
  const byte = (c: Sql) =>
    sql`multiIf(match(${c}, ${text(`^[A-Za-z0-9${kept}]$`)}), ${c}, ${c} = ' ', ${text(space)}, concat('%', lower(hex(${c}))))`;
  const bytes = sql`arrayMap(${lambda('at', (i) => sql`substring(${s}, ${i}, 1)`)}, range(1, length(${s}) + 1))`;
  return sql`arrayStringConcat(arrayMap(${lambda('byte', byte)}, ${bytes}))`;
}

const urlEncode = (name: string, space: string, example: string) =>
  scalar({
    name,
    nulls: 'never',
    docs: docs(name.replaceAll('_', '-')),
    emit: ([s]) => bind(stringOf(s!), 'url', (u) => percentEncoded(u, '._~-', space)),
    examples: [[`${name}("https://www.bing.com/hello world")`, `https%3a%2f%2fwww.bing.com%2fhello${example}world`]],
  });

/** The code point of a text of one character. */
function codePoint(c: Sql): Sql {
  const byte = (i: number) => sql`toInt64(reinterpretAsUInt8(substring(${c}, ${number(i)}, 1)))`;
  const tail = (i: number) => sql`(${byte(i)} - 128)`;
  return sql`toUInt32(multiIf(length(${c}) = 1, ${byte(1)}, length(${c}) = 2, (${byte(1)} - 192) * 64 + ${tail(2)}, length(${c}) = 3, (${byte(1)} - 224) * 4096 + ${tail(2)} * 64 + ${tail(3)}, (${byte(1)} - 240) * 262144 + ${tail(2)} * 4096 + ${tail(3)} * 64 + ${tail(4)}))`;
}

/** The text of a code point. */
function character(n: Sql): Sql {
  const tail = (shift: number) => sql`128 + intDiv(${n}, ${number(shift)}) % 64`;
  return sql`multiIf(${n} < 0 OR ${n} > 1114111, '', ${n} < 128, char(${n}), ${n} < 2048, char(192 + intDiv(${n}, 64), ${tail(1)}), ${n} < 65536, char(224 + intDiv(${n}, 4096), ${tail(64)}, ${tail(1)}), char(240 + intDiv(${n}, 262144), ${tail(4096)}, ${tail(64)}, ${tail(1)}))`;
}

const toCharacters = (a: Arg): Sql =>
  a.type === 'dynamic'
    ? sql`arrayStringConcat(arrayMap(${lambda('code', character)}, JSONExtract(ifNull(${a.sql}, '[]'), 'Array(Int64)')))`
    : sql`ifNull(${character(sql`toInt64(${a.sql})`)}, '')`;

export const encoding = [
  ...['base64_encode_tostring', 'base64_encodestring'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('base64-encode-tostring'),
      emit: ([s]) => sql`base64Encode(${stringOf(s!)})`,
      examples: [[`${name}("Kusto")`, 'S3VzdG8=']],
    }),
  ),
  ...['base64_decode_tostring', 'base64_decodestring'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('base64-decode-tostring'),
      trap: 'Empty when the bytes are no UTF-8.',
      emit: ([s]) => bind(decoded(stringOf(s!)), 'bytes', (bytes) => sql`if(isValidUTF8(${bytes}), ${bytes}, '')`),
      examples: [
        [`${name}("S3VzdG8=")`, 'Kusto'],
        [`${name}("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")`, ''],
        [`${name}("no base64!")`, ''],
      ],
    }),
  ),
  scalar({
    name: 'base64_decode_toarray',
    nulls: 'possible',
    docs: docs('base64-decode-toarray'),
    emit: ([s]) => bind(decoded(stringOf(s!)), 'bytes', (bytes) => sql`if(empty(${bytes}), NULL, ${byteArray(bytes)})`),
    examples: [
      ['base64_decode_toarray("S3VzdG8=")', [75, 117, 115, 116, 111]],
      ['isnull(base64_decode_toarray("U3RyaW5n0KHR0tGA0L7Rh9C60LA"))', true],
    ],
  }),
  scalar({
    name: 'base64_encode_fromarray',
    nulls: 'never',
    docs: docs('base64-encode-fromarray'),
    emit: ([array]) => {
      const bytes = sql`arrayMap(${lambda('byte', (b) => sql`char(${b})`)}, JSONExtract(ifNull(${array!.sql}, '[]'), 'Array(UInt8)'))`;
      return sql`base64Encode(arrayStringConcat(${bytes}))`;
    },
    examples: [['base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))', 'S3VzdG8=']],
  }),
  scalar({
    name: 'base64_decode_toguid',
    nulls: 'possible',
    docs: docs('base64-decode-toguid'),
    emit: ([s]) =>
      bind(sql`hex(${decoded(stringOf(s!))})`, 'hex', (h) => {
        const plain = swapped(h);
        const dashed = sql`replaceRegexpOne(${plain}, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\\\1-\\\\2-\\\\3-\\\\4-\\\\5')`;
        return sql`if(length(${h}) = 32, toUUIDOrNull(${dashed}), NULL)`;
      }),
    examples: [
      ['base64_decode_toguid("JpbpECu8dUy7Pv5gbeJXAA==")', '10e99626-bc2b-4c75-bb3e-fe606de25700'],
      ['isnull(base64_decode_toguid("abcd1231"))', true],
    ],
  }),
  scalar({
    name: 'base64_encode_fromguid',
    nulls: 'never',
    docs: docs('base64-encode-fromguid'),
    emit: ([guid]) =>
      bind(sql`replaceAll(${stringOf(guid!)}, '-', '')`, 'hex', (h) => sql`base64Encode(unhex(${swapped(h)}))`),
    examples: [['base64_encode_fromguid(guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb))', '8jMxriJurkmwahbmqbIS6w==']],
  }),
  scalar({
    name: 'isascii',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/isascii',
    emit: ([s]) => sql`toBool(NOT match(${stringOf(s!)}, '[^\\\\x00-\\\\x7F]'))`,
    examples: [
      ['isascii("some string")', true],
      ['isascii("caf\u00e9")', false],
      ['isascii("")', true],
    ],
  }),
  scalar({
    name: 'isutf8',
    nulls: 'never',
    docs: docs('isutf8'),
    emit: ([s]) => sql`toBool(isValidUTF8(${stringOf(s!)}))`,
    examples: [
      ['isutf8("some string")', true],
      ['isutf8("caf\u00e9")', true],
    ],
  }),
  hash('hash', 'hash'),
  hash('hash_xxhash64', 'hash-xxhash64'),
  digest('hash_md5', (s) => sql`MD5(${s})`, 'f5a7924e621e84c9280a9a27e1bcb7f6', '786c530672d1f8db31fee25ea8a9390b'),
  digest(
    'hash_sha1',
    (s) => sql`SHA1(${s})`,
    '70c07ec18ef89c5309bbb0937f3a6342411e1fdd',
    'e903e533f4d636b4fc0dcf3cf81e7b7f330de776',
  ),
  digest(
    'hash_sha256',
    (s) => sql`SHA256(${s})`,
    '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524',
    'ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d',
  ),
  refuse('hash_combine', 'how Kusto combines hashes is not published', 'hash(strcat(…)) of the texts'),
  refuse('hash_many', 'how Kusto combines hashes is not published', 'hash(strcat(…)) of the texts'),
  urlEncode('url_encode', '+', '+'),
  urlEncode('url_encode_component', '%20', '%20'),
  scalar({
    name: 'url_decode',
    nulls: 'never',
    docs: docs('url-decode'),
    emit: ([s]) => sql`decodeURLComponent(${stringOf(s!)})`,
    examples: [
      ["url_decode('https%3a%2f%2fwww.bing.com%2f')", 'https://www.bing.com/'],
      ["url_decode('hello%20world')", 'hello world'],
    ],
  }),
  scalar({
    name: 'unicode_codepoints_from_string',
    nulls: 'never',
    docs: docs('unicode-codepoints-from-string'),
    emit: ([s]) => sql`toJSONString(arrayMap(${lambda('character', codePoint)}, extractAll(${stringOf(s!)}, '(?s).')))`,
    examples: [
      ['unicode_codepoints_from_string("a\u20ac\ud83d\ude00\u00e4")', [97, 8364, 128512, 228]],
      ['unicode_codepoints_from_string("\u24a6\u24b0")', [9382, 9392]],
    ],
  }),
  ...['unicode_codepoints_to_string', 'make_string'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      docs: docs('unicode-codepoints-to-string'),
      emit: (args) =>
        args.length === 1 ? toCharacters(args[0]!) : sql`concat(${joinSql(args.map(toCharacters), ', ')})`,
      examples: [
        [`${name}(dynamic([75, 117, 115]), 116, 111)`, 'Kusto'],
        [`${name}(75, 10, 8364, 228, 128512)`, 'K\n\u20ac\u00e4\ud83d\ude00'],
      ],
    }),
  ),
];
