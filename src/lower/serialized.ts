import type { Rel } from '../ir/index.js';

/** Relations that were given an order on purpose, though nothing in them shows it: by `serialize`. */
export type Serialized = WeakSet<Rel>;

/**
 * Whether functions over ordered rows may be used on it, as the documentation lists it: rows that were sorted, serialized or
 * counted up, and what keeps their order. Of operators that it does not speak of, we take it that they keep the order.
 */
export function isSerialized(rel: Rel, serialized: Serialized): boolean {
  // A loop, as pipelines may be thousands of operators long.
  for (let node = rel; ; ) {
    if (serialized.has(node)) return true;
    switch (node.kind) {
      case 'Sort':
      case 'Range':
      case 'Steps':
      case 'Hosted':
        return true;
      case 'Values':
        return node.rows.length < 2;
      case 'Scan':
      case 'Union':
      case 'Join':
        return false;
      case 'Aggregate':
        // Without keys it is one row.
        return node.keys.length === 0;
      default:
        node = node.input;
    }
  }
}
