import type { Row } from '../../tables/index.js';
import { parseTime, type TimeOptions } from '../times.js';
import { type CefTarget, type CefType, cefTarget } from './cef-dictionary.js';
import { parseSyslog, type SyslogContext } from './syslog.js';

/** A key as some device spells it, and what the record at hand did with it. */
interface Slot {
  readonly key: string;
  readonly target: CefTarget | undefined;
  /** The record that used the slot last, and the place of the pair in AdditionalExtensions. */
  record: number;
  place: number;
  /** The key that followed last time; it mostly does again, and comparing text is cheaper than a look-up. */
  next: Slot | undefined;
}

type Device = Map<string, Slot>;

const MAX_SLOTS = 4096;
const MAX_DEVICES = 64;
const devices = new Map<string, Device>();
let records = 0;

/** The keys seen from products of one name; each product has its own order of keys. */
function deviceOf(vendor: string, product: string): Device {
  const name = `${vendor}|${product}`;
  const known = devices.get(name);
  if (known) return known;
  if (devices.size >= MAX_DEVICES) devices.clear();
  const device: Device = new Map();
  devices.set(Buffer.from(name).toString(), device);
  return device;
}

function slotOf(device: Device, key: string): Slot {
  const known = device.get(key);
  if (known) return known;
  if (device.size >= MAX_SLOTS) device.clear();
  // A slice would keep the whole block of the file that it was cut from.
  const copy = Buffer.from(key).toString();
  const slot: Slot = { key: copy, target: cefTarget(key), record: 0, place: 0, next: undefined };
  device.set(copy, slot);
  return slot;
}

/** Where a CEF header begins, and whether it is a syslog header's tag that swallowed the `CEF:`. */
const version = /CEF ?: {0,3}(?=\d{1,2}(?:\.\d)?\|)/g;
const bare = /:? {0,2}(?=\d{1,2}(?:\.\d)?\|[^|]{1,100}\|[^|]{0,100}\|)/y;

export interface CefStart {
  /** Where the syslog header ends. */
  readonly headerEnd: number;
  /** The position of the version number. */
  readonly versionAt: number;
}

/** Finds the CEF header in a record, with or without the `CEF:` that a relay may have taken for the tag. */
export function findCef(text: string, context: SyslogContext): CefStart | undefined {
  if (text.includes('CEF')) {
    version.lastIndex = 0;
    const match = version.exec(text);
    if (match) return { headerEnd: match.index, versionAt: match.index + match[0].length };
  }
  if (!text.includes('|')) return undefined;
  const { messageStart } = parseSyslog(text, context);
  bare.lastIndex = messageStart;
  const match = bare.exec(text);
  return match ? { headerEnd: messageStart, versionAt: messageStart + match[0].length } : undefined;
}

/** Splits the seven header fields; `fields` holds fewer when pipes are missing. */
function headerFields(text: string, start: number): { fields: string[]; end: number } {
  const fields: string[] = [];
  let from = start;
  let isEscaped = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) {
      isEscaped = true;
      at++;
    } else if (code === 124) {
      const field = text.slice(from, at);
      fields.push(isEscaped ? unescapeHeader(field) : field);
      isEscaped = false;
      from = at + 1;
      if (fields.length === 7) return { fields, end: from };
    }
  }
  // Without an extension some senders leave the last pipe out.
  if (fields.length === 6 && isSeverity(text.slice(from).trim())) fields.push(text.slice(from).trim());
  return { fields, end: text.length };
}

const unescapeHeader = (field: string) => field.replace(/\\([\\|])/g, '$1');
const unescapeValue = (value: string) =>
  value.replace(/\\([\\=nr])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 'r' ? '\r' : sign));

export const isSeverity = (text: string) => /^(?:\d{1,3}|unknown|low|medium|high|very-high)$/i.test(text);

/** Letters, digits and `_ . - [ ]` may stand in a key. */
const keyChars = new Uint8Array(128);
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]')
  keyChars[sign.charCodeAt(0)] = 1;
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13);

