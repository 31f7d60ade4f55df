import { joinSql, name, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { catalogue, type Row } from '../tables/index.js';
import type { Alert } from './alert.js';
import { uuidOf } from './identity.js';
import { newestRows } from './stored-rows.js';

export const alertSchema = catalogue.table('SecurityAlert')!;

/** The stored rows of the alerts, in the order of the ids; ids that are not there are left out. */
export async function readAlerts(store: Store, ids: readonly string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const rows = await newestRows(store, alertSchema, {
    where: sql`${name('SystemAlertId')} IN (${joinSql(ids.map(text), ', ')})`,
    key: 'SystemAlertId',
    newestBy: 'TimeGenerated',
  });
  const byId = new Map(rows.map((row) => [row.SystemAlertId, row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/**
 * Writes those alerts that are not there yet. The token names them, so that of two processes that write the same alerts at
 * the same time one does; a repair that finds further alerts has another token.
 */
export async function writeAlerts(
  store: Store,
  runId: string,
  alerts: readonly Alert[],
  writtenAt: number,
): Promise<void> {
  if (alerts.length === 0) return;
  await store.ensureTable(alertSchema);
  const present = new Set((await readAlerts(store, alerts.map(alertId))).map((row) => row.SystemAlertId));
  const missing = alerts.filter((alert) => !present.has(alert.row.SystemAlertId));
  await store.insert(
    alertSchema.name,
    missing.map((alert) => alert.row),
    { token: `alerts of ${runId}: ${uuidOf(...missing.map(alertId).sort())}`, receivedAt: writtenAt },
  );
}

export const alertId = (alert: Alert): string => String(alert.row.SystemAlertId);
