import { isIP } from 'node:net';
import type { Column } from '../../tables/index.js';
import type { ParserFinding } from './findings.js';
import { type LogicalType, networkSessionFields, type SchemaField } from './network-session.js';

const isBetween = (low: number, high: number) => (value: unknown) => Number(value) >= low && Number(value) <= high;
const matches = (pattern: RegExp) => (value: unknown) => pattern.test(String(value));
const label = String.raw`[\p{L}\p{N}_-]{1,63}`;

const isOfType: Readonly<Record<LogicalType, (value: unknown) => boolean>> = {
  ip: (value) => isIP(String(value)) !== 0,
  mac: matches(/^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/),
  hostname: matches(new RegExp(`^${label}$`, 'u')),
  domain: matches(new RegExp(`^${label}(\\.${label})*$`, 'u')),
  // `DOMAIN\host` is the full name where DomainType is Windows.
  fqdn: matches(new RegExp(`^${label}(\\.${label})+$|^[^\\\\]+\\\\${label}$`, 'u')),
  url: (value) => URL.canParse(String(value)),
  version: matches(/^\d+(\.\d+){1,2}$/),
  level: isBetween(0, 100),
  guid: matches(/^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i),
  latitude: isBetween(-90, 90),
  longitude: isBetween(-180, 180),
  country: matches(/^[\p{L}][\p{L} .,'()-]+$/u),
  username: matches(/\S/),
  // Names such as IPv6-ICMP and Sprite-RPC keep the spelling of IANA.
  upperCase: matches(/^(Unassigned$|[A-Z0-9])/),
  port: isBetween(0, 65535),
};

/** A user name has the form that its type says. */
const usernameForms: Readonly<Record<string, RegExp>> = {
  UPN: /^[^@\\]+@[^@\\]+$/,
  Windows: /^[^\\]+\\[^\\]+$/,
  DN: /\w+=/,
  Simple: /^[^\\@]+$/,
};

const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

type Row = Readonly<Record<string, unknown>>;

/** Why a value does not fit its field; undefined when it does. */
function problemOf(field: string, rule: SchemaField, row: Row): string | undefined {
  const value = row[field];
  if (isEmpty(value)) {
    if (rule.class === 'mandatory') return 'is mandatory and empty';
    if (rule.with && !isEmpty(row[rule.with])) return `is empty beside a value of ${rule.with}`;
    return undefined;
  }
  if (rule.values && !rule.values.includes(String(value))) return `may be ${rule.values.join(', ')}`;
  if (rule.logical && !isOfType[rule.logical](value)) return `is no ${rule.logical}`;
  if (rule.aliasOf && !rule.aliasOf.some((other) => String(row[other] ?? '') === String(value)))
    return `is an alias and equals none of ${rule.aliasOf.join(', ')}`;
  const form = field.endsWith('Username') ? usernameForms[String(row[`${field}Type`])] : undefined;
  return form && !form.test(String(value)) ? `has not the form that ${field}Type says` : undefined;
}

/**
 * Detections rest on the mandatory fields and on addresses and ports. Elsewhere Microsoft's own parsers leave the schema
 * too (`CloudService` as an application type, SIDs as device ids), and a filter that asks for such a value finds it.
 */
const severityOf = (field: string): ParserFinding['severity'] => {
  const { class: kind, logical } = networkSessionFields[field]!;
  return kind === 'mandatory' || logical === 'ip' || logical === 'port' ? 'error' : 'warning';
};

/**
 * Values of a parser's rows (as in Kusto's JSON) against the Network Session schema: allowed values, logical types, fields
 * that must come together, aliases. One finding for each field and reason.
 */
export function checkParserData(
  columns: readonly Pick<Column, 'name'>[],
  rows: readonly (readonly unknown[])[],
): ParserFinding[] {
  const found = new Map<string, { field: string; message: string; rows: number; example: unknown }>();
  const fields = Object.entries(networkSessionFields).filter(([field]) => columns.some((c) => c.name === field));
  for (const cells of rows) {
    const row: Row = Object.fromEntries(columns.map((column, i) => [column.name, cells[i]]));
    for (const [field, rule] of fields) {
      const message = problemOf(field, rule, row);
      if (!message) continue;
      const known = found.get(`${field} ${message}`);
      if (known) known.rows++;
      else found.set(`${field} ${message}`, { field, message, rows: 1, example: row[field] });
    }
  }
  return [...found.values()].map((finding) => ({ severity: severityOf(finding.field), ...finding }));
}
