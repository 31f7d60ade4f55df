export { Agenda } from './agenda.js';
export { type Candidate, choose } from './choose.js';
export { afterFailure, type Consequence, type Failure, failureOf, noTrouble, type Trouble } from './failures.js';
export { healthResourceType, type RunOutcome, recordHealth, repairHealth } from './health.js';
export {
  autoDisabledPrefix,
  type RuleState,
  type RuleStatus,
  readRuleStates,
  ruleStateSchema,
  writeRuleState,
} from './rule-state.js';
export { lastRuns, lastSettled, settledTimes } from './settled.js';
export { anchorOf, dueAt, nominalFrom, type Schedule, timing } from './timing.js';
