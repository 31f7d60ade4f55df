import type { Row } from '../../../tables/index.js';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow, findCef, rowFromPairs } from '../../formats/cef.js';
import { isObject, parseJson } from '../../formats/json.js';
import { type Pairs, pairsOf, readPairs, splitPairs } from '../../formats/key-value.js';
import { parseSyslog, type SyslogHeader } from '../../formats/syslog.js';
import { nssRow } from './nss-feed.js';
import { privateAccessRow, repairJson } from './private-access.js';

const unknown = 'neither CEF nor a feed of Zscaler Internet Access or Private Access';

/** A record of a Zscaler feed, CEF, key=value or JSON, → a CommonSecurityLog row. */
export function mapZscaler(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') {
    const fields = record.kind === 'fields' ? record.fields : record.value;
    // Cloud NSS puts the record beside its source type.
    const event = isObject(fields) && isObject(fields.event) ? fields.event : fields;
    const row = isObject(event) ? feedRow(pairsOf(event), '', undefined, context) : undefined;
    return [row ?? reject('ING2002', unknown, record.raw)];
  }
  const { text } = record;
  if (findCef(text, context)) {
    const row = cefRow(text, context);
    return [
      typeof row === 'string' ? reject('ING2001', row, text) : { table: 'CommonSecurityLog', row, isTyped: true },
    ];
  }
  const header = parseSyslog(text, context);
  const message = text.slice(header.messageStart);
  if (message.startsWith('{')) return [jsonOutcome(message, text, header, context)];
  const lead = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})\s+/.exec(text);
  const pairs = message.includes('\t') ? splitPairs(message, '\t') : readPairs(message);
  const row = feedRow(pairs.map(unquote), lead?.[1] ?? '', header, context);
  if (row) return [row];
  if (/^zscaler-?nss/i.test(header.app)) return [statusOutcome(message, header, context)];
  return [reject('ING2002', unknown, text)];
}

function jsonOutcome(message: string, raw: string, header: SyslogHeader, context: DecodeContext): Outcome {
  try {
    const value = parseJson(repairJson(message));
    const row = isObject(value) ? feedRow(pairsOf(value), '', header, context) : undefined;
    return row ?? reject('ING2002', unknown, raw);
  } catch {
    return reject('ING2001', 'the record is not JSON', raw);
  }
}

function feedRow(
  pairs: Pairs,
  leadingTime: string,
  header: SyslogHeader | undefined,
  context: DecodeContext,
): Outcome | undefined {
  const row = privateAccessRow(pairs, context) ?? nssRow(pairs, leadingTime, context);
  return row && stamped(row, header);
}

function stamped(row: Row, header: SyslogHeader | undefined): Outcome {
  row.TimeGenerated ??= header?.time;
  if (header?.host) row.Computer = header.host;
  if (header?.relay) row.CollectorHostName = header.relay;
  return { table: 'CommonSecurityLog', row, isTyped: true };
}

/** What the NSS machine says about itself. */
function statusOutcome(message: string, header: SyslogHeader, context: DecodeContext): Outcome {
  const head = { vendor: 'Zscaler', product: 'NSS', version: '', signature: 'Status', name: 'Status', severity: '' };
  return stamped(rowFromPairs(head, [['msg', message]], context), header);
}

const unquote = ([key, value]: [string, string]): [string, string] => {
  const bare = value.trim();
  return [key, bare.length > 1 && bare[0] === '"' && bare.at(-1) === '"' ? bare.slice(1, -1) : bare];
};
