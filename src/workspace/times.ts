import { fail, parseDatetime, ticksPerMs } from '../base/index.js';
import { parseDuration } from '../content/index.js';

/** A moment: ISO 8601 text, milliseconds since the epoch, or a Date. */
export type Time = string | number | Date;

/** A half-open range in milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A moment as a person writes it, in milliseconds since the epoch. Errors CLI6001. */
export function parseTime(given: Time, what = 'time'): number {
  if (typeof given !== 'string') {
    const ms = Number(given);
    return Number.isFinite(ms) ? ms : badTime(String(given), what);
  }
  const ticks = parseDatetime(given);
  return ticks === undefined ? badTime(given, what) : Number(ticks / ticksPerMs);
}

const badTime = (given: string, what: string): never =>
  fail('CLI6001', `'${given}' is not a ${what}`, { hint: 'write ISO 8601 in UTC, such as 2026-03-04T10:00:00Z' });

/**
 * The window of a query. A duration reaches back from `at`.
 *
 * Shape   `PT1H`, `P1D`, `2026-03-04/2026-03-05`, `2026-03-04/PT6H`, `PT6H/2026-03-05`
 * Errors  CLI6001
 */
export function parseTimeRange(given: string, at: number): TimeRange {
  const bad = (why: string): never =>
    fail('CLI6001', `'${given}' is not a timespan: ${why}`, {
      hint: 'write an ISO 8601 duration such as PT24H or P7D, or two times as FROM/TO',
    });
  const parts = given.split('/');
  if (parts.length > 2) return bad('it has more than one slash');
  const [first, second] = parts.map((part) => {
    const duration = parseDuration(part);
    return duration === undefined ? { time: parseTime(part, 'time or duration') } : { duration };
  });
  const range = rangeOf(first!, second, at);
  if (!range) return bad(second ? 'it has two durations' : 'a time alone has no length');
  return range.to > range.from ? range : bad('it ends before it begins');
}

type Part = { readonly time: number; readonly duration?: never } | { readonly duration: number; readonly time?: never };

function rangeOf(first: Part, second: Part | undefined, at: number): TimeRange | undefined {
  if (!second) return first.duration === undefined ? undefined : { from: at - first.duration, to: at };
  if (first.time !== undefined) return { from: first.time, to: second.time ?? first.time + second.duration! };
  return second.time === undefined ? undefined : { from: second.time - first.duration, to: second.time };
}
