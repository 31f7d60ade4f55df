import { type ContentIndex, functionsHash } from '../content/index.js';
import { exclusionSchema, hiddenSchema, lateSchema, planSchema, ruleStateSchema, runSchema } from '../detect/index.js';
import { readWatchlistHeads, rejectTable } from '../ingest/index.js';
import type { StoredFunction } from '../kql/index.js';
import type { Library } from '../query/index.js';
import { name, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { type Column, catalogue, type TableSchema, watchlistProvider } from '../tables/index.js';

/** Tables of Vedette's own. They can be queried before their first row. */
const ownTables = new Map<string, TableSchema>(
  [exclusionSchema, hiddenSchema, runSchema, planSchema, ruleStateSchema, lateSchema, rejectTable].map((schema) => [
    schema.name,
    schema,
  ]),
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
  private own: ReadonlySet<string> = new Set();
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

  ownWatchlist(alias: string): boolean {
    return this.own.has(alias.toLowerCase());
  }

  /** Reads from the store what may have changed; true when names mean something else than before. */
  async reload(): Promise<boolean> {
    if (!this.store) return false;
    const present = await this.store.tables();
    const custom = [...present].filter((table) => !catalogue.table(table) && !ownTables.has(table)).sort();
    const schemas = await this.store.schemas(custom);
    this.tables = new Map(schemas.map((schema) => [schema.name, schema]));
    const { columns, own } = present.has('Watchlist') ? await watchlistColumns(this.store) : noWatchlists;
    this.watchlists = columns;
    this.own = own;
    const signature = JSON.stringify([schemas, [...columns], [...own]]);
    const changed = signature !== this.signature;
    this.signature = signature;
    return changed;
  }
}

const noWatchlists = { columns: new Map<string, readonly Column[]>(), own: new Set<string>() };

/** The columns of a list that was imported here, and of one that came as rows the keys of its items. All are texts. */
async function watchlistColumns(store: Store): Promise<{ columns: Map<string, readonly Column[]>; own: Set<string> }> {
  const columns = new Map<string, readonly Column[]>();
  const add = (alias: string, column: string) =>
    columns.set(alias, [...(columns.get(alias) ?? []), { name: column, type: 'string' }]);
  const lists = await readWatchlistHeads(store);
  for (const { alias, columns: own } of lists) for (const column of own) add(alias.toLowerCase(), column);
  const keys = sql`arrayJoin(JSONExtractKeys(assumeNotNull(WatchlistItem)))`;
  const isForeign = sql`_DTItemType = ${text('watchlist-item')} AND Provider != ${text(watchlistProvider)}`;
  const others = await store.query(
    sql`SELECT DISTINCT lower(WatchlistAlias) AS alias, ${keys} FROM ${name('Watchlist')} WHERE ${isForeign} ORDER BY ALL`
      .text,
  );
  const own = new Set(lists.map(({ alias }) => alias.toLowerCase()));
  for (const [alias, column] of others.rows.map((row) => row.map(String))) if (!own.has(alias!)) add(alias!, column!);
  return { columns, own };
}
