import type { AnalyticRule } from '../../content/index.js';
import { limits, utf8Bytes } from '../limits.js';
import type { ResultRow } from '../result-row.js';
import { type Entity, entityKey } from './entity.js';
import { listedEntities } from './listed.js';
import { mapEntity } from './map.js';

type Mapped = Pick<AnalyticRule, 'entityMappings' | 'sentinelEntitiesMappings'>;

/**
 * The entities of an alert over the given rows, equal ones merged, in the order of rows and mappings.
 * The 500 entities of an alert are shared equally among the mappings, so that one of them cannot crowd out the others.
 */
export function collectEntities(rule: Mapped, rows: readonly ResultRow[]): Entity[] {
  const sources: ((row: ResultRow) => readonly Entity[])[] = [
    ...rule.entityMappings.map((mapping) => (row: ResultRow) => {
      const entity = mapEntity(mapping, row);
      return entity ? [entity] : [];
    }),
    ...rule.sentinelEntitiesMappings.map((column) => (row: ResultRow) => listedEntities(row.value(column))),
  ];
  if (sources.length === 0) return [];
  const share = Math.floor(limits.entitiesPerAlert / sources.length);
  const counts = sources.map(() => 0);
  const found = new Map<string, Entity>();
  for (const row of rows) {
    sources.forEach((source, i) => {
      for (const entity of source(row)) {
        const key = entityKey(entity);
        if (found.has(key) || counts[i]! >= share) continue;
        counts[i]!++;
        found.set(key, entity);
      }
    });
  }
  return [...found.values()];
}

/**
 * Entities as the JSON text of an alert: every object has an `$id`, and one that stood before is a `$ref` to it.
 * Entities are added one by one while the text stays within `maxBytes`; the rest is dropped.
 */
export function entitiesJson(entities: readonly Entity[], maxBytes: number): string {
  const ids = new Map<string, string>();
  // The product numbers the alert itself 1 or 2 and its entities from there on.
  let next = 3;
  const parts: string[] = [];
  let bytes = 2;
  for (const entity of entities) {
    const number = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(number);
      if (typeof value !== 'object' || value === null) return value;
      const isEntity = 'Type' in value;
      const key = isEntity ? entityKey(value as Entity) : '';
      const known = isEntity ? ids.get(key) : undefined;
      if (known) return { $ref: known };
      const id = isEntity ? `${next++}` : undefined;
      if (id) ids.set(key, id);
      const members = Object.entries(value).map(([name, member]) => [name, number(member)] as const);
      return { ...(id ? { $id: id } : {}), ...Object.fromEntries(members) };
    };
    const text = JSON.stringify(number(entity));
    const size = utf8Bytes(text) + (parts.length > 0 ? 1 : 0);
    if (bytes + size > maxBytes) break;
    bytes += size;
    parts.push(text);
  }
  return parts.length === 0 ? '' : `[${parts.join(',')}]`;
}
