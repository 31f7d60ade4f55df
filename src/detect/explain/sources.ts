import { type Connector, connectors } from '../../ingest/index.js';
import { inputsOf, type Rel, type Scan } from '../../ir/index.js';
import type { ExplainRunner } from '../../query/index.js';

/** A table that the query reads and that has no row in the window. */
export interface SilentSource {
  readonly table: string;
  /** TimeGenerated of its newest row before the end of the run, ISO 8601; undefined when it has none. */
  readonly lastRow?: string | undefined;
  /** Set when it could not be asked for its newest row. */
  readonly isUnknown?: true | undefined;
  /** Ids of the connectors that fill it. */
  readonly connectors: readonly string[];
}

/** One scan of every table that is read for the relations under the window, by the table's name. */
export function scansOf(rels: readonly Rel[]): readonly Scan[] {
  const found = new Map<string, Scan>();
  const seen = new Set<Rel>();
  const visit = (rel: Rel): void => {
    if (seen.has(rel)) return;
    seen.add(rel);
    if (rel.kind === 'Scan' && !rel.windowless) found.set(rel.table, rel);
    for (const input of inputsOf(rel)) visit(input);
  };
  for (const rel of rels) visit(rel);
  return [...found.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
}

/** Says of tables without rows when they last had some. `at` is the exclusive end, in milliseconds since the epoch. */
export async function silentSources(
  tables: readonly string[],
  runner: ExplainRunner,
  at: number,
): Promise<readonly SilentSource[]> {
  /** Of each table that was asked; null when it has no row. */
  const last = new Map<string, string | null>();
  if (tables.length > 0) {
    const legs = tables.map((table) => {
      const name = table.replace(/[\\']/g, (c) => `\\${c}`);
      return `(['${name}'] | where TimeGenerated < now() | summarize Last = max(TimeGenerated) | extend Table = '${name}')`;
    });
    const answer = await runner.query(`union isfuzzy=true ${legs.join(', ')} | project Table, Last`, { at });
    if (answer.ok)
      for (const [table, time] of answer.value.rows) last.set(String(table), time === null ? null : String(time));
  }
  const fills = ({ tables: own, exports }: Connector, table: string) => [...own, ...(exports ?? [])].includes(table);
  return tables.map((table) => ({
    table,
    lastRow: last.get(table) ?? undefined,
    ...(last.has(table) ? {} : { isUnknown: true as const }),
    connectors: connectors.all.filter((connector) => fills(connector, table)).map(({ id }) => id),
  }));
}
