import { connectors, ingest } from '../../ingest/index.js';
import { Recorder } from '../../ingest/testing/index.js';
import type { Row } from '../../tables/index.js';

export interface RawFile {
  readonly connector: string;
  readonly path: string;
  readonly content: string | Buffer;
}

/** What became of one file. */
export interface Decoded {
  readonly read: number;
  readonly rejected: number;
  readonly tables: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
}

/** Sends files through the real intake and connectors into memory: rows by table, and the count of each file. */
export async function decodeFiles(files: readonly RawFile[], receivedAt: number) {
  const recorder = new Recorder();
  const counts: Record<string, Decoded> = {};
  for (const { connector, path, content } of files) {
    const stream = (async function* () {
      yield Buffer.from(content);
    })();
    const known = connectors.find(connector);
    if (!known) throw new Error(`there is no connector ${connector}`);
    const { read, rejected, tables, rejects } = await ingest(recorder, known, [{ name: path, stream }], { receivedAt });
    counts[path] = { read, rejected, tables, reasons: rejects.map((each) => `${each.reason}: ${each.sample}`) };
  }
  const rows: Readonly<Record<string, readonly Row[]>> = Object.fromEntries(recorder.rows);
  return { rows, counts };
}
