import type { Value } from '../tables/index.js';
import type { ColumnWriter } from './store.js';
import { type Instant, readInstant } from './ticks.js';

/** Copies and fills shorter than this are done here: a call into the runtime costs more. */
const shortBytes = 600;

/** Bytes that grow. */
class Bytes {
  data: Buffer;
  view: DataView;
  length = 0;

  constructor(size: number) {
    this.data = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.data.buffer, this.data.byteOffset);
  }

  /** Makes room for `more` bytes. */
  need(more: number): void {
    if (this.length + more <= this.data.length) return;
    const data = Buffer.allocUnsafeSlow(Math.max(this.data.length * 2, this.length + more));
    this.data.copy(data, 0, 0, this.length);
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset);
  }

  varint(value: number): void {
    this.need(8);
    let rest = value;
    while (rest >= 0x80) {
      this.data[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.data[this.length++] = rest;
  }

  text(value: string): void {
    const size = value.length;
    // Short ASCII text, which most values are, is copied here: a call into the runtime costs more than the copy.
    if (size < 40) {
      this.need(size + 1);
      const { data } = this;
      const start = this.length;
      data[start] = size;
      let i = 0;
      for (; i < size; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        data[start + 1 + i] = code;
      }
      if (i === size) {
        this.length = start + 1 + size;
        return;
      }
    }
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.need(bytes);
    this.data.write(value, this.length, bytes, 'utf8');
    this.length += bytes;
  }

  /** Adds the bytes [from, to) of `source` behind their number. */
  sized(source: Buffer, from: number, to: number): void {
    const size = to - from;
    this.need(size + 8);
    if (size < 0x80) this.data[this.length++] = size;
    else this.varint(size);
    const { data, length: start } = this;
    if (size < shortBytes) for (let i = 0; i < size; i++) data[start + i] = source[from + i]!;
    else source.copy(data, start, from, to);
    this.length = start + size;
  }

  fill(byte: number, size: number): void {
    this.need(size);
    const { data, length: start } = this;
    if (size < shortBytes) for (let i = 0; i < size; i++) data[start + i] = byte;
    else data.fill(byte, start, start + size);
    this.length = start + size;
  }

  repeat(pattern: Buffer, times: number): void {
    const size = pattern.length * times;
    this.need(size);
    this.data.fill(pattern, this.length, this.length + size);
    this.length += size;
  }

  used(): Buffer {
    return this.data.subarray(0, this.length);
  }
}

/** Writes the values of one column. False: the value does not fit the type. */
type Put = (bytes: Bytes, value: NonNullable<Value>) => boolean;

interface Kind {
  /** Bytes of the value that stands for null; 0 for strings (an empty one). */
  readonly width: number;
  readonly put: Put;
}

const instant: Instant = { seconds: 0, ticks: 0 };
/** The text that `instant` was read from: most rows share their second with the row before. */
let instantText = '';

function isInstant(text: string): boolean {
  if (text === instantText) return true;
  instantText = '';
  if (!readInstant(text, instant)) return false;
  instantText = text;
  return true;
}

/** seconds × 10⁷ + ticks as 64 bits; the product passes 2⁵³, so the halves are computed apart. */
function putTicks(bytes: Bytes, { seconds, ticks }: Instant): true {
  const upper = Math.floor(seconds / 65_536) * 10_000_000;
  const upperHigh = Math.floor(upper / 65_536);
  const low = (upper - upperHigh * 65_536) * 65_536 + (seconds - Math.floor(seconds / 65_536) * 65_536) * 1e7 + ticks;
  const carry = Math.floor(low / 4_294_967_296);
  bytes.need(8);
  bytes.view.setUint32(bytes.length, low - carry * 4_294_967_296, true);
  bytes.view.setInt32(bytes.length + 4, upperHigh + carry, true);
  bytes.length += 8;
  return true;
}

const putLong: Put = (bytes, value) => {
  bytes.need(8);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) return false;
    const high = Math.floor(value / 4_294_967_296);
    bytes.view.setUint32(bytes.length, value - high * 4_294_967_296, true);
    bytes.view.setInt32(bytes.length + 4, high, true);
  } else {
    const big =
      typeof value === 'bigint'
        ? value
        : typeof value === 'string' && /^-?\d{1,19}$/.test(value)
          ? BigInt(value)
          : undefined;
    if (big === undefined || BigInt.asIntN(64, big) !== big) return false;
    bytes.view.setBigInt64(bytes.length, big, true);
  }
  bytes.length += 8;
  return true;
};

const uuid = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/** By the type of the engine's column, without Nullable. */
const kinds: Record<string, Kind> = {
  String: {
    width: 0,
    put: (bytes, value) => {
      bytes.text(typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value));
      return true;
    },
  },
  Int32: {
    width: 4,
    put: (bytes, value) => {
      const isDigits = typeof value === 'string' && /^-?\d{1,10}$/.test(value);
      const number =
        typeof value === 'number' ? value : isDigits || typeof value === 'bigint' ? Number(value) : Number.NaN;
      if (number !== (number | 0)) return false;
      bytes.need(4);
      bytes.view.setInt32(bytes.length, number, true);
      bytes.length += 4;
      return true;
    },
  },
  Int64: { width: 8, put: putLong },
  Float64: {
    width: 8,
    put: (bytes, value) => {
      if (typeof value !== 'number') return false;
      bytes.need(8);
      bytes.view.setFloat64(bytes.length, value, true);
      bytes.length += 8;
      return true;
    },
  },
  Bool: {
    width: 1,
    put: (bytes, value) => {
      if (typeof value !== 'boolean') return false;
      bytes.need(1);
      bytes.data[bytes.length++] = value ? 1 : 0;
      return true;
    },
  },
  "DateTime64(7, 'UTC')": {
    width: 8,
    put: (bytes, value) => typeof value === 'string' && isInstant(value) && putTicks(bytes, instant),
  },
  UUID: {
    width: 16,
    put: (bytes, value) => {
      const parts = typeof value === 'string' ? uuid.exec(value) : null;
      if (!parts) return false;
      bytes.need(16);
      // Two 64-bit halves, each with its low byte first.
      const hex = Buffer.from(parts.slice(1).join(''), 'hex');
      for (let i = 0; i < 8; i++) {
        bytes.data[bytes.length + i] = hex[7 - i]!;
        bytes.data[bytes.length + 8 + i] = hex[15 - i]!;
      }
      bytes.length += 16;
      return true;
    },
  },
};

