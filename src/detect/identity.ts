import { formatDatetime, shortDatetime, ticksFromMs, uuidOf } from '../base/index.js';

export { uuidOf } from '../base/index.js';

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

export const runIdOf = (key: RunKey): string =>
  uuidOf('run', key.ruleId.toLowerCase(), key.ruleHash, key.functionsHash, `${key.window.from}`, `${key.window.to}`);

/** Milliseconds as a datetime in Kusto's JSON. */
export const isoTime = (ms: number): string => shortDatetime(formatDatetime(ticksFromMs(ms)));
