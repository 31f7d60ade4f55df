import type { Rel } from '../ir/index.js';

/** One rewrite of a whole query. The result must give the same rows. */
export interface Rewrite {
  readonly name: string;
  /** Why it pays. */
  readonly reason: string;
  apply(rel: Rel): Rel;
}
