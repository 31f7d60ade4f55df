export { type IntelligenceImport, type IntelligenceResult, importIntelligence } from './import.js';
export {
  type IndicatorFilter,
  type IndicatorState,
  listIndicators,
  republishIndicators,
  revokeIndicators,
  type StoredIndicator,
} from './stored.js';
