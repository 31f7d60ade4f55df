import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { openTestStore } from '../store/testing/index.js';
import { WorkspaceRunner } from './runner.js';

/* Queries that would take all time or memory end at their limits, and the engine goes on serving others meanwhile. */

const timeoutMs = 2_000;
const maxMemoryBytes = 300_000_000;
/** The limit, the grace that a query has to stop by itself, and what a loaded machine takes on top. */
const boundMs = 25_000;

let store: Store;
let runner: WorkspaceRunner;
beforeAll(async () => {
  store = await openTestStore();
  const small: Store = Object.create(store, {
    query: { value: (query: never, options: object) => store.query(query, { ...options, maxMemoryBytes }) },
  });
  runner = new WorkspaceRunner(small, {
    function: (name) => bodies.find((f) => f.name === name),
  });
});

const bodies = [
  { name: 'Ring', parameters: [{ name: 'n', type: 'long' as const }], body: 'print x = n | union (Ring(n + 1))' },
  { name: 'Other', parameters: [], body: 'Another()' },
  { name: 'Another', parameters: [], body: 'Other()' },
];

/** The code of the refusal, or `answered`. */
async function outcome(kql: string): Promise<string> {
  const answer = await runner.query(kql, { timeoutMs });
  if (answer.ok) return 'answered';
  const worst = answer.diagnostics.find((d) => d.severity === 'error')!;
  expect(worst.message).not.toMatch(/SELECT|JSONExtract|arrayMap|t\d+\./);
  return worst.code;
}

const repeated = (n: number, make: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => make(i)).join('');
const numbers = (n: number) => `range x from 1 to ${n} step 1`;

/** Lets of which each is twice the one before. */
const doubling = (n: number, first: string, double: (name: string) => string): string =>
  `let s0 = ${first}; ${repeated(n, (i) => `let s${i + 1} = ${double(`s${i}`)}; `)}`;

const atLimits: readonly (readonly [name: string, kql: string])[] = [
  [
    'a cross join',
    `${numbers(3_000_000)} | extend k = 1 | join kind=inner (${numbers(3_000_000)} | extend k = 1) on k | where x * x1 == 7 | summarize count(), sum(x)`,
  ],
  [
    'joins that multiply',
    `let T = ${numbers(2000)} | extend k = 1; T ${repeated(4, () => '| join kind=inner T on k | project k = k ')} | summarize dcount(k), count()`,
  ],
  ['a range without an end', `${numbers(1_000_000_000_000)} | summarize sum(x * x)`],
  [
    'a range of every tick',
    'range t from datetime(1900-01-01) to datetime(2100-01-01) step 1tick | summarize dcount(t)',
  ],
  [
    'an expansion of expansions',
    `print a = range(1, 1000000) | mv-expand a to typeof(long) | extend b = range(1, 10000) | mv-expand b to typeof(long) | extend c = range(1, 1000) | mv-expand c to typeof(long) | summarize dcount(a * b * c)`,
  ],
  ['a list of millions', `${numbers(200_000_000)} | summarize make_list(strcat("number ", x), 200000000)`],
  ['groups of millions', `${numbers(2_000_000_000)} | summarize count() by k = hash(x) | summarize max(count_)`],
  ['a text that repeats', 'print t = strrep(strrep(strrep("0123456789", 1000), 1000), 1000) | project strlen(t)'],
  ['rows that carry long texts', `${numbers(1_000_000)} | extend t = strrep("x", 100000) | summarize make_list(t)`],
  [
    'a sort of everything',
    `${numbers(5_000_000_000)} | extend h = hash_sha256(tostring(x)) | sort by h asc | where x == 5`,
  ],
  ['rows of a window', `${numbers(500_000_000)} | serialize p = prev(x), s = row_cumsum(x) | summarize sum(p), max(s)`],
  [
    'a scan of millions',
    `${numbers(20_000_000)} | sort by x asc | scan declare (s: long = 0) with (step s1: true => s = s1.s + x;) | summarize max(s)`,
  ],
  [
    'a hosted function over millions',
    `${numbers(50_000_000)} | extend p = punycode_from_string(strcat("é", x)) | summarize dcount(p)`,
  ],
];

describe('ends at a limit', () => {
  it.each(atLimits)('%s', async (_name, kql) => {
    const startedAt = performance.now();
    const code = await outcome(kql);
    expect(performance.now() - startedAt).toBeLessThan(boundMs);
    expect(code).toMatch(/^KQL(2001|2002|2004|2005|4005)$/);
    expect(await outcome('print 1')).toBe('answered');
  });
});

describe('is answered or refused soon', () => {
  it.each<[string, string, RegExp]>([
    [
      'a text that doubles',
      `${doubling(34, '"0123456789abcdef"', (s) => `strcat(${s}, ${s})`)} print strlen(s34)`,
      /^KQL1003$/,
    ],
    ['a function that calls itself', 'Ring(1)', /^(KQL100[13]|KS\d+)$/],
    ['functions that call each other', 'Other()', /^(KQL100[13]|KS\d+)$/],
    [
      'a regular expression of doom',
      `print t = strrep("a", 100000) | where t matches regex "(a+)+(a|a)*(a{0,100}){0,100}b"`,
      /^(answered|KQL200[1247]|KQL4005)$/,
    ],
    [
      'a large regular expression',
      `print t = "a" | where t matches regex "(((a{100}){100}){100}){100}"`,
      /^(answered|KQL200[1247]|KQL4005)$/,
    ],
    ['a long text', `print strlen("${'x'.repeat(5_000_000)}")`, /^(answered|KQL1003)$/],
    ['an array of 2^40', 'print array_length(range(1, 1099511627776))', /^(answered|KQL200[124]|KQL4005)$/],
    [
      'a series of many bins',
      'range t from datetime(2020-01-01) to datetime(2020-01-02) step 1h | make-series count() on t from datetime(1900-01-01) to datetime(2100-01-01) step 1ms',
      /^(answered|KQL200[124]|KQL4005)$/,
    ],
    [
      'a deep value',
      `print x = parse_json(strcat(strrep("[", 100000), strrep("]", 100000))) | mv-expand x`,
      /^(answered|KQL200[124])$/,
    ],
  ])('%s', async (_name, kql, expected) => {
    const startedAt = performance.now();
    expect(await outcome(kql)).toMatch(expected);
    expect(performance.now() - startedAt).toBeLessThan(boundMs * 2);
    expect(await outcome('print 1')).toBe('answered');
  });
});

it('answers other queries while a bomb burns, and stops it when it is cancelled', async () => {
  const cancel = new AbortController();
  const bomb = runner.query(atLimits[0]![1], { timeoutMs: 60_000, signal: cancel.signal });
  for (let i = 0; i < 5; i++) expect(await outcome(`${numbers(1000)} | summarize sum(x)`)).toBe('answered');
  cancel.abort();
  const answer = await bomb;
  expect(!answer.ok && answer.diagnostics[0]!.code).toMatch(/^KQL200[23]$/);
});
