import type { Row } from '../../../tables/index.js';
import { type Connector, type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { toSyslog } from './map.js';

/** Keys of journald, of Fluent Bit and of rows of Syslog that hold the message, with those of its host and process. */
const messageKeys = ['SyslogMessage', 'MESSAGE', 'message', 'msg', 'log'];

function objectRow(fields: Readonly<Record<string, unknown>>, context: DecodeContext): Row | undefined {
  const message = messageKeys.map((key) => fields[key]).find((value) => typeof value === 'string');
  if (typeof message !== 'string') return undefined;
  const row = toSyslog(message, context);
  if (!row) return undefined;
  const host = fields._HOSTNAME ?? fields.hostname ?? fields.host;
  const micros = fields.__REALTIME_TIMESTAMP;
  if (typeof host === 'string' && host !== '') Object.assign(row, { Computer: host, HostName: host });
  if (typeof micros === 'string' && /^\d{16}$/.test(micros))
    row.TimeGenerated =
      row.EventTime = `${new Date(Number(micros.slice(0, 13))).toISOString().slice(0, -1)}${micros.slice(13)}Z`;
  if (typeof fields._PID === 'string' && /^\d+$/.test(fields._PID)) row.ProcessID = Number(fields._PID);
  return row;
}

function decode(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  const raw = record.kind === 'text' ? record.text : record.raw;
  if (raw.trim() === '') return [];
  const fields = record.kind === 'json' ? record.value : record.kind === 'fields' ? record.fields : undefined;
  const row =
    record.kind === 'text'
      ? toSyslog(record.text, context)
      : typeof fields === 'object' && fields !== null
        ? objectRow(fields as Readonly<Record<string, unknown>>, context)
        : undefined;
  return [row ? { table: 'Syslog', row } : reject('ING2002', 'not a line of Sysmon for Linux', raw)];
}

/** Sysmon for Linux through a syslog daemon. */
export const microsoftSysmonForLinux: Connector = {
  id: 'MicrosoftSysmonForLinux',
  title: 'Microsoft Sysmon for Linux',
  tables: ['Syslog'],
  transports: ['syslog', 'http', 'file'],
  formats: ['syslog lines of the tag sysmon (RFC 3164, RFC 5424, with or without header)', 'journald JSON'],
  decode,
};
