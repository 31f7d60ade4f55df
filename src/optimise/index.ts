import type { Rel } from '../ir/index.js';
import { foldConstants } from './fold-constants.js';
import { pruneColumns } from './prune-columns.js';
import { pushFilters } from './push-filters.js';
import type { Rewrite } from './rewrite.js';
import { travelKeys } from './travel-keys.js';
import { unshare } from './unshare.js';

export type { Rewrite } from './rewrite.js';

/** In order of application. Keys travel as filters, so filters are pushed again afterwards. */
export const rewrites: readonly Rewrite[] = [
  foldConstants,
  unshare,
  pushFilters,
  foldConstants,
  travelKeys,
  pushFilters,
  pruneColumns,
];

/** Applies all rewrites but those whose name is left out. */
export function optimise(rel: Rel, without: ReadonlySet<string> = new Set()): Rel {
  return rewrites.filter((r) => !without.has(r.name)).reduce((r, rewrite) => rewrite.apply(r), rel);
}
