import { catalogue } from '../../../tables/index.js';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { asText, type JsonObject, jsonOf, rawText, textOf } from '../../mapping/values.js';
import { graphAlert, isGraphAlert } from './graph-alert.js';
import { type HuntingTimes, huntingRow, untoldRow } from './hunting.js';
import { tableOfCategory } from './tables.js';

/** Lists that wrap records: Event Hubs, the hunting APIs, Graph collections. */
const wrappers = ['records', 'Results', 'results', 'value'];

/**
 * Decodes what Defender XDR streams, exports or answers.
 *
 * Shape   envelope, list of envelopes, hunting row, hunting API answer or Graph alert → one outcome a row
 * Errors  ING2001 no JSON or no object; ING2002 a category or shape of something else; ING2004 no usable time
 * Source  https://learn.microsoft.com/defender-xdr/streaming-api
 */
export function decodeDefender(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind === 'text' && record.text.trim() === '') return [];
  const json = jsonOf(record);
  if ('reject' in json) return [json];
  const times = { receivedAt: context.receivedAt, zoneOffsetMinutes: context.zoneOffsetMinutes };
  if (!isObject(json.value) && !Array.isArray(json.value))
    return [reject('ING2001', 'the record is no JSON object', rawText(record))];
  return unwrap(json.value, times);
}

function unwrap(value: unknown, times: HuntingTimes): readonly Outcome[] {
  if (Array.isArray(value)) return value.flatMap((item) => unwrap(item, times));
  if (!isObject(value)) return [reject('ING2001', 'a record is no JSON object', textOf(value))];
  if (isGraphAlert(value)) return graphAlert(value);
  if ('category' in value && 'properties' in value) return [envelope(value, times)];
  const list = wrappers.find((name) => Array.isArray(value[name]));
  if (list !== undefined) return unwrap(value[list], times);
  return [untoldRow(value, times)];
}

function envelope(value: JsonObject, times: HuntingTimes): Outcome {
  const category = asText(value.category);
  const table = tableOfCategory(category);
  const schema = table === undefined ? undefined : catalogue.table(table);
  if (!schema) return reject('ING2002', `unknown event category ${category.slice(0, 80) || '(none)'}`, textOf(value));
  if (!isObject(value.properties)) return reject('ING2001', `${category} without a properties object`, textOf(value));
  return huntingRow(schema, value.properties, { ...times, envelope: value.time });
}
