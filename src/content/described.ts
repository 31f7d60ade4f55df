import { isMap, isScalar } from 'yaml';
import type { Severity } from '../base/index.js';
import type { FunctionSource } from '../kql/index.js';
import { entityTypeOf, identifierNames, identifierOf } from './entity-types.js';
import type { Fields } from './fields.js';
import type { EntityMapping, RequiredDataConnector } from './model.js';

/** Limits of the product on the parts that rules and hunting queries share. */
export const MAX_QUERY_CHARS = 10_000;
export const MAX_ENTITY_MAPPINGS = 10;
export const MAX_IDENTIFIERS_PER_MAPPING = 3;
export const MAX_CUSTOM_DETAILS = 20;

const guid = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;

export function readId(fields: Fields): string | undefined {
  const id = fields.require('id', fields.text('id'));
  if (id && !guid.test(id)) {
    fields.problem('id', `id '${id}' is not a GUID`, { severity: 'warning' });
  }
  return id?.replace(/^\{(.*)\}$/, '$1');
}

/** The quotes that many files put around a description are no part of it. */
export function readDescription(fields: Fields): string {
  const text = fields.text('description') ?? '';
  const quote = text[0];
  const quoted = text.length > 1 && (quote === "'" || quote === '"') && text.endsWith(quote);
  return quoted ? text.slice(1, -1).trim() : text;
}

export function readQuery(fields: Fields): { text: string; source: FunctionSource } | undefined {
  const query = fields.source('query');
  if (!query || query.text.trim() === '') {
    fields.problem('query', 'query is missing');
    return undefined;
  }
  return query;
}

export function readConnectors(fields: Fields): RequiredDataConnector[] {
  return fields.children('requiredDataConnectors').flatMap((connector) => {
    const connectorId = connector.text('connectorId');
    return connectorId ? [{ connectorId, dataTypes: connector.texts('dataTypes') }] : [];
  });
}

export const tacticNames = [
  ...['Reconnaissance', 'ResourceDevelopment', 'InitialAccess', 'Execution', 'Persistence', 'PrivilegeEscalation'],
  ...['DefenseEvasion', 'CredentialAccess', 'Discovery', 'LateralMovement', 'Collection', 'CommandAndControl'],
  ...['Exfiltration', 'Impact', 'PreAttack', 'ImpairProcessControl', 'InhibitResponseFunction'],
];

/** A tactic in its own spelling; files also write it with blanks and in other case. */
export const tacticOf = (text: string): string | undefined =>
  tacticNames.find((name) => name.toLowerCase() === text.replaceAll(/\s+/g, '').toLowerCase());

export function readTactics(fields: Fields): string[] {
  return fields.texts('tactics').map((text) => {
    const tactic = tacticOf(text);
    if (!tactic) fields.problem('tactics', `'${text}' is not a tactic of ATT&CK`, { severity: 'warning' });
    return tactic ?? text;
  });
}

export const isTechnique = (text: string): boolean => /^T\d{4}(\.\d{3})?$/.test(text);

/** Templates say `relevantTechniques`; deployed rules say `techniques` and `subTechniques`. */
export function readTechniques(fields: Fields): string[] {
  const keys = ['relevantTechniques', 'techniques', 'subTechniques'].filter((key) => fields.has(key));
  return keys.flatMap((key) =>
    fields.texts(key).map((text) => {
      const technique = text.toUpperCase();
      if (!isTechnique(technique)) {
        fields.problem(key, `'${text}' is not a technique id such as T1566 or T1566.002`, { severity: 'warning' });
      }
      return technique;
    }),
  );
}

/** What a mapping cannot use stops a rule, but not a hunting query: nothing but a person reads its entities. */
export function readEntityMappings(fields: Fields, severity: Severity = 'error'): EntityMapping[] {
  const mappings = fields.children('entityMappings').flatMap((mapping): EntityMapping[] => {
    const typeText = mapping.require('entityType', mapping.text('entityType'));
    const entityType = typeText ? entityTypeOf(typeText) : undefined;
    if (typeText && !entityType) mapping.problem('entityType', `'${typeText}' is not an entity type`, { severity });
    if (!entityType) return [];
    const fieldMappings = mapping.children('fieldMappings').flatMap((field) => {
      const identifierText = field.require('identifier', field.text('identifier'));
      const columnName = field.require('columnName', field.text('columnName'));
      if (!identifierText || !columnName) return [];
      const identifier = identifierOf(entityType, identifierText);
      if (identifier) return [{ identifier, columnName }];
      field.problem('identifier', `${entityType} has no identifier '${identifierText}'`, {
        severity,
        hint: `identifiers of ${entityType}: ${identifierNames(entityType).join(', ')}`,
      });
      return [];
    });
    if (fieldMappings.length > MAX_IDENTIFIERS_PER_MAPPING) {
      mapping.problem('fieldMappings', `a mapping can have ${MAX_IDENTIFIERS_PER_MAPPING} identifiers`, { severity });
    }
    return fieldMappings.length > 0 ? [{ entityType, fieldMappings }] : [];
  });
  if (mappings.length > MAX_ENTITY_MAPPINGS) {
    fields.problem('entityMappings', `a rule can have ${MAX_ENTITY_MAPPINGS} entity mappings, not ${mappings.length}`, {
      severity,
    });
  }
  return mappings;
}

/** A map of detail → column, or (in some files) a list of one-entry maps. */
export function readCustomDetails(fields: Fields): Record<string, string> {
  const details: Record<string, string> = Object.create(null);
  const node = fields.node('customDetails');
  const maps = isMap(node) ? [fields.child('customDetails')!] : fields.children('customDetails');
  if (node && isScalar(node)) return details;
  for (const map of maps) {
    for (const key of map.keys()) {
      const column = map.text(key);
      if (column) details[key.trim()] = column;
    }
  }
  const count = Object.keys(details).length;
  if (count > MAX_CUSTOM_DETAILS) {
    fields.problem('customDetails', `a rule can have ${MAX_CUSTOM_DETAILS} custom details, not ${count}`);
  }
  return { ...details };
}
