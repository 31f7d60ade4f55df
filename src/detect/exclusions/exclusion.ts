import type { EntityType } from '../../content/index.js';
import { sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { catalogue, type Row, tableSchema } from '../../tables/index.js';
import { jsonTypes } from '../entities/index.js';
import { isoTime, uuidOf } from '../identity.js';
import { newestRows } from '../stored-rows.js';

/** What a rule must not alert on. Append-only; the newest row of an ExclusionId counts. */
export const exclusionSchema = tableSchema('VedetteExclusion_CL', [
  { name: 'ExclusionId', type: 'string' },
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'Condition', type: 'string' },
  { name: 'EntityType', type: 'string' },
  { name: 'EntityValue', type: 'string' },
  { name: 'Reason', type: 'string' },
  { name: 'Author', type: 'string' },
  { name: 'CreatedTime', type: 'datetime' },
  // Null: never.
  { name: 'ExpirationTime', type: 'datetime' },
  { name: 'Status', type: 'string' },
  { name: 'ModifiedBy', type: 'string' },
]);

/** Rows that meet a KQL condition over the columns of the result, or that name an entity. */
export type Excluded =
  | { readonly kind: 'where'; readonly condition: string }
  | { readonly kind: 'entity'; readonly type: EntityType; readonly value: string };

export interface Exclusion {
  readonly id: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly excluded: Excluded;
  readonly reason: string;
  readonly author: string;
  /** Milliseconds since the epoch. It holds for runs with an earlier nominal time; undefined: for all. */
  readonly expires: number | undefined;
  readonly created: number;
  readonly isRemoved: boolean;
}

export const holdsAt = (exclusion: Pick<Exclusion, 'expires' | 'isRemoved'>, nominal: number): boolean =>
  !exclusion.isRemoved && (exclusion.expires === undefined || nominal < exclusion.expires);

/** What an exclusion is about, for people. */
export const excludedText = ({ excluded }: Pick<Exclusion, 'excluded'>): string =>
  excluded.kind === 'where' ? excluded.condition : `${excluded.type}=${excluded.value}`;

export const entityTypeOf = (spelled: string): EntityType | undefined =>
  (Object.keys(jsonTypes) as EntityType[]).find((type) => type.toLowerCase() === spelled.toLowerCase());

/** All exclusions, removed ones too, or those of a rule; the oldest first. */
export async function readExclusions(store: Store, ruleId?: string): Promise<Exclusion[]> {
  const where = ruleId === undefined ? sql`1` : sql`lower(RuleId) = ${text(ruleId.toLowerCase())}`;
  const rows = await newestRows(store, exclusionSchema, { where, key: 'ExclusionId', newestBy: 'TimeGenerated' });
  return rows.map(exclusionOf).sort((a, b) => a.created - b.created);
}

/** Stores an exclusion, and an audit row that says who made it. */
export async function addExclusion(store: Store, exclusion: Omit<Exclusion, 'id' | 'isRemoved'>): Promise<Exclusion> {
  const { ruleId, created, author } = exclusion;
  const serial = String((await readExclusions(store)).length);
  const id = uuidOf('exclusion', ruleId, serial, String(created), excludedText(exclusion), author);
  const added = { ...exclusion, id, isRemoved: false };
  await write(store, added, author, created);
  return added;
}

/** Ends an exclusion from now on. Its row stays, and an audit row says who removed it. */
export async function removeExclusion(store: Store, exclusion: Exclusion, by: string, now: number): Promise<Exclusion> {
  const removed = { ...exclusion, isRemoved: true };
  await write(store, removed, by, Math.max(now, exclusion.created + 1));
  return removed;
}

async function write(store: Store, exclusion: Exclusion, by: string, now: number): Promise<void> {
  const { id, excluded, ruleId, ruleName, reason, author, expires, created, isRemoved } = exclusion;
  const row: Row = {
    ...{ TimeGenerated: isoTime(now), ExclusionId: id, RuleId: ruleId, RuleName: ruleName, Reason: reason },
    ...(excluded.kind === 'where'
      ? { Condition: excluded.condition }
      : { EntityType: excluded.type, EntityValue: excluded.value }),
    ...{
      Author: author,
      CreatedTime: isoTime(created),
      ExpirationTime: expires === undefined ? null : isoTime(expires),
    },
    ...{ Status: isRemoved ? 'Removed' : 'Active', ModifiedBy: by },
  };
  await store.ensureTable(exclusionSchema);
  const token = `exclusion ${id} ${row.Status}`;
  await store.insert(exclusionSchema.name, [row], { token, receivedAt: now });
  const operation = isRemoved ? 'Delete exclusion' : 'Create exclusion';
  const audit: Row = {
    ...{ TimeGenerated: isoTime(now), OperationName: operation, Status: 'Success', SourceSystem: 'Azure' },
    Description: `${by} ${isRemoved ? 'removed' : 'added'} an exclusion of the rule ${ruleName}: ${excludedText(exclusion)}`,
    ...{ SentinelResourceId: ruleId, SentinelResourceName: ruleName, SentinelResourceType: 'Analytic Rule' },
    ...{ CorrelationId: uuidOf('exclusion change', id, String(row.Status)), WorkspaceId: await store.workspaceId() },
    ExtendedProperties: { CallerName: by, ExclusionId: id, Reason: reason, ExpirationTime: row.ExpirationTime },
  };
  const auditSchema = catalogue.table('SentinelAudit')!;
  await store.ensureTable(auditSchema);
  await store.insert(auditSchema.name, [audit], { token: `audit of ${token}`, receivedAt: now });
}

function exclusionOf(row: Row): Exclusion {
  const condition = String(row.Condition ?? '');
  const ms = (column: string) => Date.parse(String(row[column]));
  const type = entityTypeOf(String(row.EntityType));
  return {
    ...{ id: String(row.ExclusionId), ruleId: String(row.RuleId), ruleName: String(row.RuleName) },
    excluded: type ? { kind: 'entity', type, value: String(row.EntityValue) } : { kind: 'where', condition },
    ...{ reason: String(row.Reason), author: String(row.Author), created: ms('CreatedTime') },
    expires: row.ExpirationTime ? ms('ExpirationTime') : undefined,
    isRemoved: row.Status === 'Removed',
  };
}
