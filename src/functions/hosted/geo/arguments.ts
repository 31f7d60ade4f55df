import type { HostedValue } from '../../entry.js';

/** The page of a function in the documentation of Kusto. */
export const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

export const text = (v: HostedValue | undefined): string => (typeof v === 'string' ? v : '');

export const number = (v: HostedValue | undefined): number | undefined =>
  typeof v === 'number' ? v : typeof v === 'bigint' ? Number(v) : undefined;

/** An optional argument within a range, or what stands for one that was left out; undefined when it is not valid. */
export function optional(
  args: readonly HostedValue[],
  at: number,
  missing: number,
  low: number,
  high: number,
): number | undefined {
  if (args.length <= at) return missing;
  const value = number(args[at]);
  return value !== undefined && value >= low && value <= high ? value : undefined;
}
