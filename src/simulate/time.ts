/** Times as the products print them. Every argument is milliseconds since the Unix epoch; every result is UTC. */

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');

/** `2026-03-04T09:12:31.1230000Z`, with 3 to 9 decimals. */
export const iso = (time: number, decimals = 7): string =>
  new Date(time).toISOString().replace('Z', `${'0'.repeat(decimals - 3)}Z`);

/** `2026-03-04T09:12:31Z`; as Kusto's JSON prints a time that falls on a whole second. */
export const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-03-04 09:12:31.123`, the UtcTime of Sysmon. */
export const sysmonTime = (time: number): string => new Date(time).toISOString().replace('T', ' ').replace('Z', '');

const clock = (date: Date) => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;

/** `Mar  4 09:12:31`, the header of RFC 3164: the day is padded with a blank. */
export const syslogTime = (time: number): string => {
  const date = new Date(time);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock(date)}`;
};

/** `Mar 04 2026 09:12:31`, the date of a CEF extension. */
export const cefTime = (time: number): string => {
  const date = new Date(time);
  return `${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${date.getUTCFullYear()} ${clock(date)}`;
};

export const epochSeconds = (time: number): number => Math.floor(time / second);
