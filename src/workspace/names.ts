import { type ContentIndex, functionsHash } from '../content/index.js';
import { lateSchema, planSchema, ruleStateSchema, runSchema } from '../detect/index.js';
import { rejectTable } from '../ingest/index.js';
import type { StoredFunction } from '../kql/index.js';
import type { Library } from '../query/index.js';
import { name, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { type Column, catalogue, type TableSchema } from '../tables/index.js';

/** Tables of Vedette's own. They can be queried before their first row. */
const ownTables = new Map<string, TableSchema>(
  [runSchema, planSchema, ruleStateSchema, lateSchema, rejectTable].map((schema) => [schema.name, schema]),
);

/** Columns of watchlists that ASIM's views name, whether or not the workspace has them. Aliases in lower case. */
const builtInWatchlists: Readonly<Record<string, readonly string[]>> = {
  asimdisabledparsers: ['CallerContext', 'SourceSpecificParser'],
  sources_by_sourcetype: ['SourceType', 'Source'],
  asimsourcetype: ['SourceType', 'Source'],
};

type Functions = Pick<ContentIndex, 'function'>;

/** What names mean in a workspace: its functions, the tables of the catalogue and its own, the columns of its watchlists. */
export class WorkspaceNames implements Library {
  private tables: ReadonlyMap<string, TableSchema> = new Map();
  private watchlists: ReadonlyMap<string, readonly Column[]> = new Map();
  private signature = '';

  constructor(
    private readonly content: Functions,
    private readonly store?: Store,
  ) {}

  function(wanted: string): StoredFunction | undefined {
    return this.content.function(wanted);
  }

  table(wanted: string): TableSchema | undefined {
    return ownTables.get(wanted) ?? this.tables.get(wanted);
  }

  watchlistColumns(alias: string): readonly Column[] {
    const key = alias.toLowerCase();
    const builtIn = (builtInWatchlists[key] ?? []).map((column): Column => ({ name: column, type: 'string' }));
    const own = this.watchlists.get(key) ?? [];
    return [...builtIn, ...own.filter((column) => !builtIn.some((known) => known.name === column.name))];
  }

  functionsHash(kql: string): string {
    return `${functionsHash(kql, (wanted) => this.content.function(wanted))} ${this.signature}`;
  }

  /** Reads from the store what may have changed; true when names mean something else than before. */
  async reload(): Promise<boolean> {
    if (!this.store) return false;
    const present = await this.store.tables();
    const custom = [...present].filter((table) => !catalogue.table(table) && !ownTables.has(table)).sort();
    const schemas = await this.store.schemas(custom);
    this.tables = new Map(schemas.map((schema) => [schema.name, schema]));
    this.watchlists = present.has('Watchlist') ? await readWatchlists(this.store) : new Map();
    const signature = JSON.stringify([schemas, [...this.watchlists]]);
    const changed = signature !== this.signature;
    this.signature = signature;
    return changed;
  }
}

/** The columns of a list are the keys of its items; Sentinel keeps all their values as text. */
async function readWatchlists(store: Store): Promise<Map<string, Column[]>> {
  const keys = sql`arrayJoin(JSONExtractKeys(assumeNotNull(WatchlistItem)))`;
  const isItem = sql`_DTItemType = ${text('watchlist-item')}`;
  const answer = await store.query(
    sql`SELECT DISTINCT lower(WatchlistAlias), ${keys} AS k FROM ${name('Watchlist')} WHERE ${isItem} ORDER BY ALL`
      .text,
  );
  const lists = new Map<string, Column[]>();
  for (const [alias, column] of answer.rows.map((row) => row.map(String))) {
    lists.set(alias!, [...(lists.get(alias!) ?? []), { name: column!, type: 'string' }]);
  }
  return lists;
}
