import { isAscii, isUtf8 } from 'node:buffer';
import type { Connector, RawRecord } from './connector.js';

/** Records beyond this are refused piece by piece, so that memory stays flat whatever a file holds. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export type TextRecord = Extract<RawRecord, { kind: 'text' }>;

/** A piece of a record that is larger than accepted. */
export interface Oversize {
  readonly kind: 'oversize';
  readonly text: string;
}

const LF = 10;

/** A block of bytes that ends with whole lines. Broken UTF-8 costs the block its fast path, not the record. */
function splitBlock(block: Buffer): TextRecord[] {
  const records: TextRecord[] = [];
  if (isUtf8(block)) {
    // ASCII needs no decoder: as Latin-1 it is copied several times as fast.
    const text = block.toString(isAscii(block) ? 'latin1' : 'utf8');
    for (const line of text.split('\n')) records.push({ kind: 'text', text: line });
    return records;
  }
  for (let start = 0; start <= block.length; ) {
    const found = block.indexOf(LF, start);
    const end = found === -1 ? block.length : found;
    const bytes = block.subarray(start, end);
    const text = bytes.toString('utf8');
    records.push(isUtf8(bytes) ? { kind: 'text', text } : { kind: 'text', text, bytes: Buffer.from(bytes) });
    start = end + 1;
  }
  return records;
}

/** Whole lines, without the last line end. */
export interface LineBlock {
  readonly kind: 'lines';
  readonly bytes: Buffer;
  /** The first line is the rest of a record that is larger than accepted. */
  readonly isOversize: boolean;
}

/** Cuts bytes into blocks of whole lines, one a chunk. */
export async function* lineBlocks(
  bytes: AsyncIterable<Uint8Array>,
  limit = MAX_RECORD_BYTES,
): AsyncIterable<LineBlock | Oversize> {
  let open: Buffer[] = [];
  let openLength = 0;
  let isFirst = true;
  let isOversize = false;
  const take = (tail?: Buffer): Buffer => {
    const block = tail && open.length === 0 ? tail : Buffer.concat(tail ? [...open, tail] : open);
    open = [];
    openLength = 0;
    return block;
  };
  const finish = (block: Buffer): LineBlock => {
    const start = isFirst && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
    const lines: LineBlock = { kind: 'lines', bytes: block.subarray(start), isOversize };
    isFirst = false;
    isOversize = false;
    return lines;
  };
  for await (const part of bytes) {
    const chunk = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const last = chunk.lastIndexOf(LF);
    if (last === -1) {
      open.push(chunk);
      openLength += chunk.length;
    } else {
      // Only the line that two chunks share is copied together.
      const first = open.length > 0 ? chunk.indexOf(LF) : -1;
      if (first !== -1) yield finish(take(chunk.subarray(0, first)));
      const block = first === last ? undefined : finish(take(chunk.subarray(first + 1, last)));
      const rest = chunk.subarray(last + 1);
      if (rest.length > 0) open.push(rest);
      openLength = rest.length;
      if (block) yield block;
    }
    if (openLength > limit) {
      isOversize = true;
      const piece = take().toString('utf8');
      isFirst = false;
      yield { kind: 'oversize', text: piece };
    }
  }
  if (openLength > 0) yield finish(take());
}

/** The lines of a block, without `\n`, `\r\n` or NUL ends. */
export function linesOf(block: LineBlock | Oversize): (TextRecord | Oversize)[] {
  if (block.kind === 'oversize') return [block];
  const found: (TextRecord | Oversize)[] = splitBlock(block.bytes);
  if (block.isOversize) found[0] = { kind: 'oversize', text: (found[0] as TextRecord).text };
  return found.flatMap(cleanLine);
}

/** Splits bytes into lines; one array a chunk. */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  limit = MAX_RECORD_BYTES,
): AsyncIterable<(TextRecord | Oversize)[]> {
  for await (const block of lineBlocks(bytes, limit)) yield linesOf(block);
}

/** NUL may end a message (some senders frame with it) or pad it; only one that stands before a new PRI splits. */
function cleanLine(record: TextRecord | Oversize): readonly (TextRecord | Oversize)[] {
  const text = record.text;
  if (text.charCodeAt(text.length - 1) !== 13 && !text.includes('\0')) return [record];
  const parts: string[] = [];
  let start = 0;
  if (record.kind === 'text' && !record.bytes)
    for (let at = text.indexOf('\0<'); at !== -1; at = text.indexOf('\0<', at + 1)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  parts.push(text.slice(start));
  const bytes = record.kind === 'text' ? record.bytes : undefined;
  return parts
    .map(trimEnds)
    .map((part) => (record.kind === 'text' ? { kind: 'text', text: part, bytes } : { kind: 'oversize', text: part }));
}

/** By hand: a pattern such as /\0+$/ takes quadratic time on a long run of NULs. */
function trimEnds(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) === 0) start++;
  while (end > start && (text.charCodeAt(end - 1) === 0 || text.charCodeAt(end - 1) === 13)) end--;
  return text.slice(start, end);
}

