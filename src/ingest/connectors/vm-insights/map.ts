import type { Row, Value } from '../../../tables/index.js';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { tableByColumns } from '../../mapping/table-by-columns.js';
import { asText, isBlank, type JsonObject, jsonOf, rawText, textOf } from '../../mapping/values.js';
import { isoUtc, parseTime } from '../../times.js';

export const tables = ['VMConnection', 'VMBoundPort', 'VMComputer', 'VMProcess'];

/** Names that only one of the tables has: enough when a row is cut down to a few columns. */
const marks: readonly (readonly [string, readonly string[]])[] = [
  ['VMConnection', ['Direction', 'ConnectionId', 'DestinationIp', 'RemoteIp', 'LinksFailed']],
  ['VMBoundPort', ['PortId', 'IsWildcardBind']],
  ['VMProcess', ['ExecutableName', 'ExecutablePath', 'FirstPid', 'CommandLine']],
  ['VMComputer', ['OperatingSystemFamily', 'BootTime', 'Ipv4Addresses', 'PhysicalMemoryMB']],
];

/**
 * Decodes rows of the VM insights tables, as the Dependency agent's path uploads or a data export writes them.
 *
 * Shape   object with the column names → row; the table from `Type`, else from the columns
 * Time    TimeGenerated, else `time`, else the time of reception
 * Errors  ING2001 no JSON object, ING2002 columns of no table, ING2004 TimeGenerated is there but is no time
 */
export function decodeVmInsights(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind === 'text' && record.text.trim() === '') return [];
  const json = jsonOf(record);
  return 'reject' in json ? [json] : unwrap(json.value, rawText(record), context);
}

function unwrap(value: unknown, raw: string, context: DecodeContext): readonly Outcome[] {
  if (Array.isArray(value)) return value.flatMap((item) => unwrap(item, textOf(item), context));
  if (!isObject(value)) return [reject('ING2001', 'the record is no JSON object', raw)];
  if (Array.isArray(value.records)) return unwrap(value.records, raw, context);
  return [vmRow(value, raw, context)];
}

function tableOf(row: JsonObject): string | undefined {
  const type = asText(row.Type);
  if (tables.includes(type)) return type;
  const marked = marks.filter(([, names]) => names.some((name) => name in row)).map(([table]) => table);
  if (marked.length === 1) return marked[0];
  const told = tableByColumns(tables, row);
  return 'schema' in told ? told.schema.name : undefined;
}

function vmRow(value: JsonObject, raw: string, context: DecodeContext): Outcome {
  const table = tableOf(value);
  if (table === undefined) return reject('ING2002', `its columns are not those of one of ${tables.join(', ')}`, raw);
  const { Type: _, time: sent, ...columns } = value;
  const own = isBlank(columns.TimeGenerated) ? sent : columns.TimeGenerated;
  const time = isBlank(own) ? isoUtc(context.receivedAt) : parseTime(asText(own), context);
  if (time === undefined) return reject('ING2004', `TimeGenerated of ${table} is no time`, raw);
  const row: Row = {};
  for (const [name, item] of Object.entries(columns)) if (!isBlank(item)) row[name] = item as Value;
  row.TimeGenerated = time;
  return { table, row };
}
