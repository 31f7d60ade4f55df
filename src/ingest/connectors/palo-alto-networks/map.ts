import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow, findCef } from '../../formats/cef.js';
import { parseSyslog } from '../../formats/syslog.js';
import { isPanosCsv, panosRow } from './csv.js';

/** A PAN-OS or Strata record, CEF or CSV, → a CommonSecurityLog row. */
export function mapPaloAlto(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') return [reject('ING2002', 'neither CEF nor PAN-OS CSV', record.raw)];
  const { text } = record;
  if (findCef(text, context)) {
    const row = cefRow(text, context);
    return [
      typeof row === 'string' ? reject('ING2001', row, text) : { table: 'CommonSecurityLog', row, isTyped: true },
    ];
  }
  const header = parseSyslog(text, context);
  const message = text.slice(header.messageStart);
  if (!isPanosCsv(message))
    return [reject('ING2002', 'neither CEF nor PAN-OS CSV (no log type in its fourth field)', text)];
  const row = panosRow(message, context);
  row.TimeGenerated ??= header.time;
  row.Computer = header.host || (row.DeviceName as string | undefined);
  if (header.relay) row.CollectorHostName = header.relay;
  return [{ table: 'CommonSecurityLog', row, isTyped: true }];
}
