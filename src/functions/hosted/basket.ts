import type { Host, HostedValue } from '../entry.js';
import { any, type CodedRows, closedPatterns, coded, describedBy, type Pattern } from './closed-patterns.js';
import type { HostedOperation, HostedTable } from './operation.js';

export interface BasketSettings {
  readonly threshold: number;
  /** How many columns a pattern may fix, beside those that go along with them. */
  readonly maxDimensions: number;
}

export interface AutoclusterSettings {
  readonly sizeWeight: number;
  readonly seeds: number;
}

export interface DiffpatternsSettings {
  readonly threshold: number;
  readonly maxDimensions: number;
}

const rounded = (x: number, digits: number) => Math.round(x * 10 ** digits) / 10 ** digits;
const fixedIn = (p: Pattern) => p.items.filter((i) => i !== any).length;
const restOf = (rows: CodedRows, p: Pattern): HostedValue[] =>
  p.items.map((code, c) => (code === any ? null : rows.values[c]![code]!));
/** By column: whether the pattern takes any value. A null may be a value of the pattern too. */
const flagsOf = (p: Pattern): HostedValue[] => p.items.map((code) => code === any);

const total = (weights: Float64Array) => weights.reduce((n, w) => n + w, 0);
const oneSet = (rows: HostedTable, dimensions: number, host: Host) =>
  coded(rows.rows, dimensions, (row) => [Math.max(0, Number(row[dimensions] ?? 0)), 0], host);

/** Input rows are the values and the weight; result rows are id, count, percentage, values and for each whether it is any. */
function segments(rows: CodedRows, patterns: readonly Pattern[]): HostedValue[][] {
  const all = total(rows.weights[0]);
  return patterns.map((p, id) => [
    id,
    Math.round(p.weights[0]),
    rounded((100 * p.weights[0]) / all, 1),
    ...restOf(rows, p),
    ...flagsOf(p),
  ]);
}

/**
 * Patterns that describe at least a share of the rows, larger and more specific ones first. Of several patterns of the
 * same rows there is only the most specific one, as in Kusto's documentation.
 */
export const basket: HostedOperation = {
  name: 'basket',
  async run(input, settings, host) {
    const { threshold, maxDimensions } = settings as BasketSettings;
    const rows = await oneSet(input, input.columns.length - 1, host);
    const least = threshold * total(rows.weights[0]);
    if (!(least > 0)) return [];
    const patterns = await closedPatterns('basket', rows, ([w]) => w >= least * (1 - 1e-12), maxDimensions, host);
    const size = (p: Pattern) => p.weights[0] * fixedIn(p);
    patterns.sort((a, b) => size(b) - size(a) || fixedIn(b) - fixedIn(a) || compared(a, b));
    return segments(rows, patterns);
  },
};

const compared = (a: Pattern, b: Pattern) => (a.items.join() < b.items.join() ? -1 : 1);

/**
 * A few patterns for most rows: from each seed row the values that cost the score least are dropped one by one, and the
 * best of the patterns on the way is kept. The score is the weighted geometric mean of the share of the rows and the share
 * of the columns. A pattern whose rows the better ones mostly describe already is left out.
 */
export const autocluster: HostedOperation = {
  name: 'autocluster',
  async run(input, settings, host) {
    const { sizeWeight, seeds } = settings as AutoclusterSettings;
    const rows = await oneSet(ordered(input), input.columns.length - 1, host);
    const all = total(rows.weights[0]);
    if (!(all > 0)) return [];
    const score = (p: Pattern) =>
      (p.weights[0] / all) ** sizeWeight * (fixedIn(p) / rows.columns.length) ** (1 - sizeWeight);
    const found = new Map<string, Pattern>();
    for (const seed of seedsOf(rows, seeds, all)) {
      let at = described(
        rows,
        rows.columns.map((column) => column[seed]!),
      );
      let best = at;
      while (fixedIn(at) > 1) {
        const wider: Pattern[] = [];
        for (const [c, code] of at.items.entries()) {
          if (code === any) continue;
          wider.push(
            described(
              rows,
              at.items.map((i, k) => (k === c ? any : i)),
            ),
          );
          await host.breathe();
        }
        at = wider.reduce((a, b) => (score(b) > score(a) ? b : a));
        if (score(at) > score(best)) best = at;
      }
      found.set(best.items.join(), best);
    }
    const byScore = [...found.values()].sort((a, b) => score(b) - score(a) || compared(a, b));
    return segments(
      rows,
      apart(rows, byScore, () => 0),
    );
  },
};

