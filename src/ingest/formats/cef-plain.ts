import type { Appender, BlockWriter, ColumnWriter } from '../../store/index.js';
import type { DecodeContext, PlainLines } from '../connector.js';
import { isoUtc, parseTime } from '../times.js';
import { convertCef, isSeverity } from './cef.js';
import { type CefTarget, type CefType, cefTarget } from './cef-dictionary.js';
import { isSame, RangeCache } from './range-cache.js';
import { SyslogPrefixes } from './syslog-prefixes.js';

const table = 'CommonSecurityLog';

/** A column of the table, and the record that filled it last. */
interface Target {
  readonly column: string;
  readonly type: CefType;
  record: number;
  /** The block that `writer` belongs to. */
  block: BlockWriter | undefined;
  writer: ColumnWriter | undefined;
}

/** A key of one product, and the key that followed it last time: it mostly does again. */
interface Slot {
  readonly key: Buffer;
  /** Undefined: the pair goes to AdditionalExtensions. */
  readonly target: Target | undefined;
  readonly also: Target | undefined;
  record: number;
  next: Slot | undefined;
}

interface Device {
  readonly slots: Map<string, Slot>;
  /** Stands before the first key. */
  readonly start: Slot;
}

const maxSlots = 4096;
const maxPairs = 512;
/** A syslog header is shorter than this. */
const maxPrefixBytes = 512;

const [keyByte, spaceByte, equalsByte, backslashByte, nulByte, otherByte] = [0, 1, 2, 3, 4, 5];
/** What a byte can be inside an extension. */
const kinds = new Uint8Array(256).fill(otherByte);
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]')
  kinds[sign.charCodeAt(0)] = keyByte;
for (const space of [9, 10, 11, 12, 13, 32]) kinds[space] = spaceByte;
kinds[0x3d] = equalsByte;
kinds[0x5c] = backslashByte;
kinds[0] = nulByte;

const isDigit = (byte: number) => byte >= 48 && byte <= 57;
const semicolon = 0x3b;
const pipe = 0x7c;

/**
 * Writes plain CEF lines from the bytes of a file into the columns of CommonSecurityLog, several times as fast as `cefRow`,
 * which says what a line means. A line is plain when it has one well-formed header, no text in front of its first key, no
 * key and no column twice, and only numbers and times that their columns hold; all others are left to `cefRow`.
 */
