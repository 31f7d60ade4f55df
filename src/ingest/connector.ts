import type { Code } from '../base/index.js';
import type { Appender } from '../store/index.js';
import type { Row } from '../tables/index.js';

/**
 * What became of the smallest unit of input (a line, an array element, a flow tuple, an envelope record): one row of one
 * table, or one reject with its reason and its raw text. Counting outcomes is what makes `read = rows + rejected` hold.
 */
export type Outcome = RowOutcome | RejectOutcome;

export interface RowOutcome {
  readonly table: string;
  readonly row: Row;
  /** Set when every value already has the type of its column, and TimeGenerated is left out or right: saves the check. */
  readonly isTyped?: true | undefined;
}

export interface RejectOutcome {
  readonly reject: { readonly code: Code; readonly reason: string; readonly raw: string };
}

/** One record as the intake found it, forwarder wrapping (`_raw`, `message`) already taken off. */
export type RawRecord =
  /** A line or a multi-line record of text, without its line end. `bytes` are the record as sent when it is not UTF-8. */
  | { readonly kind: 'text'; readonly text: string; readonly bytes?: Uint8Array | undefined }
  /** A JSON value; `raw` is its text, for rejects. */
  | { readonly kind: 'json'; readonly value: unknown; readonly raw: string }
  /** A record of a CSV file with a header line: header name → text. */
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, string>>; readonly raw: string };

/** What a decoder may know beside the record. It never reads a clock of its own. */
export interface DecodeContext {
  /** Time of reception in milliseconds since the epoch: settles years and is the fallback for TimeGenerated. */
  readonly receivedAt: number;
  /** Minutes east of UTC in which header times without a zone are read. */
  readonly zoneOffsetMinutes: number;
  /** Name or address of the sender, when the transport knows it. */
  readonly sender?: string | undefined;
  /** State that one file carries from record to record, such as the field list of its header line. */
  readonly file: Map<string, unknown>;
}

/** An option of a connector, shown by `connector list`. */
export interface ConnectorOption {
  readonly name: string;
  readonly description: string;
}

/** A whole-file format that is no text, such as EVTX. */
export interface FileFormat {
  /** Decides by the first bytes of the file (up to 64 KiB; gzip is already taken off). */
  matches(head: Uint8Array): boolean;
  /**
   * Streams the outcomes of the file in order. It keeps no more than a block of the file in memory, and a damaged part
   * becomes a reject: it must not throw for bad input.
   */
  decode(bytes: AsyncIterable<Uint8Array>, context: DecodeContext): AsyncIterable<readonly Outcome[]>;
}

/**
 * A short way for the plain lines of a format: from the bytes of a file into the columns of a table. It must write what
 * `decode` would, or nothing. It is not asked about lines that may belong to a record of several.
 */
export interface PlainLines {
  readonly table: string;
  /** Where a header in the line [from, to) proves that the line opens a record of its own; -1 when none does. */
  header(block: Buffer, from: number, to: number): number;
  /** Adds the line as one row. False: it is not plain, nothing was added, and `decode` must read it. */
  write(block: Buffer, from: number, header: number, to: number, rows: Appender): boolean;
}

export interface Connector {
  /** The id that rules use, such as `AzureMonitor(VMInsights)`. */
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  /** Tables that its rows may land in. */
  readonly tables: readonly string[];
  /**
   * Tables whose exported rows the intake may recognise by their columns before `decode` is asked; default `tables`.
   * Left short where a table's columns would also fit an export of another.
   */
  readonly exports?: readonly string[];
  readonly transports: readonly ('syslog' | 'http' | 's3' | 'file')[];
  /** Wire formats that it reads and tells apart, in words. */
  readonly formats: readonly string[];
  readonly options?: readonly ConnectorOption[];
  /**
   * Pure: one raw record in, the outcomes of all the units inside it out. A header or blank line gives none.
   * It must not throw for bad input.
   */
  decode(record: RawRecord, context: DecodeContext): readonly Outcome[];
  /**
   * Whether a line of a text file belongs to the record whose lines so far are `open` (never empty), for formats whose
   * records may span lines; it is asked for blank lines too. Left out: every line is a record.
   */
  continues?(line: string, open: readonly string[]): boolean;
  /** Reads plain lines of UTF-8 several times as fast as `decode`, which stays the measure of what they mean. */
  plain?(context: DecodeContext): PlainLines;
  /** Binary files that it reads besides text, CSV and JSON. */
  readonly files?: FileFormat;
}

/** Rejects a unit. `raw` is kept whole, so that nothing is lost. */
export const reject = (code: Code, reason: string, raw: string): RejectOutcome => ({ reject: { code, reason, raw } });
