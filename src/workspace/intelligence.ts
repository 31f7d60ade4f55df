import {
  type IndicatorFilter,
  type IntelligenceImport,
  type IntelligenceResult,
  importIntelligence,
  listIndicators,
  republishIndicators,
  revokeIndicators,
  type StoredIndicator,
} from '../ingest/index.js';
import type { Engine } from './engine.js';

export type IntelligenceOptions = Omit<IntelligenceImport, 'sources' | 'from' | 'now'> & {
  /** Who the intelligence comes from: two sources may use the same ids. Default `Vedette`. */
  readonly from?: string | undefined;
};

/** The threat intelligence of a workspace. */
export interface Intelligence {
  /** Reads STIX and CSV files into both tables of indicators; an object's newest `modified` counts. */
  import(sources: IntelligenceImport['sources'], options?: IntelligenceOptions): Promise<IntelligenceResult>;
  /** Indicators in their present state, the last changed first, 1,000 when no limit is given. */
  list(filter?: Partial<IndicatorFilter>): Promise<readonly StoredIndicator[]>;
  /** Revokes indicators by their STIX ids. */
  revoke(ids: readonly string[]): Promise<IntelligenceResult>;
  /** Writes again what rules would no longer see because it was written long ago; the number of indicators. */
  republish(): Promise<number>;
}

export function intelligenceOf({ store, clock }: Engine): Intelligence {
  return {
    import: (sources, { from = 'Vedette', ...options } = {}) =>
      importIntelligence(store, { ...options, sources, from, now: clock.now() }),
    list: (filter = {}) => listIndicators(store, { limit: 1_000, ...filter }, clock.now()),
    revoke: (ids) => revokeIndicators(store, ids, clock.now()),
    republish: () => republishIndicators(store, clock.now()),
  };
}
