import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { rewrites } from '../optimise/index.js';
import { openTestStore } from '../store/testing/index.js';
import { difference } from './fuzz/compare.js';
import { fuzzTables } from './fuzz/tables.js';
import type { Library } from './index.js';
import { WorkspaceRunner } from './runner.js';

const all = rewrites({ exists: () => true });
const names = [...new Set(all.map((r) => r.name))];

let runnerWithout: (...left: readonly string[]) => WorkspaceRunner;
beforeAll(async () => {
  const store = await openTestStore();
  for (const { schema, rows } of fuzzTables()) {
    await store.ensureTable(schema);
    if (rows.length > 0) await store.insert(schema.name, rows);
  }
  const schemas = new Map(fuzzTables().map((t) => [t.schema.name, t.schema]));
  const library: Library = { function: () => undefined, table: (name) => schemas.get(name) };
  const known = new Map<string, WorkspaceRunner>();
  runnerWithout = (...left) => {
    const key = left.join(' ');
    const runner = known.get(key) ?? new WorkspaceRunner(store, library, { without: new Set(left) });
    known.set(key, runner);
    return runner;
  };
});

async function statementOf(runner: WorkspaceRunner, kql: string): Promise<string> {
  const statement = await runner.sql(kql, { at: Date.UTC(2026, 2, 5) });
  if (!statement.ok) throw new Error(statement.diagnostics.map((d) => `${d.code} ${d.message}`).join('; '));
  return statement.value;
}

async function answerOf(runner: WorkspaceRunner, kql: string) {
  const answer = await runner.query(kql, { at: Date.UTC(2026, 2, 5) });
  if (!answer.ok) throw new Error(answer.diagnostics.map((d) => `${d.code} ${d.message}`).join('; '));
  return answer.value;
}

/** What the engine is asked of the rows of a table. */
const conditionsOn = (table: string, statement: string): string =>
  new RegExp(`FROM ${table} AS \\w+\\n *WHERE ([^\\n]*)`).exec(statement)?.[1] ?? '';
const count = (pattern: RegExp, statement: string): number => statement.match(pattern)?.length ?? 0;

/** For each rewrite a query, and what of its statement the rewrite changes: before, and after. */
const cases: Readonly<
  Record<string, { kql: string; look: (statement: string) => unknown; before: unknown; after: unknown }>
> = {
  'absent-tables': {
    kql: 'union (Alpha_CL | project Key), (Syslog | project Key = Computer)',
    look: (s) => count(/UNION ALL/g, s),
    before: 1,
    after: 0,
  },
  'fold-constants': {
    kql: 'Alpha_CL | where array_length(dynamic([])) == 0 and Id > 3 | project Id',
    look: (s) => count(/\[\]/g, s) > 0,
    before: true,
    after: false,
  },
  unshare: {
    kql: 'let T = Alpha_CL | summarize n = count() by Key; T | where Key == "k1"',
    look: (s) => conditionsOn('Alpha_CL', s).includes("'k1'"),
    before: false,
    after: true,
  },
  'narrow-shared': {
    kql: 'let T = Alpha_CL | summarize n = count() by Key; T | where Key == "k1" | union (T | where Key == "k2")',
    look: (s) => conditionsOn('Alpha_CL', s).includes("'k2'"),
    before: false,
    after: true,
  },
  'bound-bins': {
    kql: 'Alpha_CL | where bin(TimeGenerated, 1h) == datetime(2026-03-04 05:00) | project Id',
    look: (s) => conditionsOn('Alpha_CL', s).includes('06:00:00'),
    before: false,
    after: true,
  },
  'hold-key-conditions': {
    kql: 'Alpha_CL | where Id < 5 | project Key | join kind=inner (Beta_CL | where strlen(Key) == 2 | project Key, Id) on Key',
    look: (s) => conditionsOn('Beta_CL', s).includes('length'),
    before: true,
    after: false,
  },
  'push-filters': {
    kql: 'union (Alpha_CL | project Id, Key), (Beta_CL | project Id, Key) | where Key == "k1"',
    look: (s) => conditionsOn('Alpha_CL', s).includes("'k1'") && conditionsOn('Beta_CL', s).includes("'k1'"),
    before: false,
    after: true,
  },
  'travel-keys': {
    kql: 'Alpha_CL | where Id < 5 | project Key | join kind=inner (Beta_CL | project Key, Id) on Key',
    look: (s) => conditionsOn('Beta_CL', s).includes(' IN '),
    before: false,
    after: true,
  },
  'prune-columns': {
    kql: 'union (Alpha_CL | project Id, w = hash_sha256(Key)), (Beta_CL | project Id, w = Key) | project Id',
    look: (s) => count(/SHA256/g, s),
    before: 1,
    after: 0,
  },
  'merge-legs': {
    kql: 'union (Alpha_CL | where Key == "k1" | project Id), (Alpha_CL | where Key == "k2" | project Id)',
    look: (s) => count(/FROM Alpha_CL/g, s),
    before: 2,
    after: 1,
  },
  shortcuts: {
    kql: 'Alpha_CL | project v = tostring(split(Key, "k")[1])',
    look: (s) => count(/JSON/g, s) > 0,
    before: true,
    after: false,
  },
};

