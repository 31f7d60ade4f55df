/**
 * Vedette as a library.
 *
 * Values are in Kusto's JSON: long as number (digits past 2^53), real also "NaN", "Infinity", "-Infinity", datetime ISO
 * with up to 7 decimals, timespan `[-][d.]hh:mm:ss[.fffffff]`, dynamic as JSON, null. What a caller, a query or the engine
 * did wrong is thrown as a `DiagnosticError`.
 */
export { type Diagnostic, DiagnosticError, renderDiagnostic } from './base/index.js';
export type { AnalyticRule, ImportedFile, ImportOptions, ImportReport } from './content/index.js';
export type { Backtest, Explanation, IncidentChange, IncidentView, RuleRun } from './detect/index.js';
export type {
  IngestOptions,
  IngestResult,
  IntelligenceResult,
  Source,
  StoredIndicator,
  Watchlist,
  WatchlistResult,
} from './ingest/index.js';
export type { QueryResult } from './query/index.js';
export type { ExportOptions } from './respond/index.js';
export type { Column, Row } from './tables/index.js';
export {
  type BatchAnswer,
  type CheckedFile,
  type CheckOptions,
  checkContent,
  openWorkspace,
  type QueryOptions,
  type Rules,
  type Workspace,
  type WorkspaceAutomation,
  type WorkspaceIncidents,
  type WorkspaceOptions,
} from './workspace/index.js';
