export * from './expr.js';
export * from './rel.js';
export * from './rewrite.js';
