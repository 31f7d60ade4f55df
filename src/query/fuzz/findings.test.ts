import { beforeAll, describe, expect, it } from 'vitest';
import { openTestStore } from '../../store/testing/index.js';
import { WorkspaceRunner } from '../runner.js';
import { fuzzTables } from './tables.js';

/* What generated queries found. Expected values follow from Kusto's documentation of the operators. */

let runner: WorkspaceRunner;
beforeAll(async () => {
  const store = await openTestStore();
  for (const { schema, rows } of fuzzTables()) {
    await store.ensureTable(schema);
    if (rows.length > 0) await store.insert(schema.name, rows);
  }
  const schemas = new Map(fuzzTables().map((t) => [t.schema.name, t.schema]));
  runner = new WorkspaceRunner(store, { function: () => undefined, table: (name) => schemas.get(name) });
});

async function outcome(kql: string) {
  const answer = await runner.query(kql);
  return answer.ok ? answer.value.rows : answer.diagnostics.map((d) => `${d.code} ${d.message}`).join('; ');
}

describe('answers', () => {
  it.each<[string, string, unknown]>([
    ['a group of a constant over no rows is none', 'Alpha_CL | where Id > 100 | summarize n = count() by k = "x"', []],
    [
      'one row stays one when nobody reads its columns',
      'Alpha_CL | summarize a = sum(number), b = max(t1) | count',
      [[1]],
    ],
    ['and when it is projected away', 'Alpha_CL | count | project | extend k = 1', [[1]]],
    [
      'a comparison that cannot be null is null beside an unmatched row',
      'print a = 1, k = "l" | join kind=leftouter (Alpha_CL | where Id == 0 | project d = Id != number, r = Key) on $left.k == $right.r | project d',
      [[null]],
    ],
    [
      'a column called list_0 beside an expansion',
      'Beta_CL | where Id == 0 | project list_0, x = dynamic([1, 2]) | mv-expand x | project x',
      [[1], [2]],
    ],
    [
      'a span times infinity is null',
      'print a = 1h * real(inf), b = tolong(real(nan) / 1), c = todecimal(real(-inf))',
      [[null, null, null]],
    ],
    [
      'a remainder by zero, null and the least number',
      'print a = 5 % 0, b = 5 % long(null), c = decimal(1) / decimal(0), d = -7 % 3',
      [[null, null, null, 2]],
    ],
    ['a decimal rounds to a decimal', 'print a = max_of(round(decimal(2.555), 2), decimal(1))', [['2.56']]],
    [
      'series of different lengths have no product',
      'print a = series_dot_product(dynamic([1, 2]), dynamic([1])), b = series_dot_product(2, dynamic([1, 2]))',
      [[null, 6]],
    ],
    [
      'the state of a digest counts no distinct values',
      'range x from 1 to 2 step 1 | summarize d = tdigest(x) by x | summarize h = hll_merge(d) | project dcount_hll(h)',
      [[0]],
    ],
    [
      'the mean and the union of times that are null for certain',
      'let t = print x = unixtime_seconds_todatetime(real(nan)); union t, t | summarize a = avg(x), b = avg(unixtime_seconds_todatetime(real(nan)))',
      [[null, null]],
    ],
    ['a pivot of no rows has none', 'print a = "x" | where false | evaluate pivot(a) | extend b = 1', []],
    ['a dynamic number with the other sign stands in a sum', 'print a = -dynamic(2) + 0.5', [[-1.5]]],
    [
      'a time of no number',
      'let a = series_dot_product(dynamic([]), 0); print x = unixtime_seconds_todatetime(a / a)',
      [[null]],
    ],
    [
      'the row after one of a schema',
      'Alpha_CL | project Id, Key | getschema | serialize n = next(ColumnOrdinal) | project n',
      [[1], [null]],
    ],
    [
      'the row of an extreme among no rows',
      'range x from 1 to 0 step 1 | summarize n = count() by x | summarize arg_max(n, t = ago(1d)), arg_min(2, s = "a")',
      [[null, null, null, '']],
    ],
    ['an empty array turns into itself', 'print a = array_rotate_left(dynamic([]), 2)', [[[]]]],
    ['a separator that is no text', 'print a = strcat_array(dynamic(["a", "b"]), decimal(1.5))', [['a1.5b']]],
    [
      'a number is rounded to more digits than it has',
      'print a = round(1.5, 400), b = format_bytes(0, -2147483648)',
      [[1.5, '0 Bytes']],
    ],
    [
      'a name with a line break',
      "Alpha_CL | where Id == 0 | project-rename x = ['zqn7\\r\\n'] | project n = gettype(x)",
      [['timespan']],
    ],
    [
      'a decimal that is rounded up beside a decimal, and as an argument of a function outside the engine',
      'print a = max_of(decimal(1.5), ceiling(decimal(1.2))), b = gettype(ceiling(decimal(1.2))), c = array_length(pack_array(geo_point_to_geohash(ceiling(decimal(1.2)), 1)))',
      [['2', 'decimal', 1]],
    ],
    [
      'the remainder of a hash by zero',
      'Beta_CL | where Id < 2 | project a = hash(Id, Id) | order by a desc',
      [[0], [null]],
    ],
    [
      'a season longer than any series',
      'print a = series_seasonal(dynamic([1, 3, 5]), 4294967296), b = series_seasonal(dynamic([1, 2, 1, 2]), 2)',
      [
        [
          [1, 3, 5],
          [1, 2, 1, 2],
        ],
      ],
    ],
    [
      'the mean of decimals is a decimal, the bits of ints are an int, and so is their running sum',
      'datatable(a: decimal, b: int) [decimal(1), 5, decimal(2.5), 6, decimal(null), 7] | summarize c = avg(a), d = binary_all_and(b), e = gettype(binary_all_or(int(2))) | extend f = strcat(c, gettype(c), gettype(d))',
      [['1.75', 4, 'int', '1.75decimalint']],
    ],
    [
      'numbers that are rounded to more digits than a real has',
      'Alpha_CL | where Id == 0 | project a = round(1e300, 300), b = round(int(7), 300), c = round(int(7), -300), d = round(1.25, 1)',
      [[1e300, 7, 0, 1.3]],
    ],
    [
      'a decimal that is null whatever the row, in rows that are kept',
      'let T = materialize(Beta_CL | extend d = todecimal(real(-inf))); T | join kind=inner (T | project Id) on Id | where Id == 1 | project d',
      [[null]],
    ],
    [
      'rows in the text beside a function with names of its own',
      'datatable(c: string) ["[1, 2, 3]"] | project x = series_pearson_correlation(dynamic([1, 2, 3]), parse_json(c))',
      [[1]],
    ],
    [
      'the greatest of ints is a long, as the binder has it',
      'Alpha_CL | getschema | summarize a = max(ColumnOrdinal), b = take_any(ColumnOrdinal - ColumnOrdinal) | extend c = a == 18, d = b / 2',
      [[18, 0, true, 0]],
    ],
    [
      'a remainder by minus one',
      'datatable(x: int, y: int) [-2147483648, -1, 7, -1, 7, 3, 7, 0] | project z = x % y',
      [[0], [0], [1], [null]],
    ],
    [
      'a constant beside a join as the key of a right join',
      'Beta_CL | join kind=rightouter (datatable(a: long) [1] | join kind=inner (Alpha_CL | project Id, t1) on $left.a == $right.Id | project k = long(1), a) on $left.Id == $right.k | project Id, a',
      [[1, 1]],
    ],
    ['the sign of a number is a real', 'print a = sign(-5) / 2, b = gettype(sign(int(3)))', [[-0.5, 'real']]],
  ])('%s', async (_name, kql, rows) => {
    expect(await outcome(kql)).toEqual(rows);
  });
});

