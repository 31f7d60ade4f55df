export type { AutomationTest, WorkspaceAutomation } from './automation.js';
export type { AutomationReport } from './automation-service.js';
export type { BacktestRange, BacktestReport, VersionReport } from './backtests.js';
export type { BatchAnswer, BatchOptions } from './batch.js';
export { type CheckedFile, type CheckOptions, checkContent, type Verdict } from './check.js';
export type { ExclusionStatus, Exclusions, NewExclusion } from './exclusions.js';
export type { ConnectorHealth } from './health.js';
export type { WorkspaceIncidents } from './incidents.js';
export { inlineTables, type Setup } from './inline-tables.js';
export type { Intelligence, IntelligenceOptions } from './intelligence.js';
export {
  type CheckedParser,
  checkParsers,
  type ParserTestOptions,
  type ParserTestResult,
  testParsers,
} from './parser-tests/index.js';
export type { QueryOptions } from './query-options.js';
export {
  type BranchCoverage,
  type Diff,
  type Failure,
  openRuleTester,
  type RuleCoverage,
  type RuleTester,
  type RuleTestOptions,
  type RuleTestReport,
  type RuleTestResult,
  ruleTestJsonSchema,
  type StepCoverage,
  testRules,
} from './rule-tests/index.js';
export type { RuleRunOptions, Rules } from './rules.js';
export type { ScheduleStatus } from './scheduler-status.js';
export type { Schedules, Watch } from './schedules.js';
export type { Time } from './times.js';
export { parseTime, parseTimeRange, type TimeRange } from './times.js';
export type { LateMode, RunReport, WatchOptions } from './watch-options.js';
export type { WatchlistOptions, Watchlists } from './watchlists.js';
export {
  type ConnectorStatus,
  findConnector,
  openWorkspace,
  type Workspace,
  type WorkspaceOptions,
} from './workspace.js';
