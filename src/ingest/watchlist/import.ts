import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { fail, uuidOf } from '../../base/index.js';
import { joinSql, type Sql, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { type Row, watchlistProvider } from '../../tables/index.js';
import { reject } from '../connector.js';
import { type CsvRecord, headedCsv } from '../headed-csv.js';
import type { RejectGroup } from '../reject-groups.js';
import { openSources, type Source } from '../source.js';
import { TableWriter } from '../table-writer.js';
import { isoUtc } from '../times.js';
import {
  doubledItems,
  itemType,
  type ListHead,
  lastChange,
  listType,
  liveItems,
  readWatchlistHeads,
  readWatchlists,
  replacedBy,
  watchlistSchema,
} from './lists.js';

/** A line of a watchlist's file in Sentinel. */
export const MAX_ROW_CHARS = 10_240;

export interface WatchlistImport {
  readonly alias: string;
  /** A CSV file with a header line. */
  readonly source: Source;
  /** Column whose values items are looked up by; that of the list when it exists already. */
  readonly searchKey?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /**
   * `create`: the alias must be new. `update`: rows take the place of the items with their search key, others stay.
   * `replace`: items that the file does not have go.
   */
  readonly mode: 'create' | 'update' | 'replace';
  /** Who changes the list. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Bytes read and bytes of the file; undefined for a stream. */
  readonly onProgress?: ((bytesRead: number, bytesTotal: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `read` = `rows` + `rejected`. */
export interface WatchlistResult {
  readonly alias: string;
  readonly read: number;
  readonly rows: number;
  readonly rejected: number;
  /** Items that were there before and are no longer. */
  readonly removed: number;
  readonly rejects: readonly RejectGroup[];
}

/** What `_GetWatchlist` gives beside the columns of a list: a column of the same name would hide one of the two. */
const reserved = new Set(['_DTItemId', 'LastUpdatedTimeUTC', 'SearchKey', 'WatchlistItem']);

/**
 * Reads a CSV file into a watchlist. New rows are written first and what they replace goes afterwards, so no search key is
 * ever missing in between; a file that cannot be read to its end removes nothing.
 *
 * Shape   CSV → rows of Watchlist, bad rows → VedetteReject_CL; memory does not grow with the file
 * Errors  CLI6001 a wrong alias, search key or mode; ING2007 no usable header; ING2006 the file breaks off
 */
export async function importWatchlist(store: Store, wanted: WatchlistImport): Promise<WatchlistResult> {
  const [file, more] = await openSources([wanted.source]);
  if (!file || more) return fail('CLI6001', 'a watchlist is read from one file');
  const [before] = await readWatchlists(store, checkedAlias(wanted.alias));
  const alias = before?.alias ?? wanted.alias;
  if (wanted.mode === 'create' && before)
    fail('CLI6001', `there is a watchlist ${alias} already`, { hint: 'update it, or import with --replace' });
  if (wanted.mode === 'update' && !before) fail('CLI6001', `there is no watchlist ${alias}`);
  if (wanted.mode === 'update' && before?.searchKey === undefined) return notKept(alias);
  let read = 0;
  const csv = await headedCsv(file, (bytes) => {
    read += bytes;
    wanted.onProgress?.(read, file.size);
  });
  const searchKey = wanted.searchKey ?? before?.searchKey;
  if (searchKey === undefined || !csv.names.includes(searchKey))
    fail('CLI6001', searchKey ? `the file has no column ${searchKey}` : 'a watchlist wants a search key', {
      hint: `name one of its columns: ${csv.names.join(', ')}`,
    });
  if (before?.searchKey !== undefined && before.searchKey !== searchKey && wanted.mode === 'update')
    fail('CLI6001', `the search key of ${alias} is ${before.searchKey}; --replace changes it`);
  const taken = csv.names.find((column) => reserved.has(column) && column !== searchKey);
  if (taken) fail('CLI6001', `${taken} is a column of every watchlist`, { hint: 'give the column another name' });

  const change = await Change.begin(store, { ...wanted, alias }, file.name);
  const columns = wanted.mode === 'update' ? [...new Set([...(before?.columns ?? []), ...csv.names])] : csv.names;
  // First, so that queries know the columns of the items that follow.
  await change.list(before ? 'Update' : 'Create', { columns, searchKey });
  for await (const block of csv.records) {
    for (const record of block) {
      if ('reject' in record) change.reject(record.reject);
      else if (record.raw.length > MAX_ROW_CHARS) change.reject(oversize(record.raw));
      else change.item(record, record.fields[searchKey] ?? '');
    }
    await change.writer.drain();
    wanted.signal?.throwIfAborted();
  }
  await change.writer.finish();
  await change.once();
  if (wanted.mode === 'update') await change.remove(replacedBy(change.id));
  else if (before) await change.endAllBefore(before.items, { columns, searchKey });
  return change.result();
}

/** Deletes a watchlist, or its items with any of the search keys. Errors CLI6001 there is no such list, or it is not kept here. */
export async function deleteFromWatchlist(
  store: Store,
  wanted: Pick<WatchlistImport, 'alias' | 'by' | 'now'> & { readonly searchKeys?: readonly string[] | undefined },
): Promise<WatchlistResult> {
  const [before] = await readWatchlists(store, wanted.alias);
  if (!before) return fail('CLI6001', `there is no watchlist ${wanted.alias}`);
  const { alias, columns, searchKey = '' } = before;
  if (searchKey === '') return notKept(alias);
  const change = await Change.begin(store, { ...wanted, alias }, before.source);
  const { searchKeys } = wanted;
  if (!searchKeys) await change.endAllBefore(before.items, { columns, searchKey }, 'Delete');
  else if (searchKeys.length > 0) await change.remove(sql`SearchKey IN (${joinSql(searchKeys.map(text), ', ')})`);
  return change.result();
}

const notKept = (alias: string) =>
  fail('CLI6001', `the watchlist ${alias} came as rows of another workspace`, {
    hint: 'import it from a file with --replace to keep it here',
  });

function checkedAlias(alias: string): string {
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,99}$/u.test(alias))
    fail('CLI6001', `'${alias}' is no alias`, { hint: 'letters, digits, _ - . and blanks, up to 100' });
  return alias;
}

const oversize = (raw: string) => reject('ING2005', `the row is longer than ${MAX_ROW_CHARS} characters`, raw).reject;

type Head = Pick<ListHead, 'columns' | 'searchKey'>;
type ChangeOptions = Pick<WatchlistImport, 'alias' | 'name' | 'description' | 'by' | 'now'>;

/** The rows that one change of a list writes. */
class Change {
  readonly id = randomUUID();
  readonly writer: TableWriter;
  private rows = 0;
  private removed = 0;
  private readonly common: Row;

  private constructor(
    private readonly store: Store,
    private readonly wanted: ChangeOptions,
    private readonly before: Awaited<ReturnType<typeof readWatchlistHeads>>[number] | undefined,
    private readonly file: string,
    /** Milliseconds since the epoch. */
    private readonly at: number,
  ) {
    const { alias, now, by } = wanted;
    const time = isoUtc(at);
    this.writer = new TableWriter(store, { connector: 'Watchlist', receivedAt: now });
    this.common = {
      ...{ TimeGenerated: time, _DTTimestamp: time, LastUpdatedTimeUTC: time, CreatedTimeUTC: time },
      ...{ WatchlistId: before?.id ?? uuidOf('watchlist', alias.toLowerCase()), WatchlistAlias: alias },
      ...{ WatchlistName: wanted.name ?? before?.name ?? alias, Source: basename(file), Provider: watchlistProvider },
      ...{ CorrelationId: this.id, UpdatedBy: { name: by } },
    };
  }

  static async begin(store: Store, wanted: ChangeOptions, file: string): Promise<Change> {
    const [before] = await readWatchlistHeads(store, wanted.alias);
    // The newest row counts, so a change must be newer than the one before even within the same millisecond.
    const at = Math.max(wanted.now, (await lastChange(store, wanted.alias)) + 2);
    return new Change(store, wanted, before, file, at);
  }

  async list(status: 'Create' | 'Update', head: Head): Promise<void> {
    const since = this.before?.since ?? isoUtc(this.at)!;
    await this.writeList(status, { ...head, since }, isoUtc(this.at)!);
  }

  /** Equal rows of a file have the same id. */
  item({ fields, raw }: CsvRecord, searchKey: string): void {
    this.add(uuidOf(this.id, searchKey, JSON.stringify(fields)), 'Create', searchKey, fields, raw.length + 400);
    this.rows++;
  }

  reject(refused: Parameters<TableWriter['reject']>[0]): void {
    this.writer.reject(refused, this.file);
  }

  /** Makes rows that the file has several times one item. */
  async once(): Promise<void> {
    for await (const page of doubledItems(this.store, this.id)) {
      for (const { id, searchKey, item } of page) {
        this.add(id, 'Delete', searchKey, undefined, 400);
        this.add(uuidOf(id), 'Create', searchKey, JSON.parse(item) as Row, item.length + 400);
      }
      await this.writer.drain();
    }
    await this.writer.finish();
  }

  /** Deletes the items that meet the condition. */
  async remove(condition: Sql): Promise<void> {
    if (!this.before) return;
    for await (const page of liveItems(this.store, this.before, condition)) {
      for (const { id, searchKey } of page) this.add(id, 'Delete', searchKey, undefined, 400);
      await this.writer.drain();
      this.removed += page.length;
    }
    await this.writer.finish();
  }

  /** Ends everything that was there before this change. */
  async endAllBefore(items: number, head: Head, status: 'Update' | 'Delete' = 'Update'): Promise<void> {
    await this.writeList(status, { ...head, since: isoUtc(this.at)! }, isoUtc(this.at + 1)!);
    this.removed = items;
  }

  result(): WatchlistResult {
    const { rejected } = this.writer;
    const counts = { read: this.rows + rejected, rows: this.rows, rejected, removed: this.removed };
    return { alias: this.wanted.alias, ...counts, rejects: this.writer.rejects() };
  }

  private add(id: string, status: 'Create' | 'Delete', SearchKey: string, item: Row | undefined, chars: number): void {
    const own: Row = { _DTItemStatus: status, _DTItemId: id, WatchlistItemId: id, _DTItemType: itemType };
    this.writer.add(watchlistSchema, { ...this.common, ...own, SearchKey, WatchlistItem: item }, chars);
  }

  private async writeList(status: string, head: ListHead, time: string): Promise<void> {
    await this.store.ensureTable(watchlistSchema);
    const row: Row = {
      ...this.common,
      ...{ TimeGenerated: time, _DTTimestamp: time, _DTItemType: listType, _DTItemStatus: status },
      ...{ _DTItemId: this.common.WatchlistId, CreatedBy: { name: this.wanted.by } },
      Notes: this.wanted.description ?? this.before?.description ?? '',
      WatchlistItem: { ...head },
    };
    await this.store.insert(watchlistSchema.name, [row], { receivedAt: this.wanted.now });
  }
}
