import type { Row } from '../../../tables/index.js';
import type { RowOutcome } from '../../connector.js';
import { activity } from '../windows/activities.js';
import { securityColumns } from '../windows/azure-row.js';
import { isAuditing } from '../windows/data-order.js';
import type { LogEvent } from '../windows/event.js';
import { dataItem, eventDataLines, parameterXml } from '../windows/render.js';
import { columnsOf, deliveredColumns, fileName, levelName, writerName } from '../windows/row.js';
import { accountsOf } from './accounts.js';

const logonTypes: Readonly<Record<string, string>> = {
  0: 'System',
  2: 'Interactive',
  3: 'Network',
  4: 'Batch',
  5: 'Service',
  7: 'Unlock',
  8: 'NetworkCleartext',
  9: 'NewCredentials',
  10: 'RemoteInteractive',
  11: 'CachedInteractive',
  12: 'CachedRemoteInteractive',
  13: 'CachedUnlock',
};

/** Data and the text leaves of UserData by name; of a repeated name the first. */
function namedData({ data, userData }: LogEvent): Map<string, string> {
  const named = new Map<string, string>();
  for (const { name, value } of data) if (name !== undefined && !named.has(name)) named.set(name, value);
  if (userData && typeof userData.content === 'object')
    for (const [name, value] of Object.entries(userData.content))
      if (typeof value === 'string' && !named.has(name)) named.set(name, value);
  return named;
}

const isLogCleared = (event: LogEvent): boolean => event.eventId === 1102;

/** Whether an event is one of the Security channel. Exports without a channel are told by their provider. */
export const isSecurity = (event: LogEvent): boolean =>
  event.channel === undefined ? isAuditing(event.provider) : event.channel.toLowerCase() === 'security';

/**
 * Turns an event of the Security channel into a row of SecurityEvent.
 *
 * Shape   LogEvent → SecurityEvent: Data whose name is a column fills it, all of them stand in EventData
 * Errors  none: a value that its column cannot hold stays in EventData alone
 */
export function toSecurityEvent(event: LogEvent): RowOutcome {
  const columns = columnsOf('SecurityEvent');
  const data = namedData(event);
  const row: Row = {};
  for (const [name, value] of data) {
    const type = securityColumns.has(name) ? undefined : columns.get(name);
    if (type === 'string') row[name] = value;
    else if (type === 'int' && /^(?:\d{1,9}|0x[0-9a-f]{1,7})$/i.test(value)) row[name] = Number(value);
  }
  const logonType = data.get('LogonType');
  const process = data.get('NewProcessName') ?? data.get('ProcessName');
  Object.assign(row, accountsOf(event.eventId, data), {
    TimeGenerated: event.time,
    SourceSystem: 'OpsManager',
    Computer: event.computer,
    EventID: event.eventId,
    Activity: activity(event.eventId, event.message),
    EventSourceName: event.provider ?? (isLogCleared(event) ? undefined : 'Microsoft-Windows-Security-Auditing'),
    Channel: 'Security',
    Task: event.task,
    Level: event.level === undefined ? undefined : String(event.level),
    EventLevelName: levelName(event.level),
    EventRecordId: event.recordId,
    Keywords: event.keywords,
    Opcode: event.opcode,
    Version: event.version,
    Correlation: event.activityId,
    SystemProcessId: event.processId,
    SystemThreadId: event.threadId,
    SystemUserId: event.userId ?? 'N/A',
    Process: process === undefined ? undefined : fileName(process),
    LogonTypeName:
      logonType !== undefined && Object.hasOwn(logonTypes, logonType)
        ? `${logonType} - ${logonTypes[logonType]}`
        : undefined,
    EventData: eventDataLines(event),
    ...deliveredColumns(event, 'SecurityEvent'),
  });
  return { table: 'SecurityEvent', row, ...(event.message ? { dropped: ['Message'] } : {}) };
}

/**
 * Turns any other event into a row of Event.
 *
 * Shape   LogEvent → Event; EventData is XML text, the message stands in RenderedDescription
 */
export function toEvent(event: LogEvent): RowOutcome {
  return {
    table: 'Event',
    row: {
      TimeGenerated: event.time,
      SourceSystem: 'OpsManager',
      Source: event.provider,
      EventLog: event.channel,
      Computer: event.computer,
      EventID: event.eventId,
      EventCategory: event.task,
      EventLevel: event.level,
      EventLevelName: levelName(event.level),
      UserName: writerName(event),
      EventData: dataItem(event),
      ParameterXml: parameterXml(event),
      RenderedDescription: event.message,
      ...deliveredColumns(event, 'Event'),
    },
  };
}

/** Where the SecurityEvents and WindowsSecurityEvents connectors put an event. */
export const toSecurityTables = (event: LogEvent): RowOutcome =>
  isSecurity(event) ? toSecurityEvent(event) : toEvent(event);
