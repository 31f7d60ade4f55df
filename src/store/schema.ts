import { joinSql, name, number, qualified, Sql, sql, text } from '../sql/index.js';
import { type Column, type KqlType, kqlTypes, type TableSchema } from '../tables/index.js';

/** What the store makes of a KQL type. A string is never null; a dynamic is JSON text, null when it is dynamic(null). */
export const engineTypes: Record<KqlType, string> = {
  string: 'String',
  int: 'Nullable(Int32)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  // Kusto keeps 34 significant digits; 20 before and 18 after the point hold every amount and rate seen in logs.
  decimal: 'Nullable(Decimal(38, 18))',
  bool: 'Nullable(Bool)',
  datetime: "Nullable(DateTime64(7, 'UTC'))",
  // Ticks of 100 ns.
  timespan: 'Nullable(Int64)',
  guid: 'Nullable(UUID)',
  dynamic: 'Nullable(String)',
};

/** Never null: the partition key cannot be, and every row has a time of reception. */
export const neverNull = new Set(['TimeGenerated', '_TimeReceived']);

export const engineType = (column: Column): string =>
  neverNull.has(column.name) ? "DateTime64(7, 'UTC')" : engineTypes[column.type];

/** Two KQL types are an Int64 of the engine; a timespan says so in the comment of its column. */
const timespanComment = 'timespan';

/** The KQL type of a column that the store made; undefined for engine types that it does not make. */
export function kqlTypeOf(type: string, comment: string): KqlType | undefined {
  if (comment === timespanComment) return 'timespan';
  if (type === "DateTime64(7, 'UTC')") return 'datetime';
  return kqlTypes.find((kql) => engineTypes[kql] === type);
}

/**
 * Columns that rules join on and look up in sets: a bloom filter lets a set of a few keys skip nearly all of a table.
 * Only string columns qualify.
 */
export const keyColumns: ReadonlySet<string> = new Set([
  // Addresses of the web
  'Url',
  'RequestURL',
  'RemoteUrl',
  'UrlChain',
  'DestinationHostName',
  'DestinationDnsDomain',
  // Network addresses
  'SourceIP',
  'DestinationIP',
  'RemoteIP',
  'LocalIP',
  'IPAddress',
  'ClientIP',
  'SrcIpAddr',
  'DstIpAddr',
  'SrcAddr',
  'DstAddr',
  'SourceIp',
  'DestinationIp',
  'RemoteIp',
  // Accounts, devices, messages, alerts, files
  'AccountObjectId',
  'AccountSid',
  'AccountSID',
  'AccountUpn',
  'AccountUPN',
  'InitiatingProcessAccountSid',
  'InitiatingProcessAccountUpn',
  'UserPrincipalName',
  'UserId',
  'RecipientEmailAddress',
  'DeviceId',
  'NetworkMessageId',
  'AlertId',
  'SystemAlertId',
  'SHA256',
  'SHA1',
  'MD5',
  'FileHash',
]);

/** Text that rules scan: LZ4 reads twice as fast as ZSTD there and is half as small. */
const isScanned = (column: Column): boolean =>
  column.type === 'string' && (keyColumns.has(column.name) || /ur[il]s?$|ip$|ipaddr(ess)?$/i.test(column.name));

export interface TableOptions {
  readonly database: string;
  /** The default of TenantId. */
  readonly workspaceId: string;
  /** Days after ingestion at which rows go; kept for ever when left out. */
  readonly retentionDays?: number | undefined;
}

/** One column of CREATE TABLE or ADD COLUMN. */
export function columnDefinition(table: string, column: Column, options: TableOptions): Sql {
  const type = Sql.of(engineType(column), true);
  const byDefault = columnDefault(table, column, options);
  const codec = isScanned(column) ? sql`CODEC(LZ4)` : sql`CODEC(ZSTD(1))`;
  if (column.type === 'timespan') return sql`${name(column.name)} ${type} COMMENT ${text(timespanComment)} ${codec}`;
  return byDefault
    ? sql`${name(column.name)} ${type} DEFAULT ${byDefault} ${codec}`
    : sql`${name(column.name)} ${type} ${codec}`;
}

/**
 * A month is a partition. Days were measured and are too small: every part that an insert makes is flushed to disk, 15 ms
 * each, so a batch over ten years took a minute; within a month the order by time finds a day just as fast. Ten parts or
 * more are merged at a time: merging few was half of what the engine did during an ingest.
 */
export function createTable(schema: TableSchema, options: TableOptions): Sql {
  const parts = schema.columns.map((column) => columnDefinition(schema.name, column, options));
  for (const column of schema.columns) if (isKey(column)) parts.push(indexDefinition(column));
  const days = options.retentionDays;
  const order = days === undefined ? sql`(TimeGenerated)` : sql`(TimeGenerated) TTL ${expiry(days)}`;
  return sql`CREATE TABLE IF NOT EXISTS ${qualified(name(options.database), schema.name)} (${joinSql(parts, ', ')})
ENGINE = MergeTree
PARTITION BY toYYYYMM(toDate32(TimeGenerated))
ORDER BY ${Sql.of(order.text, true)}
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 10000,
min_level_for_wide_part = 1, min_bytes_for_wide_part = 33554432, min_parts_to_merge_at_once = 10`;
}

export const isKey = (column: Column): boolean => column.type === 'string' && keyColumns.has(column.name);

export const indexDefinition = (column: Column): Sql =>
  sql`INDEX ${name(`${column.name}_bloom`)} ${name(column.name)} TYPE bloom_filter(0.01) GRANULARITY 1`;

/** Counted from reception: an old record that is loaded today must not vanish. */
export const expiry = (days: number): Sql => sql`toDateTime(_TimeReceived) + toIntervalDay(${number(days)})`;

function columnDefault(table: string, column: Column, options: TableOptions): Sql | undefined {
  switch (column.name) {
    case '_TimeReceived':
      return sql`now64(7, ${text('UTC')})`;
    case '_ItemId':
      return sql`toString(generateUUIDv4())`;
    case 'Type':
      return text(table);
    case 'TenantId':
      return text(options.workspaceId);
    default:
      return undefined;
  }
}