/**
 * Turns one CEF record into a CommonSecurityLog row.
 *
 * Shape   text with or without a syslog header → row, or the reason why it is none
 * Units   rt stays text; start, end: epoch or calendar time → UTC
 * Errors  a number or time that cannot be read leaves its column null and its pair in AdditionalExtensions
 * Source  Micro Focus CEF implementation standard, rev. 25; https://learn.microsoft.com/azure/sentinel/cef-name-mapping
 */
export function cefRow(text: string, context: SyslogContext): Row | string {
  const start = findCef(text, context);
  if (!start) return 'the record has no CEF header';
  const { fields, end } = headerFields(text, start.versionAt);
  if (fields.length < 7) return 'the CEF header has fewer than seven fields';
  let from = repairHeader(fields, text, end);
  while (from < text.length && (isSpace(text.charCodeAt(from)) || text.charCodeAt(from) === 124)) from++;
  const row = emptyRow();
  row.DeviceVendor = fields[1];
  row.DeviceProduct = fields[2];
  row.DeviceVersion = fields[3];
  row.DeviceEventClassID = fields[4];
  row.Activity = fields[5];
  row.LogSeverity = fields[6];
  row.OriginalLogSeverity = fields[6];
  const leading = new Extension(row, context, deviceOf(fields[1]!, fields[2]!)).read(text, from);
  // Text in front of the first key belongs to none, and is kept all the same.
  if (leading && row.Message === undefined) row.Message = leading;
  else if (leading)
    row.AdditionalExtensions = [row.AdditionalExtensions, `leading=${leading}`].filter((part) => part).join(';');
  const header = start.headerEnd > 0 ? parseSyslog(text.slice(0, start.headerEnd), context) : undefined;
  if (header?.host) row.Computer = header.host;
  if (header?.relay) row.CollectorHostName = header.relay;
  // A record that no relay has stamped has only its own time.
  row.TimeGenerated = header?.time ?? ownTime(row.ReceiptTime, context);
  return row;
}

/**
 * The columns that most records fill, in one literal: an object that grows key by key costs several times as much, and
 * rows of one shape are read faster by all that follows.
 */
// biome-ignore format: a list
const emptyRow = (): Row => ({
  TimeGenerated: undefined, Type: undefined, Computer: undefined, DeviceVendor: undefined, DeviceProduct: undefined,
  DeviceVersion: undefined, DeviceEventClassID: undefined, Activity: undefined, LogSeverity: undefined,
  OriginalLogSeverity: undefined, AdditionalExtensions: undefined, DeviceAction: undefined,
  SimplifiedDeviceAction: undefined, ApplicationProtocol: undefined, CommunicationDirection: undefined,
  DestinationHostName: undefined, DestinationIP: undefined, DestinationPort: undefined,
  DestinationTranslatedAddress: undefined, DestinationTranslatedPort: undefined, DestinationUserName: undefined,
  DeviceCustomNumber1: undefined, DeviceCustomNumber1Label: undefined, DeviceCustomNumber2: undefined,
  DeviceCustomNumber2Label: undefined, DeviceCustomString1: undefined, DeviceCustomString1Label: undefined,
  DeviceCustomString2: undefined, DeviceCustomString2Label: undefined, DeviceCustomString3: undefined,
  DeviceCustomString3Label: undefined, DeviceCustomString4: undefined, DeviceCustomString4Label: undefined,
  DeviceCustomString5: undefined, DeviceCustomString5Label: undefined, DeviceEventCategory: undefined,
  DeviceExternalID: undefined, DeviceInboundInterface: undefined, DeviceName: undefined,
  DeviceOutboundInterface: undefined, EventCount: undefined, EventOutcome: undefined, ExternalID: undefined,
  ExtID: undefined, FieldDeviceCustomNumber1: undefined, FieldDeviceCustomNumber2: undefined, Message: undefined,
  Protocol: undefined, Reason: undefined, ReceiptTime: undefined, ReceivedBytes: undefined,
  RequestClientApplication: undefined, RequestMethod: undefined, RequestURL: undefined, SentBytes: undefined,
  SourceHostName: undefined, SourceIP: undefined, SourcePort: undefined, SourceTranslatedAddress: undefined,
  SourceTranslatedPort: undefined, SourceUserName: undefined, SourceUserPrivileges: undefined, StartTime: undefined,
});