/** The value of a dynamic that is at hand as JSON. */
export class JsonText {
  [key: string]: unknown;

  constructor(readonly text: string) {}
}

const json: Kind = {
  width: 0,
  put: (bytes, value) => {
    bytes.text(value instanceof JsonText ? value.text : jsonText(value));
    return true;
  },
};

const decimal = (scale: number): Kind => ({
  width: 16,
  put: (bytes, value) => {
    const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value));
    if (!parts || (parts[3] ?? '').length > scale) return false;
    const unscaled = BigInt(parts[2]! + (parts[3] ?? '').padEnd(scale, '0')) * (parts[1] ? -1n : 1n);
    if (unscaled >= 10n ** 38n || unscaled <= -(10n ** 38n)) return false;
    bytes.need(16);
    bytes.view.setBigInt64(bytes.length, BigInt.asIntN(64, unscaled), true);
    bytes.view.setBigInt64(bytes.length + 8, unscaled >> 64n, true);
    bytes.length += 16;
    return true;
  },
});

/** JSON text; integers past 2⁵³ that came as bigint keep their digits. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
  }
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(',')}}`;
}

/**
 * One column of a block in ClickHouse's Native format.
 * Source: https://clickhouse.com/docs/interfaces/formats/Native
 */
export class NativeColumn implements ColumnWriter {
  private readonly bytes: Bytes;
  private readonly nulls: Bytes | undefined;
  private readonly kind: Kind;
  /** What rows without a value get instead of null or nothing. */
  private readonly filler: Buffer | undefined;
  /** Rows that have a value or were passed over. */
  rows = 0;

  constructor(
    readonly name: string,
    /** The engine's type. Text that can be null is the JSON of a dynamic. */
    readonly type: string,
    expectedRows: number,
    byDefault?: NonNullable<Value>,
    /** Bytes that the values will need, where a block before tells. */
    expectedBytes?: number,
  ) {
    const inner = /^Nullable\((.*)\)$/.exec(type);
    const base = inner?.[1] ?? type;
    const scale = /^Decimal\(38, (\d+)\)$/.exec(base)?.[1];
    const kind = type === 'Nullable(String)' ? json : scale ? decimal(Number(scale)) : kinds[base];
    if (!kind) throw new Error(`no encoding for ${type} of column ${name}`);
    this.kind = kind;
    this.bytes = new Bytes(Math.max(64, expectedBytes ?? expectedRows * (kind.width || 24)));
    this.nulls = inner ? new Bytes(Math.max(64, expectedRows)) : undefined;
    if (byDefault !== undefined) {
      const value = new Bytes(64);
      if (!kind.put(value, byDefault)) throw new Error(`${name} of type ${type} cannot hold its default`);
      this.filler = value.used();
    }
  }

  /** Bytes of the values so far. */
  get size(): number {
    return this.bytes.length;
  }

  /** Makes room for the next block in the same memory. */
  clear(): void {
    this.rows = 0;
    this.bytes.length = 0;
    if (this.nulls) this.nulls.length = 0;
  }

  /** Sets the value of a row; rows skipped since the last call are null or empty. False: the value does not fit. */
  set(row: number, value: NonNullable<Value>): boolean {
    if (row > this.rows) this.skipTo(row);
    if (this.nulls) {
      this.nulls.need(1);
      this.nulls.data[this.nulls.length++] = 0;
    }
    this.rows = row + 1;
    return this.kind.put(this.bytes, value);
  }

  /** The same for text that is at hand as UTF-8: the bytes [from, to) of `source`. */
  setBytes(row: number, source: Buffer, from: number, to: number): boolean {
    if (this.kind !== kinds.String) return this.set(row, source.toString('utf8', from, to));
    if (row > this.rows) this.skipTo(row);
    this.rows = row + 1;
    this.bytes.sized(source, from, to);
    return true;
  }

  /** Header and values of the column for a block of `rows` rows. */
  finish(rows: number): Buffer[] {
    this.skipTo(rows);
    const header = new Bytes(this.name.length * 3 + this.type.length + 16);
    header.text(this.name);
    header.text(this.type);
    return [header.used(), ...(this.nulls ? [this.nulls.used()] : []), this.bytes.used()];
  }

  private skipTo(row: number): void {
    const missing = row - this.rows;
    if (missing <= 0) return;
    this.nulls?.fill(this.filler ? 0 : 1, missing);
    if (this.filler) this.bytes.repeat(this.filler, missing);
    else this.bytes.fill(0, missing * (this.kind.width || 1));
    this.rows = row;
  }
}

/** A whole block: number of columns, number of rows, the columns. In pieces, as joining them would copy every byte. */
export function nativeBlock(columns: readonly NativeColumn[], rows: number): Buffer[] {
  const header = new Bytes(16);
  header.varint(columns.length);
  header.varint(rows);
  return [header.used(), ...columns.flatMap((column) => column.finish(rows))];
}
