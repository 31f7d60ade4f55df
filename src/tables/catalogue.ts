import { catalogueData } from './catalogue-data.js';
import type { Column, KqlType, TableSchema } from './types.js';

/** The tables that Log Analytics and Microsoft Sentinel document, by their exact names. */
export interface Catalogue {
  /** The schema of a documented table; undefined for any other name. The same object at every call. */
  table(name: string): TableSchema | undefined;
  /** All names, sorted. */
  names(): readonly string[];
}

/** Queryable in every table by name, but not part of what `T` or `T | take 1` returns. */
const hiddenColumns: readonly Column[] = [
  { name: '_BilledSize', type: 'real', hidden: true },
  { name: '_IsBillable', type: 'string', hidden: true },
  { name: '_ItemId', type: 'string', hidden: true },
  { name: '_ResourceId', type: 'string', hidden: true },
  { name: '_SubscriptionId', type: 'string', hidden: true },
  { name: '_TimeReceived', type: 'datetime', hidden: true },
];

/** The columns that every table has: TimeGenerated and TenantId lead, Type follows the table's own, hidden ones end. */
const leading: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'TenantId', type: 'string' },
];
const trailing: readonly Column[] = [{ name: 'Type', type: 'string' }, ...hiddenColumns];
export const standardColumns: readonly Column[] = [...leading, ...trailing];
const standardNames = new Set(standardColumns.map((column) => column.name));

/** A schema with the standard columns around the given ones, whose order is kept. For custom and assumed tables too. */
export function tableSchema(name: string, columns: readonly Column[]): TableSchema {
  const own = columns.filter((column) => !standardNames.has(column.name));
  return { name, columns: [...leading, ...own, ...trailing] };
}

/** The columns that a query over the table returns when it names none. */
export const visibleColumns = (schema: TableSchema): readonly Column[] =>
  schema.columns.filter((column) => !column.hidden);

let lines: Map<string, string> | undefined;
const schemas = new Map<string, TableSchema>();

function linesByName(): Map<string, string> {
  lines ??= new Map(
    catalogueData
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('|')), line]),
  );
  return lines;
}

function parseLine(line: string): TableSchema {
  const [name, ...groups] = line.split('|');
  const columns = groups.flatMap((group) => {
    const [type, ...names] = group.split(' ');
    return names.map((column) => ({ name: column, type: type as KqlType, sortKey: column.toLowerCase() }));
  });
  columns.sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : a.name < b.name ? -1 : 1));
  return tableSchema(
    name!,
    columns.map(({ name, type }) => ({ name, type })),
  );
}

export const catalogue: Catalogue = {
  table(name) {
    const known = schemas.get(name);
    if (known) return known;
    const line = linesByName().get(name);
    if (line === undefined) return undefined;
    const schema = parseLine(line);
    schemas.set(name, schema);
    return schema;
  },
  names: () => [...linesByName().keys()],
};
