import { catalogue, type Row, type TableSchema, type Value } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { columnTypes, tableByColumns } from '../../mapping/table-by-columns.js';
import { asText, isBlank, type JsonObject, jsonIn, textOf } from '../../mapping/values.js';
import { isoUtc, parseTime } from '../../times.js';
import { huntingTables, renames, tableOfAction, tableOfCategory } from './tables.js';

/** A union of tables whose columns differ in type names them `ReportId_long`, `ReportId_string`. */
const unionSuffix = /_(?:string|long|int|real|double|bool|datetime|dynamic|guid)$/;

function columnOf(columns: ReadonlyMap<string, unknown>, property: string, table: string): string {
  const renamed = renames[table];
  if (renamed && Object.hasOwn(renamed, property)) return renamed[property]!;
  if (columns.has(property)) return property;
  const base = property.replace(unionSuffix, '');
  return columns.has(base) ? base : property;
}

/** Properties that are looked at one by one. */
const own = new Set(['Timestamp', 'TimeGenerated', 'Type']);

export interface HuntingTimes {
  /** The `time` of the streaming envelope. */
  readonly envelope?: unknown;
  readonly receivedAt: number;
  /** For the times of the portal's CSV export, which name no zone. */
  readonly zoneOffsetMinutes: number;
}

/**
 * Maps one advanced-hunting row to its Log Analytics table.
 *
 * Shape   hunting columns → the columns of the same name; properties without a column keep their name, and the intake
 *         moves them to AdditionalFields or counts them
 * Time    TimeGenerated = Timestamp, else the envelope's time, else the time of reception
 * Errors  ING2004 Timestamp is there but is no time
 * Source  https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables
 */
export function huntingRow(schema: TableSchema, properties: JsonObject, times: HuntingTimes): Outcome {
  const columns = columnTypes(schema);
  const { Timestamp, TimeGenerated, Type: kind } = properties;
  const sent = [Timestamp, TimeGenerated, times.envelope].find((value) => !isBlank(value));
  const time = sent === undefined ? isoUtc(times.receivedAt) : parseTime(asText(sent), times);
  if (time === undefined) return reject('ING2004', `the Timestamp of ${schema.name} is no time`, textOf(properties));

  const row: Row = { TimeGenerated: time, Type: undefined };
  if (columns.has('Timestamp')) row.Timestamp = time;
  for (const property of Object.keys(properties)) {
    const value = properties[property];
    if (isBlank(value) || own.has(property)) continue;
    const column = columnOf(columns, property, schema.name);
    row[isBlank(row[column]) ? column : property] = value as Value;
  }
  // In a workspace the column Type is the name of the table; in hunting's IdentityInfo it is the kind of account.
  if (!isBlank(kind) && kind !== schema.name) row.IdentityType = kind as Value;
  fillFromAdditionalFields(schema.name, row, columns);
  return { table: schema.name, row };
}

/** Evidence rows often carry the message id and the URL only inside the entity that AdditionalFields holds. */
function fillFromAdditionalFields(table: string, row: Row, columns: ReadonlyMap<string, unknown>): void {
  const missing = ['NetworkMessageId', 'RemoteUrl'].filter((column) => columns.has(column) && isBlank(row[column]));
  if (missing.length === 0 || isBlank(row.AdditionalFields)) return;
  const fields = typeof row.AdditionalFields === 'string' ? jsonIn(row.AdditionalFields) : row.AdditionalFields;
  if (!isObject(fields)) return;
  for (const column of missing) {
    const found = fields[column] ?? (table === 'AlertEvidence' && column === 'RemoteUrl' ? fields.Url : undefined);
    if (typeof found === 'string' && found !== '') row[column] = found;
  }
}

/** Maps a row that names its table, in `Type` or `$table`, or whose columns tell it. */
export function untoldRow(properties: JsonObject, times: HuntingTimes): Outcome {
  const name = tableOfCategory(asText(properties.Type)) ?? tableOfCategory(asText(properties.$table));
  const named = name === undefined ? undefined : catalogue.table(name);
  const { $table, ...columns } = properties;
  if (named) return huntingRow(named, columns, times);
  if (isBlank(properties.Timestamp) && isBlank(properties.TimeGenerated)) {
    const reason = 'neither a streaming envelope, a row of advanced hunting nor a Graph alert';
    return reject('ING2002', reason, textOf(properties));
  }
  const hint = tableOfAction.get(asText(properties.ActionType));
  const told = tableByColumns(huntingTables, properties, { columnOf, hint });
  if ('schema' in told) return huntingRow(told.schema, properties, times);
  return reject('ING2002', `a hunting row without a table name: ${told.reason}`, textOf(properties));
}