export class PlainCef implements PlainLines {
  readonly table = table;
  readonly #targets = new Map<string, Target>();
  readonly #prefixes: SyslogPrefixes;
  readonly #times = new RangeCache<string | undefined>(1024);
  readonly #severities = new RangeCache<boolean>(64);
  readonly #devices = new RangeCache<Device>(64);
  readonly #type = Buffer.from(table);
  readonly #fallback: string;
  readonly #fixed = {
    type: this.#target('Type'),
    vendor: this.#target('DeviceVendor'),
    product: this.#target('DeviceProduct'),
    version: this.#target('DeviceVersion'),
    signature: this.#target('DeviceEventClassID'),
    name: this.#target('Activity'),
    severity: this.#target('LogSeverity'),
    originalSeverity: this.#target('OriginalLogSeverity'),
    host: this.#target('Computer'),
    relay: this.#target('CollectorHostName'),
    extra: this.#target('AdditionalExtensions'),
    receipt: this.#target('ReceiptTime'),
  };
  #record = 0;
  // The pairs of the record at hand: bytes of key and value, and what the value became.
  #count = 0;
  readonly #slots: Slot[] = [];
  readonly #keyFrom = new Int32Array(maxPairs);
  readonly #valueFrom = new Int32Array(maxPairs);
  readonly #valueTo = new Int32Array(maxPairs);
  readonly #isEscaped = new Uint8Array(maxPairs);
  readonly #numbers = new Float64Array(maxPairs);
  /** Times, and integers that a number does not hold; undefined for those in `#numbers`. */
  readonly #texts: (string | undefined)[] = [];
  readonly #header = new Int32Array(8);
  #scratch = Buffer.allocUnsafeSlow(4096);

  constructor(private readonly context: DecodeContext) {
    this.#prefixes = new SyslogPrefixes(context);
    this.#fallback = isoUtc(context.receivedAt)!;
  }

  header(block: Buffer, from: number, to: number): number {
    const end = Math.min(to - 6, from + maxPrefixBytes);
    for (let at = from; at < end; at++) {
      const byte = block[at];
      if (byte === 67 && block[at + 1] === 69 && block[at + 2] === 70)
        return block[at + 3] === 58 && isDigit(block[at + 4]!) && block[at + 5] === pipe ? at : -1;
      // Some senders frame with NUL.
      if (byte === 0) return -1;
    }
    return -1;
  }

  write(block: Buffer, from: number, header: number, lineEnd: number, rows: Appender): boolean {
    const first = kinds[block[from]!];
    // A brace may open JSON around the record.
    if (first !== keyByte && block[from] !== 60) return false;
    let to = lineEnd;
    while (to > from && block[to - 1] === 13) to--;
    const start = this.#readHeader(block, header + 4, to);
    if (start === -1) return false;
    const ends = this.#header;
    this.#record++;
    const device = this.#devices.get(block, ends[0]! + 1, ends[2]!, newDevice);
    if (!this.#readPairs(block, start, to, device)) return false;

    const prefix = header > from ? this.#prefixes.read(block, from, header) : undefined;
    const time = prefix?.time ?? this.#ownTime(block);
    if (time === undefined) return false;
    const writer = rows.writer!(time);
    const row = writer.begin(time);
    const { vendor, product, version, signature, name, severity, originalSeverity, type, host, relay } = this.#fixed;
    this.#put(writer, row, type, this.#type, 0, this.#type.length);
    this.#put(writer, row, vendor, block, ends[0]! + 1, ends[1]!);
    this.#put(writer, row, product, block, ends[1]! + 1, ends[2]!);
    this.#put(writer, row, version, block, ends[2]! + 1, ends[3]!);
    this.#put(writer, row, signature, block, ends[3]! + 1, ends[4]!);
    this.#put(writer, row, name, block, ends[4]! + 1, ends[5]!);
    this.#put(writer, row, severity, block, ends[5]! + 1, ends[6]!);
    this.#put(writer, row, originalSeverity, block, ends[5]! + 1, ends[6]!);
    if (prefix) {
      this.#put(writer, row, host, prefix.host, 0, prefix.host.length);
      this.#put(writer, row, relay, prefix.relay, 0, prefix.relay.length);
    }
    this.#writePairs(block, writer, row);
    return true;
  }

  /** Finds the seven pipes; the result is where the extension begins, -1 for a header that is not plain. */
  #readHeader(block: Buffer, from: number, to: number): number {
    let found = 0;
    let at = from;
    for (; at < to && found < 7; at++) {
      const byte = block[at];
      if (byte === pipe) this.#header[found++] = at;
      else if (byte === 92 || byte === 0) return -1;
    }
    if (found < 7) return -1;
    const start = this.#header[5]! + 1;
    const end = this.#header[6]!;
    const isShort = end - start === 1 && isDigit(block[start]!);
    if (!isShort && !this.#severities.get(block, start, end, (text) => text === '' || isSeverity(text.trim())))
      return -1;
    while (at < to && (kinds[block[at]!] === spaceByte || block[at] === pipe)) at++;
    return at;
  }

  /** A key stands right before an equals sign, behind white space; a backslash or a bare value breaks both. */
  #readPairs(block: Buffer, from: number, to: number, device: Device): boolean {
    if (device.slots.size > maxSlots) device.slots.clear();
    this.#count = 0;
    let slot = device.start;
    let word = from;
    let isKey = true;
    let isEscaped = 0;
    let valueFrom = -1;
    for (let at = from; at < to; at++) {
      const kind = kinds[block[at]!];
      if (kind === keyByte) continue;
      if (kind === spaceByte) {
        word = at + 1;
        isKey = true;
        // The key that mostly follows is compared at once; its bytes need no look at what they can be.
        const { next } = slot;
        if (next && valueFrom !== -1 && isAhead(next.key, block, word, to)) {
          if (!this.#endPair(block, slot, valueFrom, word, isEscaped)) return false;
          if (this.#count === maxPairs) return false;
          slot = next;
          this.#keyFrom[this.#count] = word;
          at = word + next.key.length;
          valueFrom = at + 1;
          isEscaped = 0;
          isKey = false;
        }
      } else if (kind === equalsByte) {
        if (isKey && at > word) {
          if (valueFrom === -1 ? word !== from : !this.#endPair(block, slot, valueFrom, word, isEscaped)) return false;
          if (this.#count === maxPairs) return false;
          slot = this.#slot(device, slot, block, word, at);
          this.#keyFrom[this.#count] = word;
          valueFrom = at + 1;
          isEscaped = 0;
        }
        isKey = false;
      } else if (kind === nulByte) return false;
      else {
        isKey = false;
        if (kind === backslashByte) isEscaped = 1;
      }
    }
    return valueFrom === -1 ? from >= to : this.#endPair(block, slot, valueFrom, to, isEscaped);
  }

  #endPair(block: Buffer, slot: Slot, from: number, end: number, isEscaped: number): boolean {
    let to = end;
    while (to > from && kinds[block[to - 1]!] === spaceByte) to--;
    const { target } = slot;
    const used = target ?? slot;
    if (used.record === this.#record) return false;
    used.record = this.#record;
    const place = this.#count++;
    this.#slots[place] = slot;
    this.#valueFrom[place] = from;
    this.#valueTo[place] = to;
    this.#isEscaped[place] = isEscaped;
    if (!target || target.type === 'text') return true;
    if (from === to) return true;
    const value = this.#convert(block, target.type, from, to);
    if (typeof value === 'number') this.#numbers[place] = value;
    this.#texts[place] = typeof value === 'string' ? value : undefined;
    return value !== undefined;
  }

  #slot(device: Device, previous: Slot, block: Buffer, from: number, to: number): Slot {
    const expected = previous.next;
    if (expected && isSame(expected.key, block, from, to)) return expected;
    const key = block.toString('latin1', from, to);
    let slot = device.slots.get(key);
    if (!slot) {
      const target = cefTarget(key);
      slot = newSlot(key, target && this.#target(target.column, target.type), target && this.#also(target));
      device.slots.set(key, slot);
    }
    previous.next = slot;
    return slot;
  }

  #convert(block: Buffer, type: CefType, from: number, to: number): string | number | undefined {
    if (type === 'time') return this.#times.get(block, from, to, (text) => parseTime(text, this.context));
    const isNegative = block[from] === 45;
    const digits = isNegative ? from + 1 : from;
    if (type === 'real' || to - from > 15 || digits === to)
      return convertCef(block.toString('utf8', from, to), type, this.context);
    let number = 0;
    for (let at = digits; at < to; at++) {
      const digit = block[at]! - 48;
      if (!(digit >= 0 && digit <= 9)) return undefined;
      number = number * 10 + digit;
    }
    if (isNegative) number = -number;
    return type === 'long' || isInt(number) ? number : undefined;
  }

  /** A record that no relay has stamped has only its own time. Undefined: an escape in it needs the slow way. */
  #ownTime(block: Buffer): string | undefined {
    const { receipt } = this.#fixed;
    if (receipt.record !== this.#record) return this.#fallback;
    const place = this.#slots.findIndex((slot) => slot.target === receipt);
    if (this.#isEscaped[place]) return undefined;
    const [from, to] = [this.#valueFrom[place]!, this.#valueTo[place]!];
    if (from === to) return this.#fallback;
    return this.#times.get(block, from, to, (text) => parseTime(text, this.context)) ?? this.#fallback;
  }

  #writePairs(block: Buffer, writer: BlockWriter, row: number): void {
    let extra = 0;
    for (let place = 0; place < this.#count; place++) {
      const { target, also } = this.#slots[place]!;
      const from = this.#valueFrom[place]!;
      const to = this.#valueTo[place]!;
      if (!target) extra = this.#addExtra(extra, block, this.#keyFrom[place]!, to);
      else if (from === to) continue;
      else if (target.type !== 'text') {
        const value = this.#texts[place] ?? this.#numbers[place]!;
        this.#column(writer, target).set(row, value);
        if (also && isInt(value)) this.#column(writer, also).set(row, value);
      } else {
        const isEscaped = this.#isEscaped[place] === 1;
        const text = isEscaped ? unescaped(block, from, to) : block;
        const start = isEscaped ? 0 : from;
        const end = isEscaped ? text.length : to;
        this.#put(writer, row, target, text, start, end);
        if (also?.type === 'text') this.#put(writer, row, also, text, start, end);
        else if (also) {
          const value = convertCef(text.toString('utf8', start, end), also.type, this.context);
          if (value !== undefined) this.#column(writer, also).set(row, value);
        }
      }
    }
    this.#put(writer, row, this.#fixed.extra, this.#scratch, 0, extra);
  }

  /** Gathers the pairs of AdditionalExtensions, joined by semicolons. Returns how many bytes they are by now. */
  #addExtra(length: number, block: Buffer, from: number, to: number): number {
    if (length + to - from >= this.#scratch.length) {
      const larger = Buffer.allocUnsafeSlow((length + to - from) * 2);
      this.#scratch.copy(larger, 0, 0, length);
      this.#scratch = larger;
    }
    const scratch = this.#scratch;
    let end = length;
    if (length > 0) scratch[end++] = semicolon;
    for (let at = from; at < to; at++) scratch[end++] = block[at]!;
    return end;
  }

  #put(writer: BlockWriter, row: number, target: Target, source: Buffer, from: number, to: number): void {
    if (to > from) this.#column(writer, target).setBytes(row, source, from, to);
  }

  #column(block: BlockWriter, target: Target): ColumnWriter {
    if (target.block === block) return target.writer!;
    target.block = block;
    target.writer = block.column(target.column);
    return target.writer;
  }

  #target(column: string, type: CefType = 'text'): Target {
    const known = this.#targets.get(column);
    if (known) return known;
    const target: Target = { column, type, record: 0, block: undefined, writer: undefined };
    this.#targets.set(column, target);
    return target;
  }

  #also({ also }: CefTarget): Target | undefined {
    return also && this.#target(also.column, also.type);
  }
}

