import type { Rel } from '../ir/index.js';

/** Applies all rewrites. */
export function optimise(rel: Rel): Rel {
  return rel;
}
