import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { asText, jsonOf, rawText, textOf } from '../../mapping/values.js';
import { diagnosticRow } from './diagnostics.js';
import { isStrippedExport, strippedExport } from './export.js';
import { nsgFlows, vnetFlows } from './flow-logs.js';

const kinds = {
  NetworkSecurityGroupFlowEvent: nsgFlows,
  FlowLogFlowEvent: vnetFlows,
  NetworkSecurityGroupEvent: (record) => [diagnosticRow(record)],
  NetworkSecurityGroupRuleCounter: (record) => [diagnosticRow(record)],
} satisfies Record<string, (record: { readonly [key: string]: unknown }) => readonly Outcome[]>;

/**
 * Decodes flow logs and diagnostic logs of network security groups and virtual networks, and exported flow rows.
 *
 * Shape   record of a blob's `records`, told by its category; every flow tuple is a unit
 * Errors  ING2001 no JSON object, ING2002 another category; see flow-logs.ts, diagnostics.ts, export.ts
 */
export function decodeNsg(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  const text = rawText(record);
  // Blocks of a blob end with a comma; its last one closes the list.
  if (record.kind === 'text' && /^[\s,\]}]*$/.test(text)) return [];
  const json = jsonOf(record.kind === 'text' ? { kind: 'text', text: text.trim().replace(/^,|,$/g, '') } : record);
  if ('reject' in json) return [reject(json.reject.code, json.reject.reason, text)];
  return unwrap(json.value, text, context);
}

function unwrap(value: unknown, raw: string, context: DecodeContext): readonly Outcome[] {
  if (Array.isArray(value)) return value.flatMap((item) => unwrap(item, textOf(item), context));
  if (!isObject(value)) return [reject('ING2001', 'the record is no JSON object', raw)];
  if (Array.isArray(value.records)) return unwrap(value.records, raw, context);
  if (isStrippedExport(value)) return [strippedExport(value, context)];
  const category = asText(value.category);
  if (Object.hasOwn(kinds, category)) return kinds[category as keyof typeof kinds](value);
  return [reject('ING2002', 'no flow log, diagnostic or exported flow record: another category', raw)];
}
