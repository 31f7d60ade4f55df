import type { Row, TableSchema, Value } from '../tables/index.js';
import type { RowOutcome } from './connector.js';

/** The portal exports `TimeGenerated [UTC]`. */
const plainName = (name: string) => name.replace(/\s*\[[^\]]{1,40}\]$/, '').trim();

interface Match {
  readonly table: string;
  /** Key of the record → column. */
  readonly columns: ReadonlyMap<string, string>;
}

const MAX_REMEMBERED = 1000;

/**
 * Recognises records that already are rows of a table, as a portal, API or data-frame export holds them: they have
 * TimeGenerated, and most of their keys are columns of one of the connector's tables.
 */
export class TableRows {
  readonly #tables: readonly { readonly name: string; readonly columns: ReadonlyMap<string, string> }[];
  readonly #remembered = new Map<string, Match | undefined>();

  constructor(schemas: readonly TableSchema[]) {
    this.#tables = schemas.map((schema) => ({
      name: schema.name,
      columns: new Map(schema.columns.map((column) => [column.name.toLowerCase(), column.name])),
    }));
  }

  match(record: Readonly<Record<string, unknown>>): RowOutcome | undefined {
    const keys = Object.keys(record);
    const typeKey = typeof record.Type === 'string' ? record.Type : '';
    const memory = `${typeKey}\0${keys.join('\0')}`;
    if (!this.#remembered.has(memory)) {
      if (this.#remembered.size > MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(memory, this.#best(keys, typeKey));
    }
    const match = this.#remembered.get(memory);
    if (!match) return undefined;
    const row: Row = {};
    for (const [key, value] of Object.entries(record)) row[match.columns.get(key) ?? key] = value as Value;
    return { table: match.table, row };
  }

  #best(keys: readonly string[], type: string): Match | undefined {
    if (!keys.some((key) => plainName(key) === 'TimeGenerated')) return undefined;
    let best: (Match & { known: number }) | undefined;
    for (const table of this.#tables) {
      if (type !== '' && type !== table.name && this.#tables.some((other) => other.name === type)) continue;
      const columns = new Map<string, string>();
      for (const key of keys) {
        const column = table.columns.get(plainName(key).toLowerCase());
        if (column) columns.set(key, column);
      }
      const known = columns.size;
      if (known >= 4 && known * 2 >= keys.length && known > (best?.known ?? 0))
        best = { table: table.name, columns, known };
    }
    return best;
  }
}
