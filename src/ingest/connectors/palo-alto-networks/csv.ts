import type { Row } from '../../../tables/index.js';
import { rowFromPairs } from '../../formats/cef.js';
import { splitCsv } from '../../formats/csv.js';
import type { SyslogContext } from '../../formats/syslog.js';
import { parseTime } from '../../times.js';
import { cefKeys, fieldsOf } from './log-types.js';

/** The templates send the number of a severity, not its word. */
const severities: Readonly<Record<string, string>> = {
  informational: '1',
  low: '2',
  medium: '3',
  high: '4',
  critical: '5',
};

const start = /^\d{0,5},[^,]*,[^,]*,[A-Z][A-Z0-9_-]{2,30},/;

/** Whether a message is PAN-OS CSV: its fourth field is a log type. */
export const isPanosCsv = (message: string): boolean => start.test(message);

/** A record of the default syslog format as the row that the same event in the CEF template would give. */
export function panosRow(message: string, context: SyslogContext): Row {
  const values = splitCsv(message);
  const type = values[3]!;
  const fields = new Map<string, string>();
  let names = fieldsOf(type);
  // The change details stand in custom formats only: without them a sequence number follows the path.
  if (type === 'CONFIG' && /^\d*$/.test(values[14] ?? '') && /^0x/.test(values[15] ?? ''))
    names = names.filter((name) => !name.endsWith('_change_detail'));
  // Some lines lose the empty virtual system, and the event's name follows the time at once.
  if (type === 'SYSTEM' && severities[values[12] ?? ''] && !severities[values[13] ?? ''])
    names = names.filter((name) => name !== 'vsys');
  values.forEach((value, at) => {
    const name = names[at] ?? `Field${at + 1}`;
    if (name !== '-') fields.set(name, value);
  });
  const severity = fields.get('severity') ?? '';
  const subtype = fields.get('subtype') ?? '';
  const head = {
    vendor: 'Palo Alto Networks',
    product: 'PAN-OS',
    version: '',
    signature: subtype,
    name: type,
    severity: severities[severity] ?? (severity || '1'),
    originalSeverity: severity || '1',
  };
  const row = rowFromPairs(head, cefPairs(fields), context);
  row.TimeGenerated =
    parseTime(fields.get('high_res_timestamp') ?? '', context) ?? parseTime(fields.get('receive_time') ?? '', context);
  return row;
}

const skipped = new Set(['type', 'subtype', 'severity']);

function* cefPairs(fields: ReadonlyMap<string, string>): Iterable<[string, string]> {
  // Readers of AdditionalExtensions look for the packet counters at its beginning.
  for (const name of ['pkts_received', 'pkts_sent']) {
    const value = fields.get(name);
    if (value !== undefined) yield [cefKeys[name] as string, value];
  }
  for (const [name, value] of fields) {
    if (skipped.has(name)) continue;
    const mapped = cefKeys[name];
    if (typeof mapped === 'string') yield [mapped, value];
    else if (mapped) {
      yield [`${mapped[0]}Label`, mapped[1]];
      yield [mapped[0], value];
    } else if (value !== '') yield [`PanOS${camel(name)}`, value];
  }
}

const camel = (name: string) => name.replace(/(?:^|_)([a-z])/gi, (_, letter: string) => letter.toUpperCase());
