export {
  type Arrival,
  arrivals,
  keepLateCheckedTo,
  type LateRows,
  type LateSummary,
  lateCheckedTo,
  lateFor,
  lateSchema,
  lateSummaries,
  recordLate,
} from './notice.js';
export { addLateResults, type Rerun } from './rerun.js';
export { tablesRead } from './tables-read.js';
