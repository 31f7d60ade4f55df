import { createHash } from 'node:crypto';
import { DiagnosticError, parseDatetime } from '../../base/index.js';
import type { Store } from '../../store/index.js';
import { HEAD_BYTES } from '../detect.js';
import { type JsonPiece, JsonSplitter, parseJson, TooDeep } from '../formats/json.js';
import { headedCsv } from '../headed-csv.js';
import { MAX_RECORD_BYTES } from '../lines.js';
import type { RejectGroup } from '../reject-groups.js';
import { content, counted, type OpenSource, openSources, peek, type Source, UnreadableFile } from '../source.js';
import { TableWriter } from '../table-writer.js';
import { isoUtc } from '../times.js';
import { isIndicatorHeader, readCsvIndicator } from './csv.js';
import type { Observable } from './pattern.js';
import {
  indicatorRow,
  indicatorsSchema,
  legacyRow,
  legacySchema,
  objectRow,
  objectsSchema,
  tableId,
  type WrittenBy,
} from './rows.js';
import { type Known, readKnown } from './state.js';
import { readStix, type StixObject, Unusable } from './stix.js';

export interface IntelligenceImport {
  /** STIX 2.0 or 2.1 (bundles, lists, one object a line), or CSV in Sentinel's template. */
  readonly sources: readonly Source[];
  /** Who the intelligence comes from: part of the identity of each object. */
  readonly from: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly onProgress?: ((bytesRead: number, bytesTotal: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Counts of objects. `read` = `written` + `unchanged` + `outdated` + `rejected`. */
export interface IntelligenceResult {
  readonly read: number;
  /** New, or of a newer `modified` than the stored one. */
  readonly written: number;
  readonly unchanged: number;
  /** A newer version is stored. */
  readonly outdated: number;
  readonly rejected: number;
  /** Rows by table: an indicator has one for each observable, in both tables of indicators. */
  readonly tables: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectGroup[];
}

/** Lists that hold objects: of bundles and TAXII answers, of the upload API, of its older form. */
const envelopes = ['objects', 'stixobjects', 'value', 'indicators'];

/** Objects whose stored versions are asked for at once. */
const BATCH_OBJECTS = 1_000;
const BATCH_CHARS = 16 * 1024 * 1024;

/**
 * Reads threat intelligence into ThreatIntelIndicators, ThreatIntelligenceIndicator and, what is no indicator, into
 * ThreatIntelObjects. An object is known by its source and STIX id, and its newest `modified` counts. What cannot be stored
 * becomes a reject with its reason and text, object by object.
 *
 * Limits  an object up to 16 MiB and 100 levels; memory does not grow with the file
 * Errors  CLI6002 a path cannot be read
 */
export async function importIntelligence(store: Store, wanted: IntelligenceImport): Promise<IntelligenceResult> {
  const files = await openSources(wanted.sources);
  const sizes = files.map((file) => file.size);
  const total = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
    wanted.onProgress?.(bytes, total);
  };
  const writer = new IntelligenceWriter(store, {
    ...{ source: wanted.from, now: isoUtc(wanted.now)!, method: 'FileImport', workspaceId: await store.workspaceId() },
    receivedAt: wanted.now,
  });
  for (const file of files) {
    writer.file = file.name;
    try {
      for await (const _ of blocks(file, writer, onBytes)) {
        await writer.drain();
        wanted.signal?.throwIfAborted();
      }
    } catch (error) {
      if (!(error instanceof DiagnosticError) && !(error instanceof UnreadableFile)) throw error;
      const [first] = error instanceof DiagnosticError ? error.diagnostics : [];
      if (first && first.code !== 'ING2006' && first.code !== 'ING2007') throw error;
      writer.reject(
        first?.code ?? 'ING2006',
        first?.message ?? `the file cannot be read: ${(error as Error).message}`,
        file.name,
      );
    }
  }
  return writer.finish();
}

async function* blocks(
  file: OpenSource,
  writer: IntelligenceWriter,
  onBytes: (count: number) => void,
): AsyncIterable<undefined> {
  const plain = await peek(content(counted(file.open(), onBytes)), HEAD_BYTES);
  const first = plain.head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()[0];
  if (first !== '{' && first !== '[') {
    const open: OpenSource = { ...file, open: () => plain.rest };
    yield* csvBlocks(open, writer);
    return;
  }
  const splitter = new JsonSplitter(MAX_RECORD_BYTES, envelopes);
  const decoder = new TextDecoder('utf-8');
  const markings = new Map<string, string>();
  const take = (pieces: readonly JsonPiece[]) => {
    for (const piece of pieces) takePiece(piece, writer, markings);
  };
  for await (const chunk of plain.rest) {
    take(splitter.push(decoder.decode(chunk, { stream: true })));
    yield;
  }
  take([...splitter.push(decoder.decode()), ...splitter.end()]);
  yield;
}

function takePiece(piece: JsonPiece, writer: IntelligenceWriter, markings: Map<string, string>): void {
  if (piece.kind === 'oversize') {
    writer.reject('ING2005', 'the object is larger than 16 MiB', piece.text);
    return;
  }
  if (piece.kind === 'cut') {
    writer.reject('ING2001', 'the JSON is cut off', piece.text);
    return;
  }
  try {
    const value = parseJson(piece.text);
    // A bundle may be empty.
    if (isEmptyBundle(value)) return;
    writer.add(readStix(value, markings), piece.text);
  } catch (error) {
    if (error instanceof TooDeep) writer.reject('ING2005', 'the object is nested too deep', piece.text);
    else if (error instanceof Unusable) writer.reject('ING2004', error.message, piece.text);
    else if (error instanceof SyntaxError) writer.reject('ING2001', 'the object is not JSON', piece.text);
    else throw error;
  }
}

const isEmptyBundle = (value: unknown): boolean => {
  const { type, objects } = (value ?? {}) as { type?: unknown; objects?: unknown };
  return type === 'bundle' && Array.isArray(objects) && objects.length === 0;
};

async function* csvBlocks(file: OpenSource, writer: IntelligenceWriter): AsyncIterable<undefined> {
  const csv = await headedCsv(file, () => {});
  if (!isIndicatorHeader(csv.names)) {
    writer.reject('ING2007', 'the file is neither STIX nor CSV with a column observableValue', file.name);
    return;
  }
  for await (const block of csv.records) {
    for (const record of block) {
      if ('reject' in record) writer.reject(record.reject.code, record.reject.reason, record.reject.raw);
      else
        try {
          writer.add(readCsvIndicator(record.fields, writer.by.source, writer.by.now), record.raw);
        } catch (error) {
          if (!(error instanceof Unusable)) throw error;
          writer.reject('ING2004', error.message, record.raw);
        }
    }
    yield;
  }
}

/** Compares objects with what is stored and writes the rows of those that are newer. */
export class IntelligenceWriter {
  file = '';
  private readonly writer: TableWriter;
  private waiting: { readonly object: StixObject; readonly raw: string; readonly file: string }[] = [];
  private chars = 0;
  /** Hashes of the ids so far: a few bytes each, and a wrong hit only costs a flush. */
  private readonly seen = new Set<number>();
  private written = 0;
  private unchanged = 0;
  private outdated = 0;

  constructor(
    private readonly store: Store,
    readonly by: WrittenBy & { readonly receivedAt: number },
  ) {
    this.writer = new TableWriter(store, { connector: 'ThreatIntelligence', receivedAt: by.receivedAt });
  }

  add(object: StixObject, raw: string): void {
    this.waiting.push({ object, raw, file: this.file });
    this.chars += raw.length;
  }

  reject(code: Parameters<TableWriter['reject']>[0]['code'], reason: string, raw: string, file = this.file): void {
    this.writer.reject({ code, reason, raw }, file);
  }

  async drain(): Promise<void> {
    if (this.waiting.length >= BATCH_OBJECTS || this.chars >= BATCH_CHARS) await this.settle();
    await this.writer.drain();
  }

  async finish(): Promise<IntelligenceResult> {
    await this.settle();
    await this.writer.finish();
    const { written, unchanged, outdated } = this;
    const { rejected, tables } = this.writer;
    const read = written + unchanged + outdated + rejected;
    return { read, written, unchanged, outdated, rejected, tables, rejects: this.writer.rejects() };
  }

  private async settle(): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    this.chars = 0;
    for (let from = 0; from < waiting.length; from += BATCH_OBJECTS) {
      const part = waiting.slice(from, from + BATCH_OBJECTS);
      const ids = [...new Set(part.map(({ object }) => tableId(this.by.source, object.id)))];
      const hashes = ids.map(hashOf);
      // What an earlier part of this import wrote must be there to be compared with.
      if (hashes.some((hash) => this.seen.has(hash))) await this.writer.finish();
      for (const hash of hashes) this.seen.add(hash);
      const known = await readKnown(this.store, ids);
      for (const { object, raw, file } of part) this.one(object, raw, file, known);
    }
  }

  /** Writes the rows of an indicator again, as of now. */
  again(object: StixObject, observables: readonly Observable[]): void {
    this.written++;
    for (const each of observables) this.rows(object, each, 1_000, false);
  }

  private one(object: StixObject, raw: string, file: string, known: Map<string, Known>): void {
    const id = tableId(this.by.source, object.id);
    const before = known.get(id);
    const data = JSON.stringify(object.data);
    if (before) {
      const isSame = object.isUndated ? undated(before.data) === undated(data) : before.data === data;
      if (isSame) {
        this.unchanged++;
        return;
      }
      const order = object.isUndated ? 1 : compare(object.modified, before.modified);
      if (order < 0) {
        this.outdated++;
        return;
      }
      if (order === 0 && object.modified !== undefined) {
        this.reject('ING2004', 'another object has the same id and the same modified', raw, file);
        return;
      }
    }
    const observables = object.indicator?.observables ?? [];
    known.set(id, { modified: object.modified, data, observables });
    this.written++;
    if (!object.indicator) {
      this.writer.add(objectsSchema, objectRow(object, this.by), raw.length);
      return;
    }
    const keys = new Set(observables.map(({ key, value }) => `${key} ${value}`));
    for (const each of observables) this.rows(object, each, raw.length, false);
    for (const each of before?.observables ?? [])
      if (!keys.has(`${each.key} ${each.value}`)) this.rows(object, each, raw.length, true);
  }

  private rows(object: StixObject, observable: Observable, chars: number, isDeleted: boolean): void {
    this.writer.add(indicatorsSchema, indicatorRow(object, observable, this.by, isDeleted), chars);
    this.writer.add(legacySchema, legacyRow(object, observable, this.by, isDeleted), 300);
  }
}

const hashOf = (id: string): number => createHash('sha1').update(id).digest().readUIntBE(0, 6);

/** Order of two times as far as their ticks: feeds write three, six or no decimals. */
function compare(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [x, y] = [parseDatetime(a) ?? 0n, parseDatetime(b) ?? 0n];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The content of an object without its times. */
function undated(data: string): string {
  const { created: _, modified: __, ...rest } = JSON.parse(data) as Record<string, unknown>;
  return JSON.stringify(rest);
}
