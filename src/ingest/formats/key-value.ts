/** Pairs in the order of the record; a key may repeat. */
export type Pairs = [key: string, value: string][];

const isKeyChar = (code: number) =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 45 ||
  code === 46;
const isGap = (code: number) => code === 32 || code === 9 || code === 10 || code === 13 || code === 44 || code === 59;

/**
 * Reads `key=value key="value with blanks"` from `start` on. A bare value goes on to the blank (or comma) before the next
 * key, so unquoted values may hold blanks; a quote ends only where a gap or the end follows, so values may hold quotes.
 * Text before the first key is passed over.
 */
export function readPairs(text: string, start = 0): Pairs {
  const pairs: Pairs = [];
  let key = '';
  let valueAt = -1;
  const close = (end: number) => {
    if (valueAt === -1) return;
    let stop = end;
    while (stop > valueAt && isGap(text.charCodeAt(stop - 1))) stop--;
    pairs.push([key, text.slice(valueAt, stop)]);
    valueAt = -1;
  };
  const unclosed = new Set<number>();
  let equals = text.indexOf('=', start);
  while (equals !== -1) {
    let keyAt = equals;
    while (keyAt > start && isKeyChar(text.charCodeAt(keyAt - 1))) keyAt--;
    const isKey = keyAt < equals && (keyAt === start || isGap(text.charCodeAt(keyAt - 1)));
    if (!isKey) {
      equals = text.indexOf('=', equals + 1);
      continue;
    }
    close(keyAt);
    key = text.slice(keyAt, equals);
    const quote = text.charCodeAt(equals + 1);
    const end = (quote === 34 || quote === 39) && !unclosed.has(quote) ? quoteEnd(text, equals + 2, quote) : -1;
    // A quote that found no end once finds none later; searching again each time would take quadratic time.
    if (end === -1 && (quote === 34 || quote === 39)) unclosed.add(quote);
    if (end === -1) {
      valueAt = equals + 1;
      equals = text.indexOf('=', equals + 1);
    } else {
      const value = text.slice(equals + 2, end);
      pairs.push([key, value.includes('\\"') ? value.replaceAll('\\"', '"') : value]);
      start = end + 1;
      equals = text.indexOf('=', end + 1);
    }
  }
  close(text.length);
  return pairs;
}

/** The closing quote: one that is not escaped and that a gap or the end follows; -1 when there is none. */
function quoteEnd(text: string, start: number, quote: number): number {
  const sign = String.fromCharCode(quote);
  for (let at = text.indexOf(sign, start); at !== -1; at = text.indexOf(sign, at + 1)) {
    if (at > start && text.charCodeAt(at - 1) === 92 && text.charCodeAt(at - 2) !== 92) continue;
    if (at + 1 >= text.length || isGap(text.charCodeAt(at + 1))) return at;
  }
  return -1;
}

/** Pairs with a separator of one character; a piece without a key belongs to the value before it. */
export function splitPairs(text: string, separator: string): Pairs {
  const pairs: Pairs = [];
  for (const piece of text.split(separator)) {
    const equals = piece.indexOf('=');
    const key = equals > 0 ? piece.slice(0, equals).trim() : '';
    const last = pairs.at(-1);
    if (/^[\w.-]{1,100}$/.test(key)) pairs.push([key, piece.slice(equals + 1)]);
    else if (last && piece !== '') last[1] += separator + piece;
  }
  return pairs;
}

/** The first value of a key. */
export const firstValue = (pairs: Pairs, key: string): string | undefined => pairs.find(([name]) => name === key)?.[1];

/** A JSON object's members as pairs: text as it is, other values as JSON, null as an empty value. */
export function pairsOf(object: Readonly<Record<string, unknown>>): Pairs {
  return Object.entries(object).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value),
  ]);
}
