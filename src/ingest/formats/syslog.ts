import { isoUtc, monthNumber, nearestYear, parseTime, utcMs, zoneMinutes } from '../times.js';

/** What a syslog header says; fields that it lacks are empty or undefined. */
export interface SyslogHeader {
  /** 0 to 191. */
  readonly pri: number | undefined;
  /** Header time as ISO UTC. */
  readonly time: string | undefined;
  readonly host: string;
  /** The host of an outer header, when a relay put its own in front. */
  readonly relay: string;
  /** Tag (RFC 3164) or APP-NAME (RFC 5424). */
  readonly app: string;
  readonly pid: string;
  /** RFC 5424 structured data with its brackets. */
  readonly structured: string;
  /** Where the message begins in the text. */
  readonly messageStart: number;
}

export interface SyslogContext {
  readonly receivedAt: number;
  readonly zoneOffsetMinutes: number;
}

// biome-ignore format: a table
export const facilities = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'audit',
  'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const;

export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

const octetCount = /\d{1,8} (?=<\d{1,3}>)/y;
const priority = /<(\d{1,3})> ?/y;
const rfc5424Start = /\d{1,2} (?=\d{4}-\d{2}-|- )/y;
const bsdTime =
  /([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))? (\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ((?:19|20)\d{2})(?= ))?(?: (UTC|GMT|[A-Z]{3,4}(?=:)|[+-]\d{2}:?\d{2})(?=[: ]))?:?/y;
const isoTime = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?:?(?=\s|$)/y;
const nexusTime =
  /(\d{4}) ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?: ([A-Z]{3,4}))?:?(?= )/y;