/** Joins the lines of records that span lines, as the connector tells them apart. */
export class RecordJoiner {
  #open: TextRecord[] = [];
  #texts: string[] = [];
  #length = 0;

  constructor(
    private readonly connector: Pick<Connector, 'continues'>,
    private readonly limit = MAX_RECORD_BYTES,
  ) {}

  /** Takes lines and adds the records that they complete; the last one stays open. */
  push(lines: readonly (TextRecord | Oversize)[], records: (TextRecord | Oversize)[]): void {
    for (const line of lines) {
      if (line.kind === 'oversize' || !this.#belongs(line.text)) this.close(records);
      if (line.kind === 'oversize') records.push(line);
      else {
        this.#open.push(line);
        this.#texts.push(line.text);
        this.#length += line.text.length + 1;
      }
    }
  }

  /** Adds the open record: no line can belong to it any more. */
  close(records: (TextRecord | Oversize)[]): void {
    if (this.#open.length === 0) return;
    records.push(this.#open.length === 1 ? this.#open[0]! : joined(this.#open, this.#texts));
    this.#open = [];
    this.#texts = [];
    this.#length = 0;
  }

  #belongs(line: string): boolean {
    return (
      this.#open.length > 0 &&
      this.#length + line.length < this.limit &&
      this.connector.continues?.(line, this.#texts) === true
    );
  }
}

/** Reads the records of a text file; one array a block. */
export async function* joinRecords(
  lines: AsyncIterable<(TextRecord | Oversize)[]>,
  connector: Pick<Connector, 'continues'>,
): AsyncIterable<(TextRecord | Oversize)[]> {
  if (!connector.continues) {
    yield* lines;
    return;
  }
  const joiner = new RecordJoiner(connector);
  const last: (TextRecord | Oversize)[] = [];
  for await (const chunk of lines) {
    const records: (TextRecord | Oversize)[] = [];
    joiner.push(chunk, records);
    if (records.length > 0) yield records;
  }
  joiner.close(last);
  if (last.length > 0) yield last;
}

function joined(open: readonly TextRecord[], texts: readonly string[]): TextRecord {
  const text = texts.join('\n');
  if (open.every((line) => line.bytes === undefined)) return { kind: 'text', text };
  const newline = Buffer.from('\n');
  const parts = open.flatMap((line, at) => [...(at ? [newline] : []), line.bytes ?? Buffer.from(line.text)]);
  return { kind: 'text', text, bytes: Buffer.concat(parts) };
}

const countedHead = /^(\d{1,8}) </;

/** Whether a file is octet-counted (RFC 6587): its first message is followed by another count, or by the end. */
export function isOctetCounted(head: Buffer): boolean {
  const match = countedHead.exec(head.toString('latin1', 0, 16));
  if (!match) return false;
  const end = match[1]!.length + 1 + Number(match[1]);
  const next = head.toString('latin1', end, end + 16);
  // A message longer than the head cannot be checked; a count that came through a relay is followed by a line end.
  return end < head.length ? countedHead.test(next) : end === head.length;
}

/** Reads octet-counted messages; they may hold line breaks. From the first bad count on, lines are read. */
export async function* readCounted(bytes: AsyncIterable<Uint8Array>): AsyncIterable<(TextRecord | Oversize)[]> {
  let buffer: Buffer = Buffer.alloc(0);
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const records: TextRecord[] = [];
    let isBroken = false;
    let at = 0;
    for (;;) {
      while (buffer[at] === LF || buffer[at] === 13) at++;
      const match = countedHead.exec(buffer.toString('latin1', at, at + 16));
      if (!match) {
        isBroken = buffer.length - at >= 10;
        break;
      }
      const start = at + match[1]!.length + 1;
      const end = start + Number(match[1]);
      if (Number(match[1]) > MAX_RECORD_BYTES) isBroken = true;
      if (isBroken || end > buffer.length) break;
      const message = buffer.subarray(start, end);
      const text = message.toString('utf8').trimEnd();
      records.push(isUtf8(message) ? { kind: 'text', text } : { kind: 'text', text, bytes: Buffer.from(message) });
      at = end;
    }
    buffer = buffer.subarray(at);
    if (records.length > 0) yield records;
    const next = isBroken ? undefined : await iterator.next();
    if (next && !next.done) {
      buffer = Buffer.concat([buffer, next.value]);
      continue;
    }
    const left = buffer;
    yield* readLines(
      (async function* () {
        if (left.length > 0) yield left;
        for (let more = await iterator.next(); !more.done; more = await iterator.next()) yield more.value;
      })(),
    );
    return;
  }
}
