import type { StoredFunction } from '../kql/index.js';
import { contentHash } from './hash.js';

/**
 * The functions that a query calls, and those that they call, by name. Any word that is the name of a function counts,
 * in comments too: one too many only makes a run look different from another, one too few would mix them up.
 */
export function resolvedFunctions(
  query: string,
  lookup: (name: string) => StoredFunction | undefined,
): ReadonlyMap<string, StoredFunction> {
  const found = new Map<string, StoredFunction>();
  const texts = [query];
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const name of new Set(text.match(/[A-Za-z_]\w*/g))) {
      const stored = found.has(name) ? undefined : lookup(name);
      if (!stored) continue;
      found.set(name, stored);
      texts.push(stored.body);
    }
  }
  return found;
}

/** Hash of the functions that a query resolves to; empty when it calls none. Part of the identity of a run. */
export function functionsHash(query: string, lookup: (name: string) => StoredFunction | undefined): string {
  const functions = [...resolvedFunctions(query, lookup)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (functions.length === 0) return '';
  return contentHash(JSON.stringify(functions.map(([name, { parameters, body }]) => [name, parameters, body])));
}
