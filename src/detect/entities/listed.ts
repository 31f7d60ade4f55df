import type { Entity } from './entity.js';
import { parseJson } from './map.js';

/** Nested entities deeper than this are dropped; the schema nests three levels (process → file → host). */
export const MAX_ENTITY_DEPTH = 8;

/**
 * The entities of a list in alert form, as text or as JSON: `sentinelEntitiesMappings` copies them from other alerts.
 * References (`$ref`) are resolved to what they point at, so that a list can be cut, merged and numbered anew. Anything
 * that is not such a list has no entities.
 */
export function listedEntities(cell: unknown): Entity[] {
  const list = typeof cell === 'string' ? parseJson(cell) : cell;
  if (!Array.isArray(list)) return [];
  const byId = new Map<string, Record<string, unknown>>();
  for (const item of list) collectIds(item, byId, 0);
  return list.flatMap((item) => {
    const resolved = resolve(item, byId, 0);
    return isObject(resolved) && typeof resolved.Type === 'string' && resolved.Type !== ''
      ? [{ ...resolved, Type: resolved.Type.toLowerCase() }]
      : [];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function collectIds(value: unknown, byId: Map<string, Record<string, unknown>>, depth: number): void {
  if (depth > MAX_ENTITY_DEPTH) return;
  if (Array.isArray(value)) for (const item of value) collectIds(item, byId, depth + 1);
  else if (isObject(value)) {
    if (value.$id !== undefined) byId.set(String(value.$id), value);
    for (const item of Object.values(value)) collectIds(item, byId, depth + 1);
  }
}

function resolve(value: unknown, byId: ReadonlyMap<string, Record<string, unknown>>, depth: number): unknown {
  // Two entities may point at each other; what lies too deep is left out.
  if (depth > MAX_ENTITY_DEPTH) return undefined;
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, byId, depth + 1)).filter((item) => item !== undefined);
  }
  if (!isObject(value)) return value === null || value === '' ? undefined : value;
  if (value.$ref !== undefined) {
    const target = byId.get(String(value.$ref));
    return target && resolve(target, byId, depth + 1);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const resolved = key === '$id' ? undefined : resolve(item, byId, depth + 1);
    return resolved === undefined ? [] : [[key, resolved] as const];
  });
  return Object.fromEntries(entries);
}
