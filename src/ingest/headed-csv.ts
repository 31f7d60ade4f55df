import { isUtf8 } from 'node:buffer';
import { fail } from '../base/index.js';
import { type RawRecord, type RejectOutcome, reject } from './connector.js';
import { csvRecords } from './csv-records.js';
import { HEAD_BYTES } from './detect.js';
import { splitCsv } from './formats/csv.js';
import { type Oversize, readLines, type TextRecord } from './lines.js';
import { content, counted, type OpenSource, peek, UnreadableFile, unsupportedContainer } from './source.js';

export type CsvRecord = Extract<RawRecord, { kind: 'fields' }>;

export interface HeadedCsv {
  readonly names: readonly string[];
  /** Records by header name, and what cannot be one, in the order of the file; one array a block. */
  readonly records: AsyncIterable<readonly (CsvRecord | RejectOutcome)[]>;
}

const MAX_NAME_CHARS = 128;

/**
 * Opens a CSV file whose first line names the columns: UTF-8 or UTF-16 with a byte order mark, gzip or plain; comma,
 * semicolon or tab, whichever the header has most of.
 *
 * Errors  ING2007 no usable header; ING2006 the file cannot be read on, also while the records are read
 */
export async function headedCsv(source: OpenSource, onBytes: (count: number) => void): Promise<HeadedCsv> {
  const refuse = (why: string, hint?: string) => fail('ING2007', `${source.name}: ${why}`, { hint });
  const { head, rest } = await readable(source.name, () => peek(content(counted(source.open(), onBytes)), HEAD_BYTES));
  const container = unsupportedContainer(head);
  if (container) refuse(`it is ${container}: unpack it first`);
  if (head.includes(0)) refuse('it is no text', 'save it as CSV in UTF-8');
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const line = text.split(/\r?\n/).find((each) => each.trim() !== '');
  if (line === undefined) return refuse('it is empty');
  if (!isUtf8(Buffer.from(head.subarray(0, Buffer.byteLength(line))))) refuse('its header is not UTF-8');
  if (line.length >= HEAD_BYTES / 4) refuse('its first line is too long for a header');
  const delimiter = [',', ';', '\t'].reduce((a, b) => (line.split(b).length > line.split(a).length ? b : a));
  const names = splitCsv(line, delimiter).map((name) => name.trim());
  const taken = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (name === '') refuse(`column ${i + 1} of its header has no name`);
    if (name.length > MAX_NAME_CHARS || /[\p{Cc}"]/u.test(name) || name === '__proto__')
      refuse(`column ${i + 1} of its header is no name for a column`, 'is the first line the header?');
    if (taken.has(name)) refuse(`its header names the column ${name} twice`);
    taken.add(name);
  }
  return { names, records: records(source.name, rest, { delimiter, names }) };
}

async function* records(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  header: { readonly delimiter: string; readonly names: readonly string[] },
): AsyncIterable<(CsvRecord | RejectOutcome)[]> {
  const diverted: RejectOutcome[] = [];
  const lines = async function* (): AsyncIterable<(TextRecord | Oversize)[]> {
    for await (const chunk of readLines(bytes)) {
      const isBroken = (line: TextRecord | Oversize) => line.kind === 'text' && line.bytes !== undefined;
      for (const line of chunk)
        if (isBroken(line)) diverted.push(reject('ING2001', 'the record is not UTF-8', line.text));
      yield chunk.filter((line) => !isBroken(line));
    }
  };
  const iterator = csvRecords(lines(), header)[Symbol.asyncIterator]();
  for (;;) {
    const next = await readable(file, () => iterator.next());
    const items = next.done
      ? []
      : next.value.map((item) =>
          'kind' in item && item.kind === 'oversize'
            ? reject('ING2005', 'the record is larger than 16 MiB (its pieces are kept one by one)', item.text)
            : item,
        );
    yield [...diverted.splice(0), ...items];
    if (next.done) return;
  }
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof UnreadableFile || code !== undefined) fail('ING2006', `${file} cannot be read on: ${message}`);
    throw error;
  }
}
