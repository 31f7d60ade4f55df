export * from './catalogue.js';
export * from './types.js';
export * from './watchlist.js';
