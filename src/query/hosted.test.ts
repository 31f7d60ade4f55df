import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { WorkspaceRunner } from './runner.js';
import { answerOf } from './testing/index.js';

let store: Store;
let runner: WorkspaceRunner;
beforeAll(async () => {
  store = await openTestStore();
  runner = new WorkspaceRunner(store, { function: () => undefined });
});

const rowsOf = async (query: string, by = runner) => (await answerOf(by, query)).rows;

const table = 'datatable(d:string, n:long)["bücher", 2, "plain", 1, "", 3, "bücher", 4]';
const encoded = ['', 'bcher-kva', 'bcher-kva', 'plain-'];

describe('a function that runs outside the engine', () => {
  it('gives each row the value of its arguments', async () => {
    const rows = await rowsOf(`${table} | extend p = punycode_from_string(d) | project p`);
    expect(rows.map(([p]) => p).sort()).toEqual(encoded);
  });

  it('leaves sorted rows in their order', async () => {
    const many =
      'range n from 1 to 100000 step 1 | sort by n desc | extend p = punycode_from_string(strcat("é", n % 7))';
    expect(await rowsOf(`${many} | extend r = row_number() | where r + n != 100001 | count`)).toEqual([[0]]);
    expect((await rowsOf(`${table} | sort by n asc | extend p = punycode_from_string(d) | project n`)).flat()).toEqual([
      1, 2, 3, 4,
    ]);
  });

  it('stands in conditions, keys of groups, aggregates, joins and inside itself', async () => {
    expect(await rowsOf(`${table} | where n > 2 and punycode_from_string(d) == "bcher-kva"`)).toEqual([['bücher', 4]]);
    expect(
      await rowsOf(`${table} | summarize s = sum(n) by p = punycode_from_string(d) | sort by s asc | where s > 1`),
    ).toEqual([
      ['', 3],
      ['bcher-kva', 6],
    ]);
    expect(await rowsOf(`${table} | summarize c = dcount(punycode_from_string(d))`)).toEqual([[3]]);
    expect(await rowsOf(`${table} | summarize countif(punycode_to_string(punycode_from_string(d)) == d)`)).toEqual([
      [4],
    ]);
    expect(
      await rowsOf(
        `${table} | extend p = punycode_from_string(d) | join kind=inner (${table}) on $left.p == $right.d | count`,
      ),
    ).toEqual([[1]]);
    expect(
      await rowsOf(
        `${table} | where n in (toscalar(${table} | where punycode_from_string(d) == "plain-" | project n))`,
      ),
    ).toEqual([['plain', 1]]);
  });

  it('sees random arguments once', async () => {
    const random =
      'range n from 1 to 1000 step 1 | extend p = punycode_to_string(punycode_from_string(tostring(rand())))';
    expect(await rowsOf(`${random} | where isnotempty(p) | count`)).toEqual([[1000]]);
  });

  it('works over no rows, and again from the compiled query on disk', async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'vedette-cache-'));
    const library = { function: () => undefined, functionsHash: () => '' };
    const query = `${table} | where n > 2 | extend p = punycode_from_string(d) | where n > 3 | project p`;
    try {
      for (let i = 0; i < 2; i++) {
        expect(await rowsOf(query, new WorkspaceRunner(store, library, { cacheFolder }))).toEqual([['bcher-kva']]);
      }
    } finally {
      await rm(cacheFolder, { recursive: true });
    }
    expect(await rowsOf(`${table} | where n > 9 | extend p = punycode_from_string(d)`)).toEqual([]);
  });

  it('ends when it is cancelled, late, or gets more rows than its limit', async () => {
    const slow = 'range n from 1 to 900000 step 1 | summarize max(strlen(gzip_compress_to_base64_string(tostring(n))))';
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 2_500);
    const codeOf = async (query: string, request = {}) => {
      const answer = await runner.query(query, request);
      return answer.ok ? 'ok' : answer.diagnostics[0]?.code;
    };
    expect(await codeOf(slow, { signal: controller.signal })).toBe('KQL2003');
    expect(await codeOf(slow, { timeoutMs: 2_500 })).toBe('KQL2001');
    expect(await codeOf(slow.replace('900000', '1100000'))).toBe('KQL2005');
  });
});

