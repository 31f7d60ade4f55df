export * from './entry.js';
export * from './hosted/index.js';
export * from './registry.js';
