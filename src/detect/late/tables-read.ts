import { resolvedFunctions } from '../../content/index.js';
import type { StoredFunction } from '../../kql/index.js';

/**
 * The tables that a query may read, itself or through the functions that it calls. Any word that is the name of a table
 * counts, and `Name*` every table that begins so: one too many costs a look at it, one too few would miss its late rows.
 */
export function tablesRead(
  query: string,
  lookup: (name: string) => StoredFunction | undefined,
  tables: ReadonlySet<string>,
): string[] {
  const texts = [query, ...[...resolvedFunctions(query, lookup).values()].map((stored) => stored.body)];
  const found = new Set<string>();
  for (const text of texts) {
    for (const [word] of text.matchAll(/[A-Za-z_]\w*\*?/g)) {
      if (tables.has(word)) found.add(word);
      if (!word.endsWith('*')) continue;
      const prefix = word.slice(0, -1);
      for (const table of tables) if (table.startsWith(prefix)) found.add(table);
    }
  }
  return [...found].sort();
}
