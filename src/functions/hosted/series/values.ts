import { type Example, type HostedFunction, type HostedValue, hosted, Json, type Part } from '../../entry.js';

/** A series: null stands for a missing value. */
export type Series = readonly (number | null)[];

/** What is no number is missing; undefined when the value is no array. */
export function seriesOf(value: HostedValue | undefined): Series | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((x) => (typeof x === 'number' ? x : typeof x === 'bigint' ? Number(x) : null));
}

export const known = (x: number | null): x is number => x !== null && Number.isFinite(x);

/** Numbers in JSON: reals show that they are reals, and what JSON cannot say is a text. */
export function real(x: number | null): string {
  if (x === null) return 'null';
  if (!Number.isFinite(x)) return `"${x}"`;
  const text = String(x);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export const reals = (list: Series): string => `[${list.map(real).join(',')}]`;
export const wholes = (list: readonly number[]): string => `[${list.join(',')}]`;

export const bag = (members: { readonly [name: string]: string }): Json =>
  new Json(
    `{${Object.entries(members)
      .map(([name, json]) => `"${name}":${json}`)
      .join(',')}}`,
  );

export const parts = (text: string): readonly Part[] =>
  text.split(' ').map((part) => {
    const [name, type] = part.split(':');
    return { name: name!, type: (type ?? 'real') as Part['type'] };
  });

export const numberOr = (value: HostedValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : otherwise;

interface SeriesFunction {
  readonly parts?: readonly Part[];
  readonly trap?: string;
  readonly approximate?: string;
  readonly examples?: readonly Example[];
}

/** A function whose first argument is a series; of anything else it gives null. */
export const seriesFunction = (
  name: string,
  of: (series: Series, rest: readonly (HostedValue | undefined)[]) => HostedValue,
  { examples = [], ...described }: SeriesFunction,
): HostedFunction =>
  hosted({
    name,
    docs: `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`,
    ...described,
    evaluate: ([first, ...rest]) => {
      const series = seriesOf(first);
      return series ? of(series, rest) : null;
    },
    examples,
  });