describe('refusals say what is wrong in words of the query', () => {
  it.each<[string, string]>([
    ['print x = "a" matches regex "a("', 'is not valid'],
    ['print x = "a" matches regex "(?=a)"', 'looks around'],
    ['print x = "a" matches regex "a\\\\y"', 'means nothing'],
    [
      'Alpha_CL | where Key matches regex strcat("(", Key)',
      'a regular expression that the query computes is not valid',
    ],
    ['print x = 1d - now()', 'cannot be taken from a timespan'],
    ['Alpha_CL | summarize make_bag(dynamic({}), -3)', 'must be positive'],
    ['datatable(d: decimal)["x"]', 'does not fit'],
    ['datatable(d: decimal)[""]', 'does not fit'],
    ['print x = series_fill_const(dynamic([1, null]))', 'wants the value'],
    ['Alpha_CL | summarize binary_all_or(t1)', 'has no bits'],
    ['Alpha_CL | summarize sum(TimeGenerated)', 'have no sum'],
    ['Alpha_CL | summarize make_list(Id, -3)', 'must be positive'],
    ['print x = todecimal(1e300)', 'more digits'],
    ['Alpha_CL | where around(number, Id, guid(74be27de-1e4e-49d9-b579-fe0b331d3642))', 'is no distance'],
    ['Alpha_CL | project x = TimeGenerated - parse_json(Key)', 'no certain meaning'],
    ['Alpha_CL | project x = column_ifexists("none", TimeGenerated * 1.5)', ''],
    ['Alpha_CL | project countof(Key, Key, "regex")', 'must be a literal'],
    ['Alpha_CL | project repeat(Key, 9223372036854775807)', 'a list that the query makes is larger'],
  ])('%s', async (kql, message) => {
    expect(await outcome(kql)).toContain(message);
  });
});
