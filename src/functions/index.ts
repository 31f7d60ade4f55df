export * from './entry.js';
export * from './registry.js';
