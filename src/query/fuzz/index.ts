export { FuzzChecker, isFailure, type Verdict } from './check.js';
export { type Generated, generate } from './generate.js';
export { shrink } from './shrink.js';
