import { type TableSchema, tableSchema } from '../tables/index.js';

/**
 * Where every refused unit is kept whole: TimeGenerated (reception), Connector_s (id), File_s (path or name), Code_s,
 * Reason_s, RawData (the text as read), RawDataBase64_s (the bytes, when they are not UTF-8). Append-only.
 */
export const rejectTable: TableSchema = tableSchema(
  'VedetteReject_CL',
  ['Connector_s', 'File_s', 'Code_s', 'Reason_s', 'RawData', 'RawDataBase64_s'].map((name) => ({
    name,
    type: 'string',
  })),
);
