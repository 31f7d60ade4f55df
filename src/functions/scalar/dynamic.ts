import { joinSql, type Sql, sql } from '../../sql/index.js';
import { bind } from '../bind.js';
import { dynamicElements, dynamicText, jsonArray, stringOf, toDynamic, toElement } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

/** JSON null and an absent element are both the null of Kusto. */
export const orNull = (json: Sql): Sql => sql`nullIf(nullIf(${json}, ''), 'null')`;

/** Sets of string pairs that become a bag; the text of keys is escaped. */
const pairs = (args: readonly Arg[], cx: EmitContext): Sql[] =>
  args.flatMap((key, i) => {
    if (i % 2 !== 0) return [];
    const value = args[i + 1];
    if (!value) return cx.refuse('a key has no value');
    return [sql`concat(toJSONString(${stringOf(key)}), ':', ${toElement(value)})`];
  });

const bag = (parts: readonly Sql[]): Sql =>
  parts.length === 0 ? sql`'{}'` : sql`concat('{', arrayStringConcat([${joinSql(parts, ', ')}], ','), '}')`;

function access([from, key]: readonly Arg[], cx: EmitContext): Sql {
  const root = sql`ifNull(${from!.sql}, '')`;
  if (key!.type === 'string') return orNull(sql`JSONExtractRaw(${root}, ${key!.sql})`);
  if (key!.type === 'dynamic') return orNull(sql`JSONExtractRaw(${root}, ${dynamicText(key!.sql)})`);
  if (key!.type !== 'long' && key!.type !== 'int')
    return cx.refuse(`an element is named by a string or a number, not a ${key!.type}`);
  // ClickHouse counts elements from 1, and from the end with negative numbers as Kusto does. An index into a bag would
  // give its n-th entry there; Kusto gives null.
  const at = sql`if(${key!.sql} < 0, ${key!.sql}, ${key!.sql} + 1)`;
  const index = typeof key!.literal === 'bigint' ? (key!.literal < 0n ? key!.sql : at) : at;
  return bind(
    root,
    'array',
    (array) => sql`if(startsWith(${array}, '['), ${orNull(sql`JSONExtractRaw(${array}, ${index})`)}, NULL)`,
  );
}

const parseJson = (name: string) =>
  scalar({
    name,
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/parse-json-function',
    trap: 'Text that is no JSON becomes a dynamic string of that text, not null.',
    emit: ([x]) => {
      if (x!.type !== 'string') return toDynamic(x!);
      return bind(
        x!.sql,
        'text',
        (s) =>
          sql`multiIf(${s} = '', NULL, isValidJSON(${s}), ${orNull(sql`JSONExtractRaw(${s})`)}, toJSONString(${s}))`,
      );
    },
    examples: [
      [`${name}('{"a": [1, 2]}')`, { a: [1, 2] }],
      [`${name}('x')`, 'x'],
      [`isnull(${name}(''))`, true],
      [`${name}('{"a":{"b":"c"}}').a.b`, 'c'],
    ],
  });

const bagPack = (name: string) =>
  scalar({
    name,
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/pack-function',
    emit: (args, cx) => bag(pairs(args, cx)),
    examples: [[`${name}("a", 1, "b", "x")`, { a: 1, b: 'x' }]],
  });

