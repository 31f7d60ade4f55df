import { createHash } from 'node:crypto';
import { formatDatetime, shortDatetime, ticksFromMs } from '../base/index.js';

/** A half-open time window in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What a run is: the same rule over the same parsers and the same window is the same run, whoever starts it. */
export interface RunKey {
  readonly ruleId: string;
  readonly ruleHash: string;
  /** Hash of the functions that the query resolved to; empty when it calls none. */
  readonly functionsHash: string;
  readonly window: Window;
}

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

export const runIdOf = (key: RunKey): string =>
  uuidOf('run', key.ruleId.toLowerCase(), key.ruleHash, key.functionsHash, `${key.window.from}`, `${key.window.to}`);

/** Milliseconds as a datetime in Kusto's JSON. */
export const isoTime = (ms: number): string => shortDatetime(formatDatetime(ticksFromMs(ms)));
