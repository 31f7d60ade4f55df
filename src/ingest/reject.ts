import type { Code } from '../base/index.js';
import { type Row, type TableSchema, tableSchema } from '../tables/index.js';
import { isoUtc } from './times.js';

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

/** The row of a refused unit. */
export const rejectRow = (
  refused: { readonly code: Code; readonly reason: string; readonly raw: string },
  from: { readonly connector: string; readonly file: string; readonly receivedAt: number },
  bytes?: Uint8Array,
): Row => ({
  TimeGenerated: isoUtc(from.receivedAt),
  Connector_s: from.connector,
  File_s: from.file,
  Code_s: refused.code,
  Reason_s: refused.reason,
  RawData: refused.raw,
  RawDataBase64_s: bytes ? Buffer.from(bytes).toString('base64') : undefined,
  Type: rejectTable.name,
});
