export * from './literal.js';
export * from './sql.js';
