import { catalogue } from '../../../tables/index.js';
import type { DecodeContext } from '../../connector.js';
import type { LogEvent } from './event.js';
import { eventOfFlat } from './flat.js';
import { first, type JsonObject, optionalText, textOf } from './json-values.js';
import { timeOf } from './time.js';

/** Columns of SecurityEvent that describe the record or are derived from Data: none of them is a Data name. */
export const securityColumns: ReadonlySet<string> = new Set(
  `TimeGenerated TenantId SourceSystem Account AccountType Computer EventSourceName Channel Task Level EventData EventID
  Activity SourceComputerId PartitionKey RowKey StorageAccount AzureDeploymentID AzureTableName EventLevelName
  EventOriginId MG TimeCollected ManagementGroupName SystemUserId Version Opcode Keywords Correlation SystemProcessId
  SystemThreadId EventRecordId Type LogonTypeName Process SubjectAccount TargetAccount _ItemId _ResourceId
  _SubscriptionId _BilledSize _IsBillable _TimeReceived`.split(/\s+/),
);

/** Columns that only one of the tables has. */
const marks: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['WindowsEvent', ['Provider', 'EventOriginId', 'SystemProcessId', 'EventLevelName', 'RawEventData']],
  ['Event', ['EventLog', 'RenderedDescription', 'ParameterXml', 'EventCategory', 'EventLevelName']],
  ['SecurityEvent', ['Account', 'AccountType', 'Activity', 'EventSourceName', 'SourceComputerId', 'SubjectAccount']],
];

/** Which table's row an object is: by its Type column, else by columns that tell. */
function tableOf(row: JsonObject): string | undefined {
  const type = textOf(row.Type);
  if (marks.some(([table]) => table === type)) return type;
  const counted = marks.map(([table, columns]) => [table, columns.filter((name) => name in row).length] as const);
  const [best] = counted.sort((a, b) => b[1] - a[1]);
  return best && best[1] >= 2 ? best[0] : undefined;
}

/**
 * Reads a row of WindowsEvent, SecurityEvent or Event, from a JSON or CSV export of a workspace. The portal marks time columns
 * with ` [UTC]`. The row's own columns are kept for the table that they belong to.
 */
export function eventOfAzureRow(object: JsonObject, context: DecodeContext): LogEvent | undefined {
  if (first(object, 'TimeGenerated', 'TimeGenerated [UTC]', 'TimeCollected [UTC]') === undefined) return undefined;
  const row: JsonObject = Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name.replace(/ \[UTC\]$/, ''), value]),
  );
  const table = tableOf(row);
  if (!table) return undefined;
  // Workspace times are UTC whatever zone the headers of a sender are in.
  const utc = { ...context, zoneOffsetMinutes: 0 };
  const time = timeOf(row.TimeGenerated, utc);
  const columns = Object.fromEntries(
    Object.entries(row).filter(
      ([name, value]) => value !== null && value !== '' && !name.startsWith('_') && name !== '',
    ),
  );
  if (time) columns.TimeGenerated = time;
  const source: Record<string, unknown> = { ...row };
  if (table === 'SecurityEvent') {
    const data = Object.entries(row).filter(
      ([name, value]) => !securityColumns.has(name) && name !== '' && value !== '' && value !== null,
    );
    if (textOf(row.EventData) === '') source.EventData = Object.fromEntries(data);
  } else if (table === 'Event') source.provider = row.Source;
  const event = eventOfFlat(source, utc);
  if (!event) return undefined;
  const own = new Set(catalogue.table(table)!.columns.map((column) => column.name));
  event.row = { table, columns: Object.fromEntries(Object.entries(columns).filter(([name]) => own.has(name))) };
  event.time = time ?? event.time;
  event.channel ??= table === 'SecurityEvent' ? 'Security' : undefined;
  event.userId = optionalText(row.SystemUserId ?? event.userId);
  return event;
}
