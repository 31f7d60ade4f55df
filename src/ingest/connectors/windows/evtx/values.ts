/**
 * Values of binary XML as text, in the spelling of the Windows event viewer: GUIDs in braces and lower case, times in UTC with
 * seven decimals, hexadecimal integers without leading zeros.
 *
 * Source  [MS-EVEN6] 2.2.12; https://github.com/libyal/libevtx (format documentation)
 */

export const nullType = 0x00;
export const binXmlType = 0x21;
const arrayFlag = 0x80;

export function utf16(bytes: Buffer, start: number, end: number): string {
  let stop = end - ((end - start) & 1);
  while (stop - start >= 2 && bytes[stop - 1] === 0 && bytes[stop - 2] === 0) stop -= 2;
  return bytes.toString('utf16le', start, stop);
}

/** 100 ns intervals since 1601 as ISO 8601 UTC with seven decimals; undefined past the year 9999. */
export function fileTime(ticks: bigint): string | undefined {
  const ms = Number(ticks / 10_000n) - 11_644_473_600_000;
  if (ms > 253_402_300_799_999) return undefined;
  const part = String(ticks % 10_000n).padStart(4, '0');
  return `${new Date(ms).toISOString().slice(0, 23)}${part}Z`;
}

function systemTime(bytes: Buffer, at: number): string {
  const word = (index: number): number => bytes.readUInt16LE(at + index * 2);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${String(word(0)).padStart(4, '0')}-${two(word(1))}-${two(word(3))}`;
  return `${date}T${two(word(4))}:${two(word(5))}:${two(word(6))}.${String(word(7)).padStart(3, '0')}Z`;
}

export function guid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  if (hex.length < 32) throw new RangeError('GUID shorter than 16 bytes');
  const swapped = (...pairs: readonly number[]): string =>
    pairs.map((pair) => hex.slice(pair * 2, pair * 2 + 2)).join('');
  return `{${swapped(3, 2, 1, 0)}-${swapped(5, 4)}-${swapped(7, 6)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
}

function sid(bytes: Buffer, start: number, end: number): string {
  const count = bytes[start + 1]!;
  if (end - start < 8 + count * 4) throw new RangeError('SID longer than its value');
  let out = `S-${bytes[start]}-${bytes.readUIntBE(start + 2, 6)}`;
  for (let index = 0; index < count; index++) out += `-${bytes.readUInt32LE(start + 8 + index * 4)}`;
  return out;
}

/** Bytes of one element of an array; strings and SIDs vary, 0. */
const sizes: Record<number, number> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
};

function scalar(type: number, bytes: Buffer, start: number, end: number): string {
  switch (type) {
    case nullType:
      return '';
    case 0x01:
      return utf16(bytes, start, end);
    case 0x02:
      return bytes.toString('latin1', start, end).replace(/\0+$/, '');
    case 0x03:
      return String(bytes.readInt8(start));
    case 0x04:
      return String(bytes.readUInt8(start));
    case 0x05:
      return String(bytes.readInt16LE(start));
    case 0x06:
      return String(bytes.readUInt16LE(start));
    case 0x07:
      return String(bytes.readInt32LE(start));
    case 0x08:
      return String(bytes.readUInt32LE(start));
    case 0x09:
      return String(bytes.readBigInt64LE(start));
    case 0x0a:
      return String(bytes.readBigUInt64LE(start));
    case 0x0b:
      return String(bytes.readFloatLE(start));
    case 0x0c:
      return String(bytes.readDoubleLE(start));
    case 0x0d:
      return bytes.readInt32LE(start) === 0 ? 'false' : 'true';
    case 0x0e:
      return bytes.toString('hex', start, end).toUpperCase();
    case 0x0f:
      return guid(bytes, start);
    case 0x10:
    case 0x14:
    case 0x15:
    case 0x20: {
      const wide = end - start >= 8;
      return wide ? `0x${bytes.readBigUInt64LE(start).toString(16)}` : `0x${bytes.readUInt32LE(start).toString(16)}`;
    }
    case 0x11:
      return fileTime(bytes.readBigUInt64LE(start)) ?? '';
    case 0x12:
      return systemTime(bytes, start);
    case 0x13:
      return sid(bytes, start, end);
    default:
      throw new RangeError(`value type 0x${type.toString(16)} is unknown`);
  }
}

function sids(bytes: Buffer, start: number, end: number): string[] {
  const out: string[] = [];
  for (let at = start; at + 8 <= end; at += 8 + bytes[at + 1]! * 4) out.push(sid(bytes, at, end));
  return out;
}

/** Text of a value, one text per element of an array. */
export function valueTexts(type: number, bytes: Buffer, start: number, end: number): string[] {
  if ((type & arrayFlag) === 0) return start === end ? [''] : [scalar(type, bytes, start, end)];
  const base = type & ~arrayFlag;
  // Every string of an array has its own terminator, so an empty one at the end counts.
  if (base === 0x01) return bytes.toString('utf16le', start, end).replace(/\0$/, '').split('\0');
  if (base === 0x02) return bytes.toString('latin1', start, end).replace(/\0$/, '').split('\0');
  if (base === 0x13) return sids(bytes, start, end);
  const size = sizes[base];
  if (size === undefined) throw new RangeError(`array of value type 0x${base.toString(16)} is unknown`);
  const out: string[] = [];
  for (let at = start; at + size <= end; at += size) out.push(scalar(base, bytes, at, at + size));
  return out;
}
