import ipaddr from 'ipaddr.js';
import { uuidOf } from '../../base/index.js';
import type { Observable } from './pattern.js';
import { isoOf, type StixObject, Unusable } from './stix.js';
import { tlpLevel } from './tlp.js';

/** Columns of which a file of indicators has one; names do not distinguish case. */
const valueColumns = ['observablevalue', 'md5', 'sha1', 'sha-1', 'sha256', 'sha-256', 'filehashvalue'];

export const isIndicatorHeader = (names: readonly string[]): boolean =>
  names.some((name) => valueColumns.includes(name.toLowerCase()));

/**
 * Reads a row of Sentinel's CSV template for indicators: `validFrom`, `observableType` and `observableValue` are mandatory,
 * `threatTypes, tags, name, description, confidence, revoked, validUntil, tlpLevel, severity` are not; the template for files
 * has hashes in columns of their own. The row becomes a STIX indicator whose id follows from source and observables, so that
 * reading it again finds it. Throws `Unusable`.
 */
export function readCsvIndicator(fields: Readonly<Record<string, string>>, source: string, now: string): StixObject {
  const cells = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const cell = (name: string) => cells.get(name) ?? '';
  const observables = observablesOf(cell);
  const pattern = `[${observables.map(({ key, value }) => `${key} = '${value.replace(/[\\']/g, '\\$&')}'`).join(' OR ')}]`;
  const validFrom = time(cell('validfrom'), 'validFrom');
  if (validFrom === undefined) throw new Unusable('it has no validFrom');
  const validUntil = time(cell('validuntil'), 'validUntil');
  if (validUntil !== undefined && validUntil <= validFrom)
    throw new Unusable('its validUntil is not after its validFrom');
  const confidence = numberIn(cell('confidence'), 100, 'confidence');
  const severity = numberIn(cell('severity'), 5, 'severity');
  const revoked = flag(cell('revoked'));
  const [labels, types] = [list(cell('tags')), list(cell('threattypes'))];
  const [name, description] = [cell('name'), cell('description')];
  const tlp = tlpLevel(cell('tlplevel'));
  if (cell('tlplevel') !== '' && tlp === undefined)
    throw new Unusable('its tlpLevel is none of white, green, amber, red');
  const id = `indicator--${uuidOf('csv', source, ...observables.flatMap(({ key, value }) => [key, value]))}`;
  const data = {
    ...{ type: 'indicator', spec_version: '2.1', id, created: now, modified: now, pattern, pattern_type: 'stix' },
    ...{ valid_from: validFrom, ...(validUntil && { valid_until: validUntil }), ...(name && { name }) },
    ...{
      ...(description && { description }),
      ...(confidence !== undefined && { confidence }),
      ...(revoked && { revoked }),
    },
    ...{ ...(labels.length > 0 && { labels }), ...(types.length > 0 && { indicator_types: types }) },
  };
  const indicator = {
    ...{ pattern, observables, created: now, validFrom, validUntil, revoked, confidence, labels, types, phases: [] },
    ...{ name, description, severity },
  };
  return { id, type: 'indicator', modified: now, data, tlp, indicator, isUndated: true };
}

const hashes: readonly (readonly [columns: readonly string[], algorithm: string, digits: number])[] = [
  [['md5'], 'MD5', 32],
  [['sha1', 'sha-1'], 'SHA-1', 40],
  [['sha256', 'sha-256'], 'SHA-256', 64],
];

function observablesOf(cell: (name: string) => string): Observable[] {
  const found: Observable[] = [];
  for (const [columns, algorithm, digits] of hashes)
    for (const column of columns) if (cell(column) !== '') found.push(hash(cell(column), algorithm, digits));
  if (cell('filehashvalue') !== '') found.push(fileObservable(cell('filehashvalue')));
  const value = cell('observablevalue');
  if (value !== '') found.push(observable(cell('observabletype').toLowerCase(), value));
  if (found.length === 0) throw new Unusable('it has no observableValue');
  return found;
}

const byValue: Readonly<Record<string, string>> = {
  ...{ 'ipv4-addr': 'ipv4-addr', ipv4: 'ipv4-addr', 'ipv6-addr': 'ipv6-addr', ipv6: 'ipv6-addr', url: 'url' },
  ...{ 'domain-name': 'domain-name', domain: 'domain-name', 'email-addr': 'email-addr', email: 'email-addr' },
};

function observable(type: string, value: string): Observable {
  if (type === '') throw new Unusable('it has no observableType');
  if (type === 'file') return fileObservable(value);
  for (const [columns, algorithm, digits] of hashes) if (columns.includes(type)) return hash(value, algorithm, digits);
  const name = Object.hasOwn(byValue, type) ? byValue[type] : undefined;
  if (name === undefined) throw new Unusable('its observableType is not known');
  if (name === 'ipv4-addr' && !isAddress(value, ipaddr.IPv4))
    throw new Unusable('its observableValue is no IPv4 address');
  if (name === 'ipv6-addr' && !isAddress(value, ipaddr.IPv6))
    throw new Unusable('its observableValue is no IPv6 address');
  return { key: `${name}:value`, value };
}

const isAddress = (value: string, kind: typeof ipaddr.IPv4 | typeof ipaddr.IPv6): boolean =>
  kind === ipaddr.IPv4
    ? ipaddr.IPv4.isValidFourPartDecimal(value) || ipaddr.IPv4.isValidCIDR(value)
    : ipaddr.IPv6.isValid(value) || ipaddr.IPv6.isValidCIDR(value);

/** A file by its hash, told by its length, or else by its name. */
function fileObservable(value: string): Observable {
  const known = hashes.find(([, , digits]) => value.length === digits && /^[0-9a-f]+$/i.test(value));
  return known ? hash(value, known[1], known[2]) : { key: 'file:name', value };
}

function hash(value: string, algorithm: string, digits: number): Observable {
  if (value.length !== digits || !/^[0-9a-f]+$/i.test(value)) throw new Unusable(`its ${algorithm} is none`);
  return { key: `file:hashes.'${algorithm}'`, value };
}

function time(text: string, column: string): string | undefined {
  if (text === '') return undefined;
  const iso = isoOf(text);
  if (iso === undefined) throw new Unusable(`its ${column} is no time`);
  return iso;
}

function numberIn(text: string, most: number, column: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,3}$/.test(text) || Number(text) > most)
    throw new Unusable(`its ${column} is no whole number from 0 to ${most}`);
  return Number(text);
}

function flag(text: string): boolean {
  if (/^(?:false|0|no|)$/i.test(text)) return false;
  if (/^(?:true|1|yes)$/i.test(text)) return true;
  throw new Unusable('its revoked is neither true nor false');
}

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