describe('each rewrite', () => {
  it.each(names)('%s has a file of its own, a reason and a case', (name) => {
    expect(existsSync(fileURLToPath(new URL(`../optimise/${name}.ts`, import.meta.url)))).toBe(true);
    expect(all.find((r) => r.name === name)!.reason.length).toBeGreaterThan(20);
    expect(cases[name]).toBeDefined();
  });

  it.each(Object.entries(cases))(
    '%s changes the statement, its switch takes it out, and the answer stays',
    async (name, c) => {
      expect(names).toContain(name);
      expect(c.look(await statementOf(runnerWithout(name), c.kql))).toEqual(c.before);
      expect(c.look(await statementOf(runnerWithout(), c.kql))).toEqual(c.after);
      const [with_, without] = await Promise.all([
        answerOf(runnerWithout(), c.kql),
        answerOf(runnerWithout(name), c.kql),
      ]);
      expect(with_.rows.length).toBeGreaterThan(0);
      expect(difference(with_, without, false)).toBeUndefined();
    },
  );
});

const dynamic = "['zqn9 %41']";
/** Queries over stored rows, chosen for what rewrites could get wrong: nulls, groups of nothing, order, names twice. */
const corpus: readonly string[] = [
  'Alpha_CL | summarize a = sum(number), b = max(t1) | count',
  'Alpha_CL | summarize a = sum(number) | project',
  'Alpha_CL | count | project',
  'Alpha_CL | where Id > 100 | summarize n = count()',
  'Alpha_CL | where Id > 100 | summarize n = count() by k = "constant"',
  'Alpha_CL | where Id > 100 | summarize n = count() by Key | count',
  'Gamma_CL | summarize n = count(), s = sum(Id)',
  'Gamma_CL | join kind=leftouter Alpha_CL on Key | count',
  'Alpha_CL | join kind=leftouter (Gamma_CL | project Key, g = Id) on Key | where isnull(g) | count',
  ...['inner', 'leftouter', 'rightouter', 'fullouter', 'leftsemi', 'rightsemi', 'leftanti', 'rightanti'].map(
    (kind) =>
      `Alpha_CL | where Id % 3 != 1 | project Id, Key | join kind=${kind} (Beta_CL | where Id > 2 | project Id, Key, b = v) on Key | count`,
  ),
  ...['leftouter', 'rightouter', 'fullouter'].map(
    (kind) =>
      `Alpha_CL | project Id, Key | join kind=${kind} (Beta_CL | where Key != "k1" | project Key, b = v) on Key | where Key1 != "k2" and isnull(b)`,
  ),
  'Alpha_CL | project Id, number | join kind=inner (Beta_CL | project n = v) on $left.number == $right.n',
  'Alpha_CL | lookup kind=leftouter (Beta_CL | summarize m = max(v) by Key) on Key | project Id, m | where Id > 3',
  'Alpha_CL | lookup kind=leftouter (Beta_CL | summarize m = max(v) by Key) on Key | project Id',
  'let T = Alpha_CL | where Id < 9; T | join kind=inner (T | summarize n = count() by Key) on Key | project Id, n | where n > 1',
  'let T = Alpha_CL | extend r = Id * 2; T | where Id < 4 | project r | union (T | where Id > 9 and rand() < 2 | project r), (T | where isnull(number) | project r)',
  'let T = Alpha_CL | summarize n = count() by h = bin(TimeGenerated, 1h); T | where h == datetime(2026-03-04 05:00) | join kind=fullouter (T | where h < datetime(2026-03-04 05:00)) on n | project h, h1',
  'Alpha_CL | where not(bin(TimeGenerated, 1h) == datetime(2026-03-04 05:00)) | project Id',
  'Alpha_CL | where datetime(9999-12-31 23:00) > bin(TimeGenerated, 1d) and bin(TimeGenerated, 1h) >= datetime(2026-03-04 05:00) | project Id',
  'let n = toscalar(Alpha_CL | summarize max(Id)); Alpha_CL | where Id == n | project Id, n',
  'Alpha_CL | where Key in ((Beta_CL | where Id > 3 | project Key)) | summarize n = count() by Key | where n > 0',
  'Alpha_CL | where Key !in ((Gamma_CL | project Key)) | count',
  'union (Alpha_CL | where Key == "k1" | project Id), (Alpha_CL | where Key in ("k1", "k2") | project Id)',
  'union withsource=s Alpha_CL, Beta_CL | summarize n = count() by s',
  'union (Alpha_CL | project x = Id), (Beta_CL | project x = Type_s) | where x > 0 | sort by x asc | take 4',
  'Alpha_CL | sort by Id asc | extend p = prev(Key), n = row_number() | where Key == "k1" | project Id, p, n',
  'Alpha_CL | sort by Id desc | take 5 | where Key == "k1" | project Id',
  'Alpha_CL | top 6 by Id asc | summarize n = count() by Key | where Key startswith "k"',
  'Alpha_CL | sort by Id asc | scan declare (s: long = 0) with (step a: true => s = a.s + Id;) | where Key == "k2" | project Id, s',
  'Alpha_CL | partition by Key (top 1 by Id desc) | where Id > 2 | project Id, Key',
  `Alpha_CL | mv-expand with_itemindex=i ${dynamic} | where Key == "k0" and i < 2 | project Id, i, v = tostring(${dynamic})`,
  `Alpha_CL | mv-expand ${dynamic} | summarize n = count() by Id | where Id > 4`,
  `Alpha_CL | mv-apply e = ${dynamic} on (summarize n = count()) | where n > 0 and Id < 9 | project Id, n`,
  'Alpha_CL | make-series n = count() on TimeGenerated from datetime(2026-03-04) to datetime(2026-03-05) step 6h by Key | where Key == "k1"',
  'Alpha_CL | make-series n = count() on TimeGenerated from datetime(2026-03-04) to datetime(2026-03-05) step 6h | where false',
  'Alpha_CL | extend b = bag_pack("k", Key, "n", Id) | project v = tostring(b.k), w = toint(b.n) | where v == "k3"',
  'Alpha_CL | extend u = parse_url(strcat("https://h.example.com/", Key)) | where tostring(u.Host) == "h.example.com" | project p = tostring(u.Path)',
  'Alpha_CL | where iff(isnull(number), true, number > 0) | project Id, number',
  'Alpha_CL | where not(number > 0) or isnull(number) | count',
  'Alpha_CL | where true or number > 0 | where not(false) | count',
  'Alpha_CL | summarize arg_max(Id, *) by Key | project Id, Key',
  'Alpha_CL | summarize make_set(Key), dcount(Key), n = count() by even = Id % 2 == 0 | project even, dcount_Key, n',
  'Alpha_CL | distinct Key | join kind=fullouter (Beta_CL | distinct Key) on Key | count',
  'Alpha_CL | as A | where Id < 3 | union (A | where Id > 10) | project Id',
  'let f = (T: (Id: long, Key: string), k: string = "k1") { T | where Key == k }; f(Alpha_CL) | union (f(Beta_CL, "k2")) | project Id, Key',
  'search in (Alpha_CL, Beta_CL) "k1" | summarize n = count() by $table',
  'find in (Alpha_CL, Beta_CL) where Key == "k2" project Id',
  'Alpha_CL | evaluate pivot(Key, count(), number) | count',
  'Alpha_CL | serialize r = row_number() | where r > 0 | count',
  'Syslog | union Alpha_CL | count',
  'Syslog | summarize n = count(), m = max(TimeGenerated)',
  'Alpha_CL | join kind=leftanti Syslog on TimeGenerated | count',
  'Alpha_CL | where gzip_decompress_from_base64_string(gzip_compress_to_base64_string(Key)) == "k1" | project Id',
];

describe('answers are the same without any rewrite, and without each', () => {
  it.each(corpus)('%s', async (kql) => {
    const whole = await answerOf(runnerWithout(), kql);
    const isOrdered = /sort by|top /.test(kql) && !/summarize|union|join/.test(kql);
    expect(difference(whole, await answerOf(runnerWithout(...names), kql), isOrdered)).toBeUndefined();
    const statement = await statementOf(runnerWithout(), kql);
    for (const name of names) {
      // The same statement gives the same answer.
      if ((await statementOf(runnerWithout(name), kql)) === statement) continue;
      expect(difference(whole, await answerOf(runnerWithout(name), kql), isOrdered), name).toBeUndefined();
    }
  });
});
