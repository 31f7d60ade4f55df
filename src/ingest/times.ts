/**
 * Times of log records as ISO 8601 UTC text with up to 7 decimals, the form in which rows carry them. A text that is no
 * time of a known form gives undefined; nothing is guessed.
 */

const MINUTE = 60_000;
const DAY = 86_400_000;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Month 1 to 12 of an English name or abbreviation, else 0. */
export const monthNumber = (name: string): number => months.indexOf(name.slice(0, 3).toLowerCase()) + 1;

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`);

/** Milliseconds since the epoch as ISO UTC text; `decimals` replaces the milliseconds and may hold 1 to 9 digits. */
export function isoUtc(ms: number, decimals?: string): string | undefined {
  if (!(ms >= -62135596800000 && ms < 253402300800000)) return undefined;
  const date = new Date(ms);
  const millis = date.getUTCMilliseconds();
  const fraction = decimals ? decimals.slice(0, 7) : millis ? `${millis + 1000}`.slice(1) : '';
  return (
    `${`${date.getUTCFullYear()}`.padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}` +
    `T${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}${fraction ? `.${fraction}` : ''}Z`
  );
}

/** The fields of a calendar time in UTC milliseconds; undefined when no such moment exists (30 February, hour 25). */
export function utcMs(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const ms =
    new Date(0).setUTCFullYear(year, month - 1, day) + (hour * 60 + minute) * MINUTE + Math.min(second, 59) * 1000;
  return new Date(ms).getUTCDate() === day ? ms : undefined;
}

/** Minutes east of UTC of a zone such as `Z`, `GMT`, `+02:00`, `-0700`, `EST`; undefined when unknown. */
export function zoneMinutes(zone: string): number | undefined {
  const named = zones[zone.toUpperCase()];
  if (named !== undefined) return named * 60;
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/i.exec(zone);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return minutes > 14 * 60 ? undefined : match[1] === '-' ? -minutes : minutes;
}

/** Hours east of UTC. Abbreviations that mean different zones to different senders (IST, CST in Asia) stay out. */
// biome-ignore format: a table
const zones: Readonly<Record<string, number>> = {
  Z: 0, UTC: 0, GMT: 0, WET: 0, WEST: 1, BST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9, KST: 9,
  EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7, AEST: 10, AEDT: 11, NZST: 12, NZDT: 13,
};

/** Epoch seconds, milliseconds, microseconds or nanoseconds, told apart by their number of digits. */
export function epochTime(text: string): string | undefined {
  const match = /^(\d{1,19})(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (!match) return undefined;
  const whole = match[1]!;
  if (whole.length <= 11) return isoUtc(Number(whole) * 1000, match[2]);
  const perSecond = whole.length <= 14 ? 3 : whole.length <= 16 ? 6 : 9;
  const decimals = whole.slice(-perSecond);
  return isoUtc(Number(whole.slice(0, -perSecond)) * 1000, /^0+$/.test(decimals) ? undefined : decimals);
}

/** The forms, most frequent first. Groups: y, mo (number or name), d, h, mi, s, f (decimals), half (A or P), z. */
const clock = String.raw`(?<h>\d{1,2}):(?<mi>\d{2})`;
const seconds = String.raw`:(?<s>\d{2})(?:[.,](?<f>\d{1,9}))?`;
const zone = String.raw`\s*(?<z>[A-Z+-][\w:+-]*)?`;
const month = '(?<mo>[A-Z][a-z]{2,8})';
const numeric = [
  String.raw`(?<y>\d{4})-(?<mo>\d{1,2})-(?<d>\d{1,2})(?:[T ]+${clock}(?:${seconds})?)?${zone}`,
  String.raw`(?<mo>\d{1,2})/(?<d>\d{1,2})/(?<y>\d{4})(?:,?\s+${clock}(?:${seconds})?(?:\s*(?<half>[AP])\.?M\.?)?)?${zone}`,
  String.raw`(?<y>\d{4})/(?<mo>\d{1,2})/(?<d>\d{1,2})[T ]${clock}${seconds}${zone}`,
  String.raw`(?<d>\d{1,2})[ /-]${month}[ /-](?<y>\d{4})[ :T]+${clock}${seconds}${zone}`,
].map((form) => new RegExp(`^${form}$`, 'i'));
const worded = [
  String.raw`(?:[A-Z][a-z]{2,8},?\s+)?${month}\s+(?<d>\d{1,2}),?\s+(?<y>\d{4})[ ,]+${clock}${seconds}(?:\s*(?<half>[AP])M\b)?${zone}`,
  String.raw`(?:[A-Z][a-z]{2},?\s+)?${month}\s+(?<d>\d{1,2})\s+${clock}${seconds}\s+(?<y>\d{4})`,
  String.raw`[A-Z][a-z]{2},?\s+(?<d>\d{1,2})[ -]${month}[ -](?<y>\d{4})\s+${clock}${seconds}${zone}`,
  String.raw`${month}\s+(?<d>\d{1,2})\s+${clock}${seconds}${zone}`,
].map((form) => new RegExp(`^${form}$`, 'i'));

export interface TimeOptions {
  /** Minutes east of UTC for times without a zone; default 0. */
  readonly zoneOffsetMinutes?: number | undefined;
  /** Milliseconds since the epoch; settles the year of times that have none. Without it such times are refused. */
  readonly receivedAt?: number | undefined;
}

/**
 * Reads a time in any form that the products of this room send: ISO 8601, `2026/03/04 09:12:31`, the portal's export
 * (`3/4/2026, 9:12:31.857 AM`, `Mar 4, 2026 9:12:31 AM`), `Mar 04 2026 09:12:31.000 GMT`, `04 Mar 2026 09:12:31`,
 * `Mon Mar  4 09:12:31 2026`, year-less syslog times, epoch numbers.
 */
export function parseTime(value: string | number, options: TimeOptions = {}): string | undefined {
  const text = `${value}`.trim();
  if (isPlainIso(text)) return text;
  const first = text.charCodeAt(0);
  const isNumeric = first >= 48 && first <= 57;
  for (const form of isNumeric ? numeric : worded) {
    const match = form.exec(text);
    if (match) return civil(match.groups!, options);
  }
  return isNumeric ? epochTime(text) : undefined;
}

function civil(part: Record<string, string | undefined>, options: TimeOptions): string | undefined {
  const offset = part.z === undefined ? (options.zoneOffsetMinutes ?? 0) : zoneMinutes(part.z);
  if (offset === undefined) return undefined;
  const month = Number(part.mo) || monthNumber(part.mo!);
  const day = Number(part.d);
  const hour = part.half ? (Number(part.h) % 12) + (part.half.toUpperCase() === 'P' ? 12 : 0) : Number(part.h ?? 0);
  const minute = Number(part.mi ?? 0);
  const second = Number(part.s ?? 0);
  if (part.y === undefined) {
    if (options.receivedAt === undefined || hour > 23 || minute > 59 || second > 60) return undefined;
    const timeOfDay = (hour * 60 + minute - offset) * MINUTE + Math.min(second, 59) * 1000;
    const ms = nearestYear(month, day, timeOfDay, options.receivedAt);
    return ms === undefined ? undefined : isoUtc(ms, part.f);
  }
  const ms = utcMs(Number(part.y), month, day, hour, minute, second);
  return ms === undefined ? undefined : isoUtc(ms - offset * MINUTE, part.f);
}

/**
 * A month, day and time of day without a year: the year that puts it closest to the reception and at most a day after
 * it. 29 February takes the nearest leap year. `timeOfDayMs` may leave the day by the zone's offset.
 */
export function nearestYear(month: number, day: number, timeOfDayMs: number, receivedAt: number): number | undefined {
  const year = new Date(receivedAt + DAY).getUTCFullYear();
  // One year ahead covers a reception on 31 December; eight back cover 29 February around 1900 and 2100.
  for (let candidate = year + 1; candidate >= year - 8; candidate--) {
    const start = utcMs(candidate, month, day);
    if (start !== undefined && start + timeOfDayMs <= receivedAt + DAY) return start + timeOfDayMs;
  }
  return undefined;
}

const digit = (text: string, at: number) => {
  const code = text.charCodeAt(at) - 48;
  return code >= 0 && code <= 9 ? code : Number.NaN;
};

/** Whether a text already is ISO UTC with at most 7 decimals: the fast path of every row. */
function isPlainIso(text: string): boolean {
  const length = text.length;
  if (length < 20 || length > 28 || text.charCodeAt(length - 1) !== 90 || text.charCodeAt(10) !== 84) return false;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return false;
  const year = digit(text, 0) * 1000 + digit(text, 1) * 100 + digit(text, 2) * 10 + digit(text, 3);
  const month = digit(text, 5) * 10 + digit(text, 6);
  const day = digit(text, 8) * 10 + digit(text, 9);
  const hour = digit(text, 11) * 10 + digit(text, 12);
  const minute = digit(text, 14) * 10 + digit(text, 15);
  const second = digit(text, 17) * 10 + digit(text, 18);
  // 29 to 31 go the slow way, which knows the months.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59))
    return false;
  if (length === 20) return true;
  if (length === 21 || text.charCodeAt(19) !== 46) return false;
  for (let at = 20; at < length - 1; at++) if (!(digit(text, at) >= 0)) return false;
  return true;
}
