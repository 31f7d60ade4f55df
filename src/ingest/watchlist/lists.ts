import { joinSql, name, number, type Sql, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { catalogue, watchlistProvider } from '../../tables/index.js';

export const watchlistSchema = catalogue.table('Watchlist')!;

/** Kinds of rows in the table Watchlist: one stands for the list, the others for its items. */
export const listType = 'watchlist';
export const itemType = 'watchlist-item';

/** What the row of a list says in `WatchlistItem`. */
export interface ListHead {
  readonly columns: readonly string[];
  readonly searchKey: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** A watchlist as it is now. */
export interface Watchlist {
  readonly id: string;
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  /** File that it came from last. */
  readonly source: string;
  /** Columns of its CSV; empty for a list that came as rows. */
  readonly columns: readonly string[];
  readonly searchKey: string | undefined;
  readonly items: number;
  /** ISO 8601 UTC. */
  readonly created: string;
  readonly updated: string;
}

interface KeptList extends Omit<Watchlist, 'items' | 'searchKey'>, ListHead {}

const table = name(watchlistSchema.name);
const isOfType = (type: string): Sql => sql`_DTItemType = ${text(type)}`;
const hasStatus = (status: string): Sql => sql`_DTItemStatus = ${text(status)}`;
const all = (...conditions: readonly Sql[]): Sql => joinSql(conditions, ' AND ');

/** The condition on rows of a list: aliases do not distinguish case. */
const ofAlias = (alias: string): Sql => sql`lower(WatchlistAlias) = ${text(alias.toLowerCase())}`;

/** The lists that are kept here, without their items; those that are deleted are left out. */
export async function readWatchlistHeads(store: Store, alias?: string): Promise<KeptList[]> {
  return (await readHeads(store, alias)).filter((list) => !list.isDeleted);
}

/** When the list of the alias was changed last, also when it is deleted; 0 for never. Milliseconds since the epoch. */
export async function lastChange(store: Store, alias: string): Promise<number> {
  const [list] = await readHeads(store, alias);
  return list ? Date.parse(list.updated) : 0;
}

async function readHeads(store: Store, alias?: string): Promise<(KeptList & { readonly isDeleted: boolean })[]> {
  if (!(await store.tables()).has(watchlistSchema.name)) return [];
  const isKept = sql`Provider = ${text(watchlistProvider)}`;
  const wanted = all(isOfType(listType), isKept, alias === undefined ? sql`1` : ofAlias(alias));
  const newest = (column: string) => sql`argMax(${name(column)}, _DTTimestamp)`;
  const created = sql`toString(maxIf(CreatedTimeUTC, ${hasStatus('Create')}))`;
  const answer = await store.query(
    sql`SELECT ${newest('WatchlistId')}, ${newest('WatchlistAlias')}, ${newest('WatchlistName')}, ${newest('Notes')},
${newest('Source')}, ${newest('WatchlistItem')}, ${newest('_DTItemStatus')}, ${created}, toString(max(_DTTimestamp))
FROM ${table} WHERE ${wanted} GROUP BY lower(WatchlistAlias) ORDER BY lower(WatchlistAlias)`.text,
  );
  return answer.rows.map((cells) => {
    const [id, written, title, description, source, head, status, from, updated] = cells.map(String) as string[];
    return {
      ...{ id: id!, alias: written!, name: title!, description: description!, source: source! },
      ...(JSON.parse(head!) as ListHead),
      ...{ created: isoOf(from), updated: isoOf(updated), isDeleted: status === 'Delete' },
    };
  });
}

const isoOf = (cell: unknown): string =>
  `${String(cell)
    .replace(' ', 'T')
    .replace(/(\.\d\d\d)\d*$/, '$1')}Z`;

/** All watchlists by alias, or the one that is asked for. */
export async function readWatchlists(store: Store, alias?: string): Promise<Watchlist[]> {
  if (!(await store.tables()).has(watchlistSchema.name)) return [];
  const found: Watchlist[] = [];
  const heads = await readWatchlistHeads(store, alias);
  for (const list of heads) {
    const answer = await store.query(sql`SELECT count() FROM ${table} WHERE ${isLive(list)}`.text);
    const { since: _, ...rest } = list;
    found.push({ ...rest, items: Number(answer.rows[0]?.[0]) });
  }
  const wanted = alias === undefined ? sql`1` : ofAlias(alias);
  const foreign = await store.query(
    sql`SELECT any(w), toString(count()), toString(max(u)) FROM (
SELECT lower(WatchlistAlias) AS a, any(WatchlistAlias) AS w, max(LastUpdatedTimeUTC) AS u FROM ${table}
WHERE ${all(isOfType(itemType), sql`Provider != ${text(watchlistProvider)}`, wanted)}
GROUP BY a, _DTItemId HAVING argMax(_DTItemStatus, _DTTimestamp) != ${text('Delete')}
) GROUP BY a`.text,
  );
  const kept = new Set(heads.map((list) => list.alias.toLowerCase()));
  for (const [written, items, updated] of foreign.rows.map((row) => row.map(String)))
    if (!kept.has(written!.toLowerCase()))
      found.push({
        ...{ id: '', alias: written!, name: written!, description: '', source: '', columns: [], created: '' },
        ...{ searchKey: undefined, items: Number(items), updated: updated === 'null' ? '' : isoOf(updated) },
      });
  return found.sort((a, b) => (a.alias.toLowerCase() < b.alias.toLowerCase() ? -1 : 1));
}

/** The condition on rows that are items of a list as it is now. */
const isLive = (list: Pick<KeptList, 'alias' | 'since'>): Sql => {
  const items = all(ofAlias(list.alias), isOfType(itemType));
  const since = sql`TimeGenerated >= parseDateTime64BestEffort(${text(list.since)}, 7, ${text('UTC')})`;
  const deleted = sql`SELECT _DTItemId FROM ${table} WHERE ${all(items, hasStatus('Delete'))}`;
  return all(items, hasStatus('Create'), since, sql`_DTItemId NOT IN (${deleted})`);
};

export interface LiveItem {
  readonly id: string;
  readonly searchKey: string;
}

/** Items a query gives at a time. */
const PAGE = 50_000;

/** The items of a list that meet a further condition, each once; page by page. */
export async function* liveItems(
  store: Store,
  list: Pick<KeptList, 'alias' | 'since'>,
  condition: Sql,
): AsyncIterable<readonly LiveItem[]> {
  for (let last = ''; ; ) {
    const where = all(isLive(list), condition, sql`_DTItemId > ${text(last)}`);
    const answer = await store.query(
      sql`SELECT DISTINCT _DTItemId, SearchKey FROM ${table} WHERE ${where} ORDER BY _DTItemId LIMIT ${number(PAGE)}`
        .text,
    );
    const items = answer.rows.map(([id, searchKey]): LiveItem => ({ id: String(id), searchKey: String(searchKey) }));
    if (items.length > 0) yield items;
    if (items.length < PAGE) return;
    last = items.at(-1)!.id;
  }
}

/** The condition on items that an import brought. */
export const ofImport = (importId: string): Sql => sql`CorrelationId = ${text(importId)}`;

/** The condition on items that an import did not bring, but whose search key it brought. */
export const replacedBy = (importId: string): Sql =>
  sql`CorrelationId != ${text(importId)} AND SearchKey IN (
SELECT SearchKey FROM ${table} WHERE ${all(ofImport(importId), isOfType(itemType))})`;

/** Items that an import wrote more than once: a row of the file that stands there several times. */
export async function* doubledItems(
  store: Store,
  importId: string,
): AsyncIterable<readonly (LiveItem & { readonly item: string })[]> {
  for (let last = ''; ; ) {
    const where = all(ofImport(importId), isOfType(itemType), sql`_DTItemId > ${text(last)}`);
    const answer = await store.query(
      sql`SELECT _DTItemId, any(SearchKey), any(WatchlistItem) FROM ${table} WHERE ${where}
GROUP BY _DTItemId HAVING count() > 1 ORDER BY _DTItemId LIMIT ${number(PAGE / 10)}`.text,
    );
    const items = answer.rows
      .map((row) => row.map(String))
      .map(([id, searchKey, item]) => ({ id: id!, searchKey: searchKey!, item: item! }));
    if (items.length > 0) yield items;
    if (items.length < PAGE / 10) return;
    last = items.at(-1)!.id;
  }
}
