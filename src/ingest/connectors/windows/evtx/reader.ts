import type { XmlElement } from '../element.js';
import { BinXml } from './bin-xml.js';
import { crc32 } from './crc32.js';
import { fileTime } from './values.js';

const fileHeaderSize = 4096;
const chunkSize = 65_536;
const chunkHeaderSize = 512;
const recordMagic = 0x00002a2a;
const minRecordSize = 28;

/** A record in the order of the file, or a damaged part of the file; `bytes` are the damaged ones. */
export type EvtxItem =
  | {
      readonly event: XmlElement;
      readonly recordId: string;
      readonly written: string | undefined;
      readonly bytes: Buffer;
    }
  | { readonly damage: string; readonly bytes: Buffer };

/** Whether a file is an event log by its first bytes; one with a damaged header is known by its first chunk. */
export const isEvtx = (head: Buffer): boolean =>
  head.subarray(0, 8).toString('latin1') === 'ElfFile\0' || isChunk(head.subarray(fileHeaderSize));

const isChunk = (bytes: Buffer): boolean => bytes.subarray(0, 8).toString('latin1') === 'ElfChnk\0';

/**
 * Reads an EVTX file (versions 3.1 and 3.2) as its bytes come, one 64 KiB chunk at a time. A damaged record or chunk is an
 * item of its own and the rest is read. A log that Windows has open has stale counters in its header and a stale checksum in
 * its last chunk; neither counts as damage.
 *
 * Source  https://github.com/libyal/libevtx (format documentation); [MS-EVEN6]
 */
export class EvtxReader {
  private pending: Buffer = Buffer.alloc(0);
  private header: { readonly chunks: number; readonly lastChunk: number; readonly dirty: boolean } | undefined;
  private index = 0;

  *push(bytes: Uint8Array): Generator<EvtxItem> {
    this.pending = this.pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.pending, bytes]);
    if (!this.header && this.pending.length >= fileHeaderSize) yield* this.readHeader();
    let at = 0;
    if (this.header)
      for (; at + chunkSize <= this.pending.length; at += chunkSize)
        yield* this.chunk(this.pending.subarray(at, at + chunkSize));
    this.pending = this.pending.subarray(at);
  }

  /** Call when the file is over. */
  *end(): Generator<EvtxItem> {
    const { pending } = this;
    this.pending = Buffer.alloc(0);
    if (!this.header) {
      yield { damage: 'the file ends inside its header', bytes: pending };
    } else if (isChunk(pending)) {
      yield { damage: `the file ends inside chunk ${this.index}`, bytes: pending };
      yield* this.records(pending, pending.length, this.index);
    }
  }

  private *readHeader(): Generator<EvtxItem> {
    const head = this.pending.subarray(0, fileHeaderSize);
    this.pending = this.pending.subarray(fileHeaderSize);
    const known = head.subarray(0, 8).toString('latin1') === 'ElfFile\0';
    const sound = known && crc32(head.subarray(0, 120)) === head.readUInt32LE(124);
    if (!sound) yield { damage: known ? 'checksum of the file header is wrong' : 'no EVTX file header', bytes: head };
    this.header = {
      chunks: sound ? head.readUInt16LE(42) : 0,
      lastChunk: sound ? Number(head.readBigUInt64LE(16)) : 0,
      dirty: !sound || (head.readUInt32LE(120) & 1) !== 0,
    };
  }

  private *chunk(bytes: Buffer): Generator<EvtxItem> {
    const index = this.index++;
    const { chunks, lastChunk, dirty } = this.header!;
    if (!isChunk(bytes)) {
      // Windows allocates ahead: what was never written is no damage. A place that has been in use is.
      if (index < chunks || bytes.readUInt32LE(chunkHeaderSize) === recordMagic)
        yield { damage: `chunk ${index} has no chunk header`, bytes };
      return;
    }
    const free = bytes.readUInt32LE(48);
    const isFreeSane = free >= chunkHeaderSize && free <= chunkSize;
    const end = isFreeSane ? free : chunkSize;
    const isSound =
      isFreeSane &&
      crc32(bytes.subarray(0, 120), bytes.subarray(128, chunkHeaderSize)) === bytes.readUInt32LE(124) &&
      crc32(bytes.subarray(chunkHeaderSize, end)) === bytes.readUInt32LE(52);
    if (!isSound && !(dirty && index >= lastChunk))
      yield { damage: `checksum of chunk ${index} is wrong: its records may be damaged`, bytes };
    yield* this.records(bytes, end, index);
  }

  private *records(chunk: Buffer, end: number, index: number): Generator<EvtxItem> {
    const xml = new BinXml(chunk);
    let at = chunkHeaderSize;
    while (at + minRecordSize <= end) {
      let size = recordSize(chunk, at, end);
      if (size === undefined) {
        const next = nextRecord(chunk, at + 1, end);
        // A record that lost its size still has the copy at its end.
        if (next !== undefined && isRecord(chunk, at) && chunk.readUInt32LE(next - 4) === next - at) size = next - at;
        else {
          const bytes = chunk.subarray(at, next ?? end);
          // Zeros after the last record are space that has not been used.
          if (next !== undefined || bytes.some((byte) => byte !== 0))
            yield { damage: `no record header at byte ${at} of chunk ${index}`, bytes };
          at = next ?? end;
          continue;
        }
      }
      yield this.record(xml, chunk, at, size);
      at += size;
    }
  }

  private record(xml: BinXml, chunk: Buffer, at: number, size: number): EvtxItem {
    const bytes = chunk.subarray(at, at + size);
    const recordId = chunk.readBigUInt64LE(at + 8).toString();
    try {
      const event = xml.record(at + 24, at + size - 4);
      return { event, recordId, written: fileTime(chunk.readBigUInt64LE(at + 16)), bytes };
    } catch (error) {
      // RangeError is also what Buffer throws for a read past its end.
      if (!(error instanceof RangeError)) throw error;
      return { damage: `record ${recordId}: ${error.message}`, bytes };
    }
  }
}

const isRecord = (chunk: Buffer, at: number): boolean => chunk.readUInt32LE(at) === recordMagic;

/** Size of the record at a place, which its last four bytes repeat; undefined when no record lies there. */
function recordSize(chunk: Buffer, at: number, end: number): number | undefined {
  if (at + minRecordSize > end || !isRecord(chunk, at)) return undefined;
  const size = chunk.readUInt32LE(at + 4);
  if (size < minRecordSize || at + size > end) return undefined;
  return chunk.readUInt32LE(at + size - 4) === size ? size : undefined;
}

const magicBytes = Buffer.from([0x2a, 0x2a, 0, 0]);

function nextRecord(chunk: Buffer, from: number, end: number): number | undefined {
  for (let at = chunk.indexOf(magicBytes, from); at >= 0 && at < end; at = chunk.indexOf(magicBytes, at + 1))
    if (recordSize(chunk, at, end) !== undefined) return at;
  return undefined;
}
