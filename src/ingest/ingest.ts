import { type Clock, systemClock } from '../base/index.js';
import type { Store } from '../store/index.js';
import { type Connector, reject } from './connector.js';
import { csvRecords } from './csv-records.js';
import { detectShape, HEAD_BYTES } from './detect.js';
import { type JsonPiece, JsonSplitter } from './formats/json.js';
import { type FileContext, type IngestResult, Intake } from './intake.js';
import { joinRecords, lineBlocks, MAX_RECORD_BYTES, readCounted, readLines } from './lines.js';
import { otherRecords } from './plain-lines.js';
import {
  content,
  counted,
  type OpenSource,
  openSources,
  peek,
  type Source,
  UnreadableFile,
  unsupportedContainer,
} from './source.js';

export interface Progress {
  /** Bytes read from disk or stream so far. */
  readonly bytesRead: number;
  /** Bytes of all files; undefined when a stream is among the sources. */
  readonly bytesTotal: number | undefined;
}

export interface IngestOptions {
  /** Time of reception, milliseconds since the epoch; default the clock's now. */
  readonly receivedAt?: number | undefined;
  /** Minutes east of UTC in which header times without a zone are read; default 0. */
  readonly zoneOffsetMinutes?: number | undefined;
  readonly sender?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Called about once a mebibyte. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the run between two batches; what was inserted stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads raw records of one connector into their tables.
 *
 * Shape   files, folders or streams → tables of the store; every unit ends as a row or in VedetteReject_CL
 * Limits  a record up to 16 MiB, JSON up to 100 levels; memory does not grow with the file
 * Errors  CLI6002 a path cannot be read; ENG5… from the store. Bad content is a reject: ING2001 to ING2006
 */
export async function ingest(
  store: Store,
  connector: Connector,
  sources: readonly Source[],
  options: IngestOptions = {},
): Promise<IngestResult> {
  const files = await openSources(sources);
  const receivedAt = options.receivedAt ?? (options.clock ?? systemClock).now();
  const { zoneOffsetMinutes, sender } = options;
  const intake = new Intake(store, connector, { receivedAt, zoneOffsetMinutes, sender });
  const sizes = files.map((file) => file.size);
  const bytesTotal = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let bytesRead = 0;
  const onBytes = (count: number) => {
    bytesRead += count;
    options.onProgress?.({ bytesRead, bytesTotal });
  };
  for (const file of files) await readFile(file, intake, onBytes, options.signal);
  return intake.finish();
}

async function readFile(
  source: OpenSource,
  intake: Intake,
  onBytes: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = intake.file(source.name);
  try {
    for await (const _ of blocks(counted(readable(source), onBytes), intake, file)) {
      await intake.drain();
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    intake.settle([reject('ING2006', `the file cannot be read on: ${error.message}`, source.name)], file);
  }
}

async function* readable(source: OpenSource): AsyncIterable<Uint8Array> {
  try {
    yield* source.open();
  } catch (error) {
    throw new UnreadableFile((error as Error).message);
  }
}

/** Decodes a file block by block and stops after each, so that the caller can hold it back while the engine is busy. */
async function* blocks(bytes: AsyncIterable<Uint8Array>, intake: Intake, file: FileContext): AsyncIterable<undefined> {
  const { head, rest } = await peek(content(bytes), HEAD_BYTES);
  const format = intake.connector.files;
  if (format?.matches(head)) {
    for await (const outcomes of format.decode(rest, file)) {
      intake.settle(outcomes, file);
      yield;
    }
    return;
  }
  const container = unsupportedContainer(head);
  if (container) throw new UnreadableFile(`it is ${container}: unpack it first`);
  const shape = detectShape(head);
  if (shape.kind === 'json') {
    yield* jsonBlocks(rest, intake, file);
    return;
  }
  const records =
    shape.kind === 'csv'
      ? csvRecords(readLines(rest), shape.header)
      : shape.kind === 'counted'
        ? readCounted(rest)
        : await textRecords(rest, intake, file);
  for await (const block of records) {
    for (const record of block)
      if ('reject' in record) intake.settle([record], file);
      else if (record.kind === 'oversize') oversize(record.text, intake, file);
      else intake.accept(record, file);
    yield;
  }
}

/** The records of a file of lines, except those that went the short way into their table. */
async function textRecords(bytes: AsyncIterable<Uint8Array>, intake: Intake, file: FileContext) {
  const { connector } = intake;
  const plain = connector.plain?.(file);
  const table = plain && (await intake.plainTable(plain.table));
  return plain && table
    ? otherRecords(lineBlocks(bytes), connector, plain, table)
    : joinRecords(readLines(bytes), connector);
}

async function* jsonBlocks(
  bytes: AsyncIterable<Uint8Array>,
  intake: Intake,
  file: FileContext,
): AsyncIterable<undefined> {
  const splitter = new JsonSplitter(MAX_RECORD_BYTES);
  const decoder = new TextDecoder('utf-8');
  const take = (pieces: readonly JsonPiece[]) => {
    for (const piece of pieces)
      if (piece.kind === 'element') intake.acceptJson(piece.text, file);
      else if (piece.kind === 'text') intake.accept(piece, file);
      else if (piece.kind === 'oversize') oversize(piece.text, intake, file);
      else intake.settle([reject('ING2001', 'the JSON is cut off', piece.text)], file);
  };
  for await (const chunk of bytes) {
    take(splitter.push(decoder.decode(chunk, { stream: true })));
    yield;
  }
  take([...splitter.push(decoder.decode()), ...splitter.end()]);
  yield;
}

function oversize(text: string, intake: Intake, file: FileContext) {
  if (text.trim() === '') return;
  const reason = `the record is larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB (its pieces are kept one by one)`;
  intake.settle([reject('ING2005', reason, text)], file);
}
