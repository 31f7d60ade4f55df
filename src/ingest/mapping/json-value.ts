import { MAX_DEPTH } from '../convert.js';

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Index just past the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) return i + 1;
    if (unit === 0x5c) i++;
  }
  return text.length;
}

/** Nesting of the brackets outside strings reaches past the limit. Works on text, so that nothing is built first. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      i = endOfString(text, i) - 1;
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

const numberToken = /-?[\d.eE+-]+/y;

/** Whole numbers past 2^53 would lose digits in a JavaScript number, so they are kept as text. */
function quoteLongNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let i = 0; i < text.length; ) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) i = endOfString(text, i);
    else if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) {
      numberToken.lastIndex = i;
      const token = numberToken.exec(text)?.[0] ?? text[i]!;
      if (/^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) {
        parts.push(text.slice(copied, i), `"${token}"`);
        copied = i + token.length;
      }
      i += token.length;
    } else i++;
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(copied);
}

/** Parses JSON without throwing, within `MAX_DEPTH`, keeping every digit of long integers. */
export function parseJson(text: string): Parsed {
  if (nestsTooDeep(text)) return { ok: false, problem: `the JSON is nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(/\d{16}/.test(text) ? quoteLongNumbers(text) : text) };
  } catch (error) {
    return { ok: false, problem: `not valid JSON: ${String((error as Error).message).slice(0, 120)}` };
  }
}

export type JsonObject = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
