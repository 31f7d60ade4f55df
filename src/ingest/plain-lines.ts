import { isUtf8 } from 'node:buffer';
import type { Connector, PlainLines } from './connector.js';
import type { PlainTable } from './intake.js';
import { type LineBlock, linesOf, type Oversize, RecordJoiner, type TextRecord } from './lines.js';

const LF = 10;

/**
 * Writes the plain lines of a text file into their table and gives the records of all others, in the order of the file.
 * A line is only tried when the next one, too, shows that it opens a record: no line can belong to it then.
 */
export async function* otherRecords(
  blocks: AsyncIterable<LineBlock | Oversize>,
  connector: Connector,
  plain: PlainLines,
  table: PlainTable,
): AsyncIterable<(TextRecord | Oversize)[]> {
  const joiner = new RecordJoiner(connector);
  for await (const block of blocks) {
    const records: (TextRecord | Oversize)[] = [];
    if (block.kind === 'lines' && !block.isOversize && isUtf8(block.bytes))
      readBlock(block.bytes, plain, table, joiner, records);
    else joiner.push(linesOf(block), records);
    yield records;
  }
  const last: (TextRecord | Oversize)[] = [];
  joiner.close(last);
  yield last;
}

function readBlock(
  block: Buffer,
  plain: PlainLines,
  table: PlainTable,
  joiner: RecordJoiner,
  records: (TextRecord | Oversize)[],
): void {
  /** Where the lines begin that were left over since the last plain one. */
  let others = 0;
  const leave = (to: number) => {
    if (to > others)
      joiner.push(linesOf({ kind: 'lines', bytes: block.subarray(others, to - 1), isOversize: false }), records);
  };
  let from = 0;
  let to = endOf(block, from);
  let header = plain.header(block, from, to);
  while (to < block.length) {
    const next = to + 1;
    const nextTo = endOf(block, next);
    const nextHeader = plain.header(block, next, nextTo);
    if (header !== -1 && nextHeader !== -1 && plain.write(block, from, header, to, table.appender)) {
      leave(from);
      joiner.close(records);
      table.added(to - from);
      others = next;
    }
    from = next;
    to = nextTo;
    header = nextHeader;
  }
  leave(block.length + 1);
}

function endOf(block: Buffer, from: number): number {
  const end = block.indexOf(LF, from);
  return end === -1 ? block.length : end;
}
