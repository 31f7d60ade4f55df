/**
 * Writes EVTX bytes for tests: what no public file shows (every value type, nested templates) and what may be committed.
 * Follows the same format documentation as the reader, but shares no code with it.
 */
import { crc32 } from './crc32.js';

const u8 = (value: number): Buffer => Buffer.from([value]);
const u16 = (value: number): Buffer => {
  const out = Buffer.alloc(2);
  out.writeUInt16LE(value);
  return out;
};
const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};
const u64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
};
export const bytesOf = { u8, u16, u32, u64, utf16: (text: string): Buffer => Buffer.from(text, 'utf16le') };

/** A piece of binary XML that knows its place in the chunk, for the names inside it. */
type Piece = (at: number) => Buffer;

const join =
  (...pieces: readonly Piece[]): Piece =>
  (at) => {
    const parts: Buffer[] = [];
    let length = 0;
    for (const piece of pieces) {
      const part = piece(at + length);
      parts.push(part);
      length += part.length;
    }
    return Buffer.concat(parts);
  };

const raw =
  (...parts: readonly Buffer[]): Piece =>
  () =>
    Buffer.concat(parts);

/** Names are always written in place: the offset points right behind itself. */
const name =
  (text: string): Piece =>
  (at) =>
    Buffer.concat([u32(at + 4), u32(0), u16(0), u16(text.length), Buffer.from(text, 'utf16le'), u16(0)]);

export const literal = (text: string): Piece => raw(u8(0x05), u8(0x01), u16(text.length), Buffer.from(text, 'utf16le'));
export const substitution = (index: number, optional = false): Piece =>
  raw(u8(optional ? 0x0e : 0x0d), u16(index), u8(0));
export const amp: Piece = join(raw(u8(0x09)), name('amp'));

export interface ElementOptions {
  readonly attributes?: Readonly<Record<string, Piece>>;
  /** Leaves out the dependency identifier, as in elements that are values. */
  readonly bare?: boolean;
}

export function element(tag: string, children: readonly Piece[], { attributes, bare }: ElementOptions = {}): Piece {
  const list = Object.entries(attributes ?? {});
  const attributePieces = list.map(([key, value], index) =>
    join(raw(u8(index + 1 < list.length ? 0x46 : 0x06)), name(key), value),
  );
  return (at) => {
    const head = Buffer.concat([u8(list.length > 0 ? 0x41 : 0x01), ...(bare ? [] : [u16(0xffff)])]);
    const body = join(
      name(tag),
      ...(list.length > 0
        ? [
            (start: number) => {
              const inner = join(...attributePieces)(start + 4);
              return Buffer.concat([u32(inner.length), inner]);
            },
          ]
        : []),
      raw(u8(children.length > 0 ? 0x02 : 0x03)),
      ...children,
      ...(children.length > 0 ? [raw(u8(0x04))] : []),
    )(at + head.length + 4);
    return Buffer.concat([head, u32(body.length), body]);
  };
}

export const fragment = (...pieces: readonly Piece[]): Piece =>
  join(raw(Buffer.from([0x0f, 0x01, 0x01, 0x00])), ...pieces, raw(u8(0x00)));

export interface BuiltValue {
  readonly type: number;
  readonly bytes: Buffer | Piece;
}

/** A template instance with its definition in place. */
export const template =
  (definition: Piece, values: readonly BuiltValue[]): Piece =>
  (at) => {
    const body = fragment(definition)(at + 10 + 24);
    const start = at + 10 + 24 + body.length + 4 + values.length * 4;
    let length = 0;
    const datas = values.map(({ bytes }) => {
      const data = typeof bytes === 'function' ? bytes(start + length) : bytes;
      length += data.length;
      return data;
    });
    return Buffer.concat([
    u8(0x0c), u8(0x01), u32(1), u32(at + 10),
    u32(0), Buffer.alloc(16), u32(body.length), body,
    u32(values.length), ...values.map(({ type }, index) => Buffer.concat([u16(datas[index]!.length), u8(type), u8(0)])),
    ...datas,
  ]); // biome-ignore format: fields in file order
  };

/** One whole file with one chunk. */
export function evtxFile(records: readonly Piece[], written = 133_000_000_000_000_000n): Buffer {
  const chunk = Buffer.alloc(65_536);
  let at = 512;
  records.forEach((piece, index) => {
    const body = piece(at + 24);
    const size = 24 + body.length + 4;
    Buffer.concat([u32(0x2a2a), u32(size), u64(BigInt(index + 1)), u64(written), body, u32(size)]).copy(chunk, at);
    at += size;
  });
  chunk.write('ElfChnk\0', 0, 'latin1');
  const count = BigInt(records.length);
  Buffer.concat([u64(1n), u64(count), u64(1n), u64(count), u32(128), u32(at), u32(at)]).copy(chunk, 8);
  u32(crc32(chunk.subarray(512, at))).copy(chunk, 52);
  u32(crc32(chunk.subarray(0, 120), chunk.subarray(128, 512))).copy(chunk, 124);
  const header = Buffer.alloc(4096);
  header.write('ElfFile\0', 0, 'latin1');
  Buffer.concat([u64(0n), u64(0n), u64(count + 1n), u32(128), u16(1), u16(3), u16(4096), u16(1)]).copy(header, 8);
  u32(crc32(header.subarray(0, 120))).copy(header, 124);
  return Buffer.concat([header, chunk]);
}
