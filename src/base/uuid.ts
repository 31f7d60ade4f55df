import { createHash } from 'node:crypto';

/** A GUID that follows from its parts: equal parts give equal ids on every machine. Laid out as a version 5 UUID. */
export function uuidOf(...parts: readonly string[]): string {
  const digest = createHash('sha1')
    .update(['vedette', ...parts].map((part) => `${part.length}:${part}`).join(''))
    .digest()
    .subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