const described = (rows: CodedRows, items: readonly number[]): Pattern => ({
  items,
  weights: describedBy(rows, items).weights,
});

/** Rows in an order of their own, so that the same rows give the same seeds. */
const ordered = (table: HostedTable): HostedTable => {
  const keyed = table.rows.map(
    (row) => [JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)), row] as const,
  );
  return { ...table, rows: keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row) };
};

/** Rows at even distances of weight. */
function seedsOf(rows: CodedRows, count: number, all: number): number[] {
  const seeds: number[] = [];
  let before = 0;
  for (let r = 0; r < rows.size && seeds.length < count; r++) {
    before += rows.weights[0][r]!;
    if (before > ((seeds.length + 0.5) / count) * all) {
      seeds.push(r);
      while (before > ((seeds.length + 0.5) / count) * all && seeds.length < count) seeds.push(r);
    }
  }
  return [...new Set(seeds)];
}

/** The patterns at least half of whose rows no earlier pattern of the same kind describes. */
function apart(rows: CodedRows, patterns: readonly Pattern[], setOf: (p: Pattern) => 0 | 1): Pattern[] {
  const taken = [new Uint8Array(rows.size), new Uint8Array(rows.size)] as const;
  return patterns.filter((p) => {
    const set = setOf(p);
    const { at } = describedBy(rows, p.items);
    const weights = rows.weights[set];
    let fresh = 0;
    for (const r of at) if (!taken[set][r]) fresh += weights[r]!;
    if (fresh < p.weights[set] / 2) return false;
    for (const r of at) taken[set][r] = 1;
    return true;
  });
}

/** Input rows are the values and the weights in both sets. */
export const diffpatterns: HostedOperation = {
  name: 'diffpatterns',
  async run(input, settings, host) {
    const { threshold, maxDimensions } = settings as DiffpatternsSettings;
    const dimensions = input.columns.length - 2;
    const weight = (v: HostedValue | undefined) => Math.max(0, Number(v ?? 0));
    const rows = await coded(input.rows, dimensions, (r) => [weight(r[dimensions]), weight(r[dimensions + 1])], host);
    const [allA, allB] = [total(rows.weights[0]), total(rows.weights[1])];
    if (!(allA > 0 && allB > 0)) return [];
    const share = ([a, b]: readonly [number, number]) => [a / allA, b / allB] as const;
    const least = threshold * (1 - 1e-12);
    const isFrequent = (w: readonly [number, number]) => Math.max(...share(w)) >= least;
    const difference = (p: Pattern) => share(p.weights)[0] - share(p.weights)[1];
    const size = (p: Pattern) => Math.abs(difference(p));
    const patterns = (await closedPatterns('diffpatterns', rows, isFrequent, maxDimensions, host))
      .filter((p) => size(p) >= least)
      .sort((a, b) => size(b) - size(a) || fixedIn(b) - fixedIn(a) || compared(a, b));
    return apart(rows, patterns, (p) => (difference(p) > 0 ? 0 : 1)).map((p, id) => {
      const [a, b] = share(p.weights).map((s) => 100 * s) as [number, number];
      return [
        id,
        ...p.weights.map(Math.round),
        ...[a, b, Math.abs(a - b)].map((x) => rounded(x, 2)),
        ...restOf(rows, p),
        ...flagsOf(p),
      ];
    });
  },
};
