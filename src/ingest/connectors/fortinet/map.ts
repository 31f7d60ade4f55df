import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow, findCef } from '../../formats/cef.js';
import { isObject } from '../../formats/json.js';
import { type Pairs, pairsOf, readPairs } from '../../formats/key-value.js';
import { parseSyslog } from '../../formats/syslog.js';
import { fortiosRow, isFortios } from './fortios.js';

/** A FortiGate record, CEF or native, → a CommonSecurityLog row. */
export function mapFortinet(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') {
    const fields = record.kind === 'fields' ? record.fields : record.value;
    return native(isObject(fields) ? pairsOf(fields) : [], '', '', record.raw, context);
  }
  const { text } = record;
  if (text.includes('CEF') || !text.includes('type=')) {
    if (findCef(text, context)) {
      const row = cefRow(text, context);
      return [
        typeof row === 'string' ? reject('ING2001', row, text) : { table: 'CommonSecurityLog', row, isTyped: true },
      ];
    }
  }
  const header = parseSyslog(text, context);
  return native(readPairs(text, header.messageStart), header.host, header.relay, text, context);
}

function native(pairs: Pairs, host: string, relay: string, raw: string, context: DecodeContext): readonly Outcome[] {
  if (!isFortios(pairs)) return [reject('ING2002', 'neither CEF nor a FortiOS record (type and logid or devid)', raw)];
  const row = fortiosRow(pairs, context);
  if (host) row.Computer = host;
  if (relay) row.CollectorHostName = relay;
  return [{ table: 'CommonSecurityLog', row, isTyped: true }];
}
