import { name, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { type Row, tableSchema } from '../../tables/index.js';
import { isoTime } from '../identity.js';
import { newestRows } from '../stored-rows.js';
import type { HiddenRows } from './apply.js';

/** One row for each run and exclusion that hid something in it. TimeGenerated is the nominal time of the run. */
export const hiddenSchema = tableSchema('VedetteHidden_CL', [
  { name: 'HiddenId', type: 'string' },
  { name: 'ExclusionId', type: 'string' },
  { name: 'RunId', type: 'string' },
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'Reason', type: 'string' },
  { name: 'HiddenRows', type: 'long' },
  // The first of them, each with its columns.
  { name: 'Rows', type: 'dynamic' },
]);

/** Rows kept of those that one exclusion hid in one run, in characters of JSON; `HiddenRows` counts all. */
const KEPT_CHARS = 1_000_000;

/** Writes what the exclusions of a run hid. Writing it again changes nothing. */
export async function writeHidden(
  store: Store,
  run: { readonly runId: string; readonly nominal: number; readonly ranAt: number },
  hidden: readonly HiddenRows[],
): Promise<void> {
  if (hidden.length === 0) return;
  await store.ensureTable(hiddenSchema);
  for (const { exclusion, columns, rows } of hidden) {
    let chars = 0;
    const kept = [];
    for (const cells of rows) {
      const object = Object.fromEntries(columns.map((column, i) => [column.name, cells[i]]));
      chars += JSON.stringify(object).length;
      if (chars > KEPT_CHARS) break;
      kept.push(object);
    }
    const row: Row = {
      ...{ TimeGenerated: isoTime(run.nominal), HiddenId: `${run.runId} ${exclusion.id}`, ExclusionId: exclusion.id },
      ...{ RunId: run.runId, RuleId: exclusion.ruleId, RuleName: exclusion.ruleName, Reason: exclusion.reason },
      ...{ HiddenRows: rows.length, Rows: kept },
    };
    const token = `hidden ${run.runId} ${exclusion.id}`;
    await store.insert(hiddenSchema.name, [row], { token, receivedAt: run.ranAt });
  }
}

/** Rows of VedetteHidden_CL, the latest run first. */
export async function readHidden(
  store: Store,
  filter: { readonly exclusionId?: string | undefined; readonly ruleId?: string | undefined } = {},
): Promise<Row[]> {
  const { exclusionId, ruleId } = filter;
  const where =
    exclusionId !== undefined
      ? sql`ExclusionId = ${text(exclusionId)}`
      : ruleId !== undefined
        ? sql`lower(RuleId) = ${text(ruleId.toLowerCase())}`
        : sql`1`;
  const rows = await newestRows(store, hiddenSchema, { where, key: 'HiddenId', newestBy: 'TimeGenerated' });
  return rows.reverse();
}

/** How many rows each exclusion hid so far. */
export async function hiddenTotals(store: Store): Promise<ReadonlyMap<string, number>> {
  if (!(await store.tables()).has(hiddenSchema.name)) return new Map();
  const answer = await store.query(
    sql`SELECT e, toString(sum(n)) FROM (SELECT HiddenId, any(ExclusionId) AS e, any(assumeNotNull(HiddenRows)) AS n
FROM ${name(hiddenSchema.name)} GROUP BY HiddenId) GROUP BY e`.text,
  );
  return new Map(answer.rows.map(([id, rows]) => [String(id), Number(rows)]));
}
