import type { Row } from '../../../tables/index.js';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { cefRow } from '../../formats/cef.js';
import { isObject } from '../../formats/json.js';
import { facilities, parseSyslog, type SyslogHeader, severities } from '../../formats/syslog.js';
import { jsonOf, rawText, textOf } from '../../mapping/values.js';
import { detectRow, isDetect } from './detect.js';
import { isStream, streamRow } from './stream.js';

/** A `$name` mark where a value belongs: the sender's template, never filled in. */
const mark = /:\s*(?:"\$[A-Za-z]\w*\s*"|\$[A-Za-z]\w*\s*[,}])/;

/**
 * Decodes what Vectra sends: Stream metadata as JSON lines, with or without a syslog header; Detect events as CEF or JSON.
 *
 * Errors  ING2001 neither CEF nor JSON, ING2002 JSON of another kind; a template whose `$name` marks were not filled in
 *         has no values to map: with a syslog header it is kept as a Syslog row, without one it is refused
 */
export function decodeVectra(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  const text = rawText(record);
  if (record.kind !== 'text') return fromJson(record, text, noHeader(context), context);
  if (text.trim() === '') return [];
  const open = text.indexOf('{');
  const cefAt = text.indexOf('CEF:');
  if (cefAt >= 0 && (open < 0 || cefAt < open)) {
    const row = cefRow(text, context);
    return [typeof row === 'string' ? reject('ING2001', row, text) : { table: 'CommonSecurityLog', row }];
  }
  if (open < 0) return [reject('ING2001', 'the record is neither JSON nor CEF', text)];
  const header = open === 0 ? noHeader(context) : parseSyslog(text.slice(0, open), context);
  if (mark.test(text.slice(open))) return [template(text, open, header)];
  return fromJson({ kind: 'text', text: text.slice(open) }, text, header, context);
}

const noHeader = (context: DecodeContext) => ({ host: context.sender ?? '', time: undefined, pri: undefined, app: '' });

type Header = Pick<SyslogHeader, 'host' | 'time' | 'pri' | 'app'>;

function fromJson(record: RawRecord, raw: string, header: Header, context: DecodeContext): readonly Outcome[] {
  const json = jsonOf(record);
  if ('reject' in json) return [reject(json.reject.code, json.reject.reason, raw)];
  const { value } = json;
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      fromJson({ kind: 'json', value: item, raw: textOf(item) }, textOf(item), header, context),
    );
  }
  if (!isObject(value)) return [reject('ING2001', 'the record is no JSON object', raw)];
  if (isStream(value)) return [streamRow(value, header.host, context.receivedAt)];
  if (!isDetect(value)) return [reject('ING2002', 'JSON without metadata_type, and no event of Vectra Detect', raw)];
  return [mark.test(raw) ? reject('ING2001', unfilled, raw) : detectRow(value, header, context.receivedAt)];
}

const unfilled = 'a template: its $name marks were not filled in';

function template(text: string, open: number, header: Header): Outcome {
  const tag = /(vectra_\w+)[^{]*$/.exec(text.slice(0, open));
  if (header.time === undefined || header.pri === undefined || !tag) return reject('ING2001', unfilled, text);
  const row: Row = {
    TimeGenerated: header.time,
    EventTime: header.time,
    Computer: header.host,
    HostName: header.host,
    Facility: facilities[header.pri >> 3],
    SeverityLevel: severities[header.pri & 7],
    ProcessName: tag[1],
    SyslogMessage: text.slice(open),
  };
  return { table: 'Syslog', row };
}
