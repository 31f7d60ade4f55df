import type { RawRecord, RejectOutcome } from './connector.js';
import { reject } from './connector.js';
import { type CsvHeader, hasOpenQuote, splitCsv } from './formats/csv.js';
import type { Oversize, TextRecord } from './lines.js';

type CsvItem = Extract<RawRecord, { kind: 'fields' }> | Oversize | RejectOutcome;

/** A quoted field may hold line breaks; one that is still open after this many lines has lost its end. */
const MAX_RECORD_LINES = 1000;

/** Turns the lines of a CSV file behind its header into records: header name → text. */
export async function* csvRecords(
  lines: AsyncIterable<(TextRecord | Oversize)[]>,
  header: CsvHeader,
): AsyncIterable<CsvItem[]> {
  let open: string[] = [];
  let isHeader = true;
  // A data frame's index has no name; it is no data of the record.
  const names = header.names;
  const toItem = (raw: string): CsvItem => {
    if (hasOpenQuote(raw)) return reject('ING2001', 'a quote of the CSV record is not closed', raw);
    const values = splitCsv(raw, header.delimiter);
    if (values.length !== names.length)
      return reject('ING2003', 'the CSV record has another number of fields than the header', raw);
    const fields: Record<string, string> = {};
    for (let at = 0; at < names.length; at++) if (names[at] !== '') fields[names[at]!] = values[at]!;
    return { kind: 'fields', fields, raw };
  };
  for await (const chunk of lines) {
    const items: CsvItem[] = [];
    for (const line of chunk) {
      if (isHeader) {
        if (line.text.trim() !== '') isHeader = false;
        continue;
      }
      if (line.kind === 'oversize') items.push(line);
      else if (open.length > 0) {
        open.push(line.text);
        // An odd number of quotes closes what an odd number opened.
        if (hasOpenQuote(line.text)) {
          items.push(toItem(open.join('\n')));
          open = [];
        } else if (open.length > MAX_RECORD_LINES) {
          items.push(...open.map(toItem));
          open = [];
        }
      } else if (line.text.trim() !== '') {
        if (hasOpenQuote(line.text)) open.push(line.text);
        else items.push(toItem(line.text));
      }
    }
    if (items.length > 0) yield items;
  }
  if (open.length > 0) yield open.map(toItem);
}
