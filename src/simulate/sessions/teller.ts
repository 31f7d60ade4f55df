import type { Plot, Session } from '../plot.js';
import type { Random } from '../random.js';

/** A file before it knows its connector. */
export interface Told {
  readonly path: string;
  readonly content: string | Buffer;
  /** Units that an ingest of the file reads: lines, events, envelope records, flow tuples. */
  readonly units: number;
}

/** Writes the sessions as one connector's files. */
export interface Teller {
  /** Rows of the session view that one outbound session becomes. */
  readonly rowsPerSession: number;
  tell(plot: Plot, sessions: readonly Session[], draw: Random): Told[];
}

export const lines = (path: string, texts: readonly string[]): Told => ({
  path,
  content: texts.map((text) => `${text}\n`).join(''),
  units: texts.length,
});
