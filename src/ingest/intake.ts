import type { Code } from '../base/index.js';
import type { Appender, Store } from '../store/index.js';
import { catalogue, type Row, type TableSchema } from '../tables/index.js';
import { type Connector, type DecodeContext, type Outcome, type RawRecord, reject } from './connector.js';
import { RowConverter } from './convert.js';
import { elementsOf, isObject, parseJson, TooDeep } from './formats/json.js';
import { rejectRow, rejectTable } from './reject.js';
import { type RejectGroup, RejectGroups } from './reject-groups.js';
import { TableRows } from './table-rows.js';
import { carriedTexts, carrierTime } from './unwrap.js';

/** `read` = rows of all `tables` + `rejected`. */
export interface IngestResult {
  readonly connector: string;
  readonly read: number;
  readonly rejected: number;
  readonly tables: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectGroup[];
  /** Columns of exported rows that their table does not have, and what became of them. */
  readonly notices: readonly string[];
}

export interface IntakeOptions {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Minutes east of UTC for header times without a zone; default 0. */
  readonly zoneOffsetMinutes?: number | undefined;
  readonly sender?: string | undefined;
}

/** Every batch is a part of the table, and the engine merges parts: batches of 25,000 cost it twice the time of these. */
const BATCH_ROWS = 100_000;
const BATCH_CHARS = 64 * 1024 * 1024;
/** With one alone this process waits: the engine works on a batch with one of its cores most of the time. */
const maxInserts = 2;

interface OpenTable {
  readonly schema: TableSchema;
  readonly converter: RowConverter;
  /** Rows of the block of input at hand. */
  rows: Row[];
  appender: Appender | undefined;
  count: number;
}

/** What a record of a file is decoded with, and what its rejects say about where it stood. */
export interface FileContext extends DecodeContext {
  readonly name: string;
}

/** A table that plain lines are written into. */
export interface PlainTable {
  readonly appender: Appender;
  /** Counts a row that was added to the appender. */
  added(chars: number): void;
}

/**
 * Decodes raw records with one connector and writes their rows in batches: two batches are inserted while the next is
 * decoded. Rows are encoded block by block of input; kept until a batch is full, they would cost the garbage collector
 * more than decoding them.
 */
export class Intake {
  #read = 0;
  #rejected = 0;
  readonly #tables = new Map<string, OpenTable>();
  readonly #rejects = new RejectGroups();
  readonly #unknown = new Map<string, number>();
  #failed: OpenTable | undefined;
  #pendingRows = 0;
  #pendingChars = 0;
  /** The batches on their way, oldest first. */
  readonly #inserts: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;
  readonly #exports: TableRows;

  constructor(
    private readonly store: Store,
    readonly connector: Connector,
    private readonly options: IntakeOptions,
  ) {
    this.#exports = new TableRows((connector.exports ?? connector.tables).map((table) => schemaOf(table)));
  }

  /** The context of one file (or connection): its own state, the options of the run. */
  file(name: string): FileContext {
    const { receivedAt, zoneOffsetMinutes = 0, sender } = this.options;
    return { name, receivedAt, zoneOffsetMinutes, sender, file: new Map() };
  }