const isInt = (value: unknown) => typeof value === 'number' && value >= -2147483648 && value <= 2147483647;

/** Whether `key` and an equals sign stand at `from`. */
function isAhead(key: Buffer, block: Buffer, from: number, to: number): boolean {
  const size = key.length;
  if (from + size >= to || block[from + size] !== 0x3d) return false;
  for (let at = 0; at < size; at++) if (key[at] !== block[from + at]) return false;
  return true;
}

const newSlot = (key: string, target?: Target, also?: Target): Slot => ({
  ...{ key: Buffer.from(key, 'latin1'), target, also, record: 0, next: undefined },
});

const newDevice = (): Device => ({ slots: new Map(), start: newSlot('') });

/** `\\`, `\=`, `\n` and `\r` undone, as in `cefRow`. */
function unescaped(block: Buffer, from: number, to: number): Buffer {
  const text = Buffer.allocUnsafe(to - from);
  let end = 0;
  for (let at = from; at < to; at++) {
    const byte = block[at]!;
    const next = byte === 92 && at + 1 < to ? block[at + 1] : 0;
    if (next === 92 || next === 61) text[end++] = next;
    else if (next === 110) text[end++] = 10;
    else if (next === 114) text[end++] = 13;
    else {
      text[end++] = byte;
      continue;
    }
    at++;
  }
  return text.subarray(0, end);
}
