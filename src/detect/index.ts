export { alertTypeOf } from './alert.js';
export { alertSchema, readAlerts } from './alert-store.js';
export { changesOf } from './audit.js';
export { type Backtest, type BacktestOptions, type BacktestRun, backtest, nominalTimes } from './backtest.js';
export { type Comparison, compareBacktests, type Difference } from './compare-backtests.js';
export * from './entities/index.js';
export * from './exclusions/index.js';
export * from './explain/index.js';
export { isoTime, type RunKey, runIdOf, uuidOf, type Window } from './identity.js';
export {
  changeIncident,
  classificationReasons,
  classifications,
  type IncidentChange,
  type IncidentStatus,
  type IncidentTask,
  incidentStatuses,
  labelsOf,
  list as listOf,
  ownerOf,
  reasonsOf,
  refusal,
  tasksOf,
} from './incident.js';
export { incidentSchema, readIncidentHistory } from './incident-store.js';
export * from './incidents.js';
export * from './late/index.js';
export { runSchema, timeOf } from './ledger.js';
export { limits as detectLimits } from './limits.js';
export { planSchema } from './plan.js';
export { missingColumns, type RuleRun, type RunOptions, runRule } from './run.js';
export * from './schedule/index.js';
export { newestRows } from './stored-rows.js';
export { isTriggered, windowOf } from './trigger.js';
