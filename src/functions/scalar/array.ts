import { joinSql, number as numberSql, type Sql, sql, text as textSql } from '../../sql/index.js';
import { bind } from '../bind.js';
import { dynamicElements, dynamicText, jsonArray, realText, stringOf, toElement } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';
import { jsonPathSteps } from '../json-path.js';
import { orNull } from './dynamic.js';

const isArray = (x: Arg): Sql => sql`startsWith(ifNull(${x.sql}, ''), '[')`;
const elements = (x: Arg): Sql => dynamicElements(x.sql);
/** Null for anything that is no array. */
const overArray = (x: Arg, value: Sql): Sql => sql`if(${isArray(x)}, ${value}, NULL)`;
const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** A zero-based position with negatives counted from the end, cut to the array. */
const fromEnd = (i: Arg, length: Sql): Sql => sql`if(${i.sql} < 0, ${i.sql} + toInt64(${length}), ${i.sql})`;

const rotate = (name: string, sign: '' | '-') =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    emit: ([x, by]) => {
      const list = elements(x!);
      const n = sql`positiveModulo(${sign === '-' ? sql`negate(${by!.sql})` : by!.sql}, greatest(1, toInt64(length(${list}))))`;
      return overArray(
        x!,
        sql`if(empty(${list}), '[]', ${jsonArray(sql`arrayConcat(arraySlice(${list}, ${n} + 1), arraySlice(${list}, 1, ${n}))`)})`,
      );
    },
    examples: [[`${name}(dynamic([1,2,3,4,5]), 2)`, sign === '-' ? [4, 5, 1, 2, 3] : [3, 4, 5, 1, 2]]],
  });

const shift = (name: string, sign: '' | '-') =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    emit: ([x, by, fill]) => {
      const list = elements(x!);
      const filler = fill ? toElement(fill) : sql`'null'`;
      const n = sign === '-' ? sql`negate(${by!.sql})` : by!.sql;
      return overArray(
        x!,
        jsonArray(
          sql`arrayMap(i -> if(i + (${n}) BETWEEN 1 AND length(${list}), ${list}[i + (${n})], ${filler}), arrayMap(e -> toInt64(e), arrayEnumerate(${list})))`,
        ),
      );
    },
    examples: [[`${name}(dynamic([1,2,3]), 1)`, sign === '-' ? [null, 1, 2] : [2, 3, null]]],
  });

/**
 * The places of the elements in their order. Numbers come before texts and texts before everything else; datetimes and
 * timespans are texts that sort as they should.
 */
function sortedPlaces(list: Sql, descending: boolean, nullsLast: Sql): Sql {
  const number = sql`toFloat64OrNull(${list}[i])`;
  const kind = sql`multiIf(isNotNull(${number}), 0, startsWith(${list}[i], '"'), 1, 2)`;
  const value = sql`if(startsWith(${list}[i], '"'), JSONExtractString(${list}[i]), ${list}[i])`;
  const isNull = sql`(${list}[i] = 'null') = ${nullsLast}`;
  const rank = descending ? sql`(NOT ${isNull}, negate(${kind})` : sql`(${isNull}, ${kind}`;
  const sort = descending ? sql`arrayReverseSort` : sql`arraySort`;
  return sql`${sort}(i -> ${rank}, ifNull(${number}, 0), ${value}), arrayEnumerate(${list}))`;
}

const sortOrder = (name: string, descending: boolean) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    trap: 'Several arrays come back as one array of them: the first sorted, the others in its order.',
    emit: (args) => {
      const flag = args.length > 1 && args.at(-1)!.type === 'bool' ? args.at(-1)! : undefined;
      const arrays = flag ? args.slice(0, -1) : args;
      const first = elements(arrays[0]!);
      const places = sortedPlaces(first, descending, flag ? sql`ifNull(${flag.sql}, true)` : sql`true`);
      const picked = (list: Sql) => jsonArray(sql`arrayMap(i -> ${list}[i], ${places})`);
      if (arrays.length === 1) return overArray(arrays[0]!, picked(first));
      const each = arrays.map((a) => {
        const list = elements(a);
        const fits = sql`startsWith(ifNull(${a.sql}, ''), '[') AND length(${list}) = length(${first})`;
        return sql`if(${isArray(arrays[0]!)} AND ${fits}, ${picked(list)}, 'null')`;
      });
      return jsonArray(sql`[${joinSql(each, ', ')}]`);
    },
    examples: [
      [`${name}(dynamic([3,1,2]))`, descending ? [3, 2, 1] : [1, 2, 3]],
      [
        `${name}(dynamic([1,3,4,5,2]), dynamic(["a","b","c","d","e"]))[1]`,
        descending ? ['d', 'c', 'b', 'e', 'a'] : ['a', 'e', 'b', 'c', 'd'],
      ],
      [
        `${name}(dynamic([null,"blue","yellow","green",null]))`,
        descending ? ['yellow', 'green', 'blue', null, null] : ['blue', 'green', 'yellow', null, null],
      ],
      [
        `${name}(dynamic([null,"blue","yellow","green",null]), false)`,
        descending ? [null, null, 'yellow', 'green', 'blue'] : [null, null, 'blue', 'green', 'yellow'],
      ],
      [`isnull(${name}(dynamic([1]), dynamic([1, 2]))[1])`, true],
    ],
  });

