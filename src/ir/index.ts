export * from './expr.js';
export * from './rel.js';
