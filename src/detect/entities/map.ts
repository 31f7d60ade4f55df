import type { EntityMapping } from '../../content/index.js';
import type { ResultRow } from '../result-row.js';
import { type Entity, jsonTypes } from './entity.js';
import { isGenericAccount, splitFullName } from './names.js';

/** The entity that a mapping finds in a row; undefined when all its identifiers are empty or it names nobody. */
export function mapEntity(mapping: EntityMapping, row: ResultRow): Entity | undefined {
  const found: Record<string, unknown> = {};
  for (const { identifier, columnName } of mapping.fieldMappings) {
    const value = identifierValue(identifier, row.value(columnName));
    if (value !== undefined) found[identifier] = value;
  }
  const named = mapping.entityType === 'Account' || mapping.entityType === 'Host';
  const identifiers = named ? splitFullName(mapping.entityType, found) : found;
  if (Object.keys(identifiers).length === 0) return undefined;
  if (mapping.entityType === 'Account' && isGenericAccount(identifiers)) return undefined;
  return { ...identifiers, Type: jsonTypes[mapping.entityType] };
}

const booleans = new Set(['IsDomainJoined', 'IsVolumeAnomaly']);
const numbers = new Set(['AppId', 'MailCount']);
const lists = new Set(['NetworkMessageIds', 'Urls', 'Threats', 'ThreatDetectionMethods']);
const bags = new Set(['CountByDeliveryStatus', 'CountByThreatType', 'CountByProtectionStatus']);

/** The cell in the type of the entity schema, which is text for most identifiers; undefined when there is nothing. */
function identifierValue(identifier: string, cell: unknown): unknown {
  if (cell === null || cell === undefined) return undefined;
  const text = (typeof cell === 'string' ? cell : JSON.stringify(cell)).trim();
  if (text === '') return undefined;
  if (booleans.has(identifier) && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (numbers.has(identifier) && /^\d{1,15}$/.test(text)) return Number(text);
  if (lists.has(identifier)) {
    const parsed = typeof cell === 'string' ? parseJson(text) : cell;
    return Array.isArray(parsed) ? parsed : [text];
  }
  if (bags.has(identifier)) {
    const parsed = typeof cell === 'string' ? parseJson(text) : cell;
    return typeof parsed === 'object' && parsed !== null ? parsed : text;
  }
  return text;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
