import type { Row } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { asText, type JsonObject, textOf } from '../../mapping/values.js';
import { epochTime, isoUtc, parseTime } from '../../times.js';
import { columnOfField, defaultFields, numberColumns, timeColumns } from './fields.js';

const integer = /^\d{1,19}$/;
const statuses = new Set(['OK', 'NODATA', 'SKIPDATA']);
const isoLead = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** The fields of a header line, with hyphens, underscores or as `${field}`; undefined when it is none. */
export function headerFields(line: string): readonly string[] | undefined {
  // Data begins with a number, an address or a dash.
  if (!/^(?:\$\{)?[a-z]/i.test(line)) return undefined;
  const names = line.trim().split(/[\s,]+/);
  const known = names.filter((name) => columnOfField(name) !== undefined).length;
  // A field that came after version 8 must not turn a header into data; data has numbers, addresses and dashes.
  const isHeader =
    known >= 2 && known * 2 >= names.length && names.every((name) => /^(?:\$\{)?[a-z][\w-]*\}?$/i.test(name));
  return isHeader ? names.map((name) => name.replace(/^\$\{|\}$/g, '')) : undefined;
}

/**
 * Turns one VPC flow log line into an AWSVPCFlow row.
 *
 * Shape   line + field list of the header (none: the 14 fields of the default format), a leading ISO time allowed
 * Units   start, end: Unix seconds → UTC; TimeGenerated = start, then end, then the leading time; bytes: per window
 * Errors  ING2003 field count differs from the list; ING2001 a value that is none of its field, so the line is not what
 *         the list says; `-` becomes null
 * Source  https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export function flowLine(line: string, header: readonly string[] | undefined, receivedAt: number): Outcome {
  const fields = header ?? defaultFields;
  const values = line.trim().split(/\s+/);
  // A CloudWatch Logs export puts the time of the log event in front.
  const lead = values.length === fields.length + 1 && isoLead.test(values[0]!) ? values.shift() : undefined;
  if (values.length !== fields.length) {
    const reason = header
      ? 'the flow log line has another number of fields than the header'
      : `without a header line a flow log has the ${defaultFields.length} fields of the default format`;
    return reject('ING2003', reason, line);
  }
  const pairs = fields.map((field, i) => [field, values[i]!] as const);
  const row = flowRow(pairs, { lead, receivedAt });
  const isDefault = typeof row !== 'string' && row.Version === 2 && statuses.has(`${row.LogStatus}`);
  if (!header && !isDefault)
    return reject('ING2001', 'the line is not in the default format, and no header line names its fields', line);
  if (typeof row === 'string') return reject('ING2001', row, line);
  return { table: 'AWSVPCFlow', row };
}

/** A flow record whose fields are named: from Athena, a Parquet converter or a CSV export. */
export function flowObject(record: JsonObject, receivedAt: number): Outcome {
  const row = flowRow(
    Object.entries(record).map(([field, value]) => [field, asText(value)] as const),
    { receivedAt },
  );
  return typeof row === 'string' ? reject('ING2001', row, textOf(record)) : { table: 'AWSVPCFlow', row };
}

export const isFlowObject = (record: JsonObject): boolean =>
  ['SrcAddr', 'DstAddr', 'InterfaceId'].filter((column) => Object.keys(record).some((k) => columnOfField(k) === column))
    .length >= 2;

/** The columns of the default format in one literal: an object that grows key by key costs several times as much. */
// biome-ignore format: a list
const emptyRow = (): Row => ({
  TimeGenerated: undefined, Type: undefined, Version: undefined, AccountId: undefined, InterfaceId: undefined,
  SrcAddr: undefined, DstAddr: undefined, SrcPort: undefined, DstPort: undefined, Protocol: undefined,
  Packets: undefined, Bytes: undefined, Start: undefined, End: undefined, Action: undefined, LogStatus: undefined,
});

function flowRow(
  pairs: readonly (readonly [string, string])[],
  times: { readonly lead?: string | undefined; readonly receivedAt: number },
): Row | string {
  const row = emptyRow();
  for (const [field, value] of pairs) {
    if (value === '-' || value === '') continue;
    const column = columnOfField(field) ?? field;
    if (timeColumns.has(column)) {
      const time = integer.test(value) ? epochTime(value) : parseTime(value);
      if (time === undefined) return `the value of ${field} is no time`;
      row[column] = time;
    } else if (numberColumns.has(column)) {
      if (!integer.test(value)) return `the value of ${field} is no number`;
      row[column] = value.length < 16 ? Number(value) : value;
    } else row[column] = value;
  }
  row.TimeGenerated = row.Start ?? row.End ?? times.lead ?? isoUtc(times.receivedAt);
  return row;
}
