export * from './connector.js';
export * from './connectors/index.js';
export * from './ingest.js';
export { type IngestResult, Intake, type IntakeOptions, type RejectGroup } from './intake.js';
export * from './reject.js';
export type { Source } from './source.js';
