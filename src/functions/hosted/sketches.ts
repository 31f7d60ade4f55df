import { type Example, type HostedFunction, type HostedValue, hosted, Json } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

interface Described {
  readonly trap?: string;
  readonly examples: readonly Example[];
}

const sketch = (
  name: string,
  evaluate: (args: readonly HostedValue[]) => HostedValue,
  { trap, examples }: Described,
): HostedFunction => hosted({ name, docs: docs(name), evaluate, examples, ...(trap ? { trap } : {}) });

/** A distinct count: hashes while they are few, else ranks by register. */
interface Hll {
  readonly hashes: readonly string[];
  readonly ranks: ReadonlyMap<number, number>;
}

const registers = 16_384;

function hllOf(value: HostedValue | undefined): Hll | undefined {
  if (!Array.isArray(value) || value.length !== 3 || !Array.isArray(value[1]) || !Array.isArray(value[2]))
    return undefined;
  const ranks = new Map<number, number>();
  for (let i = 0; i + 1 < value[2].length; i += 2) ranks.set(Number(value[2][i]), Number(value[2][i + 1]));
  return { hashes: value[1].map(String), ranks };
}

function ranksOf({ hashes, ranks }: Hll): Map<number, number> {
  const all = new Map(ranks);
  for (const text of hashes) {
    const hash = BigInt.asUintN(64, BigInt(text));
    const register = Number(hash & 16383n);
    const rest = hash >> 14n;
    let rank = rest === 0n ? 51 : 1;
    for (let bits = rest; bits !== 0n && (bits & 1n) === 0n; bits >>= 1n) rank++;
    all.set(register, Math.max(rank, all.get(register) ?? 0));
  }
  return all;
}

function merged(all: readonly Hll[]): Hll {
  const hashes = [...new Set(all.flatMap((h) => h.hashes))];
  if (hashes.length <= 1024 && all.every((h) => h.ranks.size === 0)) return { hashes, ranks: new Map() };
  const ranks = new Map<number, number>();
  for (const one of all) for (const [k, r] of ranksOf(one)) ranks.set(k, Math.max(r, ranks.get(k) ?? 0));
  return { hashes: [], ranks };
}

/** HyperLogLog's estimate, with linear counting while many registers are empty. */
function countOf({ hashes, ranks }: Hll): number {
  if (ranks.size === 0) return hashes.length;
  const empty = registers - ranks.size;
  let sum = empty;
  for (const r of ranks.values()) sum += 2 ** -r;
  const estimate = ((0.7213 / (1 + 1.079 / registers)) * registers * registers) / sum;
  return Math.round(estimate <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : estimate);
}

/** Distinct values that the first set has, that the first two share, … */
function intersections(sets: readonly Hll[]): number[] {
  const exact = sets.every((s) => s.ranks.size === 0);
  return sets.map((_, last) => {
    const taken = sets.slice(0, last + 1);
    if (exact) return taken.reduce((left, s) => left.filter((h) => s.hashes.includes(h)), taken[0]!.hashes).length;
    // By inclusion and exclusion, as only unions of such sketches can be counted.
    let count = 0;
    for (let subset = 1; subset < 2 ** taken.length; subset++) {
      const chosen = taken.filter((_s, i) => subset & (1 << i));
      count += (chosen.length % 2 === 1 ? 1 : -1) * countOf(merged(chosen));
    }
    return Math.max(0, count);
  });
}

/** Values in rising order, each with its weight. */
type Digest = readonly { readonly value: number; readonly weight: number }[];

function digestOf(value: HostedValue | undefined): Digest | undefined {
  if (!Array.isArray(value) || value.length !== 3 || !Array.isArray(value[1]) || !Array.isArray(value[2]))
    return undefined;
  const weights: readonly unknown[] = value[2];
  const points = value[1].map((v, i) => ({ value: Number(v), weight: Number(weights[i]) }));
  if (points.some((p) => !Number.isFinite(p.value) || !(p.weight > 0))) return undefined;
  return points.sort((a, b) => a.value - b.value);
}

const total = (digest: Digest): number => digest.reduce((sum, p) => sum + p.weight, 0);

