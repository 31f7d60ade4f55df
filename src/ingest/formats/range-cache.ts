interface Entry<T> {
  readonly key: Buffer;
  readonly value: T;
}

const maxKeyBytes = 256;

/**
 * Remembers what ranges of bytes mean, without making a string for the look-up. A newcomer takes the place of an older
 * entry, so that nothing that a file holds can make the cache grow or slow.
 */
export class RangeCache<T> {
  readonly #entries: (Entry<T> | undefined)[];
  readonly #mask: number;

  /** `size` is a power of two. */
  constructor(size: number) {
    this.#entries = new Array<Entry<T> | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  /** The value for the bytes [from, to) of `source`, made when it is not at hand. */
  get(source: Buffer, from: number, to: number, make: (text: string) => T): T {
    if (to - from > maxKeyBytes) return make(source.toString('utf8', from, to));
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ source[at]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & this.#mask;
    const entry = this.#entries[place];
    if (entry && isSame(entry.key, source, from, to)) return entry.value;
    const value = make(source.toString('utf8', from, to));
    this.#entries[place] = { key: Buffer.from(source.subarray(from, to)), value };
    return value;
  }
}

/** Whether the bytes [from, to) of `source` are those of `key`. */
export function isSame(key: Buffer, source: Buffer, from: number, to: number): boolean {
  const size = to - from;
  if (key.length !== size) return false;
  for (let at = 0; at < size; at++) if (key[at] !== source[from + at]) return false;
  return true;
}