const ownTime = (value: unknown, context: SyslogContext) =>
  typeof value === 'string' && value !== '' ? parseTime(value, context) : undefined;

/**
 * A name with unescaped pipes shifts the fields behind it: then the severity is none, and further on stands one before
 * the extension begins. Returns where the extension begins.
 */
function repairHeader(fields: string[], text: string, end: number): number {
  if (isSeverity(fields[6]!.trim()) || fields[6] === '') return end;
  const rest: string[] = [];
  for (let at = end; rest.length < 20; ) {
    const pipe = text.indexOf('|', at);
    const piece = pipe === -1 ? '=' : text.slice(at, pipe);
    if (piece.includes('=')) return end;
    at = pipe + 1;
    if (isSeverity(piece.trim())) {
      fields.splice(5, 2, [fields[5], fields[6], ...rest].join('|'), piece.trim());
      return at;
    }
    rest.push(piece);
  }
  return end;
}

export interface CefHead {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly signature: string;
  readonly name: string;
  readonly severity: string;
  /** The severity as the product words it; default `severity`. */
  readonly originalSeverity?: string | undefined;
}

/** The row of a record that is not CEF but whose fields have been given their CEF keys. Values are plain text. */
export function rowFromPairs(head: CefHead, pairs: Iterable<readonly [string, string]>, time: TimeOptions): Row {
  const row = emptyRow();
  row.DeviceVendor = head.vendor;
  row.DeviceProduct = head.product;
  row.DeviceVersion = head.version;
  row.DeviceEventClassID = head.signature;
  row.Activity = head.name;
  row.LogSeverity = head.severity;
  row.OriginalLogSeverity = head.originalSeverity ?? head.severity;
  new Extension(row, time, deviceOf(head.vendor, head.product)).fill(pairs);
  return row;
}

/** Reads the extension of one record into its row. */
class Extension {
  readonly #pairs: string[] = [];
  #late: string[] | undefined;
  #previous: Slot | undefined;
  #replaced: Record<string, string[]> | undefined;

  constructor(
    private readonly row: Row,
    private readonly time: TimeOptions,
    private readonly device: Device,
  ) {}

  fill(pairs: Iterable<readonly [string, string]>): void {
    records++;
    for (const [key, value] of pairs) {
      const slot = slotOf(this.device, key);
      if (slot.target) this.#column(key, slot.target, value, value);
      else this.#extra(slot, `${key}=${value}`);
    }
    this.#finish();
  }

  /** Returns the text in front of the first key. */
  read(text: string, start: number): string {
    records++;
    let keyStart = -1;
    let keyEnd = -1;
    let leading = '';
    for (let equals = text.indexOf('=', start); ; equals = text.indexOf('=', equals + 1)) {
      let next = -1;
      if (equals !== -1) {
        let at = equals - 1;
        for (; at >= start; at--) {
          const code = text.charCodeAt(at);
          if (code >= 128 || keyChars[code] === 0) break;
        }
        // A key stands right before the sign, behind white space; a backslash or a bare value breaks both.
        if (at === equals - 1 || (at >= start && !isSpace(text.charCodeAt(at)))) continue;
        next = at + 1;
      }
      const stop = next === -1 ? text.length : next;
      if (keyStart === -1) leading = text.slice(start, stop).trim();
      else {
        let valueEnd = stop;
        while (valueEnd > keyEnd + 1 && isSpace(text.charCodeAt(valueEnd - 1))) valueEnd--;
        this.#pair(text, keyStart, keyEnd, valueEnd);
      }
      if (next === -1) break;
      keyStart = next;
      keyEnd = equals;
    }
    this.#finish();
    return leading;
  }

