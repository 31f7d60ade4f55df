/** Kusto counts time in ticks of 100 nanoseconds. Datetimes here are ticks since the Unix epoch, timespans plain ticks. */
export const ticksPerMs = 10_000n;
export const ticksPerSecond = 10_000_000n;
export const ticksPerMinute = 60n * ticksPerSecond;
export const ticksPerHour = 60n * ticksPerMinute;
export const ticksPerDay = 24n * ticksPerHour;
/** Ticks from 0001-01-01, where Kusto's own count and its bins start, to the Unix epoch. */
export const epochTicks = 621_355_968_000_000_000n;
/** Ticks (since the Unix epoch) of 9999-12-31T23:59:59.9999999, the last moment that Kusto knows. */
export const maxDatetimeTicks = 2_534_023_007_999_999_999n;

export const ticksFromMs = (ms: number): bigint => BigInt(Math.round(ms)) * ticksPerMs;

/**
 * Reads a datetime as Kusto does: ISO 8601 with or without time, zone (UTC when left out) and up to seven decimals, year
 * and year-month alone, `MM/dd/yyyy`, and RFC 1123 / 850 forms. Undefined for anything else.
 */
export function parseDatetime(text: string): bigint | undefined {
  const t = text.trim();
  const iso =
    /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      t,
    );
  if (iso)
    return fromParts(
      +iso[1]!,
      +(iso[2] ?? 1),
      +(iso[3] ?? 1),
      +(iso[4] ?? 0),
      +(iso[5] ?? 0),
      +(iso[6] ?? 0),
      iso[7],
      iso[8],
    );
  const us =
    /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?(?: ?(AM|PM))?)?$/i.exec(
      t,
    );
  if (us) {
    const hour = us[8] ? (+us[4]! % 12) + (us[8].toUpperCase() === 'PM' ? 12 : 0) : +(us[4] ?? 0);
    return fromParts(+us[3]!, +us[1]!, +us[2]!, hour, +(us[5] ?? 0), +(us[6] ?? 0), us[7], undefined);
  }
  const rfc =
    /^(?:\w{3,9},? )?(\d{1,2})[ -](\w{3})[ -](\d{2,4})(?:,? (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?: ?(GMT|UTC|Z|[+-]\d{2}:?\d{2}))?$/i.exec(
      t,
    );
  if (rfc) {
    const month = months.indexOf(rfc[2]!.toLowerCase()) + 1;
    const year = rfc[3]!.length === 2 ? 2000 + +rfc[3]! : +rfc[3]!;
    if (month > 0)
      return fromParts(year, month, +rfc[1]!, +(rfc[4] ?? 0), +(rfc[5] ?? 0), +(rfc[6] ?? 0), rfc[7], rfc[8]);
  }
  return undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function fromParts(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  fraction: string | undefined,
  zone: string | undefined,
): bigint | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return undefined;
  date.setUTCHours(hour, minute, second);
  let ticks = BigInt(date.getTime()) * ticksPerMs + BigInt((fraction ?? '').padEnd(7, '0').slice(0, 7));
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (offset)
    ticks -= (offset[1] === '-' ? -1n : 1n) * (BigInt(offset[2]!) * ticksPerHour + BigInt(offset[3]!) * ticksPerMinute);
  return ticks;
}

const units: Record<string, bigint> = {
  d: ticksPerDay,
  day: ticksPerDay,
  days: ticksPerDay,
  h: ticksPerHour,
  hr: ticksPerHour,
  hrs: ticksPerHour,
  hour: ticksPerHour,
  hours: ticksPerHour,
  m: ticksPerMinute,
  min: ticksPerMinute,
  minute: ticksPerMinute,
  minutes: ticksPerMinute,
  s: ticksPerSecond,
  sec: ticksPerSecond,
  second: ticksPerSecond,
  seconds: ticksPerSecond,
  ms: ticksPerMs,
  milli: ticksPerMs,
  millis: ticksPerMs,
  millisec: ticksPerMs,
  millisecond: ticksPerMs,
  milliseconds: ticksPerMs,
  micro: 10n,
  micros: 10n,
  microsec: 10n,
  microsecond: 10n,
  microseconds: 10n,
  tick: 1n,
  ticks: 1n,
};

/** Reads a timespan as Kusto does: `1.5h`, `2d`, `[-][d.]hh:mm[:ss[.fffffff]]`, or a bare number of days. */
export function parseTimespan(text: string): bigint | undefined {
  const t = text.trim();
  const unit = /^(-?)(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)$/i.exec(t);
  if (unit) {
    const size = units[unit[3]!.toLowerCase()];
    if (size === undefined) return undefined;
    const [whole, fraction = ''] = unit[2]!.split('.');
    const ticks = BigInt(whole || 0) * size + (BigInt(fraction.padEnd(15, '0').slice(0, 15)) * size) / 10n ** 15n;
    return unit[1] ? -ticks : ticks;
  }
  const clock = /^(-?)(?:(\d+)[.:](?=\d+:\d+:))?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(t);
  if (clock) {
    const [, sign, days, hours, minutes, seconds, fraction] = clock;
    if (+hours! > 23 || +minutes! > 59 || +(seconds ?? 0) > 59) return undefined;
    const ticks =
      BigInt(days ?? 0) * ticksPerDay +
      BigInt(hours!) * ticksPerHour +
      BigInt(minutes!) * ticksPerMinute +
      BigInt(seconds ?? 0) * ticksPerSecond +
      BigInt((fraction ?? '').padEnd(7, '0'));
    return sign ? -ticks : ticks;
  }
  const days = /^(-?)(\d+)$/.exec(t);
  if (days) return (days[1] ? -1n : 1n) * BigInt(days[2]!) * ticksPerDay;
  return undefined;
}

/** ISO 8601 in UTC with seven decimals, as Kusto prints a datetime in JSON. */
export function formatDatetime(ticks: bigint): string {
  const ms = ticks / ticksPerMs - (ticks % ticksPerMs < 0n ? 1n : 0n);
  const rest = ticks - ms * ticksPerMs;
  const iso = new Date(Number(ms)).toISOString();
  const seconds = iso.slice(0, 19).replace(/^[+-]0{0,2}(?=\d{4}-)/, '');
  return `${seconds}.${iso.slice(-4, -1)}${rest.toString().padStart(4, '0')}Z`;
}

/** A datetime as a result cell shows it: without the zeros at the end of its decimals. */
export const shortDatetime = (iso: string): string => iso.replace(/(\.\d*?)0+Z$/, '$1Z').replace(/\.Z$/, 'Z');

/** `[-][d.]hh:mm:ss[.fffffff]`. */
export function formatTimespan(ticks: bigint): string {
  const t = ticks < 0n ? -ticks : ticks;
  const two = (n: bigint) => n.toString().padStart(2, '0');
  const days = t / ticksPerDay;
  const fraction = t % ticksPerSecond;
  return `${ticks < 0n ? '-' : ''}${days > 0n ? `${days}.` : ''}${two((t / ticksPerHour) % 24n)}:${two((t / ticksPerMinute) % 60n)}:${two((t / ticksPerSecond) % 60n)}${fraction > 0n ? `.${fraction.toString().padStart(7, '0')}` : ''}`;
}
