import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow } from '../../formats/cef.js';

/** Any vendor's CEF record → a CommonSecurityLog row. */
export function mapCef(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') return [reject('ING2002', 'the record is not text', record.raw)];
  const row = cefRow(record.text, context);
  return [
    typeof row === 'string' ? reject('ING2001', row, record.text) : { table: 'CommonSecurityLog', row, isTyped: true },
  ];
}
