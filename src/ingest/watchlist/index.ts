export {
  deleteFromWatchlist,
  importWatchlist,
  type WatchlistImport,
  type WatchlistResult,
} from './import.js';
export { readWatchlistHeads, readWatchlists, type Watchlist } from './lists.js';
