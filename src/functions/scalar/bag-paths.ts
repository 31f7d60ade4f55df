import { joinSql, type Sql, sql, text } from '../../sql/index.js';
import { bind, lambda } from '../bind.js';
import { toElement } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { jsonPathSteps } from '../json-path.js';

/** Bags, and properties deep inside them that a JSON path names. */

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;
const isBag = (json: Sql): Sql => sql`startsWith(ifNull(${json}, ''), '{')`;
const pairsOf = (json: Sql): Sql => sql`JSONExtractKeysAndValuesRaw(ifNull(${json}, ''))`;
const entry = (key: Sql, value: Sql): Sql => sql`concat(toJSONString(${key}), ':', ${value})`;
const bagOf = (entries: Sql): Sql => sql`concat('{', arrayStringConcat(${entries}, ','), '}')`;
const ownText = lambda('pair', (kv) => entry(sql`${kv}.1`, sql`${kv}.2`));

/** The properties on the way that a literal key names; a path begins with a dollar sign. */
function steps(path: string, cx: EmitContext): string[] {
  if (!path.startsWith('$')) return [path];
  const found = jsonPathSteps(path);
  if (!found || found.length === 0) return cx.refuse(`the path '${path}' is not supported`);
  return found.map((s) => (typeof s === 'string' ? s : cx.refuse('a path through an array is not supported')));
}

/** A key that only the rows know is the name of a property; ClickHouse has no recursion for a path. */
const named = (key: Sql, name: string): Sql =>
  sql`if(throwIf(startsWith(${key}, '$.') OR startsWith(${key}, '$['), ${text(`${name}: a JSON path must be a literal`)}), '', ${key})`;

function keyPath(key: Arg, cx: EmitContext): Sql[] {
  return typeof key.literal === 'string' ? steps(key.literal, cx).map(text) : [named(key.sql, cx.name)];
}

/** The bag with the property at the path; a bag on the way that is missing comes into being. */
function withProperty(bag: Sql, [key, ...rest]: readonly Sql[], value: Sql, depth: number): Sql {
  return bind(bag, `bag${depth}`, (b) => {
    const others = sql`arrayFilter(${lambda('pair', (kv) => sql`${kv}.1 != ${key!}`)}, ${pairsOf(b)})`;
    const inner = () => {
      const below = sql`JSONExtractRaw(${b}, ${key!})`;
      const wrong = sql`throwIf(NOT (${below} IN ('', 'null') OR startsWith(${below}, '{')), 'bag_set_key: the path goes through a value that is no bag')`;
      return withProperty(sql`if(${wrong}, '', if(startsWith(${below}, '{'), ${below}, '{}'))`, rest, value, depth + 1);
    };
    return bagOf(sql`arrayPushBack(arrayMap(${ownText}, ${others}), ${entry(key!, rest.length ? inner() : value)})`);
  });
}

/** Names of properties to remove; what is below a name is removed inside it. */
interface Removal {
  readonly names: string[];
  readonly inside: Map<string, Removal>;
}

function removalOf(paths: readonly string[][]): Removal {
  const names = paths.filter((p) => p.length === 1).map((p) => p[0]!);
  const inside = new Map<string, string[][]>();
  for (const [first, ...rest] of paths) {
    if (rest.length && !names.includes(first!)) inside.set(first!, [...(inside.get(first!) ?? []), rest]);
  }
  return { names, inside: new Map([...inside].map(([name, below]) => [name, removalOf(below)])) };
}

function without(bag: Sql, { names, inside }: Removal, depth: number): Sql {
  const gone = joinSql(names.map(text), ', ');
  const kept = names.length
    ? sql`arrayFilter(${lambda(`pair${depth}`, (kv) => sql`NOT has([${gone}], ${kv}.1)`)}, ${pairsOf(bag)})`
    : pairsOf(bag);
  const own = (kv: Sql) => {
    const cases = [...inside].flatMap(([name, below]) => [
      sql`${kv}.1 = ${text(name)} AND startsWith(${kv}.2, '{')`,
      without(sql`${kv}.2`, below, depth + 1),
    ]);
    return cases.length ? sql`multiIf(${joinSql([...cases, sql`${kv}.2`], ', ')})` : sql`${kv}.2`;
  };
  return bagOf(sql`arrayMap(${lambda(`pair${depth}`, (kv) => entry(sql`${kv}.1`, own(kv)))}, ${kept})`);
}

