import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow, findCef } from '../../formats/cef.js';
import { isObject } from '../../formats/json.js';
import { type Pairs, pairsOf, readPairs, splitPairs } from '../../formats/key-value.js';
import { parseSyslog, type SyslogHeader } from '../../formats/syslog.js';
import { checkPointRow, isCheckPoint } from './log-exporter.js';

/** A record of Log Exporter in any of its formats → a CommonSecurityLog row. */
export function mapCheckPoint(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') {
    const fields = record.kind === 'fields' ? record.fields : record.value;
    return native(isObject(fields) ? pairsOf(fields) : [], undefined, record.raw, context);
  }
  const { text } = record;
  if (text.includes('CEF') || !/(?:^|[ |"[;])product[=:]/.test(text)) {
    if (findCef(text, context)) {
      const row = cefRow(text, context);
      return [
        typeof row === 'string' ? reject('ING2001', row, text) : { table: 'CommonSecurityLog', row, isTyped: true },
      ];
    }
  }
  const header = parseSyslog(text, context);
  return native(nativePairs(text, header), header, text, context);
}

const quotedPair = /(?<![\w.@-])([\w.@-]{1,100})[=:]"([^"\\]*(?:\\.[^"\\]*)*)"/gs;

/** Structured data holds `key="value"` or `key:"value";`; splunk mode joins with pipes, generic mode with blanks. */
function nativePairs(text: string, header: SyslogHeader): Pairs {
  const message = header.structured || text.slice(header.messageStart);
  if (header.structured || /^\[?\w{1,60}:"/.test(message))
    return [...message.matchAll(quotedPair)].map((match) => [match[1]!, match[2]!.replace(/\\(["\\\]])/g, '$1')]);
  return message.includes('|') ? splitPairs(message, '|') : readPairs(message);
}

function native(
  pairs: Pairs,
  header: SyslogHeader | undefined,
  raw: string,
  context: DecodeContext,
): readonly Outcome[] {
  if (!isCheckPoint(pairs))
    return [reject('ING2002', 'neither CEF nor a Check Point record (product and origin or loguid)', raw)];
  const row = checkPointRow(pairs, context);
  row.TimeGenerated ??= header?.time;
  row.Computer = header?.host || pairs.find(([key]) => key === 'hostname')?.[1];
  if (header?.relay) row.CollectorHostName = header.relay;
  return [{ table: 'CommonSecurityLog', row, isTyped: true }];
}
