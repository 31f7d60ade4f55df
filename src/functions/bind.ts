import { name, type Sql, sql } from '../sql/index.js';

/** Text up to this length is repeated rather than bound: the engine computes equal expressions once. */
const shortEnough = 160;

/**
 * Uses a value several times in one expression without writing it several times, or nested calls would grow the statement
 * exponentially. `as` must differ from the names bound around it.
 */
export function bind(value: Sql, as: string, body: (value: Sql) => Sql, longest = shortEnough): Sql {
  if (value.text.length <= longest) return body(value);
  const bound = name(`__${as}`);
  return sql`arrayMap(${bound} -> ${body(bound)}, [${value}])[1]`;
}

/** A lambda over array elements: `__as -> body`. */
export function lambda(as: string, body: (value: Sql) => Sql): Sql {
  const bound = name(`__${as}`);
  return sql`${bound} -> ${body(bound)}`;
}
