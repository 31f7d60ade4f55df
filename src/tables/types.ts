/** The scalar types of Kusto, as Log Analytics names them. */
export const kqlTypes = [
  'string',
  'int',
  'long',
  'real',
  'decimal',
  'bool',
  'datetime',
  'timespan',
  'guid',
  'dynamic',
] as const;

export type KqlType = (typeof kqlTypes)[number];

export interface Column {
  readonly name: string;
  readonly type: KqlType;
  /** Can be named, but a query that names no columns does not return it (`_ItemId`, `_TimeReceived`, …). */
  readonly hidden?: true;
}

/** A table of the workspace: its columns in the order in which a query returns them. */
export interface TableSchema {
  readonly name: string;
  readonly columns: readonly Column[];
}

/**
 * The value of a column in a row on its way into a table:
 * string → string; int, real → number; long → number, bigint or digits; bool → boolean; datetime → ISO 8601 UTC text
 * with up to 7 decimals (`2026-03-04T09:12:31.1234567Z`); timespan → 100 ns ticks as bigint or number; guid → text;
 * dynamic → any JSON value. A column that is left out or undefined is null (a string: empty).
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly unknown[]
  | { readonly [key: string]: unknown };

export type Row = { [column: string]: Value };
