import type { QueryResult } from '../result.js';

/** How far two reals may differ, relatively: sums are taken in any order. */
const tolerance = 1e-9;

/** Says how two answers differ, or nothing. Rows are compared in their order where there is only one. */
export function difference(a: QueryResult, b: QueryResult, ordered: boolean): string | undefined {
  const names = (r: QueryResult) => r.columns.map((c) => `${c.name}:${c.type}`).join(', ');
  if (names(a) !== names(b)) return `columns ${names(a)} and ${names(b)}`;
  if (a.rows.length !== b.rows.length) return `${a.rows.length} and ${b.rows.length} rows`;
  if (ordered) {
    const at = a.rows.findIndex((row, i) => !same(row, b.rows[i]));
    return at < 0 ? undefined : `row ${at}: ${show(a.rows[at])} and ${show(b.rows[at])}`;
  }
  const left = new Map<string, (readonly unknown[])[]>();
  for (const row of b.rows) left.set(keyOf(row), [...(left.get(keyOf(row)) ?? []), row]);
  const alone = a.rows.filter((row) => left.get(keyOf(row))?.pop() === undefined);
  // Reals that differ in their last digits have other keys.
  const rest = [...left.values()].flat();
  for (const row of alone) {
    const at = rest.findIndex((other) => same(row, other));
    if (at < 0) return `${show(row)} is not among ${show(rest)}`;
    rest.splice(at, 1);
  }
  return undefined;
}

const keyOf = (row: readonly unknown[]): string =>
  JSON.stringify(row, (_key, v) => (typeof v === 'number' && !Number.isInteger(v) ? v.toPrecision(8) : v));
const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'nothing';

function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((x, i) => same(x, b[i]));
  const keys = Object.keys(a);
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.length === Object.keys(b).length && keys.every((k) => k in y && same(x[k], y[k]));
}
