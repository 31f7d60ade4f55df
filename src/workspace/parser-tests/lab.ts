import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticError } from '../../base/index.js';
import { type ContentIndex, contentIndex, type Parser } from '../../content/index.js';
import { type QueryResult, WorkspaceRunner } from '../../query/index.js';
import { openStore, type Store } from '../../store/index.js';
import { catalogue, type Row } from '../../tables/index.js';
import { WorkspaceNames } from '../names.js';
import type { ParserTestFile } from './test-file.js';

/** Time of the first row of a test file; each further one is a minute later. */
const firstTime = Date.UTC(2026, 2, 4, 9);
const minute = 60_000;

/** Rows of one test file, told from those of all others by the time of their reception. */
export interface LaidOut {
  readonly receivedAt: number;
  readonly nameByTime: ReadonlyMap<number, string>;
  /** What of the file could not be laid out. */
  readonly problems: readonly string[];
}

/** An engine of its own for rows of test files: a workspace's own data neither matters nor is touched. */
export class ParserLab {
  private laid = 0;

  private constructor(
    private readonly dataDir: string,
    private readonly store: Store,
    readonly content: ContentIndex,
    private readonly runner: WorkspaceRunner,
  ) {}

  static async open(paths: readonly string[], contentDir?: string): Promise<ParserLab> {
    const dataDir = await mkdtemp(join(tmpdir(), 'vedette-parsers-'));
    const store = await openStore({ dataDir });
    const content = await contentIndex({ parsers: paths, workspace: contentDir });
    return new ParserLab(dataDir, store, content, new WorkspaceRunner(store, new WorkspaceNames(content, store)));
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  parser(name: string): Parser | undefined {
    return this.content.files
      .flatMap((f) => (f.content?.type === 'parser' ? [f.content] : []))
      .find((p) => p.names.includes(name));
  }

  async layOut(test: ParserTestFile): Promise<LaidOut> {
    const receivedAt = firstTime + 24 * 60 * minute + this.laid++ * minute;
    const nameByTime = new Map<number, string>();
    const problems: string[] = [];
    for (const [name, rows] of Object.entries(test.rows)) {
      const schema = catalogue.table(name);
      if (!schema) {
        problems.push(`there is no table ${name}`);
        continue;
      }
      const made = Object.entries(rows).map(([key, row]): Row => {
        const known = Object.entries(row).filter(([column]) => schema.columns.some((c) => c.name === column));
        const unknown = Object.keys(row).filter((column) => !known.some(([name]) => name === column));
        problems.push(...unknown.map((column) => `${key}: ${name} has no column ${column}`));
        const time = firstTime + nameByTime.size * minute;
        nameByTime.set(time, key);
        return {
          TimeGenerated: new Date(time).toISOString(),
          _ItemId: `id-${key}`,
          ...Object.fromEntries(known),
        } as Row;
      });
      await this.store.ensureTable(schema);
      await this.store.insert(name, made, { receivedAt });
    }
    return { receivedAt, nameByTime, problems };
  }

  /** The answer over the laid-out rows alone. Throws the errors of the query. */
  async query(kql: string, { receivedAt }: Pick<LaidOut, 'receivedAt'>): Promise<QueryResult> {
    const window = { from: receivedAt, to: receivedAt + 1, on: '_TimeReceived' } as const;
    const answer = await this.runner.query(kql, { at: receivedAt, window });
    if (!answer.ok) throw new DiagnosticError(answer.diagnostics);
    return answer.value;
  }
}
