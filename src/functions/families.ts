/** All families of functions; each is a list of entries. */
export { basicAggregates } from './aggregate/basic.js';
export { arithmetic } from './scalar/arithmetic.js';
export { comparison } from './scalar/comparison.js';
export { logic } from './scalar/logic.js';
