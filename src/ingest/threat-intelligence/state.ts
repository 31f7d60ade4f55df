import { joinSql, name, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import type { Observable } from './pattern.js';
import { indicatorsSchema, objectsSchema } from './rows.js';

/** What is stored of an object. */
export interface Known {
  /** ISO 8601 UTC with seven decimals at most; undefined when the object has no versions. */
  readonly modified: string | undefined;
  /** JSON text of the object. */
  readonly data: string;
  /** The observables that an indicator has now. */
  readonly observables: readonly Observable[];
}

/** The stored objects among those of the given table ids. */
export async function readKnown(store: Store, ids: readonly string[]): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  if (ids.length === 0) return known;
  const present = await store.tables();
  const list = sql`Id IN (${joinSql(ids.map(text), ', ')})`;
  if (present.has(indicatorsSchema.name)) {
    const newest = sql`(TimeGenerated, Modified)`;
    const answer = await store.query(
      sql`SELECT Id, ObservableKey, ObservableValue, toString(max(Modified)), argMax(toString(Data), ${newest}), argMax(IsDeleted, ${newest})
FROM ${name(indicatorsSchema.name)} WHERE ${list} GROUP BY Id, ObservableKey, ObservableValue`.text,
    );
    for (const [id, key, value, time, data, isDeleted] of answer.rows) {
      const modified = isoTime(String(time));
      const before = known.get(String(id));
      const isNewer = before === undefined || modified > before.modified!;
      const live = isDeleted === true || isDeleted === 1 ? [] : [{ key: String(key), value: String(value) }];
      known.set(String(id), {
        modified: isNewer ? modified : before.modified,
        data: isNewer ? String(data) : before.data,
        observables: [...(before?.observables ?? []), ...live],
      });
    }
  }
  if (present.has(objectsSchema.name)) {
    const answer = await store.query(
      sql`SELECT Id, argMax(toString(Data), TimeGenerated) FROM ${name(objectsSchema.name)} WHERE ${list} GROUP BY Id`
        .text,
    );
    for (const [id, data] of answer.rows)
      known.set(String(id), { modified: modifiedOf(String(data)), data: String(data), observables: [] });
  }
  return known;
}

function modifiedOf(data: string): string | undefined {
  const { modified } = JSON.parse(data) as { modified?: unknown };
  return typeof modified === 'string' ? modified : undefined;
}

/** A time of the engine as ISO 8601 UTC, without zeros at the end of its decimals. */
export const isoTime = (cell: string): string =>
  `${cell
    .replace(' ', 'T')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')}Z`;
