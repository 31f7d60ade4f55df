export * from './connector.js';
export * from './connectors/index.js';
