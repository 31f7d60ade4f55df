export { isTechnique, tacticOf } from './described.js';
export * from './duration.js';
export * from './entity-types.js';
export { storedFunctions } from './function.js';
export { contentHash } from './hash.js';
export * from './library.js';
export * from './load.js';
export * from './model.js';
export { defaults as ruleDefaults, limits as ruleLimits } from './rule.js';
