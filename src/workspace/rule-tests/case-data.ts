import { ticksFromMs } from '../../base/index.js';
import { connectors, ingest, rejectTable, type Source } from '../../ingest/index.js';
import { type Literal, literal, type Rel } from '../../ir/index.js';
import type { QueryRequest } from '../../query/index.js';
import { type Column, catalogue, type TableSchema } from '../../tables/index.js';
import { parseTime } from '../times.js';
import { CollectedRows } from './collected-rows.js';
import { pathBeside, type ReadCase, type ReadTest, valueAt } from './test-file.js';

interface DataRow {
  readonly cells: readonly Literal[];
  /** Ticks of the columns that windows are on. */
  readonly times: Readonly<Record<'TimeGenerated' | '_TimeReceived', bigint>>;
}

interface DataTable {
  readonly schema: TableSchema;
  readonly rows: DataRow[];
}

/** Where rows lie whose author names no time: a moment before the end of the window. */
const defaultAgeMs = 60_000;
/** The row of a table travels in the text of the query: more are data for `ingest`. */
const maxRows = 20_000;

/** The rows of one case, as relations that come with its queries. No other case sees them. */
export class CaseData {
  private readonly tables = new Map<string, DataTable>();
  /** Records that did not become rows: a test would be about less than it says. */
  readonly problems: string[] = [];

  private constructor(
    private readonly test: ReadTest,
    private readonly at: number,
  ) {
    // A table that no row is for is there all the same.
    for (const schema of test.schemas.values()) this.tables.set(schema.name, { schema, rows: [] });
  }

  static async of(test: ReadTest, each: ReadCase): Promise<CaseData> {
    const data = new CaseData(test, each.at);
    for (const { table, values, key } of each.rows) data.add(table, values, key);
    for (const [i, records] of each.records.entries()) await data.ingest(records, i);
    for (const [alias, list] of Object.entries(each.watchlists)) data.addWatchlist(alias, list);
    const rows = [...data.tables.values()].reduce((n, table) => n + table.rows.length, 0);
    if (rows > maxRows) data.problems.push(`the case has ${rows} rows; ${maxRows} are accepted`);
    return data;
  }

  /** The rows in the window of a request, by table. */
  relations(window: QueryRequest['window']): ReadonlyMap<string, Rel> {
    const on = window?.on ?? 'TimeGenerated';
    const [from, to] = window ? [ticksFromMs(window.from), ticksFromMs(window.to)] : [];
    return new Map(
      [...this.tables].map(([name, { schema, rows }]): [string, Rel] => {
        const inside = rows.filter(({ times }) => {
          if (from === undefined || to === undefined || name === 'Watchlist') return true;
          return times[on] >= from && times[on] < to;
        });
        return [name, { kind: 'Values', columns: schema.columns, rows: inside.map((row) => row.cells) }];
      }),
    );
  }

  private add(table: string, values: Readonly<Record<string, unknown>>, key: string | undefined): void {
    const schema = catalogue.table(table) ?? this.test.schemas.get(table);
    if (!schema) {
      this.problems.push(`there is no table ${table}`);
      return;
    }
    const known = this.tables.get(table) ?? { schema, rows: [] };
    this.tables.set(table, known);
    const given: Record<string, unknown> = {
      TimeGenerated: new Date(this.at - defaultAgeMs).toISOString(),
      _ItemId: key ?? `${table} ${known.rows.length + 1}`,
      Type: table,
      ...values,
    };
    const time = ticks(given.TimeGenerated, this.at);
    const received = given._TimeReceived === undefined ? time : ticks(given._TimeReceived, this.at);
    const cells = schema.columns.map(({ name, type }: Column): Literal => {
      if (name === '_TimeReceived') return literal(type, received);
      const value = valueAt(type, given[name], this.at);
      if (value === undefined) this.problems.push(`${table}.${name}: ${String(given[name])} is no ${type}`);
      return literal(type, value ?? null);
    });
    known.rows.push({ cells, times: { TimeGenerated: time, _TimeReceived: received } });
  }

  private async ingest({ connector, text, file, receivedAt }: ReadCase['records'][number], nth: number): Promise<void> {
    const name = file ?? `records ${nth + 1}`;
    const stream = (async function* () {
      yield Buffer.from(text ?? '');
    })();
    const source: Source = file === undefined ? { name, stream } : pathBeside(this.test, file);
    const collected = new CollectedRows();
    const at = receivedAt === undefined ? this.at - defaultAgeMs : parseTime(receivedAt);
    const result = await ingest(collected, connectors.find(connector)!, [source], { receivedAt: at });
    for (const { reason, count, sample } of result.rejects)
      this.problems.push(`${name}: ${count} of ${result.read} records rejected: ${reason}: ${sample}`);
    if (result.read === 0) this.problems.push(`${name}: no records`);
    const received = new Date(at).toISOString();
    for (const { table, row } of collected.rows) {
      if (table !== rejectTable.name) this.add(table, { _TimeReceived: received, ...row }, undefined);
    }
  }

  private addWatchlist(alias: string, { searchKey, rows }: ReadCase['watchlists'][string]): void {
    const written = new Date(this.at).toISOString();
    rows.forEach((row, i) => {
      if (!(searchKey in row)) this.problems.push(`item ${i + 1} of the watchlist ${alias} has no ${searchKey}`);
      const item = Object.fromEntries(Object.entries(row).map(([column, value]) => [column, String(value)]));
      const values = {
        ...{ WatchlistAlias: alias, WatchlistName: alias, _DTItemType: 'watchlist-item', _DTItemId: `${alias} ${i}` },
        ...{ SearchKey: item[searchKey] ?? '', WatchlistItem: item, _DTItemStatus: 'Create' },
        ...{ _DTTimestamp: written, LastUpdatedTimeUTC: written, CreatedTimeUTC: written },
      };
      this.add('Watchlist', values, undefined);
    });
  }
}

function ticks(value: unknown, at: number): bigint {
  const found = valueAt('datetime', value, at);
  return typeof found === 'bigint' ? found : ticksFromMs(at - defaultAgeMs);
}
