import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { tableSchema } from '../tables/index.js';
import { WorkspaceRunner } from './runner.js';
import { answerOf } from './testing/index.js';

let store: Store;
let runner: WorkspaceRunner;
const schemas = [
  tableSchema('PublishedA', [{ name: 'a', type: 'string' }]),
  tableSchema('PublishedB', [{ name: 'b', type: 'long' }]),
];
beforeAll(async () => {
  store = await openTestStore();
  for (const schema of schemas) await store.ensureTable(schema);
  const row = { TimeGenerated: '2026-03-04T05:06:07Z' };
  await store.insert('PublishedA', [{ ...row, a: 'x' }]);
  await store.insert('PublishedB', [{ ...row, b: 1n }]);
  const table = (name: string) => schemas.find((s) => s.name === name);
  runner = new WorkspaceRunner(store, { function: () => undefined, table }, { missingExternal: 'empty' });
});

const answer = (query: string) => answerOf(runner, query);
const same = async (query: string, rows: unknown) => expect((await answer(query)).rows).toEqual(rows);
const columns = async (query: string) => (await answer(query)).columns.map((c) => `${c.name}:${c.type}`);

/** Forms that published detections use and that the official binder, or the page of the function, leaves out. */
describe('published queries', () => {
  it('a text beside a value of another type is read as one', async () => {
    await same('print true == "True", true == "1", false == "true", true != "0", bool(null) == "x"', [
      [true, true, false, true, null],
    ]);
    await same('print datetime(2020-01-02) == "2020-01-02", 1h == "01:00:00", 1.5 == "1.50"', [[true, true, true]]);
  });

  it('texts coalesce with a dynamic value to a text, in a union with texts too', async () => {
    const arn = 'datatable(user:string, arn:string)["", "aws/bob", "eve", "aws/x"]';
    const named = `${arn} | project name = coalesce(user, split(arn, "/")[-1])`;
    expect(await columns(`union (${named}), (print name = "z")`)).toEqual(['name:string']);
    await same(`${named} | order by name asc`, [['bob'], ['eve']]);
  });

  it('rows may be numbered in what a summarize groups by', () =>
    same(
      'datatable(k:string, n:long)["b", 2, "a", 1] | order by n asc | summarize count() by place = strcat(row_number(), k) | order by place asc',
      [
        ['1a', 1],
        ['2b', 1],
      ],
    ));

  it('argmax and argmin are named as they were', async () => {
    const rows = 'datatable(k:string, v:long, w:string)["a", 1, "x", "a", 2, "y", "b", 3, "z"]';
    expect(await columns(`${rows} | summarize argmax(v, w) by k`)).toEqual([
      'k:string',
      'max_v:long',
      'max_v_w:string',
    ]);
    expect(await columns(`${rows} | summarize t = argmin(v, *) by k`)).toEqual([
      'k:string',
      't:long',
      'min_v_w:string',
    ]);
    await same(`${rows} | summarize (n, newest) = argmax(v, w) by k | order by k asc`, [
      ['a', 2, 'y'],
      ['b', 3, 'z'],
    ]);
  });

  it('a branch that is dynamic("") leaves the others their elements', () =>
    same(
      'print s = "a,b" | extend f = iff(s has "a", split(s, ","), dynamic("")) | extend e = tostring(f[1]) | project e',
      [['b']],
    ));

  it('what is dynamic already stays so', () =>
    same('print x = dynamic([1]) | extend y = todynamic(x), z = parse_json(x) | project y, z', [[[1], [1]]]));

  it('a join names its columns in either order', () =>
    same(
      'datatable(a:string)["x"] | join (datatable(b:string, n:long)["x", 2]) on $right.b == $left.a | project a, n',
      [['x', 2]],
    ));

  it('the start and the end of a text can be replaced', () =>
    same('print replace_regex("ab", "$", ";"), replace_regex("ab", "^", "> ")', [['ab;', '> ab']]));

  it('a wildcard finds the tables of the workspace, with their columns', async () => {
    await same('union withsource=T Published* | where isnotempty(a) or b > 0 | project T, a, b | order by T asc', [
      ['PublishedA', 'x', null],
      ['PublishedB', '', 1],
    ]);
    await same(
      'union * | where TimeGenerated == datetime(2026-03-04T05:06:07Z) | summarize count() by Type | order by Type asc',
      [
        ['PublishedA', 1],
        ['PublishedB', 1],
      ],
    );
    await same('search in (PublishedA) "x" | project a', [['x']]);
    await same('search "x" | where a == "x" | project $table, a', [['PublishedA', 'x']]);
  });

  it('columns that a table hides are there by name, behind a join and a distinct too', async () => {
    const query = `PublishedB | summarize n = count() by b | join (PublishedA | extend b = 1) on b`;
    await same(`${query} | project n, isempty(_ResourceId)`, [[1, true]]);
    await same('PublishedA | distinct a, r = isempty(_ResourceId)', [['x', true]]);
    expect(await columns(query)).not.toContain('_ResourceId:string');
    expect(await columns('PublishedA | distinct *')).not.toContain('_ResourceId:string');
    const latest =
      'PublishedB | join kind=inner (PublishedA | extend b = 1) on b | summarize arg_max(TimeGenerated, *) by a';
    await same(`${latest} | project a, isempty(_ResourceId)`, [['x', true]]);
    expect(await columns(latest)).not.toContain('_ResourceId:string');
  });

  // A star leaves hidden columns behind, a name brings them: as many names as the binder's, but not the same.
  it('results of summarize keep their names beside hidden columns', async () => {
    expect(
      await columns(
        'PublishedA | summarize arg_max(TimeGenerated, a, _ResourceId), arg_min(TimeGenerated, *), count()',
      ),
    ).toEqual([
      ...['TimeGenerated:datetime', 'a:string', '_ResourceId:string', 'TimeGenerated1:datetime', 'TenantId:string'],
      ...['a1:string', 'Type:string', 'count_:long'],
    ]);
    expect(await columns('PublishedB | summarize arg_max(b, b), covariance(b, b), dcount(b)')).toEqual([
      ...['b:long', 'b1:long', 'covariance_b_b:real', 'dcount_b:long'],
    ]);
  });

  it('external data that may not be read can be taken for empty, with a notice', async () => {
    const { rows, notices } = await answer('externaldata(a:string)["https://example.com/a.csv"] | count');
    expect(rows).toEqual([[0]]);
    expect(notices.map((n) => n.code)).toEqual(['KQL4006']);
    const refused = await new WorkspaceRunner(store, { function: () => undefined }).query(
      'externaldata(a:string)["https://example.com/a.csv"] | count',
    );
    expect(refused.ok).toBe(false);
  });

  it('names of expanded values do not depend on what a star leaves behind', () =>
    same(`PublishedA | distinct * | extend d = dynamic({"x":{"y":[1, 2]}}) | mv-expand d.x.y | project d_x_y`, [
      [1],
      [2],
    ]));

  it('a watchlist that is not here is an empty one with the columns that the query names, and a notice', async () => {
    const query = `let vips = _GetWatchlist('VIPUsers') | project ['User Principal Name'], Tag;
      PublishedA | where a in ((vips | project ['User Principal Name'])) | lookup vips on $left.a == $right.['User Principal Name']`;
    const { rows, columns, notices } = await answer(query);
    expect(rows).toEqual([]);
    expect(columns.map((c) => c.name)).toContain('Tag');
    expect(notices.map((n) => n.message)).toContain("no source for the watchlist 'VIPUsers': it is empty");
    await expect(answer("PublishedA | where b == 1 and SearchKey == ''; ")).rejects.toThrow('KS142');
    await expect(
      answer("_GetWatchlist('x') | join (PublishedA | where Wrong == 1) on $left.k == $right.a"),
    ).rejects.toThrow("KS142 The name 'Wrong'");
  });

  it('JSON in texts in JSON is unpacked level by level without the statement growing with each', async () => {
    const level = (of: string, key: string) => `tostring(parse_json(tostring(${of}))[0].${key})`;
    const nested = level(level(level('d.a[0].b', 'c'), 'd'), 'e');
    const inner = JSON.stringify([{ e: 'found' }]);
    const whole = { a: [{ b: JSON.stringify([{ c: JSON.stringify([{ d: inner }]) }]) }] };
    const query = `PublishedA | extend d = parse_json(strcat(${JSON.stringify(JSON.stringify(whole))}, substring(a, 9)))`;
    await same(`${query} | project v = ${nested}`, [['found']]);
    const sizes = await Promise.all(
      [level('d.a', 'b'), nested].map(async (v) => {
        const compiled = await runner.compile(`${query} | project v = ${v}`);
        return compiled.ok ? compiled.value.sql.length : 0;
      }),
    );
    expect(sizes[1]! - sizes[0]!).toBeLessThan(4000);
  });

  it('pivot knows the older names of its aggregates', () =>
    same('datatable(k:string, n:string, v:string)["a", "x", "1", "a", "y", "2"] | evaluate pivot(n, any(v), k)', [
      ['a', '1', '2'],
    ]));

  it('make_datetime of one value is todatetime', () =>
    same('print make_datetime("2020-01-02 03:04")', [['2020-01-02T03:04:00Z']]));

  it('a management command is no query', async () => {
    const result = await runner.query('.show tables');
    expect(result.ok ? [] : result.diagnostics.map((d) => d.code)).toEqual(['KQL1002']);
  });
});