/** The least value that at least so many percent do not exceed. */
function percentile(digest: Digest, percent: number): number | null {
  const wanted = (total(digest) * percent) / 100;
  let sum = 0;
  for (const p of digest) {
    sum += p.weight;
    if (sum >= wanted) return p.value;
  }
  return digest.at(-1)?.value ?? null;
}

const rank = (digest: Digest, value: number): number => total(digest.filter((p) => p.value <= value));

function mergeDigests(states: readonly HostedValue[]): HostedValue {
  const digests = states.map(digestOf);
  const weights = new Map<number, number>();
  for (const d of digests) for (const p of d ?? []) weights.set(p.value, (weights.get(p.value) ?? 0) + p.weight);
  const points = [...weights].sort(([a], [b]) => a - b);
  return digests.every((d) => d === undefined)
    ? null
    : new Json(JSON.stringify([[7], points.map(([v]) => v), points.map(([, w]) => w)]));
}

const asked = (value: number | null, type: HostedValue | undefined): HostedValue =>
  value !== null && (type === 'long' || type === 'int') ? Math.trunc(value) : value;

export const sketchFunctions = [
  sketch(
    'dcount_hll',
    ([state]) => {
      const found = hllOf(state);
      return found ? countOf(found) : null;
    },
    { examples: [['dcount_hll(dynamic([[1024,14],["-1003235211361077779","-5665157283053373866"],[]]))', 2]] },
  ),
  sketch(
    'hll_merge',
    (states) => {
      const found = states.map(hllOf).filter((h) => h !== undefined);
      if (found.length === 0) return null;
      const { hashes, ranks } = merged(found);
      return [[1024, 14], hashes, [...ranks].flat()];
    },
    {
      examples: [['dcount_hll(hll_merge(dynamic([[1024,14],["1","2"],[]]), dynamic([[1024,14],["2","3"],[]])))', 3]],
    },
  ),
  sketch(
    'hll_intersections',
    (states) => {
      const found = states.map(hllOf);
      return found.every((h) => h !== undefined) ? intersections(found) : null;
    },
    {
      trap: 'No function of Kusto: what the plugin dcount_intersect adds.',
      examples: [],
    },
  ),
  sketch(
    'percentile_tdigest',
    ([state, percent, type]) => {
      const digest = digestOf(state);
      return digest ? asked(percentile(digest, Number(percent)), type) : null;
    },
    { examples: [['percentile_tdigest(dynamic([[7],[20,10,30],[1,2,1]]), 50, typeof(long))', 10]] },
  ),
  sketch(
    'percentiles_array_tdigest',
    ([state, ...rest]) => {
      const digest = digestOf(state);
      if (!digest) return null;
      const type = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
      const percents = rest.filter((p) => typeof p !== 'string').flatMap((p) => (Array.isArray(p) ? p : [p]));
      return percents.map((p) => asked(percentile(digest, Number(p)), type));
    },
    {
      examples: [
        ['percentiles_array_tdigest(dynamic([[7],[10,20,30],[2,1,1]]), 0, 60, 100)', [10, 20, 30]],
        ['percentiles_array_tdigest(dynamic([[7],[10,20,30],[2,1,1]]), range(0, 100, 50), typeof(int))', [10, 10, 30]],
      ],
    },
  ),
  sketch(
    'rank_tdigest',
    ([state, value]) => {
      const digest = digestOf(state);
      return digest && value !== null ? rank(digest, Number(value)) : null;
    },
    {
      trap: 'The rank of a value is how many do not exceed it.',
      examples: [
        ['rank_tdigest(toscalar(range x from 1 to 1000 step 1 | summarize tdigest(x)), 685)', 685],
        ['rank_tdigest(dynamic([[7],[10,20],[2,1]]), 15)', 2],
      ],
    },
  ),
  sketch(
    'percentrank_tdigest',
    ([state, value]) => {
      const digest = digestOf(state);
      return digest && value !== null && digest.length > 0 ? (rank(digest, Number(value)) * 100) / total(digest) : null;
    },
    { examples: [['percentrank_tdigest(dynamic([[7],[10,20],[3,1]]), 15)', 75]] },
  ),
  ...['merge_tdigest', 'tdigest_merge'].map((name) =>
    sketch(name, mergeDigests, {
      examples: [[`percentile_tdigest(${name}(dynamic([[7],[1],[1]]), dynamic([[7],[1,5],[1,1]])), 100)`, 5]],
    }),
  ),
];