  /** Decodes one record and counts what became of it. */
  accept(record: RawRecord, file: FileContext): void {
    if (record.kind === 'text') {
      if (record.text.trim() === '') return;
      this.#pendingChars += record.text.length;
      const bytes = record.bytes;
      this.settle(this.#text(record, file), file, file.receivedAt, bytes);
      return;
    }
    this.#pendingChars += record.raw.length;
    if (record.kind === 'fields') this.#carried(record.fields, record, file);
    else this.#json(record.value, record.raw, file);
  }

  /** Decodes the text of a JSON element; text that is no JSON is refused. */
  acceptJson(text: string, file: FileContext): void {
    const value = attemptJson(text);
    if (value.ok) {
      this.#pendingChars += text.length;
      this.#json(value.value, text, file);
    } else this.settle([reject(value.code, value.reason, text)], file);
  }

  /** Counts outcomes, converts rows to their table's types and queues all for the next insert. */
  settle(outcomes: readonly Outcome[], file: FileContext, fallback = file.receivedAt, bytes?: Uint8Array): void {
    for (const outcome of outcomes) {
      this.#read++;
      if ('reject' in outcome) this.#reject(outcome.reject, file, bytes);
      else {
        const table = this.#tables.get(outcome.table) ?? this.#table(outcome.table);
        table.rows.push(
          outcome.isTyped
            ? table.converter.complete(outcome.row, fallback)
            : table.converter.convert(outcome.row, fallback, (column, kept) => {
                const note = `${outcome.table}: ${column} is no column, or not of its type: its values ${kept ? 'are kept with the additional fields' : 'are left out'}`;
                this.#unknown.set(note, (this.#unknown.get(note) ?? 0) + 1);
              }),
        );
        table.count++;
      }
      this.#pendingRows++;
    }
  }

  /** A table to write plain lines into; undefined when the store keeps rows as they are. */
  async plainTable(name: string): Promise<PlainTable | undefined> {
    const table = this.#tables.get(name) ?? this.#table(name);
    const appender = await this.#appender(table);
    if (!appender.writer) return undefined;
    const added = (chars: number) => {
      this.#read++;
      table.count++;
      this.#pendingRows++;
      this.#pendingChars += chars;
    };
    return { appender, added };
  }

  /** Encodes the rows so far and starts the insert of a full batch. Waits only while `maxInserts` are on their way. */
  async drain(): Promise<void> {
    for (const table of this.#open()) await this.#encode(table);
    if (this.#pendingRows >= BATCH_ROWS || this.#pendingChars >= BATCH_CHARS) await this.#flush();
  }

  /** Inserts what is left, waits for it, and gives the counts. */
  async finish(): Promise<IngestResult> {
    await this.drain();
    await this.#flush();
    await this.#settled();
    return this.result();
  }

  result(): IngestResult {
    const tables: Record<string, number> = {};
    for (const [name, table] of this.#tables) if (table.count > 0) tables[name] = table.count;
    const rejects = this.#rejects.sorted();
    const notices = [...this.#unknown].map(([note, count]) => `${note} (${count} ${count === 1 ? 'row' : 'rows'})`);
    return { connector: this.connector.id, read: this.#read, rejected: this.#rejected, tables, rejects, notices };
  }

  #decode(record: RawRecord, file: FileContext): readonly Outcome[] {
    try {
      return this.connector.decode(record, file);
    } catch (error) {
      // A connector must not throw; if one does, the record is kept and the run goes on.
      const raw = record.kind === 'text' ? record.text : record.raw;
      return [reject('ING2001', `the connector failed: ${(error as Error).message.slice(0, 100)}`, raw)];
    }
  }

  #text(record: Extract<RawRecord, { kind: 'text' }>, file: FileContext): readonly Outcome[] {
    const first = record.text.trimStart()[0];
    if (first === '{') {
      const value = attemptJson(record.text);
      if (value.ok) {
        this.#json(value.value, record.text, file);
        return [];
      }
      if (value.code === 'ING2005') return [reject(value.code, value.reason, record.text)];
    }
    return this.#decode(record, file);
  }

  #json(value: unknown, raw: string, file: FileContext): void {
    const elements = elementsOf(value);
    if (elements) {
      for (const element of elements) this.#json(element, JSON.stringify(element), file);
    } else if (typeof value === 'string') this.settle(this.#decode({ kind: 'text', text: value }, file), file);
    else if (isObject(value)) this.#carried(value, { kind: 'json', value, raw }, file);
    else this.settle(this.#decode({ kind: 'json', value, raw }, file), file);
  }

  /** A record with named fields: a row already, a forwarder's wrapping, or the product's own. */
  #carried(fields: Readonly<Record<string, unknown>>, record: RawRecord, file: FileContext): void {
    const row = this.#exports.match(fields);
    if (row) {
      this.settle([row], file);
      return;
    }
    const fallback = carrierTime(fields) ?? file.receivedAt;
    const texts = carriedTexts(fields);
    for (const text of texts) {
      const outcomes = this.#carriedText(text, file);
      if (outcomes) {
        this.settle(outcomes, file, fallback);
        return;
      }
    }
    const whole = this.#decode(record, file);
    if (texts.length > 0 && whole.every((outcome) => 'reject' in outcome)) {
      // The reason is about the carried record; the raw text is all that came.
      const inner = this.#decode({ kind: 'text', text: texts[0]! }, file);
      const refused = inner.find((outcome) => 'reject' in outcome);
      const raw = record.kind === 'text' ? record.text : record.raw;
      if (refused) {
        this.settle([{ reject: { ...refused.reject, raw } }], file);
        return;
      }
    }
    this.settle(whole, file, fallback);
  }

  /** The outcomes of a carried text when the connector knows it, whole, as JSON, or line by line. */
  #carriedText(text: string, file: FileContext): readonly Outcome[] | undefined {
    const attempts: (() => readonly Outcome[])[] = [() => this.#decode({ kind: 'text', text }, file)];
    if (text.trimStart().startsWith('{')) {
      const value = attemptJson(text);
      if (value.ok && isObject(value.value)) {
        const row = this.#exports.match(value.value);
        attempts.unshift(() => (row ? [row] : this.#decode({ kind: 'json', value: value.value, raw: text }, file)));
      }
    }
    if (text.trimEnd().includes('\n')) attempts.push(() => this.#lines(text, file));
    for (const attempt of attempts) {
      const outcomes = attempt();
      if (outcomes.every((outcome) => !('reject' in outcome))) return outcomes;
    }
    return undefined;
  }

  #lines(text: string, file: FileContext): readonly Outcome[] {
    return text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .flatMap((line) => this.#decode({ kind: 'text', text: line }, file));
  }

  #reject(refused: { code: Code; reason: string; raw: string }, file: FileContext, bytes?: Uint8Array) {
    this.#rejected++;
    this.#pendingChars += refused.raw.length;
    this.#rejects.add(refused);
    this.#failed ??= openTable(rejectTable);
    const { receivedAt, name } = file;
    this.#failed.rows.push(rejectRow(refused, { connector: this.connector.id, receivedAt, file: name }, bytes));
  }

  #table(name: string): OpenTable {
    const table = openTable(schemaOf(name));
    this.#tables.set(name, table);
    return table;
  }

  #open(): readonly OpenTable[] {
    return this.#failed ? [...this.#tables.values(), this.#failed] : [...this.#tables.values()];
  }

  async #encode(table: OpenTable): Promise<void> {
    if (table.rows.length === 0) return;
    const appender = await this.#appender(table);
    for (const row of table.rows) appender.add(row);
    table.rows = [];
  }

  async #appender(table: OpenTable): Promise<Appender> {
    if (!table.appender) {
      await this.store.ensureTable(table.schema);
      table.appender = await this.store.appender(table.schema.name, { receivedAt: this.options.receivedAt });
    }
    return table.appender;
  }

  async #flush(): Promise<void> {
    this.#pendingRows = 0;
    this.#pendingChars = 0;
    await this.#settled(maxInserts - 1);
    const full = this.#open().filter((table) => table.appender && table.appender.rows > 0);
    // The appenders let go of their rows at once, so that the next batch may grow while these are sent.
    const sends = full.map((table) => table.appender!.send());
    this.#inserts.push(
      Promise.all(sends).then(
        () => {},
        (error: unknown) => {
          this.#failure ??= { error };
        },
      ),
    );
  }

  /** Waits until at most `open` batches are on their way. */
  async #settled(open = 0): Promise<void> {
    while (this.#inserts.length > open) await this.#inserts.shift();
    if (this.#failure) throw this.#failure.error;
  }
}

const openTable = (schema: TableSchema): OpenTable => ({
  schema,
  converter: new RowConverter(schema),
  rows: [],
  appender: undefined,
  count: 0,
});

function schemaOf(table: string): TableSchema {
  const schema = catalogue.table(table);
  if (!schema) throw new Error(`no schema of table ${table}`);
  return schema;
}

type JsonAttempt =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: Code; readonly reason: string };

function attemptJson(text: string): JsonAttempt {
  try {
    return { ok: true, value: parseJson(text) };
  } catch (error) {
    if (error instanceof TooDeep) return { ok: false, code: 'ING2005', reason: 'the JSON is nested too deep' };
    return { ok: false, code: 'ING2001', reason: 'the record is not JSON' };
  }
}
