import { isIP } from 'node:net';
import type { Row } from '../../../tables/index.js';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { facilities, parseSyslog, type SyslogHeader, severities } from '../../formats/syslog.js';
import { parseTime } from '../../times.js';

/** RFC 3164: a message without a priority counts as user.notice. */
const DEFAULT_PRI = 13;

/** Any syslog message → a Syslog row; the message is kept without header and tag. */
export function mapSyslog(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') {
    const fields = record.kind === 'fields' ? record.fields : record.value;
    const row = isObject(fields) ? forwarded(fields, context) : undefined;
    return [
      row ? { table: 'Syslog', row } : reject('ING2002', 'neither syslog nor a forwarded syslog message', record.raw),
    ];
  }
  const header = parseSyslog(record.text, context);
  if (header.pri === undefined && header.time === undefined)
    return [reject('ING2001', 'the line has neither a priority nor a header time', record.text)];
  return [{ table: 'Syslog', row: syslogRow(header, record.text.slice(header.messageStart), context), isTyped: true }];
}

function syslogRow(header: SyslogHeader, message: string, context: DecodeContext): Row {
  const pri = header.pri ?? DEFAULT_PRI;
  const pid = /^\d{1,9}$/.test(header.pid) ? Number(header.pid) : undefined;
  return {
    TimeGenerated: header.time,
    EventTime: header.time,
    Facility: facilities[pri >> 3],
    SeverityLevel: severities[pri & 7],
    Computer: header.host,
    HostName: header.host,
    HostIP: isIP(context.sender ?? '') ? context.sender : isIP(header.host) ? header.host : undefined,
    CollectorHostName: header.relay || undefined,
    ProcessName: header.app,
    ProcessID: pid,
    // Structured data has no column of its own and often is the whole content.
    SyslogMessage: header.structured ? `${header.structured} ${message}`.trimEnd() : message,
    SourceSystem: 'Linux',
  };
}

const text = (fields: Readonly<Record<string, unknown>>, ...keys: string[]): string => {
  for (const key of keys) {
    const value = fields[key];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return `${value}`;
  }
  return '';
};

const nameOf = (names: readonly string[], value: string): string | undefined =>
  /^\d+$/.test(value) ? names[Number(value)] : names.find((name) => name === value.toLowerCase());

/** A message that a forwarder has already taken apart. */
function forwarded(fields: Readonly<Record<string, unknown>>, context: DecodeContext): Row | undefined {
  const message = text(fields, 'message', 'msg', 'MESSAGE', 'SyslogMessage');
  const host = text(fields, 'host', 'hostname', 'HOSTNAME', 'HOST', '_HOSTNAME');
  const app = text(fields, 'appname', 'app_name', 'program', 'ident', 'PROGRAM', 'SYSLOG_IDENTIFIER', 'tag');
  const facility = nameOf(facilities, text(fields, 'facilityName', 'facility', 'FACILITY', 'SYSLOG_FACILITY'));
  const severity = nameOf(severities, text(fields, 'severityName', 'severity', 'level', 'PRIORITY'));
  if (!message || (!host && !app) || (!facility && !severity)) return undefined;
  const time = parseTime(text(fields, 'timestamp', '@timestamp', 'time', 'date', 'ISODATE', '_time'), context);
  return {
    TimeGenerated: time,
    EventTime: time,
    Facility: facility ?? facilities[DEFAULT_PRI >> 3],
    SeverityLevel: severity ?? severities[DEFAULT_PRI & 7],
    Computer: host,
    HostName: host,
    ProcessName: app,
    ProcessID: text(fields, 'procid', 'pid', 'PID', '_PID'),
    SyslogMessage: message,
    SourceSystem: 'Linux',
  };
}
