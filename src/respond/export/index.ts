export { csvCell } from './csv.js';
export { defang } from './defang.js';
export {
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportIncidents,
  incidentRecord,
} from './export.js';
export { markdownText } from './markdown.js';
export { type ExportPart, exportParts } from './parts.js';
