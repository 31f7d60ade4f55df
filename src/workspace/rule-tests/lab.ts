import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContentIndex, contentIndex, functionsHash } from '../../content/index.js';
import type { StoredFunction } from '../../kql/index.js';
import { type ExplainRunner, type Library, WorkspaceRunner } from '../../query/index.js';
import { openStore, type Store } from '../../store/index.js';
import type { Column, TableSchema } from '../../tables/index.js';
import { WorkspaceNames } from '../names.js';
import type { CaseData } from './case-data.js';
import type { ReadTest } from './test-file.js';

/** An engine of its own that holds no table: the rows of a case come with its queries. */
export class RuleLab {
  private loaded: { content: ContentIndex; names: WorkspaceNames } | undefined;
  private readonly runners = new Map<string, WorkspaceRunner>();

  private constructor(
    private readonly dataDir: string,
    readonly store: Store,
    private readonly paths: readonly string[],
    private readonly contentDir: string | undefined,
  ) {}

  /** `paths` are where functions of the rules may lie beside the shipped ones and those of `contentDir`. */
  static async open(paths: readonly string[], contentDir?: string): Promise<RuleLab> {
    const dataDir = await mkdtemp(join(tmpdir(), 'vedette-rules-'));
    return new RuleLab(dataDir, await openStore({ dataDir }), paths, contentDir);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Reads rules and functions again, after files changed. */
  forget(): void {
    this.loaded = undefined;
    this.runners.clear();
  }

  async content(): Promise<ContentIndex> {
    return (await this.load()).content;
  }

  async functionsHash(kql: string): Promise<string> {
    const content = await this.content();
    return functionsHash(kql, content.function);
  }

  /** A runner over the rows of one case. */
  async runner(test: ReadTest, data: CaseData): Promise<ExplainRunner> {
    const runner = await this.shared(test);
    return runner.over((window) => data.relations(window));
  }

  /** Bound functions are kept, so files that mean the same by their names share a runner. */
  private async shared(test: ReadTest): Promise<WorkspaceRunner> {
    const watchlists = watchlistColumns(test);
    const key = JSON.stringify([[...test.schemas.values()], [...watchlists]]);
    const { names } = await this.load();
    const runner = this.runners.get(key) ?? new WorkspaceRunner(this.store, new TestNames(names, test, watchlists));
    this.runners.set(key, runner);
    return runner;
  }

  private async load() {
    if (!this.loaded) {
      const content = await contentIndex({ parsers: this.paths, workspace: this.contentDir });
      this.loaded = { content, names: new WorkspaceNames(content) };
    }
    return this.loaded;
  }
}

/** The names of the workspace, with the tables and watchlists of a test file. */
class TestNames implements Library {
  constructor(
    private readonly names: WorkspaceNames,
    private readonly test: ReadTest,
    private readonly watchlists: ReadonlyMap<string, readonly string[]>,
  ) {}

  function(wanted: string): StoredFunction | undefined {
    return this.names.function(wanted);
  }

  table(wanted: string): TableSchema | undefined {
    return this.test.schemas.get(wanted) ?? this.names.table(wanted);
  }

  watchlistColumns(alias: string): readonly Column[] {
    const known = this.names.watchlistColumns(alias);
    const own = (this.watchlists.get(alias.toLowerCase()) ?? []).filter((name) => !known.some((c) => c.name === name));
    return [...known, ...own.map((name): Column => ({ name, type: 'string' }))];
  }
}

/** Columns by alias in lower case, over all cases of the file: the rule means the same in each. */
function watchlistColumns(test: ReadTest): Map<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>();
  for (const { watchlists } of test.cases) {
    for (const [alias, { rows }] of Object.entries(watchlists)) {
      const before = columns.get(alias.toLowerCase()) ?? [];
      columns.set(alias.toLowerCase(), [...new Set([...before, ...rows.flatMap((row) => Object.keys(row))])]);
    }
  }
  return columns;
}
