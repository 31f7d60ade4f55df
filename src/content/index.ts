export * from './asim/index.js';
export { type AutomationRule, type LoadedAutomation, loadAutomation, readAutomation } from './automation.js';
export * from './automation-model.js';
export {
  type AutomationOperator,
  type AutomationProperty,
  automationProperties,
  entityProperties,
} from './automation-properties.js';
export { isTechnique, tacticOf } from './described.js';
export * from './duration.js';
export * from './entity-types.js';
export { storedFunctions } from './function.js';
export { contentHash } from './hash.js';
export * from './import.js';
export * from './library.js';
export * from './load.js';
export { splitQueries } from './loose-queries.js';
export * from './model.js';
export * from './resolved-functions.js';
export { defaults as ruleDefaults, limits as ruleLimits } from './rule.js';
export { readYaml } from './yaml-file.js';