export const dynamicFunctions = [
  scalar({
    name: '.',
    nulls: 'possible',
    emit: access,
    trap: 'A property of a dynamic that is no bag is null; JSON null is null.',
    examples: [
      ['dynamic({"a":{"b":2}}).a.b', 2],
      ['dynamic([1,2,3])[1]', 2],
      ['dynamic([1,2,3])[-1]', 3],
      ['isnull(dynamic({"a":null}).a)', true],
    ],
  }),
  parseJson('parse_json'),
  parseJson('parsejson'),
  parseJson('todynamic'),
  parseJson('toobject'),
  bagPack('bag_pack'),
  bagPack('pack'),
  bagPack('pack_dictionary'),
  scalar({
    name: 'pack_non_empty',
    nulls: 'never',
    emit: (args, cx) => {
      const parts = pairs(args, cx).map((p, i) => sql`if(${stringOf(args[2 * i + 1]!)} = '', '', ${p})`);
      return sql`concat('{', arrayStringConcat(arrayFilter(p -> p != '', [${joinSql(parts, ', ')}]), ','), '}')`;
    },
  }),
  scalar({
    name: 'pack_array',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/pack-array-function',
    emit: (args) => jsonArray(sql`[${joinSql(args.map(toElement), ', ')}]`),
    elements: (args) => sql`[${joinSql(args.map(toElement), ', ')}]`,
    examples: [['pack_array(1, "a", int(null))', [1, 'a', null]]],
  }),
  scalar({
    name: 'bag_keys',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/bag-keys-function',
    emit: ([x]) =>
      sql`if(startsWith(ifNull(${x!.sql}, ''), '{'), concat('[', arrayStringConcat(arrayMap(k -> toJSONString(k), JSONExtractKeys(ifNull(${x!.sql}, ''))), ','), ']'), NULL)`,
    examples: [['bag_keys(dynamic({"a":1,"b":{"c":2}}))', ['a', 'b']]],
  }),
  scalar({
    name: 'bag_merge',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/bag-merge-function',
    trap: 'The first bag that has a key wins.',
    emit: (args) => {
      const lists = args.map((a) => sql`JSONExtractKeysAndValuesRaw(ifNull(${a.sql}, ''))`);
      const all = sql`arrayConcat(${joinSql(lists, ', ')})`;
      const firsts = sql`arrayFilter((kv, i) -> indexOf(arrayMap(x -> x.1, ${all}), kv.1) = i, ${all}, arrayEnumerate(${all}))`;
      return sql`if(${joinSql(
        args.map((a) => sql`isNull(${a.sql})`),
        ' AND ',
      )}, NULL, concat('{', arrayStringConcat(arrayMap(kv -> concat(toJSONString(kv.1), ':', kv.2), ${firsts}), ','), '}'))`;
    },
    examples: [['bag_merge(dynamic({"a":1}), dynamic({"a":2,"b":3}))', { a: 1, b: 3 }]],
  }),
  scalar({
    name: 'bag_zip',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/bag-zip',
    trap: 'Keys that are no strings fall out with their values; a key without a value has null.',
    emit: ([keys, values]) => {
      const names = dynamicElements(keys!.sql);
      const list = dynamicElements(values!.sql);
      const isName = sql`i -> startsWith(${names}[i], '"') AND indexOf(${names}, ${names}[i]) = i`;
      const entry = sql`i -> concat(${names}[i], ':', if(i <= length(${list}), ${list}[i], 'null'))`;
      return sql`if(startsWith(ifNull(${keys!.sql}, ''), '['), concat('{', arrayStringConcat(arrayMap(${entry}, arrayFilter(${isName}, arrayEnumerate(${names}))), ','), '}'), NULL)`;
    },
    examples: [
      ["bag_zip(dynamic(['a', 'b', 'c']), dynamic([1, '2', 3.4]))", { a: 1, b: '2', c: 3.4 }],
      ["bag_zip(dynamic(['a', 'b', 'c']), dynamic([1, '2']))", { a: 1, b: '2', c: null }],
      ["bag_zip(dynamic(['a', 8, 'b']), dynamic([1, '2', 2.5]))", { a: 1, b: 2.5 }],
      ["bag_zip(dynamic(['a', 8, 'b']), parse_json('1'))", { a: null, b: null }],
      ["isnull(bag_zip(parse_json('a'), dynamic([1])))", true],
    ],
  }),
  scalar({
    name: 'zip',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/zip-function',
    emit: (args) => {
      const lists = args.map((a) => sql`JSONExtractArrayRaw(ifNull(${a.sql}, ''))`);
      const longest = sql`arrayMax([${joinSql(
        lists.map((l) => sql`length(${l})`),
        ', ',
      )}])`;
      const cells = lists.map((l) => sql`if(i <= length(${l}), ${l}[i], 'null')`);
      return sql`concat('[', arrayStringConcat(arrayMap(i -> concat('[', arrayStringConcat([${joinSql(cells, ', ')}], ','), ']'), range(1, ${longest} + 1)), ','), ']')`;
    },
    examples: [
      [
        'zip(dynamic([1,3]), dynamic([2,4]))',
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
  }),
];
