import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail } from '../base/index.js';

/** What `ingest` reads: the path of a file or folder, or bytes with a name for messages. */
export type Source = string | { readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

export interface OpenSource {
  readonly name: string;
  /** Bytes on disk; undefined for a stream. */
  readonly size: number | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/** A part of a file that cannot be read. It ends the file, not the run. */
export class UnreadableFile extends Error {}

export const CHUNK_BYTES = 1024 * 1024;

/** Text logs shrink 5 to 100 times; a bomb of one repeated byte shrinks 1,030 times. */
const MAX_RATIO = 500;
const RATIO_CHECKED_AFTER_BYTES = 32 * 1024 * 1024;

/** Finds the files behind the sources, folders in full depth and in name order. Fails with CLI6002. */
export async function openSources(sources: readonly Source[]): Promise<OpenSource[]> {
  const found: OpenSource[] = [];
  for (const source of sources) {
    if (typeof source === 'string') for (const file of await filesUnder(source)) found.push(file);
    else found.push({ name: source.name, size: undefined, open: () => source.stream });
  }
  return found;
}

async function filesUnder(path: string): Promise<OpenSource[]> {
  try {
    const info = await stat(path);
    if (!info.isDirectory())
      return [{ name: path, size: info.size, open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) }];
    const entries: Dirent[] = await readdir(path, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const files: OpenSource[] = [];
    for (const entry of entries)
      if (entry.isFile() || entry.isDirectory()) files.push(...(await filesUnder(join(path, entry.name))));
    return files;
  } catch (error) {
    return fail('CLI6002', `${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Counts the bytes that pass. */
export async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/**
 * Splits off the first bytes: up to `length` of them, and a stream that begins with them again.
 */
export async function peek(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let total = 0;
  let ended = false;
  while (total < length && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else {
      read.push(next.value);
      total += next.value.length;
    }
  }
  const all = Buffer.concat(read);
  const rest = async function* () {
    try {
      if (all.length > 0) yield all;
      while (!ended) {
        const next = await iterator.next();
        if (next.done) ended = true;
        else yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head: all.subarray(0, length), rest: rest() };
}

const containers: readonly (readonly [magic: readonly number[], name: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd-compressed'],
  [[0x42, 0x5a, 0x68], 'bzip2-compressed'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz-compressed'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
];

/** Says what a file is when it is of a kind that must be unpacked first; undefined for anything else. */
export const unsupportedContainer = (head: Uint8Array): string | undefined =>
  containers.find(([magic]) => magic.every((byte, at) => head[at] === byte))?.[1];

/** The content of a file: gzip (also several members) taken off, UTF-16 with a byte order mark turned into UTF-8. */
export async function* content(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, rest } = await peek(bytes, 4);
  if (head[0] === 0x1f && head[1] === 0x8b) yield* decoded(gunzip(rest));
  else yield* decoded(rest);
}

async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let read = 0;
  let written = 0;
  const input = Readable.from(counted(bytes, (count) => (read += count)));
  const output = createGunzip({ chunkSize: CHUNK_BYTES });
  input.on('error', (error) => output.destroy(error));
  try {
    for await (const chunk of input.pipe(output) as AsyncIterable<Buffer>) {
      written += chunk.length;
      if (written > RATIO_CHECKED_AFTER_BYTES && written > read * MAX_RATIO)
        throw new UnreadableFile(`its gzip content grows more than ${MAX_RATIO} times: it looks like a gzip bomb`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(`its gzip data is damaged or cut off: ${(error as Error).message}`);
  } finally {
    input.destroy();
    output.destroy();
  }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, rest } = await peek(bytes, 3);
  const utf16 =
    head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : '';
  if (!utf16) return yield* rest;
  const decoder = new TextDecoder(utf16);
  for await (const chunk of rest) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  const last = decoder.decode();
  if (last) yield Buffer.from(last);
}