  #pair(text: string, keyStart: number, keyEnd: number, valueEnd: number): void {
    const slot = this.#slot(text, keyStart, keyEnd);
    if (slot.target) {
      const raw = text.slice(keyEnd + 1, valueEnd);
      this.#column(slot.key, slot.target, raw.includes('\\') ? unescapeValue(raw) : raw, raw);
    } else this.#extra(slot, text.slice(keyStart, valueEnd));
  }

  #slot(text: string, keyStart: number, keyEnd: number): Slot {
    const expected = this.#previous?.next;
    const isExpected = expected?.key.length === keyEnd - keyStart && text.startsWith(expected.key, keyStart);
    const slot = isExpected ? expected : slotOf(this.device, text.slice(keyStart, keyEnd));
    if (this.#previous) this.#previous.next = slot;
    this.#previous = slot;
    return slot;
  }

  #column(key: string, target: CefTarget, value: string, raw: string): void {
    const before = this.row[target.column];
    if (before !== undefined && before !== '' && `${before as string}` !== value)
      this.#replace(key, `${before as string}`);
    const converted = convertCef(value, target.type, this.time);
    if (converted === undefined && value !== '') {
      this.#late ??= [];
      this.#late.push(`${key}=${raw}`);
    }
    this.row[target.column] = converted;
    if (target.also) this.row[target.also.column] = convertCef(value, target.also.type, this.time);
  }

  #extra(slot: Slot, pair: string): void {
    if (slot.record === records) {
      const before = this.#pairs[slot.place]!;
      if (before !== pair) this.#replace(slot.key, before.slice(slot.key.length + 1));
      this.#pairs[slot.place] = pair;
      return;
    }
    slot.record = records;
    slot.place = this.#pairs.length;
    this.#pairs.push(pair);
  }

  #replace(key: string, value: string): void {
    this.#replaced ??= Object.create(null) as Record<string, string[]>;
    this.#replaced[key] ??= [];
    this.#replaced[key].push(value);
  }

  /** Behind the pairs as sent: those that found no value in their column, and the values that a later one replaced. */
  #finish(): void {
    if (this.#late) this.#pairs.push(...this.#late);
    if (this.#replaced) this.#pairs.push(`VedetteReplaced=${JSON.stringify(this.#replaced)}`);
    if (this.#pairs.length > 0) this.row.AdditionalExtensions = this.#pairs.join(';');
  }
}

/** The value of a column of the type; undefined when the text is none. */
export function convertCef(value: string, type: CefType, time: TimeOptions): string | number | undefined {
  if (type === 'text') return value;
  if (type === 'time') return value === '' ? undefined : parseTime(value, time);
  if (type === 'real') return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
  if (value.length > 15) return type === 'long' ? longDigits(value) : undefined;
  let at = value.charCodeAt(0) === 45 ? 1 : 0;
  if (at === value.length) return undefined;
  let number = 0;
  for (; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    number = number * 10 + digit;
  }
  if (value.charCodeAt(0) === 45) number = -number;
  return type === 'long' || (number >= -2147483648 && number <= 2147483647) ? number : undefined;
}

function longDigits(value: string): string | undefined {
  if (!/^-?\d{15,19}$/.test(value)) return undefined;
  const big = BigInt(value);
  return BigInt.asIntN(64, big) === big ? big.toString() : undefined;
}

const calendarStart = /^\W?(?:<\d{1,3}>|\d{1,8} <|[A-Z][a-z]{2} +\d{1,2} |\d{4}-\d{2}-\d{2}|\d{4}\/\d{2}\/\d{2})/;

const pairStart = /(?:^|\s)[\w.[\]-]{1,100}=/;
const headerShape = /CEF ?: {0,3}\d|(?:^| ):?\d\|[^|]+\|[^|]*\|/;

/**
 * Whether a line of a file goes on with the CEF record before it: it has no header of its own, and it either holds keys
 * or follows a free text. Other lines are none of the record's; joining them would spoil its last value.
 */
export function continuesCef(line: string, open: readonly string[]): boolean {
  const first = line.charCodeAt(0);
  if (first === 60 || first === 123 || line.trim() === '' || line.includes('CEF:')) return false;
  if (calendarStart.test(line) || /^:?\d\|[^|]+\|/.test(line)) return false;
  if (!headerShape.test(open[0]!.slice(0, 1000))) return false;
  return pairStart.test(line) || endsInText(open);
}

/** Whether the last key of the lines so far is `msg`. */
function endsInText(open: readonly string[]): boolean {
  for (const line of open.slice(-50).reverse()) {
    const equals = line.lastIndexOf('=');
    if (equals !== -1) return /[\s|]msg$/.test(line.slice(Math.max(0, equals - 4), equals));
  }
  return false;
}