/** Sets keep the first of equal elements, in order of appearance. */
const distinct = (list: Sql): Sql => sql`arrayDistinct(${list})`;

const setOf = (name: string, emit: (lists: readonly Sql[]) => Sql, example: readonly [string, unknown]) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    emit: (args) => {
      const all = joinSql(args.map(isArray), ' AND ');
      return sql`if(${all}, ${jsonArray(emit(args.map(elements)))}, NULL)`;
    },
    examples: [example],
  });

function element(x: Arg, cx: EmitContext): Sql {
  return x.type === 'dynamic' ||
    x.type === 'string' ||
    x.type === 'long' ||
    x.type === 'int' ||
    x.type === 'real' ||
    x.type === 'bool' ||
    x.type === 'guid'
    ? toElement(x)
    : cx.refuse(`looking for a ${x.type} is not supported`);
}

const sentence = 'dynamic(["this", "is", "an", "example", "an", "example"])';

export const arrayFunctions = [
  ...['array_length', 'arraylength'].map((name) =>
    scalar({
      name,
      nulls: 'possible',
      docs: docs('array_length'),
      emit: ([x]) => overArray(x!, sql`toInt64(JSONLength(ifNull(${x!.sql}, '')))`),
      examples: [
        [`${name}(dynamic([1,2]))`, 2],
        [`${name}(dynamic([]))`, 0],
      ],
    }),
  ),
  scalar({
    name: 'array_concat',
    nulls: 'possible',
    docs: docs('array_concat'),
    emit: (args) => jsonArray(sql`arrayConcat(${joinSql(args.map(elements), ', ')})`),
    examples: [['array_concat(dynamic([1]), dynamic([2,3]))', [1, 2, 3]]],
  }),
  scalar({
    name: 'array_slice',
    nulls: 'possible',
    docs: docs('array_slice'),
    trap: 'Both ends are included.',
    emit: ([x, from, to]) => {
      const list = elements(x!);
      const start = sql`greatest(${fromEnd(from!, sql`length(${list})`)}, 0)`;
      const end = fromEnd(to!, sql`length(${list})`);
      return overArray(x!, jsonArray(sql`arraySlice(${list}, ${start} + 1, greatest(${end} - ${start} + 1, 0))`));
    },
    examples: [
      ['array_slice(dynamic([1,2,3]), 1, 2)', [2, 3]],
      ['array_slice(dynamic([1,2,3,4,5]), -3, -2)', [3, 4]],
    ],
  }),
  scalar({
    name: 'array_index_of',
    nulls: 'possible',
    docs: docs('array_index_of'),
    emit: ([x, value, start, length, occurrence], cx) => {
      const list = elements(x!);
      const wanted = element(value!, cx);
      if (!start) return overArray(x!, sql`toInt64(indexOf(${list}, ${wanted})) - 1`);
      const from = sql`greatest(${fromEnd(start, sql`length(${list})`)}, 0)`;
      const near = length ? sql`(${length.sql} = -1 OR i <= ${from} + ${length.sql})` : sql`true`;
      const found = sql`arrayFilter(i -> ${list}[i] = ${wanted} AND i > ${from} AND ${near}, arrayEnumerate(${list}))`;
      const n = occurrence?.sql ?? sql`1`;
      const odd = joinSql(
        [...(length ? [sql`${length.sql} < -1`] : []), ...(occurrence ? [sql`${n} < 0`] : []), sql`NOT ${isArray(x!)}`],
        ' OR ',
      );
      return bind(
        found,
        'found',
        (f) => sql`if(${odd}, NULL, if(${n} BETWEEN 1 AND length(${f}), toInt64(${f}[${n}]), 0) - 1)`,
      );
    },
    trap: 'A negative start counts from the end.',
    examples: [
      ['array_index_of(dynamic(["a","b"]), "b")', 1],
      ['array_index_of(dynamic(["a","b"]), "c")', -1],
      [`array_index_of(${sentence}, "example", 1, 3)`, 3],
      [`array_index_of(${sentence}, "example", 1, 2)`, -1],
      [`array_index_of(${sentence}, "is", 2, 4)`, -1],
      [`array_index_of(${sentence}, "example", 2, -1)`, 3],
      [`array_index_of(${sentence}, "an", 1, -1, 2)`, 4],
      [`array_index_of(${sentence}, "an", 1, -1, 3)`, -1],
      [`array_index_of(${sentence}, "an", -3)`, 4],
      [`array_index_of(${sentence}, "is", -4)`, -1],
      [`isnull(array_index_of(${sentence}, "is", 0, -2))`, true],
    ],
  }),
  scalar({
    name: 'array_sum',
    nulls: 'possible',
    docs: docs('array_sum'),
    emit: ([x]) =>
      overArray(
        x!,
        sql`if(arrayExists(e -> isNull(toFloat64OrNull(e)), ${elements(x!)}), NULL, arraySum(e -> toFloat64OrZero(e), ${elements(x!)}))`,
      ),
    examples: [['array_sum(dynamic([1,2,3]))', 6]],
  }),
  scalar({
    name: 'array_reverse',
    nulls: 'possible',
    docs: docs('array_reverse'),
    emit: ([x]) => overArray(x!, jsonArray(sql`reverse(${elements(x!)})`)),
    examples: [['array_reverse(dynamic([1,2,3]))', [3, 2, 1]]],
  }),
  rotate('array_rotate_left', ''),
  rotate('array_rotate_right', '-'),
  shift('array_shift_left', ''),
  shift('array_shift_right', '-'),
  sortOrder('array_sort_asc', false),
  sortOrder('array_sort_desc', true),
  scalar({
    name: 'array_split',
    nulls: 'possible',
    docs: docs('array_split'),
    trap: 'Positions are taken in the order given; one beyond the array cuts at its end.',
    emit: ([x, at]) => {
      const list = elements(x!);
      const size = sql`toInt64(length(${list}))`;
      const given =
        at!.type === 'dynamic' ? sql`JSONExtract(ifNull(${at!.sql}, ''), 'Array(Int64)')` : sql`[toInt64(${at!.sql})]`;
      const places = sql`arrayMap(n -> least(greatest(if(n < 0, n + ${size}, n), 0), ${size}), ${given})`;
      const part = jsonArray(sql`arraySlice(${list}, a + 1, greatest(b - a, 0))`);
      return overArray(
        x!,
        bind(places, 'places', (p) =>
          jsonArray(sql`arrayMap((a, b) -> ${part}, arrayPushFront(${p}, 0), arrayPushBack(${p}, ${size}))`),
        ),
      );
    },
    examples: [
      [
        'array_split(dynamic([1,2,3,4,5]), 2)',
        [
          [1, 2],
          [3, 4, 5],
        ],
      ],
      ['array_split(dynamic([1,2,3,4,5]), dynamic([1,3]))', [[1], [2, 3], [4, 5]]],
      [
        'array_split(dynamic([1,2,3,4,5]), -2)',
        [
          [1, 2, 3],
          [4, 5],
        ],
      ],
    ],
  }),
  ...['array_iff', 'array_iif'].map((name) =>
    scalar({
      name,
      nulls: 'possible',
      docs: docs('array_iff'),
      emit: ([test, yes, no]) => {
        const pick = (x: Arg) =>
          x.type === 'dynamic'
            ? sql`if(startsWith(ifNull(${x.sql}, ''), '['), if(i <= length(${elements(x)}), ${elements(x)}[i], 'null'), ${toElement(x)})`
            : toElement(x);
        const list = elements(test!);
        return overArray(
          test!,
          jsonArray(
            sql`arrayMap(i -> multiIf(${list}[i] = 'true' OR toFloat64OrZero(${list}[i]) != 0, ${pick(yes!)}, ${list}[i] = 'false' OR toFloat64OrNull(${list}[i]) = 0, ${pick(no!)}, 'null'), arrayEnumerate(${list}))`,
          ),
        );
      },
      examples: [[`${name}(dynamic([true,false,true]), dynamic([1,2,3]), dynamic([4,5,6]))`, [1, 5, 3]]],
    }),
  ),
  scalar({
    name: 'repeat',
    nulls: 'possible',
    docs: docs('repeat'),
    emit: ([value, times]) =>
      sql`if(${times!.sql} < 0, NULL, ${jsonArray(sql`arrayWithConstant(assumeNotNull(greatest(${times!.sql}, 0)), assumeNotNull(${toElement(value!)}))`)})`,
    examples: [['repeat(1, 3)', [1, 1, 1]]],
  }),
  setOf('set_union', (l) => distinct(sql`arrayConcat(${joinSql(l, ', ')})`), [
    'set_union(dynamic([1,2]), dynamic([2,3]))',
    [1, 2, 3],
  ]),
  setOf('set_intersect', (l) => distinct(l.reduce((a, b) => sql`arrayFilter(e -> has(${b}, e), ${a})`)), [
    'set_intersect(dynamic([1,2,3]), dynamic([3,2]))',
    [2, 3],
  ]),
  setOf('set_difference', (l) => distinct(l.reduce((a, b) => sql`arrayFilter(e -> NOT has(${b}, e), ${a})`)), [
    'set_difference(dynamic([1,2,3]), dynamic([2]))',
    [1, 3],
  ]),
  scalar({
    name: 'set_has_element',
    nulls: 'possible',
    docs: docs('set_has_element'),
    emit: ([x, value], cx) => overArray(x!, sql`toBool(has(${elements(x!)}, ${element(value!, cx)}))`),
    examples: [['set_has_element(dynamic(["a"]), "a")', true]],
  }),
  scalar({
    name: 'set_equals',
    nulls: 'possible',
    emit: ([a, b]) => {
      const [x, y] = [elements(a!), elements(b!)];
      return sql`if(${isArray(a!)} AND ${isArray(b!)}, toBool(hasAll(${x}, ${y}) AND hasAll(${y}, ${x})), NULL)`;
    },
    examples: [
      ['set_equals(dynamic([1,2,2]), dynamic([2,1]))', true],
      ['set_equals(dynamic([1,2]), dynamic([1]))', false],
    ],
  }),
  scalar({
    name: 'jaccard_index',
    nulls: 'possible',
    docs: docs('jaccard_index'),
    emit: ([a, b]) => {
      const [x, y] = [distinct(elements(a!)), distinct(elements(b!))];
      const both = sql`length(arrayFilter(e -> has(${y}, e), ${x}))`;
      return sql`if(${isArray(a!)} AND ${isArray(b!)}, ${realText(sql`${both} / length(arrayDistinct(arrayConcat(${x}, ${y})))`)}, NULL)`;
    },
    examples: [
      ['jaccard_index(dynamic([1,2,3]), dynamic([1,2,3,4]))', 0.75],
      ['jaccard_index(dynamic([1,1,2]), dynamic([2,2,1]))', 1],
    ],
  }),
  ...['extract_json', 'extractjson'].map((name) =>
    scalar({
      name,
      nulls: 'possible',
      docs: docs('extract_json'),
      emit: ([path, json], cx) => jsonPath(path!, json!, cx),
      examples: [
        [`${name}("$.a[1]", '{"a":[1,"x"]}')`, 'x'],
        [`${name}("$.name", '{"name": "John", "age": 30}', typeof(string))`, 'John'],
        [`${name}("$.age", '{"name": "John", "age": 30}', typeof(long)) + 1`, 31],
        [`${name}("$.Details['IP Address']", '{"Details": {"IP Address": "192.0.2.1"}}')`, '192.0.2.1'],
        [`${name}("$.a[0]", '{"a":{"b":1}}')`, ''],
        [`${name}("$", '{"a":1}', typeof(dynamic)).a`, 1],
      ],
    }),
  ),
];

/** The value at a literal path; the type of the result says whether as text or as a dynamic. */
function jsonPath(path: Arg, json: Arg, cx: EmitContext): Sql {
  if (typeof path.literal !== 'string') return cx.refuse('the path must be a literal');
  const steps = jsonPathSteps(path.literal) ?? cx.refuse(`the path '${path.literal}' is not supported`);
  let at = steps.length ? stringOf(json) : sql`JSONExtractRaw(${stringOf(json)})`;
  for (const [i, key] of steps.entries()) {
    // A place in an array would find the n-th property of a bag, too.
    at =
      typeof key === 'string'
        ? sql`JSONExtractRaw(${at}, ${textSql(key)})`
        : bind(at, `json${i}`, (x) => sql`if(startsWith(${x}, '['), JSONExtractRaw(${x}, ${numberSql(key + 1)}), '')`);
  }
  return cx.type === 'dynamic' ? orNull(at) : dynamicText(orNull(at));
}
