import { parseJson } from '../../formats/json.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): JsonObject | undefined => (isObject(value) ? value : undefined);

/** Text of a JSON value; `#text` of an element that a converter turned into an object. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (isObject(value) && '#text' in value) return textOf(value['#text']);
  return JSON.stringify(value);
}

export const optionalText = (value: unknown): string | undefined => textOf(value).trim() || undefined;

export function integerOf(value: unknown): number | undefined {
  const text = textOf(value).trim();
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  return /^0x[0-9a-f]{1,8}$/i.test(text) ? Number(text) : undefined;
}

/** First value by these names that is there and not blank. */
export function first(object: JsonObject, ...names: readonly string[]): unknown {
  for (const name of names) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** Names with more dots than any document has are left alone. */
const maxPath = 12;

/** `{"winlog.event_id": 1}` → `{"winlog": {"event_id": 1}}`, the form in which some exports flatten documents. */
export function expandDots(object: JsonObject): JsonObject {
  if (!Object.keys(object).some((key) => key.includes('.'))) return object;
  const root = new Map<string, unknown>();
  for (const [key, value] of Object.entries(object)) {
    const path = key.split('.', maxPath);
    if (path.length === maxPath) path.splice(0, maxPath, key);
    let place = root;
    for (const part of path.slice(0, -1)) {
      let next = place.get(part);
      if (!(next instanceof Map)) {
        next = new Map(isObject(next) ? Object.entries(next) : []);
        place.set(part, next);
      }
      place = next as Map<string, unknown>;
    }
    place.set(path.at(-1)!, value);
  }
  const plain = (map: Map<string, unknown>): JsonObject =>
    Object.fromEntries([...map].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]));
  return plain(root);
}

/** The object that a text is the JSON of; undefined for anything else, and for what is nested too deep to walk. */
export function parseObject(text: string): JsonObject | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return asObject(parseJson(text));
  } catch {
    return undefined;
  }
}
