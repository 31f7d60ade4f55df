import type { Rel } from '../ir/index.js';

/** Relations that were given an order on purpose, though nothing in them shows it: by `serialize`. */
export type Serialized = WeakSet<Rel>;

/**
 * Whether functions over ordered rows may be used on it, as the documentation lists it: rows that were sorted, serialized or
 * counted up, and what keeps their order. Of operators that it does not speak of, we take it that they keep the order.
 */
export function isSerialized(rel: Rel, serialized: Serialized): boolean {
  if (serialized.has(rel)) return true;
  switch (rel.kind) {
    case 'Sort':
    case 'Range':
    case 'Steps':
    case 'Hosted':
      return true;
    case 'Values':
      return rel.rows.length < 2;
    case 'Scan':
    case 'Union':
    case 'Join':
      return false;
    case 'Aggregate':
      // Without keys it is one row.
      return rel.keys.length === 0;
    default:
      return isSerialized(rel.input, serialized);
  }
}
