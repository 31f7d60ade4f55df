import { type RawRecord, type RejectOutcome, reject } from '../connector.js';
import { depthOver, MAX_DEPTH } from '../convert.js';
import { parseJson } from './json-value.js';

const tooDeep = `the JSON is nested deeper than ${MAX_DEPTH} levels`;

/** The text of a record as it came, for rejects. */
export const rawText = (record: RawRecord): string => (record.kind === 'text' ? record.text : record.raw);

/** The JSON value that a record is, or is the text of. CSV fields count as an object of strings. */
export function jsonOf(record: RawRecord): { readonly value: unknown } | RejectOutcome {
  if (record.kind === 'fields') return { value: record.fields };
  if (record.kind === 'json') {
    if (depthOver(record.value, MAX_DEPTH)) return reject('ING2005', tooDeep, record.raw);
    const exact = /\d{16}/.test(record.raw) ? parseJson(record.raw) : undefined;
    return { value: exact?.ok && typeof exact.value === typeof record.value ? exact.value : record.value };
  }
  const parsed = parseJson(record.text);
  if (parsed.ok) return { value: parsed.value };
  return reject(parsed.problem.startsWith('the JSON') ? 'ING2005' : 'ING2001', parsed.problem, record.text);
}

/** Cuts the complete elements out of the array that opens at `open`; `rest` is what follows the last complete one. */
export function completeElements(text: string, open: number): { readonly elements: readonly string[]; rest: string } {
  const elements: string[] = [];
  let depth = 0;
  let start = -1;
  let end = open + 1;
  for (let i = open + 1; i < text.length; i++) {
    const unit = text[i];
    if (unit === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (unit === '{' || unit === '[') {
      if (depth++ === 0) start = i;
    } else if (unit === '}' || unit === ']') {
      if (depth === 0) break;
      if (--depth === 0) {
        elements.push(text.slice(start, i + 1));
        end = i + 1;
      }
    }
  }
  return { elements, rest: text.slice(end).replace(/^[\s,]+/, '') };
}
