export * from './automation/index.js';
export * from './export/index.js';
export type { ActionResult, AutomationRun } from './health.js';
export * from './webhook/index.js';
