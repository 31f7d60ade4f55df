/** Deeper nesting than this is refused: every later stage recurses over values. */
export const MAX_JSON_DEPTH = 100;

export class TooDeep extends Error {}

const longInteger = /^-?\d{16,}$/;
const numberToken = /-?\d[\d.eE+-]*/y;

/**
 * Parses one JSON value. Integers that a double cannot hold become text, so that no digit is lost. Throws SyntaxError,
 * or TooDeep before the parser sees the text.
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  let isString = false;
  let digits = 0;
  let hasLongNumber = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isString) {
      if (code === 92) at++;
      else if (code === 34) isString = false;
      continue;
    }
    if (code >= 48 && code <= 57) {
      if (++digits >= 16) hasLongNumber = true;
      continue;
    }
    digits = 0;
    if (code === 34) isString = true;
    else if (code === 123 || code === 91) {
      if (++depth > MAX_JSON_DEPTH) throw new TooDeep(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    } else if (code === 125 || code === 93) depth--;
  }
  if (!hasLongNumber) return JSON.parse(text);
  return JSON.parse(quoteLongIntegers(text));
}

/** Walks by index: a pattern over strings of megabytes would exhaust the stack, and `0.30000000000000004` is no integer. */
function quoteLongIntegers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      for (at++; at < text.length && text.charCodeAt(at) !== 34; at++) if (text.charCodeAt(at) === 92) at++;
      at++;
      continue;
    }
    numberToken.lastIndex = at;
    const token = code === 45 || (code >= 48 && code <= 57) ? numberToken.exec(text)?.[0] : undefined;
    if (token && longInteger.test(token) && !Number.isSafeInteger(Number(token))) {
      parts.push(text.slice(copied, at), `"${token}"`);
      copied = at + token.length;
    }
    at += token?.length ?? 1;
  }
  return parts.join('') + text.slice(copied);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys whose array is the payload of an envelope: Event Hubs and storage exports, Graph answers. */
const envelopeKeys = ['records', 'Records', 'value'];

/** The elements of an array or of an envelope such as `{"records": […]}`; undefined for any other value. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  for (const key of envelopeKeys) {
    const list = value[key];
    if (Array.isArray(list) && list.length > 0 && list.every(isObject)) return list;
  }
  return undefined;
}

export type JsonPiece =
  /** The text of one element. */
  | { readonly kind: 'element'; readonly text: string }
  /** A line between values that is no JSON. */
  | { readonly kind: 'text'; readonly text: string }
  /** An element that the file does not finish. */
  | { readonly kind: 'cut'; readonly text: string }
  | { readonly kind: 'oversize'; readonly text: string };

/**
 * Splits a stream of JSON into elements without holding more than one: the elements of a top-level array, of an
 * envelope's array, or the values of a sequence, pretty-printed or not. It only counts brackets and quotes; whether an
 * element is JSON is for the parser to say. A raw line break ends a string, since JSON has none in strings: so one
 * broken quote does not swallow the rest.
 */
export class JsonSplitter {
  #text = '';
  #at = 0;
  #start = -1;
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #isOversize = false;
  /** Depth at which elements stand: 0 for a sequence, 1 inside an array, 2 inside an envelope's array. */
  #level = 0;
  #stringStart = -1;
  #key = '';
  readonly #limit: number;

  readonly #envelopes: readonly string[];

  /** `envelopes` are the keys whose array is the payload. */
  constructor(limit: number, envelopes: readonly string[] = envelopeKeys) {
    this.#limit = limit;
    this.#envelopes = envelopes;
  }

  push(chunk: string): JsonPiece[] {
    const from = this.#start === -1 ? this.#at : this.#start;
    if (from > 0) {
      this.#text = this.#text.slice(from);
      this.#at -= from;
      if (this.#start !== -1) this.#start = 0;
      this.#stringStart -= from;
    }
    this.#text += chunk;
    const pieces: JsonPiece[] = [];
    this.#scan(pieces);
    if (this.#start !== -1 && this.#at - this.#start > this.#limit) {
      pieces.push({ kind: 'oversize', text: this.#text.slice(this.#start, this.#at) });
      this.#start = this.#at;
      this.#isOversize = true;
    }
    return pieces;
  }

  end(): JsonPiece[] {
    const pieces = this.push('\n');
    const left = this.#start === -1 ? '' : this.#text.slice(this.#start).trim();
    if (left) pieces.push({ kind: this.#isOversize ? 'oversize' : 'cut', text: left });
    return pieces;
  }

  #emit(pieces: JsonPiece[], end: number) {
    const text = this.#text.slice(this.#start, end).trim();
    this.#start = -1;
    if (text) pieces.push({ kind: this.#isOversize ? 'oversize' : 'element', text });
    this.#isOversize = false;
  }

  #scan(pieces: JsonPiece[]) {
    const text = this.#text;
    for (let at = this.#at; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === 92) this.#isEscaped = true;
        else if (code === 34 || code === 10) {
          this.#isString = false;
          if (this.#depth === 1 && this.#level === 0) this.#key = text.slice(this.#stringStart + 1, at);
        }
        continue;
      }
      const isBlank = code === 32 || code === 10 || code === 13 || code === 9;
      if (isBlank) continue;
      if (this.#depth === 0 && this.#start === -1 && code !== 91 && code !== 123 && code !== 44) {
        const end = text.indexOf('\n', at);
        if (end === -1) {
          this.#start = at;
          this.#at = text.length;
          this.#textLine(pieces, at);
          return;
        }
        pieces.push({ kind: 'text', text: text.slice(at, end).trimEnd() });
        at = end;
        continue;
      }
      if (this.#start === -1 && this.#depth === this.#level && code !== 44 && code !== 93 && code !== 125) {
        if (this.#depth === 0 && code === 91) {
          this.#level = 1;
          this.#depth = 1;
          continue;
        }
        this.#start = at;
      }
      if (code === 34) {
        this.#isString = true;
        this.#stringStart = at;
      } else if (code === 123 || code === 91) {
        if (code === 91 && this.#depth === 1 && this.#level === 0 && this.#envelopes.includes(this.#key)) {
          this.#start = -1;
          this.#level = 2;
        }
        this.#depth++;
      } else if (code === 125 || code === 93) {
        // Scalars of an array end at its bracket.
        if (this.#depth === this.#level && this.#start !== -1) this.#emit(pieces, at);
        if (this.#depth > 0) this.#depth--;
        if (this.#depth < this.#level) {
          this.#key = '';
          // What follows the list inside its envelope is about the envelope.
          this.#level = this.#depth === 0 ? 0 : Number.POSITIVE_INFINITY;
        } else if (this.#depth === this.#level && this.#start !== -1) this.#emit(pieces, at + 1);
      } else if (code === 44 && this.#depth === this.#level && this.#start !== -1) this.#emit(pieces, at);
    }
    this.#at = text.length;
  }

  /** An unfinished line of text at the end of the stream so far: read again when more of it is there. */
  #textLine(pieces: JsonPiece[], at: number) {
    if (this.#text.length - at > this.#limit) {
      pieces.push({ kind: 'oversize', text: this.#text.slice(at) });
      this.#start = -1;
      return;
    }
    this.#start = -1;
    this.#at = at;
  }
}
