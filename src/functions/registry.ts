import type { AggregateFunction, Entry, HostedFunction, Refusal, ScalarFunction, WindowFunction } from './entry.js';
import * as families from './families.js';

const entries: readonly Entry[] = Object.values(families).flat();

/** Keyed by kind and name: `any` is a function and an aggregate. A refusal stands for every kind. */
const table = new Map<string, Entry>();
for (const entry of entries) {
  const key = `${entry.kind} ${entry.name}`;
  if (table.has(key)) throw new Error(`two entries for ${key}`);
  table.set(key, entry);
}

const find =
  <T extends Entry>(kind: T['kind']) =>
  (name: string): T | Refusal | undefined =>
    (table.get(`${kind} ${name}`) ?? table.get(`refusal ${name}`)) as T | Refusal | undefined;

export const scalarFunction = find<ScalarFunction>('scalar');
export const aggregateFunction = find<AggregateFunction>('aggregate');
export const windowFunctionNamed = find<WindowFunction>('window');

/** Undefined when the function is not one that runs in this process. */
export const hostedFunction = (name: string): HostedFunction | undefined =>
  table.get(`hosted ${name}`) as HostedFunction | undefined;

export const allEntries = (): readonly Entry[] => entries;
