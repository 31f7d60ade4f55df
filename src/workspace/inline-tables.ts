import { z } from 'zod';
import { fail, parseDatetime, parseTimespan } from '../base/index.js';
import { type Literal, literal, type Values } from '../ir/index.js';
import { type Column, type KqlType, kqlTypes } from '../tables/index.js';

/** Rows that come with a query, as `{tables: [{name, columns: [{name, type}], rows}]}`; a row is a list or an object. */
export const setupSchema = z.object({
  tables: z.array(
    z.object({
      name: z.string().min(1),
      columns: z.array(z.object({ name: z.string().min(1), type: z.string() })).min(1),
      rows: z.array(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
    }),
  ),
});

export type Setup = z.infer<typeof setupSchema>;

/** Other names that Kusto has for its types. */
const typeAliases: Readonly<Record<string, KqlType>> = {
  double: 'real',
  date: 'datetime',
  time: 'timespan',
  uuid: 'guid',
  uniqueid: 'guid',
  boolean: 'bool',
  int32: 'int',
  int64: 'long',
};

/** Errors CLI6001 an unknown type, a row of another length, a value that does not fit its column. */
export const inlineTables = (setup: Setup): Map<string, Values> =>
  new Map(setup.tables.map((table) => [table.name, inlineTable(table)]));

function inlineTable(table: Setup['tables'][number]): Values {
  const columns = table.columns.map(({ name, type }): Column => ({ name, type: typeOf(type) }));
  const rows = table.rows.map((row, at): Literal[] => {
    if (Array.isArray(row) && row.length !== columns.length)
      fail(
        'CLI6001',
        `row ${at + 1} of the table ${table.name} has ${row.length} values for ${columns.length} columns`,
      );
    return columns.map((column, i) => {
      const cell = Array.isArray(row) ? row[i] : row[column.name];
      const value = cellValue(column.type, cell);
      if (value === undefined)
        fail(
          'CLI6001',
          `${JSON.stringify(cell)} is no ${column.type} (column ${column.name} of the table ${table.name})`,
        );
      return literal(column.type, value);
    });
  });
  return { kind: 'Values', columns, rows };
}

/** Errors CLI6001. */
export function typeOf(given: string): KqlType {
  const wanted = given.trim().toLowerCase();
  const type = kqlTypes.find((known) => known === wanted) ?? typeAliases[wanted];
  return type ?? fail('CLI6001', `'${given}' is not a type of KQL`, { hint: `types: ${kqlTypes.join(', ')}` });
}

/** The value as a literal holds it; undefined when it is none of its type. */
export function cellValue(type: KqlType, cell: unknown): Literal['value'] | undefined {
  if (cell === null || cell === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'int':
    case 'long':
      return whole(cell);
    case 'real':
      return typeof cell === 'number' || typeof cell === 'string' ? realValue(cell) : undefined;
    case 'bool':
      return cell === true || cell === 1 || cell === 'true'
        ? true
        : cell === false || cell === 0 || cell === 'false'
          ? false
          : undefined;
    case 'datetime':
      return parseDatetime(String(cell));
    case 'timespan':
      return parseTimespan(String(cell));
    case 'dynamic':
      return typeof cell === 'string' && isJson(cell) ? cell : JSON.stringify(cell);
    default:
      return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  }
}

function whole(cell: unknown): bigint | undefined {
  if (typeof cell === 'number') return Number.isInteger(cell) ? BigInt(cell) : undefined;
  return typeof cell === 'string' && /^\s*-?\d{1,19}\s*$/.test(cell) ? BigInt(cell) : undefined;
}

function realValue(cell: number | string): number | undefined {
  const value = typeof cell === 'number' || cell.trim() !== '' ? Number(cell) : Number.NaN;
  return Number.isNaN(value) && cell !== 'NaN' ? undefined : value;
}

/** A dynamic may come as the text of its JSON, as exports write it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