const echo = (value: string) =>
  `gzip_decompress_from_base64_string(gzip_compress_to_base64_string(tostring(${value})))`;

describe('arguments on their way out of the engine and back', () => {
  it('lose no row for a NaN, an infinity, a null or an empty text', async () => {
    const reals =
      'datatable(n: int, r: real)[1, real(nan), 2, real(+inf), 3, real(-inf), 4, real(null), 5, 0.1, 6, -0.0, 7, 0.0]' +
      '| extend r = iff(n == 5, r * 3, r) | extend m = iff(n == 1, -r, r) | union (print n = int(8), r = real(null))';
    const located = '| summarize countif(strlen(h) >= 0), countif(h == "")';
    expect(await rowsOf(`${reals} | extend h = geo_point_to_geohash(r, 1.0) ${located}`)).toEqual([[8, 5]]);
    expect(await rowsOf(`${reals} | extend h = geo_point_to_geohash(m, r) ${located}`)).toEqual([[8, 5]]);
    const texts = 'datatable(t: string, d: dynamic)["", dynamic(null), "a", dynamic({"a": null}), "", dynamic("")]';
    expect(await rowsOf(`${texts} | extend h = ${echo('d')} | where h == tostring(d) | count`)).toEqual([[3]]);
    expect(await rowsOf(`${texts} | extend h = ${echo('t')} | where h == t | count`)).toEqual([[3]]);
  });

  it('stand as a key of a join, where a null meets a null', async () => {
    const left = 'datatable(n: int, d: string)[1, "bücher", 2, "plain", 3, "", 4, "bücher"]';
    const right = 'datatable(p: string, e: string)["bcher-kva", "bücher", "", "", "x", "y"]';
    expect(
      (
        await rowsOf(
          `${left} | extend k = punycode_from_string(d) | join kind=leftouter (${right} | extend k = punycode_from_string(e)) on k | sort by n asc | project n, p`,
        )
      ).map((r) => r.join(' ')),
    ).toEqual(['1 bcher-kva', '2 ', '3 ', '4 bcher-kva']);
  });

  it('keep whole numbers past 2^53 and properties in their order', async () => {
    const longs = 'datatable(n: long)[9223372036854775807, -9223372036854775808, 9007199254740993, 9007199254740992]';
    expect(await rowsOf(`${longs} | extend h = ${echo('n')} | where h == tostring(n) | summarize dcount(h)`)).toEqual([
      [4],
    ]);
    const bags =
      'datatable(d: dynamic)[dynamic({"b": 9007199254740993, "a": [9223372036854775807, "9223372036854775807"]})]';
    expect(
      await rowsOf(`${bags} | extend h = ${echo('d')} | project h == tostring(d), tostring(d.b), tostring(d.a[0])`),
    ).toEqual([[true, '9007199254740993', '9223372036854775807']]);
  });

  it('take several columns beside a value that is computed once', async () => {
    const square = 'toscalar(print p = dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}))';
    expect(
      await rowsOf(
        `let p = ${square}; datatable(x: real, y: real) [1.0, 1.5, 5.0, 1.0] | where geo_point_in_polygon(x, y, p)`,
      ),
    ).toEqual([[1, 1.5]]);
  });

  it('show what leaves the engine in the SQL and in the plan', async () => {
    const query = `${table} | where n > 1 | extend p = punycode_from_string(d) | where p startswith "b"`;
    const statement = await runner.sql(query);
    expect(statement.ok && statement.value).toMatch(
      /^-- call__1 holds what Vedette's punycode_from_string makes of the rows of\nSELECT[^;]+;\nCREATE TEMPORARY TABLE call__1 \(/,
    );
    const plan = await runner.plan(query);
    if (!plan.ok) throw new Error(plan.diagnostics[0]?.message);
    const counts = await plan.value.counts(plan.value.steps.map((s) => s.rel));
    expect(counts.ok && counts.value.slice(-3)).toEqual([3, 3, 2]);
  });
});
