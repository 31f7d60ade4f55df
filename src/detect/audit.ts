import type { Store } from '../store/index.js';
import { catalogue, type Row } from '../tables/index.js';
import { uuidOf } from './identity.js';

export const auditSchema = catalogue.table('SentinelAudit')!;

/** What is not a decision but follows from one. */
const derived = new Set(['TimeGenerated', 'LastModifiedTime', 'FirstModifiedTime', 'ModifiedBy', 'AdditionalData']);

/** What a person or a rule decided between two rows of an incident: the columns that differ, in the order of the table. */
export function changesOf(before: Row, after: Row): Record<string, { readonly from: unknown; readonly to: unknown }> {
  const isSame = (column: string) => JSON.stringify(before[column] ?? null) === JSON.stringify(after[column] ?? null);
  const columns = Object.keys(after).filter((column) => !derived.has(column) && !isSame(column));
  return Object.fromEntries(
    columns.map((column) => [column, { from: before[column] ?? null, to: after[column] ?? null }]),
  );
}

/**
 * Writes who changed what of an incident, with the values before and after. The same change has the same token, so that
 * writing it again changes nothing.
 */
export async function auditChange(store: Store, before: Row, after: Row, by: string, now: number): Promise<void> {
  const changes = changesOf(before, after);
  const incidentName = String(after.IncidentName);
  const time = String(after.LastModifiedTime);
  const row: Row = {
    TimeGenerated: time,
    OperationName: 'Update incident',
    Status: 'Success',
    Description: `${by} changed ${Object.keys(changes).join(', ') || 'nothing'} of incident ${after.IncidentNumber}`,
    SentinelResourceId: incidentName,
    SentinelResourceName: after.Title,
    SentinelResourceType: 'Incident',
    CorrelationId: uuidOf('change', incidentName, time),
    WorkspaceId: await store.workspaceId(),
    ExtendedProperties: {
      CallerName: by,
      IncidentNumber: after.IncidentNumber,
      Changes: changes,
    },
    SourceSystem: 'Azure',
  };
  await store.ensureTable(auditSchema);
  await store.insert(auditSchema.name, [row], { token: `audit of ${incidentName} at ${time}`, receivedAt: now });
}
