const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** A point in time: whole seconds since the Unix epoch, and the 100 ns ticks after them (0 to 9,999,999). */
export interface Instant {
  seconds: number;
  ticks: number;
}

const digits = (text: string, from: number, count: number): number => {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

/**
 * Reads `2026-03-04T09:12:31[.1234567]Z` into `into`; false when the text is anything else or no date.
 * `Date.parse` would lose the last four decimals and take local times.
 */
export function readInstant(text: string, into: Instant): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const clock = digits(text, 11, 2) * 3600 + digits(text, 14, 2) * 60 + digits(text, 17, 2);
  if (
    !(year >= 1 && month >= 1 && month <= 12 && day >= 1) ||
    day > daysInMonth[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0) ||
    !(digits(text, 11, 2) <= 23 && digits(text, 14, 2) <= 59 && digits(text, 17, 2) <= 59) ||
    text[4] !== '-' ||
    text[7] !== '-' ||
    text[10] !== 'T' ||
    text[13] !== ':' ||
    text[16] !== ':' ||
    text.charCodeAt(text.length - 1) !== 90
  )
    return false;
  let ticks = 0;
  const decimals = text.length - 21;
  if (decimals > 0) {
    ticks = text[19] === '.' && decimals <= 7 ? digits(text, 20, decimals) * 10 ** (7 - decimals) : Number.NaN;
    if (!(ticks >= 0)) return false;
  } else if (text.length !== 20) return false;
  const y = year - 1;
  const days =
    y * 365 +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) +
    daysBeforeMonth[month - 1]! +
    (month > 2 && isLeap(year) ? 1 : 0) +
    day -
    1 -
    719_162;
  into.seconds = days * 86_400 + clock;
  into.ticks = ticks;
  return true;
}
