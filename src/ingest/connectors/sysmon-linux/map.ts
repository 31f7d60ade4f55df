import type { Row } from '../../../tables/index.js';
import type { DecodeContext } from '../../connector.js';
import { facilities, parseSyslog, type SyslogHeader, severities } from '../../formats/syslog.js';
import { toXml, type XmlElement } from '../windows/element.js';
import { eventOfElement, type LogEvent } from '../windows/event.js';
import { parseXml } from '../windows/xml.js';
import { hostAddress } from './host-address.js';

/** Sysmon opens the log with LOG_USER; what lacks a PRI came through a file or journal. */
const defaultPri = 14;

interface Parsed {
  readonly element: XmlElement;
  readonly event: LogEvent;
}

function parseEvent(message: string): Parsed | undefined {
  if (!message.startsWith('<Event')) return undefined;
  const element = parseXml(message);
  if (!('name' in element)) return undefined;
  const event = eventOfElement(element);
  return 'reason' in event ? undefined : { element, event };
}

/**
 * The message as Sysmon writes it. Parsers cut values out by double quotes and adjoining elements, so a relay's layout is undone;
 * an event that already has that form stays byte for byte.
 */
function canonical(message: string, parsed: Parsed | undefined): string {
  if (!parsed || !/>\s+<|='/.test(message)) return message;
  return toXml(parsed.element);
}

const isSysmonTag = (app: string): boolean => app.toLowerCase() === 'sysmon';

/** Whether a message can be Sysmon's: by its tag, or as an event of its provider. */
export const isSysmon = (header: SyslogHeader, message: string): boolean =>
  isSysmonTag(header.app) || /<Provider Name=["']Linux-Sysmon["']/.test(message);

/**
 * Turns one syslog line into a row of Syslog.
 *
 * Shape   line with or without its header → Syslog; SyslogMessage is the event's XML, or the text of a line that is no event
 * Errors  undefined when the line is not from Sysmon; XML that was cut off stays as it came
 * Source  https://github.com/microsoft/SysmonForLinux
 */
export function toSyslog(text: string, context: DecodeContext): Row | undefined {
  const header = parseSyslog(text, context);
  const message = text.slice(header.messageStart).trim();
  if (!isSysmon(header, message)) return undefined;
  const parsed = parseEvent(message);
  const host = header.host || parsed?.event.computer || '';
  const pri = header.pri ?? defaultPri;
  const time = header.time ?? parsed?.event.time;
  return {
    TimeGenerated: time,
    EventTime: time,
    SourceSystem: 'Linux',
    Facility: facilities[pri >> 3],
    SeverityLevel: severities[pri & 7],
    Computer: host,
    HostName: host,
    HostIP: hostAddress(parsed?.event, host, context),
    ProcessName: 'sysmon',
    ProcessID: /^\d+$/.test(header.pid) ? Number(header.pid) : undefined,
    SyslogMessage: canonical(message, parsed),
  };
}
