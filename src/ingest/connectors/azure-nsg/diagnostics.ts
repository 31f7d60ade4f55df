import type { Row, Value } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { asObject, asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { parseTime } from '../../times.js';
import { parseResourceId } from './addresses.js';

const guid = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** The column of a property in tables with type suffixes: `_s` text, `_d` number, `_b` bool, `_t` time, `_g` GUID. */
function suffixed(name: string, value: unknown): string {
  if (typeof value === 'number') return `${name}_d`;
  if (typeof value === 'boolean') return `${name}_b`;
  const text = asText(value);
  return `${name}_${guid.test(text) ? 'g' : isoTime.test(text) ? 't' : 's'}`;
}

/** Nested properties are flattened with `_`; lists stay JSON text. */
function flatten(properties: JsonObject, prefix: string, row: Row): void {
  for (const [key, value] of Object.entries(properties)) {
    const name = `${prefix}${key}`.replace(/[^A-Za-z0-9_]/g, '_');
    if (isObject(value)) flatten(value, `${name}_`, row);
    else if (!isBlank(value)) row[suffixed(name, value)] = (Array.isArray(value) ? textOf(value) : value) as Value;
  }
}

/**
 * Turns a diagnostic record of a network security group (categories NetworkSecurityGroupEvent and
 * NetworkSecurityGroupRuleCounter) into an AzureDiagnostics row.
 *
 * Shape   resource columns from the resource id, properties under their suffixed names
 * Errors  ING2004 no usable time
 * Source  https://learn.microsoft.com/azure/virtual-network/virtual-network-nsg-manage-log
 */
export function diagnosticRow(record: JsonObject): Outcome {
  const time = parseTime(asText(record.time));
  if (time === undefined) return reject('ING2004', 'the diagnostic record has no usable time', textOf(record));
  const resourceId = asText(record.resourceId);
  const { subscription, group, provider, type, name } = parseResourceId(resourceId);
  const row: Row = {
    TimeGenerated: time,
    Category: asText(record.category),
    OperationName: asText(record.operationName),
    ResourceId: resourceId.toUpperCase(),
    _ResourceId: resourceId.toLowerCase(),
    SubscriptionId: subscription.toLowerCase(),
    ResourceGroup: group.toUpperCase(),
    ResourceProvider: provider.toUpperCase(),
    ResourceType: type.toUpperCase(),
    Resource: name.toUpperCase(),
  };
  if (!isBlank(record.systemId)) row[suffixed('systemId', record.systemId)] = asText(record.systemId);
  flatten(asObject(record.properties), '', row);
  return { table: 'AzureDiagnostics', row };
}
