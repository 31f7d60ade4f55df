import type { Host, HostedValue } from '../entry.js';
import { tooMuch } from './operation.js';

/** A place of a pattern that takes any value. */
export const any = -1;

/** Rows whose values are numbers by column, each with its weights in two sets. */
export interface CodedRows {
  readonly size: number;
  readonly columns: readonly Int32Array[];
  /** By column: the value that a number stands for. */
  readonly values: readonly (readonly HostedValue[])[];
  readonly weights: readonly [Float64Array, Float64Array];
}

export interface Pattern {
  /** By column: the number of the value, or `any`. */
  readonly items: readonly number[];
  /** Weight of the rows that it describes, in both sets. */
  readonly weights: readonly [number, number];
}

const maxPatterns = 20_000;

/** @param dimensions the values of a row by column, as they tell rows apart */
export async function coded(
  rows: readonly (readonly HostedValue[])[],
  dimensions: number,
  weightsOf: (row: readonly HostedValue[]) => readonly [number, number],
  host: Host,
): Promise<CodedRows> {
  const columns = Array.from({ length: dimensions }, () => new Int32Array(rows.length));
  const values: HostedValue[][] = columns.map(() => []);
  const known = columns.map(() => new Map<unknown, number>());
  const weights = [new Float64Array(rows.length), new Float64Array(rows.length)] as const;
  for (const [r, row] of rows.entries()) {
    for (let c = 0; c < dimensions; c++) {
      const value = row[c]!;
      const key = typeof value === 'object' && value !== null ? textOf(value) : value;
      let code = known[c]!.get(key);
      if (code === undefined) {
        code = values[c]!.push(value) - 1;
        known[c]!.set(key, code);
      }
      columns[c]![r] = code;
    }
    [weights[0][r], weights[1][r]] = weightsOf(row);
    if (r % 512 === 0) await host.breathe();
  }
  return { size: rows.length, columns, values, weights };
}

/** JSON in which a whole number past 2^53 differs from the text of its digits. */
const textOf = (value: object) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? { whole: String(v) } : v));

/** The weights of the rows that all items describe, and those rows. */
export function describedBy(rows: CodedRows, items: readonly number[]): { at: Int32Array; weights: [number, number] } {
  const set = items.flatMap((code, c) => (code === any ? [] : [[rows.columns[c]!, code] as const]));
  const at = new Int32Array(rows.size);
  const weights: [number, number] = [0, 0];
  let n = 0;
  for (let r = 0; r < rows.size; r++) {
    if (!set.every(([column, code]) => column[r] === code)) continue;
    at[n++] = r;
    weights[0] += rows.weights[0][r]!;
    weights[1] += rows.weights[1][r]!;
  }
  return { at: at.subarray(0, n), weights };
}

/**
 * All closed patterns of rows that are frequent: those to which no value can be added without losing a row. Each is reached
 * by fixing at most so many columns; those that always go along with these are added without counting.
 */
export async function closedPatterns(
  name: string,
  rows: CodedRows,
  isFrequent: (weights: readonly [number, number]) => boolean,
  maxFixed: number,
  host: Host,
): Promise<Pattern[]> {
  const start = closure(rows, new Array<number>(rows.columns.length).fill(any));
  if (!isFrequent(start.weights)) return [];
  const found = new Map([[start.items.join(), start]]);
  let frontier: Pattern[] = [start];
  for (let fixed = 1; fixed <= maxFixed && frontier.length > 0; fixed++) {
    const next: Pattern[] = [];
    for (const pattern of frontier) {
      for (const items of extensions(rows, pattern, isFrequent)) {
        const wider = closure(rows, items);
        const key = wider.items.join();
        if (found.has(key)) continue;
        found.set(key, wider);
        next.push(wider);
        if (found.size > maxPatterns)
          tooMuch(name, `there are more than ${maxPatterns} patterns`, 'project fewer columns, or raise the threshold');
        await host.breathe();
      }
      await host.breathe();
    }
    frontier = next;
  }
  return [...found.values()].filter((p) => p.items.some((i) => i !== any));
}

/** The pattern with every value that all of its rows share. */
function closure(rows: CodedRows, items: readonly number[]): Pattern {
  const { at, weights } = describedBy(rows, items);
  if (at.length === 0) return { items, weights };
  const closed = rows.columns.map((column, c) => {
    if (items[c] !== any) return items[c]!;
    const code = column[at[0]!]!;
    return at.every((r) => column[r] === code) ? code : any;
  });
  return { items: closed, weights };
}

/** The pattern with one more value, for each that is frequent among its rows. */
function extensions(rows: CodedRows, { items }: Pattern, isFrequent: (weights: readonly [number, number]) => boolean) {
  const { at } = describedBy(rows, items);
  const [first, second] = rows.weights;
  const extended: number[][] = [];
  for (const [c, column] of rows.columns.entries()) {
    if (items[c] !== any) continue;
    const a = new Float64Array(rows.values[c]!.length);
    const b = new Float64Array(rows.values[c]!.length);
    for (const r of at) {
      a[column[r]!]! += first[r]!;
      b[column[r]!]! += second[r]!;
    }
    for (let code = 0; code < a.length; code++) {
      if (isFrequent([a[code]!, b[code]!])) extended.push(items.map((i, k) => (k === c ? code : i)));
    }
  }
  return extended;
}
