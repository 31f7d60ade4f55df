import { catalogue, type KqlType, type Row, type Value } from '../../../tables/index.js';
import type { LogEvent } from './event.js';
import { levelNames } from './words.js';

const types = new Map<string, ReadonlyMap<string, KqlType>>();

/** Column name → type of a table of the catalogue. */
export function columnsOf(table: string): ReadonlyMap<string, KqlType> {
  let columns = types.get(table);
  if (!columns) {
    columns = new Map(catalogue.table(table)!.columns.map((column) => [column.name, column.type]));
    types.set(table, columns);
  }
  return columns;
}

/** Columns that the source delivered ready made for this table. They win over what Vedette would derive. */
export const deliveredColumns = (event: LogEvent, table: string): Row =>
  event.row?.table === table ? { ...(event.row.columns as Record<string, Value>) } : {};

export const levelName = (level: number | undefined): string | undefined =>
  level === undefined ? undefined : (levelNames[level] ?? String(level));

/** Accounts of Windows itself, which sources give as SID alone. */
const wellKnown: Readonly<Record<string, string>> = {
  'S-1-5-18': 'NT AUTHORITY\\SYSTEM',
  'S-1-5-19': 'NT AUTHORITY\\LOCAL SERVICE',
  'S-1-5-20': 'NT AUTHORITY\\NETWORK SERVICE',
};

/** The writer of the record: the name where it is known, else the SID, else `N/A` as the agent writes. */
export const writerName = ({ userName, userId }: LogEvent): string =>
  userName ?? (userId === undefined ? 'N/A' : (wellKnown[userId] ?? userId));

/** The last part of a Windows or NT path. */
export const fileName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
