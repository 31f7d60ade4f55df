import { kustoValue } from '../query/index.js';
import { joinSql, name, Sql, sql } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { type Column, type Row, type TableSchema, visibleColumns } from '../tables/index.js';

export interface Selection {
  readonly where: Sql;
  /** Column that identifies what a row is about: the newest row of each value wins, as an update is a newer row. */
  readonly key: string;
  /** Column that tells newer from older; the time of ingestion decides between equals. */
  readonly newestBy: string;
  readonly columns?: readonly Column[] | undefined;
  /** Filter on the newest rows, not on the outdated ones. */
  readonly having?: Sql | undefined;
}

/** Reads the newest row of each key, values in Kusto's JSON. A table that does not exist yet has no rows. */
export async function newestRows(store: Store, schema: TableSchema, selection: Selection): Promise<Row[]> {
  if (!(await store.tables()).has(schema.name)) return [];
  const columns = selection.columns ?? visibleColumns(schema);
  const names = columns.map((column) => name(column.name));
  // Atomic, because parentheses around several columns would make one tuple of them.
  const list = Sql.of(joinSql(names, ', ').text, true);
  const newest = sql`SELECT * FROM ${name(schema.name)} WHERE ${selection.where}
ORDER BY ${name(selection.newestBy)} DESC, _TimeReceived DESC LIMIT 1 BY ${name(selection.key)}`;
  const order = sql`ORDER BY ${name(selection.newestBy)}, ${name(selection.key)}`;
  const statement = selection.having
    ? sql`SELECT ${list} FROM (${newest}) WHERE ${selection.having} ${Sql.of(order.text, true)}`
    : sql`SELECT ${list} FROM (${newest}) ${Sql.of(order.text, true)}`;
  const answer = await store.query(statement.text);
  return answer.rows.map((cells) =>
    Object.fromEntries(columns.map((column, i) => [column.name, kustoValue(column.type, cells[i]) as Row[string]])),
  );
}

/** A row with every visible column of its table, the way it would be read back. */
export function completeRow(schema: TableSchema, row: Row, workspaceId: string): Row {
  return Object.fromEntries(
    visibleColumns(schema).map(({ name: column, type }) => {
      if (column === 'TenantId') return [column, row[column] ?? workspaceId];
      if (column === 'Type') return [column, schema.name];
      return [column, row[column] ?? (type === 'string' ? '' : null)];
    }),
  );
}