const hostToken = /(?:\[([\w.:%-]{1,255})\]|([\w.:%-]{0,254}[\w.%-]))(?= |$)/y;
const tagToken = /([^\s:[\]=|<>{}"',]{1,64})(?:\[([^\]\s]{0,64})\])?(?: -)?:(?: |$)/y;

const at = (pattern: RegExp, text: string, position: number): RegExpExecArray | null => {
  pattern.lastIndex = position;
  return pattern.exec(text);
};

/** What makes more than the plain form of a time out of it. */
const yearOrZone = /(?:19|20)\d{2} |UTC[: ]|GMT[: ]|[A-Z]{3,4}:|[+-]\d{2}/y;

/** Header times repeat from record to record, so the last one is remembered. */
let memo = { text: '', receivedAt: 0, zone: 0, iso: '' };

interface HeaderTime {
  readonly iso: string | undefined;
  readonly end: number;
}

function headerTime(text: string, position: number, context: SyslogContext): HeaderTime | undefined {
  const { receivedAt, zoneOffsetMinutes } = context;
  const first = text.charCodeAt(position);
  if (first >= 65 && first <= 90) {
    const isSame = memo.receivedAt === receivedAt && memo.zone === zoneOffsetMinutes && memo.text !== '';
    if (isSame && text.startsWith(memo.text, position) && !at(yearOrZone, text, position + memo.text.length))
      return { iso: memo.iso, end: position + memo.text.length - 1 };
    const match = at(bsdTime, text, position);
    if (!match || monthNumber(match[1]!) === 0) return undefined;
    const end = position + match[0].length;
    const iso = bsdIso(match, context);
    // Only the plain form `Mmm dd hh:mm:ss ` is remembered.
    if (iso && match[0].length === 15 && text[end] === ' ')
      memo = { text: text.slice(position, end + 1), receivedAt, zone: zoneOffsetMinutes, iso };
    return { iso, end };
  }
  if (first < 48 || first > 57) return undefined;
  const iso = at(isoTime, text, position);
  if (iso) {
    const found = parseTime(iso[0].replace(/:$/, ''), { zoneOffsetMinutes });
    return found ? { iso: found, end: position + iso[0].length } : undefined;
  }
  const nexus = at(nexusTime, text, position);
  if (!nexus) return undefined;
  const [whole, year, month, day, hour, minute, second, decimals, zone] = nexus;
  const found = parseTime(
    `${month} ${day} ${year} ${hour}:${minute}:${second}${decimals ? `.${decimals}` : ''} ${zone ?? ''}`,
    { zoneOffsetMinutes },
  );
  return { iso: found, end: position + whole.length };
}

function bsdIso(match: RegExpExecArray, context: SyslogContext): string | undefined {
  const [, month, day, yearBefore, hour, minute, second, decimals, yearAfter, zone] = match;
  const offset = zone === undefined ? context.zoneOffsetMinutes : (zoneMinutes(zone) ?? context.zoneOffsetMinutes);
  const year = yearBefore ?? yearAfter;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (year !== undefined) {
    const ms = utcMs(Number(year), monthNumber(month!), Number(day), h, m, s);
    return ms === undefined ? undefined : isoUtc(ms - offset * 60_000, decimals);
  }
  if (h > 23 || m > 59 || s > 60) return undefined;
  const timeOfDay = (h * 60 + m - offset) * 60_000 + Math.min(s, 59) * 1000;
  const ms = nearestYear(monthNumber(month!), Number(day), timeOfDay, context.receivedAt);
  return ms === undefined ? undefined : isoUtc(ms, decimals);
}

const isBlank = (code: number) => code === 32 || code === 9;

/**
 * Reads the header of a syslog message in any of the forms that senders and relays produce: RFC 5424 and RFC 3164, with
 * or without PRI, host or tag, with a year, an ISO time or a zone, with an octet count, a byte order mark, or behind the
 * header of a relay. Of nested headers the innermost counts, and the outer host becomes `relay`.
 */
export function parseSyslog(text: string, context: SyslogContext, start = 0, depth = 0): SyslogHeader {
  let position = start;
  while (position < text.length && (text.charCodeAt(position) <= 32 || text.charCodeAt(position) === 0xfeff))
    position++;
  const first = text.charCodeAt(position);
  if (first >= 49 && first <= 57) position += at(octetCount, text, position)?.[0].length ?? 0;
  let pri: number | undefined;
  const found = text.charCodeAt(position) === 60 ? at(priority, text, position) : null;
  if (found && Number(found[1]) <= 191) {
    pri = Number(found[1]);
    position += found[0].length;
    if (at(rfc5424Start, text, position)) return rfc5424(text, context, position, pri);
  } else if (at(rfc5424Start, text, position)) return rfc5424(text, context, position, undefined);
  while (isBlank(text.charCodeAt(position))) position++;
  // Clocks that are not set are marked by a sign in front of the time; other stray signs occur too.
  const timeAt = /[*.:$%]/.test(text[position] ?? '') ? position + 1 : position;
  const time = headerTime(text, timeAt, context);
  if (!time && pri === undefined)
    return { pri, time: undefined, host: '', relay: '', app: '', pid: '', structured: '', messageStart: position };
  let next = time ? time.end : position;
  while (isBlank(text.charCodeAt(next))) next++;
  const host = time ? at(hostToken, text, next) : null;
  let name = '';
  if (host) {
    name = host[1] ?? host[2]!;
    next += host[0].length;
    while (isBlank(text.charCodeAt(next))) next++;
  }
  if (depth < 4 && startsHeader(text, next)) {
    const inner = parseSyslog(text, context, next, depth + 1);
    if (inner.time !== undefined || inner.pri !== undefined)
      return {
        ...inner,
        pri: inner.pri ?? pri,
        time: inner.time ?? time?.iso,
        host: inner.host || name,
        relay: inner.host ? inner.relay || name : inner.relay,
      };
  }
  const tag = at(tagToken, text, next);
  const isTag = tag !== null && tag[1] !== 'CEF';
  const messageStart = isTag ? next + tag[0].length : next;
  const [app, pid] = isTag ? [tag[1]!, tag[2] ?? ''] : ['', ''];
  return { pri, time: time?.iso, host: name, relay: '', app, pid, structured: '', messageStart };
}

/** Whether another header begins here: a PRI, maybe behind an octet count, or a second time. */
function startsHeader(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  if (code === 60) return at(priority, text, position) !== null;
  if (code >= 48 && code <= 57) return at(octetCount, text, position) !== null || at(isoTime, text, position) !== null;
  if (code < 65 || code > 90) return false;
  const match = at(bsdTime, text, position);
  return match !== null && monthNumber(match[1]!) > 0;
}

const token = /(\S{1,255}) ?/y;

function rfc5424(text: string, context: SyslogContext, start: number, pri: number | undefined): SyslogHeader {
  let position = start + (at(rfc5424Start, text, start)?.[0].length ?? 0);
  const read = (): string => {
    const match = at(token, text, position);
    if (!match) return '';
    position += match[0].length;
    return match[1] === '-' ? '' : match[1]!;
  };
  const time = parseTime(read(), { zoneOffsetMinutes: context.zoneOffsetMinutes });
  const host = read();
  const afterHost = position;
  const [app, pid] = [read(), read()];
  read();
  const opens = text[position];
  const isComplete = opens === '[' || (opens === '-' && (position + 1 >= text.length || text[position + 1] === ' '));
  if (!isComplete) {
    // Some senders put a message of their own behind the time and host of RFC 5424.
    const tag = at(tagToken, text, afterHost);
    const isTag = tag !== null && tag[1] !== 'CEF';
    const messageStart = isTag ? afterHost + tag[0].length : afterHost;
    return {
      pri,
      time,
      host,
      relay: '',
      app: isTag ? tag[1]! : '',
      pid: isTag ? (tag[2] ?? '') : '',
      structured: '',
      messageStart,
    };
  }
  const end = opens === '[' ? structuredEnd(text, position) : position + 1;
  const structured = opens === '[' ? text.slice(position, end) : '';
  let messageStart = end;
  if (text.charCodeAt(messageStart) === 32) messageStart++;
  if (text.charCodeAt(messageStart) === 0xfeff) messageStart++;
  return { pri, time, host, relay: '', app, pid, structured, messageStart };
}

/** The end of adjoining SD elements: a `]` outside quotes that no `[` follows. */
function structuredEnd(text: string, start: number): number {
  let isQuoted = false;
  for (let position = start; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === 92) position++;
    else if (code === 34) isQuoted = !isQuoted;
    else if (code === 93 && !isQuoted && text[position + 1] !== '[') return position + 1;
  }
  return text.length;
}
