export { destinationName } from './act.js';
export { Automation, automationLimits } from './automation.js';
export { automationAuthor, type Facts, sourceOf, unmet, withShortIds } from './conditions.js';
export { activeRuleSchema, eventSchema } from './events.js';
export { payload } from './payload.js';