export const bagPaths = [
  scalar({
    name: 'bag_has_key',
    nulls: 'possible',
    docs: docs('bag_has_key'),
    emit: ([bag, key], cx) =>
      sql`if(${isBag(bag!.sql)}, toBool(JSONHas(ifNull(${bag!.sql}, ''), ${joinSql(keyPath(key!, cx), ', ')})), NULL)`,
    examples: [
      ['bag_has_key(dynamic({"a":1}), "a")', true],
      ["bag_has_key(dynamic({'key1': 123, 'key3': 'abc'}), 'key2')", false],
      ["bag_has_key(dynamic({'key1': 123, 'key2': {'prop1' : 'abc', 'prop2': 'xyz'}}), '$.key2.prop1')", true],
      ["bag_has_key(dynamic({'key2': {'a b' : 'abc'}}), \"$['key2']['a b']\")", true],
      ["bag_has_key(dynamic({'key2': {'a' : 'abc'}}), '$.key2.b')", false],
    ],
  }),
  scalar({
    name: 'bag_set_key',
    nulls: 'possible',
    docs: docs('bag_set_key'),
    trap: 'A property that was there moves to the end.',
    emit: ([bag, key, value], cx) =>
      sql`if(${isBag(bag!.sql)}, ${withProperty(sql`ifNull(${bag!.sql}, '')`, keyPath(key!, cx), toElement(value!), 0)}, NULL)`,
    examples: [
      ['bag_set_key(dynamic({"a":1}), "b", 2)', { a: 1, b: 2 }],
      ["bag_set_key(dynamic({'key1': 1, 'key3': 'abc'}), 'key3', 3)", { key1: 1, key3: 3 }],
      [
        "bag_set_key(dynamic({'key1': 123, 'key2': {'prop1': 123, 'prop2': 'xyz'}}), '$.key2.prop1', 'abc')",
        { key1: 123, key2: { prop1: 'abc', prop2: 'xyz' } },
      ],
      ["bag_set_key(dynamic({'key1': 123}), '$.key2.prop1', 'abc')", { key1: 123, key2: { prop1: 'abc' } }],
      ['isnull(bag_set_key(parse_json("[1]"), "b", 2))', true],
    ],
  }),
  scalar({
    name: 'bag_remove_keys',
    nulls: 'possible',
    docs: docs('bag_remove_keys'),
    emit: ([bag, keys], cx) => {
      const b = bag!.sql;
      if (typeof keys!.literal === 'string') {
        const list: unknown = JSON.parse(keys!.literal);
        const names = (Array.isArray(list) ? list : []).filter((k): k is string => typeof k === 'string');
        const removal = removalOf(names.map((n) => steps(n, cx)));
        return sql`if(${isBag(b)}, ${without(b, removal, 0)}, ${b})`;
      }
      const gone = sql`arrayMap(${lambda('key', (k) => named(k, cx.name))}, JSONExtract(ifNull(${keys!.sql}, ''), 'Array(String)'))`;
      const kept = sql`arrayFilter(${lambda('pair', (kv) => sql`NOT has(${gone}, ${kv}.1)`)}, ${pairsOf(b)})`;
      return sql`if(${isBag(b)}, ${bagOf(sql`arrayMap(${ownText}, ${kept})`)}, ${b})`;
    },
    examples: [
      ['bag_remove_keys(dynamic({"a":1,"b":2}), dynamic(["a"]))', { b: 2 }],
      ['bag_remove_keys(dynamic({"a":1,"b":2}), pack_array(strcat("a", "")))', { b: 2 }],
      [
        "bag_remove_keys(dynamic({'key1': 'value', 'key3': 42.5}), dynamic(['key2', 'key4']))",
        { key1: 'value', key3: 42.5 },
      ],
      [
        "bag_remove_keys(dynamic({'key1': 123, 'key2': {'prop1' : 'abc', 'prop2': 'xyz'}, 'key3': [100, 200]}), dynamic(['$.key2.prop1', 'key3']))",
        { key1: 123, key2: { prop2: 'xyz' } },
      ],
    ],
  }),
];
