import { sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { tableSchema } from '../tables/index.js';
import type { Alert } from './alert.js';
import { isoTime } from './identity.js';
import { isNominalTime, type RunRecord } from './ledger.js';
import { newestRows } from './stored-rows.js';

/**
 * What a run that alerts is about to write, stored before the first alert. A run that broke off is finished from here and
 * not from its query, which might meanwhile answer otherwise: a late row changes a count, the count changes the alert's
 * id, and the same finding would stand twice. The same holds for two processes that do a run at once.
 */
export const planSchema = tableSchema('VedettePlan_CL', [
  { name: 'RunId', type: 'string' },
  { name: 'Plan', type: 'string' },
]);

export interface RunPlan {
  /** Without the names of the incidents, which are known only when they are written. */
  readonly record: RunRecord;
  readonly alerts: readonly Alert[];
}

/** Stores the plan unless the run has one, and gives the one that counts. */
export async function keepPlan(store: Store, plan: RunPlan): Promise<RunPlan> {
  const { runId, key, ranAt } = plan.record;
  await store.ensureTable(planSchema);
  const row = { TimeGenerated: isoTime(key.window.to), RunId: runId, Plan: JSON.stringify(plan) };
  // The token lets only one of two processes write; the other reads what it wrote.
  await store.insert(planSchema.name, [row], { token: `plan ${runId}`, receivedAt: ranAt });
  return (await readPlan(store, runId, key.window.to)) ?? plan;
}

/** The plan of a run by its id and nominal time. */
export async function readPlan(store: Store, runId: string, nominal: number): Promise<RunPlan | undefined> {
  const where = sql`${isNominalTime(nominal)} AND RunId = ${text(runId)}`;
  const [row] = await newestRows(store, planSchema, { where, key: 'RunId', newestBy: 'TimeGenerated' });
  return row && (JSON.parse(String(row.Plan)) as RunPlan);
}
