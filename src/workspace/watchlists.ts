import { fail } from '../base/index.js';
import {
  deleteFromWatchlist,
  importWatchlist,
  readWatchlists,
  type Watchlist,
  type WatchlistImport,
  type WatchlistResult,
} from '../ingest/index.js';
import type { QueryResult } from '../query/index.js';
import { type Engine, unwrap } from './engine.js';

export type WatchlistOptions = Omit<WatchlistImport, 'mode' | 'by' | 'now'> & {
  /** Who changes the list; default the user of the process. */
  readonly by?: string | undefined;
};

/** The watchlists of a workspace; aliases do not distinguish case. */
export interface Watchlists {
  list(): Promise<readonly Watchlist[]>;
  /** The list and its first items, 100 when left out. */
  show(alias: string, limit?: number): Promise<{ readonly list: Watchlist; readonly items: QueryResult }>;
  /** Makes a list of a CSV file; `replace` when there may be one of the alias already, whose other items go. */
  import(options: WatchlistOptions & { readonly replace?: boolean | undefined }): Promise<WatchlistResult>;
  /** Rows of the file take the place of the items with their search key; `removeMissing`: all other items go. */
  update(options: WatchlistOptions & { readonly removeMissing?: boolean | undefined }): Promise<WatchlistResult>;
  /** Deletes a list, or only its items with the search keys. */
  delete(
    alias: string,
    options?: { readonly searchKeys?: readonly string[]; readonly by?: string },
  ): Promise<WatchlistResult>;
}

export function watchlistsOf(engine: Engine, user: () => string): Watchlists {
  const { store } = engine;
  const common = (by: string | undefined) => ({ by: by ?? user(), now: engine.clock.now() });
  return {
    list: () => readWatchlists(store),
    async show(alias, limit = 100) {
      const [list] = await readWatchlists(store, alias);
      if (!list) return fail('CLI6001', `there is no watchlist ${alias}`);
      const kql = `_GetWatchlist(${kqlText(list.alias)}) | project-away WatchlistItem | order by SearchKey asc | take ${limit}`;
      return { list, items: unwrap(await (await engine.runner()).query(kql, { at: engine.clock.now() })) };
    },
    async import({ by, replace, ...options }) {
      return importWatchlist(store, { ...options, ...common(by), mode: replace ? 'replace' : 'create' });
    },
    async update({ by, removeMissing, ...options }) {
      const [known] = await readWatchlists(store, options.alias);
      if (!known) return fail('CLI6001', `there is no watchlist ${options.alias}`);
      return importWatchlist(store, { ...options, ...common(by), mode: removeMissing ? 'replace' : 'update' });
    },
    delete: (alias, { searchKeys, by } = {}) => deleteFromWatchlist(store, { alias, searchKeys, ...common(by) }),
  };
}

/** A text literal of KQL. An alias that came with rows of another workspace may hold anything. */
function kqlText(text: string): string {
  if (/[\p{Cc}"'\\]/u.test(text)) fail('CLI6001', 'the alias of this watchlist cannot be written in a query');
  return `'${text}'`;
}
