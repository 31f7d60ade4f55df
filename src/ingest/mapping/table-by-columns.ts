import { catalogue, type KqlType, type TableSchema } from '../../tables/index.js';
import { isBlank } from './values.js';

/** Columns of so many tables that they say nothing about which one a row is from. */
const common = new Set(['TimeGenerated', 'Timestamp', 'TenantId', 'Type', 'SourceSystem', 'ReportId', 'Computer']);

/** A row with at least this share of a table's columns counts as a whole row of it, not as a projection. */
const wholeRow = 0.7;

const types = new WeakMap<TableSchema, ReadonlyMap<string, KqlType>>();

/** Column name → type of a table. */
export function columnTypes(schema: TableSchema): ReadonlyMap<string, KqlType> {
  let known = types.get(schema);
  if (!known) {
    known = new Map(schema.columns.map((column) => [column.name, column.type]));
    types.set(schema, known);
  }
  return known;
}

export type Told = { readonly schema: TableSchema } | { readonly reason: string };

export interface TellOptions {
  /** The column that a property fills, where the names differ. */
  readonly columnOf?: (columns: ReadonlyMap<string, unknown>, property: string, table: string) => string;
  /** The table that a value in the row speaks for; it decides between tables that hold the row equally well. */
  readonly hint?: string | undefined;
}

/**
 * Tells the table of a row by its column names. The table that holds the most columns with a value wins; among equals the
 * one that `hint` names, then, if the row is a whole row and no union of tables, the one that it fills best. Equal
 * candidates are a doubt, and so is a table that does not hold most of the columns with a value: the reason says so.
 */
export function tableByColumns(
  tables: readonly string[],
  properties: { readonly [name: string]: unknown },
  { columnOf = (_, name) => name, hint }: TellOptions = {},
): Told {
  const names = Object.keys(properties).filter((name) => !common.has(name) && !name.startsWith('_'));
  const valued = new Set(names.filter((name) => !isBlank(properties[name])));
  const candidates = tables.flatMap((table) => {
    const schema = catalogue.table(table);
    if (!schema) return [];
    const columns = columnTypes(schema);
    const held = names.filter((name) => columns.has(columnOf(columns, name, table)));
    const own = [...columns.keys()].filter((name) => !common.has(name) && !name.startsWith('_')).length;
    // A blank column says something only in a row of one table: a union has the columns of all.
    const whole = held.length >= own * wholeRow && held.length >= names.length * wholeRow;
    const fill = whole ? held.length - (own - held.length) : -own;
    return { schema, whole, order: [held.filter((name) => valued.has(name)).length, Number(table === hint)], fill };
  });
  candidates.sort((a, b) => compare(b.order, a.order) || b.fill - a.fill);
  const [best, second] = candidates;
  if (!best || best.order[0]! < 2 || best.order[0]! * 2 < valued.size)
    return { reason: 'its columns are those of no table of this connector' };
  if (second && compare(second.order, best.order) === 0 && !(best.whole && best.fill > second.fill))
    return { reason: 'its columns fit several tables alike' };
  return { schema: best.schema };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
