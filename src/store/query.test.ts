import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from './index.js';
import { openTestStore } from './testing/index.js';

let store: Store;
let engine: { connection(): Promise<import('./connection.js').Connection> };
beforeAll(async () => {
  store = await openTestStore();
  engine = (store as unknown as { engine: typeof engine }).engine;
});

/** Queries of the reader that the engine is working on. */
async function running(): Promise<number> {
  const { admin } = await engine.connection();
  const answer = await admin.query({
    query: "SELECT count() FROM system.processes WHERE user = 'reader'",
    format: 'JSONCompactEachRow',
  });
  return Number((await answer.json<[string]>())[0]![0]);
}

const endless = 'SELECT sum(cityHash64(number, number)) FROM numbers(1000000000000)';

describe('answers', () => {
  it('keeps what JSON in JavaScript would lose', async () => {
    const { columns, rows } = await store.query(
      `SELECT 9223372036854775807 AS big, nan AS n, -inf AS i, toDecimal128('0.1', 18) AS d, NULL AS nothing,
       CAST('2026-03-04 09:12:31.1234567', 'DateTime64(7, \\'UTC\\')') AS t, true AS b, 'é\\n' AS s`,
    );
    expect(columns.map(({ name }) => name)).toEqual(['big', 'n', 'i', 'd', 'nothing', 't', 'b', 's']);
    expect(columns[5]?.type).toBe("DateTime64(7, 'UTC')");
    expect(rows).toEqual([
      ['9223372036854775807', 'nan', '-inf', '0.1', null, '2026-03-04 09:12:31.1234567', true, 'é\n'],
    ]);
  });

  it('reads an answer of many rows', async () => {
    const { rows } = await store.query("SELECT number, repeat('x', 50) FROM numbers(400000)");
    expect(rows.length).toBe(400_000);
    expect(rows[399_999]?.[0]).toBe('399999');
  });

  it('gives an unmatched string of a join as empty text and everything else as null', async () => {
    const { rows } = await store.query(
      `SELECT r.s, r.n FROM (SELECT 1 AS k) l LEFT JOIN (SELECT 2 AS k, 'x' AS s, CAST(1, 'Nullable(Int32)') AS n) r ON l.k = r.k`,
    );
    expect(rows).toEqual([['', null]]);
  });

  it('materialises a common table that is marked so', async () => {
    const { rows } = await store.query(
      'WITH x AS MATERIALIZED (SELECT rand64() AS r) SELECT (SELECT r FROM x) = (SELECT r FROM x)',
    );
    expect(rows[0]?.[0]).toBe(1);
  });

  it('takes a statement of megabytes and of deep nesting', async () => {
    const list = Array.from({ length: 50_000 }, (_, i) => `'host${i}.example.com'`).join(',');
    expect((await store.query(`SELECT 'host7.example.com' IN (${list})`)).rows).toEqual([[1]]);
    const deep = `${'('.repeat(900)}1${')'.repeat(900)}`;
    expect((await store.query(`SELECT ${deep}`)).rows).toEqual([[1]]);
    const any = Array.from({ length: 5_000 }, (_, i) => `number = ${i}`).join(' OR ');
    expect((await store.query(`SELECT count() FROM numbers(9000) WHERE ${any}`)).rows).toEqual([['5000']]);
  });

  it('serves many callers at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => store.query(`SELECT ${i}`)));
    expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });
});

describe('limits', () => {
  it('ends a query that runs too long, on the engine too', async () => {
    const begin = Date.now();
    await expect(store.query(endless, { timeoutMs: 500 })).rejects.toThrow(/KQL2001.*0.5 s/);
    expect(Date.now() - begin).toBeLessThan(10_000);
    expect(await running()).toBe(0);
  });

  it('ends a query that needs too much memory', async () => {
    const query = 'SELECT groupArray(toString(number)) FROM numbers(100000000)';
    await expect(store.query(query, { maxMemoryBytes: 100_000_000 })).rejects.toThrow(/KQL2002.*100 MB/);
    expect((await store.query('SELECT 1')).rows).toEqual([[1]]);
  });

  it('refuses an answer that is larger than a process can hold', async () => {
    await expect(store.query('SELECT number FROM numbers(1200000)')).rejects.toThrow(/KQL2002.*answer/);
  });

  it('stops a cancelled query on the engine', async () => {
    const controller = new AbortController();
    const query = store.query(endless, { signal: controller.signal });
    query.catch(() => {});
    while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await expect(query).rejects.toThrow(/KQL2003/);
    expect(await running()).toBe(0);
  });

  it('stops a query that is cancelled before the engine knows it', async () => {
    for (const delayMs of [undefined, 0, 1, 3, 10]) {
      const controller = new AbortController();
      if (delayMs === undefined) controller.abort();
      else setTimeout(() => controller.abort(), delayMs);
      await expect(store.query(endless, { signal: controller.signal })).rejects.toThrow(/KQL2003/);
    }
    const deadline = Date.now() + 5_000;
    while ((await running()) > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await running()).toBe(0);
  });

  it('tells why a query failed without the generated SQL', async () => {
    const error: Error = await store
      .query("SELECT toInt32(concat('a', materialize('secret-literal'))) AS generated_name")
      .catch((reason) => reason);
    expect(error.message).toMatch(/^KQL2004 Cannot parse/);
    expect(error.message).not.toMatch(/generated_name|SELECT|version|DB::/);
    await expect(store.query('SELECT nope')).rejects.toThrow(/KQL2004.*nope/);
    await expect(store.query('SELECT (')).rejects.toThrow(/KQL2004/);
    // Fails after the first rows were sent.
    await expect(store.query('SELECT throwIf(number = 700000) FROM numbers(800000)')).rejects.toThrow(/KQL2004/);
  });
});

