import { type HostedValue, hosted } from '../entry.js';

const day = 86_400_000;
const ticksPerMs = 10_000n;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Undefined for what names no time zone. */
function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) formats.set(zone, makeFormat(zone));
  return formats.get(zone);
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', second: 'numeric', ...fields });
  } catch {
    return undefined;
  }
}

/** Milliseconds that the clocks of the zone are ahead of UTC at an instant, given in milliseconds since the epoch. */
function offsetAt(ms: number, format: Intl.DateTimeFormat): number {
  const seconds = Math.floor(ms / 1000) * 1000;
  const part = Object.fromEntries(format.formatToParts(seconds).map((p) => [p.type, Number(p.value)]));
  const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
  return wall - seconds;
}

/** The zones are known for the years 1900 to 2299 only; a time outside is null, as with a zone that a query names itself. */
function shifted(
  values: readonly HostedValue[],
  shift: (ms: number, format: Intl.DateTimeFormat) => number,
): HostedValue {
  const [ticks, zone] = values;
  const format = typeof zone === 'string' ? formatOf(zone) : undefined;
  if (typeof ticks !== 'bigint' || !format) return null;
  if (ticks < -22_089_888_000_000_000n || ticks > 104_137_919_999_999_999n) return null;
  return ticks + BigInt(shift(Number(ticks / ticksPerMs), format)) * ticksPerMs;
}

/**
 * Local times where a column names the zone. KQL cannot call these: they stand in the place of `datetime_utc_to_local` and
 * `datetime_local_to_utc`, which the engine computes for a zone that the query names.
 */
export const zoneFunctions = [
  hosted({
    name: 'utc_to_local_of_column',
    evaluate: (values) => shifted(values, offsetAt),
    examples: [],
  }),
  hosted({
    name: 'local_to_utc_of_column',
    trap: 'A time that the clocks show twice is the first; one that they skip is read with the offset after the change.',
    evaluate: (values) =>
      shifted(values, (local, format) => {
        const [before, after] = [offsetAt(local - day, format), offsetAt(local + day, format)];
        return offsetAt(local - before, format) === before ? -before : -after;
      }),
    examples: [],
  }),
];
