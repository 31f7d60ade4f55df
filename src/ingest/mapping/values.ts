import { type RawRecord, type RejectOutcome, reject } from '../connector.js';
import { isObject, parseJson, TooDeep } from '../formats/json.js';

/** Small readers of JSON values whose shape is not known. None of them throws. */

export type JsonObject = { readonly [key: string]: unknown };

/** Null and blank text: nothing was said. */
export const isBlank = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'string' && value.trim() === '');

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** The text of a value inside a larger record: what a reject shows, what a string column holds of an object. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

/** The text of a record as it came, for rejects. */
export const rawText = (record: RawRecord): string => (record.kind === 'text' ? record.text : record.raw);

/** The value of JSON text; undefined when it is none. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The JSON value that a record is, or is the text of. CSV fields count as an object of strings. */
export function jsonOf(record: RawRecord): { readonly value: unknown } | RejectOutcome {
  if (record.kind === 'fields') return { value: record.fields };
  if (record.kind === 'json') return { value: record.value };
  try {
    return { value: parseJson(record.text) };
  } catch (error) {
    if (error instanceof TooDeep) return reject('ING2005', 'the JSON is nested too deep', record.text);
    return reject('ING2001', 'the record is not JSON', record.text);
  }
}