describe('the reader', () => {
  it.each([
    ["SELECT * FROM url('http://127.0.0.1:1/x', 'CSV', 'a String')"],
    ["SELECT * FROM file('/etc/passwd', 'LineAsString')"],
    ["SELECT file('/etc/passwd')"],
    ["SELECT `file`('/etc/passwd')"],
    ["SELECT \"file\" /* '(' */ ('/etc/passwd')"],
    ["SELECT `fi\\x6ce`('/etc/passwd')"],
    ["SELECT * FROM s3('http://127.0.0.1:1/bucket/x.csv', 'CSV', 'a String')"],
    ["SELECT * FROM remote('127.0.0.1', 'system', 'one')"],
    ["SELECT * FROM executable('x', 'CSV', 'a String')"],
    ["SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')"],
    ["SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')"],
    ["SELECT * FROM sqlite('/tmp/x', 't')"],
    ["SELECT * FROM mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'e String')"],
    ["SELECT * FROM redis('127.0.0.1:1', 'a', 'a String, b String')"],
    ["SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a String')"],
    ["SELECT * FROM odbc('DSN=x', 'a', 'b')"],
    ["SELECT * FROM azureBlobStorage('x', 'y', 'z')"],
    ["SELECT * FROM input('a String')"],
    ["SELECT * FROM fileCluster('x', '/etc/passwd', 'LineAsString')"],
    ["INSERT INTO FUNCTION file('/tmp/x', 'CSV', 'a String') VALUES ('x')"],
    ["SELECT 1 INTO OUTFILE '/tmp/vedette-outfile'"],
    ['SELECT * FROM system.users'],
    ['SELECT * FROM system.processes'],
    ['SELECT * FROM system.query_log'],
    ['SELECT * FROM system.disks'],
    ['INSERT INTO Guarded_CL (TimeGenerated) VALUES (now())'],
    ['DROP TABLE Guarded_CL'],
    ['TRUNCATE TABLE Guarded_CL'],
    ['ALTER TABLE Guarded_CL DELETE WHERE 1'],
    ['CREATE TABLE x (a Int8) ENGINE = Memory'],
    ['CREATE TEMPORARY TABLE x (a Int8) ENGINE = MergeTree ORDER BY a'],
    ["CREATE TEMPORARY TABLE x (a Int8) ENGINE = File('CSV')"],
    ['CREATE USER x'],
    ['CREATE FUNCTION x AS (a) -> a'],
    ['SYSTEM SHUTDOWN'],
    ['SYSTEM STOP MERGES'],
    ['SET max_memory_usage = 0, readonly = 0'],
    ['SELECT 1 SETTINGS readonly = 0'],
    ["BACKUP TABLE Guarded_CL TO File('/tmp/x')"],
    ["ATTACH TABLE x FROM '/tmp/x' (a Int8) ENGINE = MergeTree ORDER BY a"],
    ["KILL QUERY WHERE user = 'admin'"],
  ])('cannot: %s', async (statement) => {
    const { tableSchema } = await import('../tables/index.js');
    await store.ensureTable(tableSchema('Guarded_CL', []));
    await expect(store.query(statement)).rejects.toThrow(/KQL2004/);
  });

  it('may use a column or a text that is called file', async () => {
    const { rows } = await store.query("SELECT file, 'file(x)' FROM (SELECT 1 AS file) WHERE file IN (1) -- file(");
    expect(rows).toEqual([[1, 'file(x)']]);
  });

  it('needs its password, and nobody else gets in', async () => {
    const { address } = await engine.connection();
    const ask = async (user: string, password: string) => {
      const answer = await fetch(`${address.url}/?query=SELECT%201`, {
        headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
      });
      return answer.status;
    };
    expect(await ask('reader', address.reader.password)).toBe(200);
    expect(await ask('reader', '')).not.toBe(200);
    expect(await ask('admin', address.reader.password)).not.toBe(200);
    expect(await ask('default', '')).not.toBe(200);
    expect((await fetch(`${address.url}/?query=SELECT%201`)).status).not.toBe(200);
  });
});
