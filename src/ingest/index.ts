export * from './connector.js';
export * from './connectors/index.js';
export * from './ingest.js';
export { type IngestResult, Intake, type IntakeOptions } from './intake.js';
export { rejectTable } from './reject.js';
export type { RejectGroup } from './reject-groups.js';
export type { Source } from './source.js';
export * from './threat-intelligence/index.js';
export * from './watchlist/index.js';
