export * from './clock.js';
export * from './codes.js';
export * from './diagnostic.js';
export * from './real.js';
export * from './result.js';
export * from './span.js';
export * from './time.js';
export * from './uuid.js';
