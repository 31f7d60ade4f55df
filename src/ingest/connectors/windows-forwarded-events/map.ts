import type { Value } from '../../../tables/index.js';
import type { RowOutcome } from '../../connector.js';
import { collect, type LogEvent } from '../windows/event.js';
import { deliveredColumns, levelName } from '../windows/row.js';

/** The payload as an object: names to text. Items without a name share the key Data; repeated names become arrays. */
function eventData({ data, userData }: LogEvent): Value {
  if (data.length > 0) return collect(data.map(({ name, value }) => [name ?? 'Data', value]));
  if (!userData) return {};
  return typeof userData.content === 'string' ? { [userData.element.name]: userData.content } : userData.content;
}

/**
 * Turns an event into a row of WindowsEvent.
 *
 * Shape   LogEvent → WindowsEvent; EventData holds text only, also for numbers
 * Errors  none: what an event lacks is null. The rendered message has no column and is reported as dropped
 */
export function toWindowsEvent(event: LogEvent): RowOutcome {
  return {
    table: 'WindowsEvent',
    row: {
      TimeGenerated: event.time,
      TimeCreated: event.time,
      Provider: event.provider,
      Channel: event.channel,
      Computer: event.computer,
      EventID: event.eventId,
      Version: event.version,
      EventLevel: event.level,
      EventLevelName: levelName(event.level),
      Task: event.task,
      Opcode: event.opcode,
      Keywords: event.keywords,
      Correlation: event.activityId,
      EventRecordId: event.recordId,
      SystemProcessId: event.processId,
      SystemThreadId: event.threadId,
      SystemUserId: event.userId ?? 'N/A',
      EventData: eventData(event),
      ...deliveredColumns(event, 'WindowsEvent'),
    },
    ...(event.message ? { dropped: ['Message'] } : {}),
  };
}
