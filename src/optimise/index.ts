import type { Rel } from '../ir/index.js';
import { absentTables } from './absent-tables.js';
import { boundBins } from './bound-bins.js';
import { foldConstants } from './fold-constants.js';
import { holdKeyConditions } from './hold-key-conditions.js';
import { mergeLegs } from './merge-legs.js';
import { narrowShared } from './narrow-shared.js';
import { pruneColumns } from './prune-columns.js';
import { pushFilters } from './push-filters.js';
import type { Rewrite } from './rewrite.js';
import { shortcuts } from './shortcuts.js';
import { travelKeys } from './travel-keys.js';
import { unshare } from './unshare.js';

export type { Rewrite } from './rewrite.js';

export interface OptimiseOptions {
  readonly exists: (table: string) => boolean;
  /** Rows that stand for those of their tables, with the same columns. */
  readonly rows?: ReadonlyMap<string, Rel> | undefined;
  /** Names of rewrites to leave out. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** In order of application. Keys travel as filters, so filters are pushed again afterwards. */
export const rewrites = (options: OptimiseOptions): readonly Rewrite[] => [
  absentTables(options.exists, options.rows),
  foldConstants,
  unshare,
  holdKeyConditions,
  pushFilters({ held: false }),
  narrowShared,
  foldConstants,
  travelKeys,
  pushFilters({ held: true }),
  boundBins,
  pruneColumns,
  mergeLegs,
  shortcuts,
];

/** Applies the rewrites one after the other. */
export function optimise(rel: Rel, options: OptimiseOptions): Rel {
  return rewrites(options)
    .filter((r) => !options.without?.has(r.name))
    .reduce((r, rewrite) => rewrite.apply(r), rel);
}
