import {
  alertSchema,
  alertTypeOf,
  incidentSchema,
  isoTime,
  newestRows,
  readAlerts,
  readIncidentHistory,
  timeOf,
  uuidOf,
} from '../../detect/index.js';
import { kustoValue } from '../../query/index.js';
import { name, number, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { type Row, tableSchema } from '../../tables/index.js';
import type { ActionResult } from '../health.js';

/**
 * One row for each event that automation is done with. What is not here is done when automation looks next, whoever looks:
 * there is no other memory of what was handled.
 */
export const eventSchema = tableSchema('VedetteAutomation_CL', [
  { name: 'EventId', type: 'string' },
  { name: 'EventType', type: 'string' },
  { name: 'EventTime', type: 'datetime' },
  { name: 'IncidentName', type: 'string' },
  { name: 'IncidentNumber', type: 'long' },
  { name: 'SystemAlertId', type: 'string' },
  // The rules whose conditions were met, with what became of their actions.
  { name: 'Rules', type: 'dynamic' },
  { name: 'Reason', type: 'string' },
]);

export type EventType = 'incident.created' | 'incident.updated' | 'alert.created';

/** Something that happened and that rules may ask for. */
export interface PendingEvent {
  /** The same whoever finds the event. */
  readonly id: string;
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly incidentName: string;
  readonly alertId: string;
}

export interface IncidentEvent {
  readonly incident: Row;
  readonly before: Row | undefined;
  /** Every state of the incident up to now. */
  readonly history: readonly Row[];
}

const batch = 500;

/** States of incidents from a time on that automation is not done with, the oldest first. */
export async function pendingIncidents(store: Store, from: number): Promise<PendingEvent[]> {
  if (!(await store.tables()).has(incidentSchema.name)) return [];
  await store.ensureTable(eventSchema);
  const key = sql`concat(IncidentName, ' ', toString(assumeNotNull(LastModifiedTime)))`;
  const done = sql`SELECT concat(IncidentName, ' ', toString(assumeNotNull(EventTime))) FROM ${name(eventSchema.name)} WHERE IncidentName != '' AND TimeGenerated >= ${timeOf(from)}`;
  const answer = await store.query(
    sql`SELECT IncidentName, LastModifiedTime, FirstModifiedTime IS NULL FROM ${name(incidentSchema.name)}
WHERE TimeGenerated >= ${timeOf(from)} AND LastModifiedTime IS NOT NULL AND ${key} NOT IN (${done})
ORDER BY LastModifiedTime, IncidentName LIMIT ${number(batch)}`.text,
  );
  return answer.rows.map(([incidentName, cell, isFirst]) => {
    const iso = String(kustoValue('datetime', cell));
    const id = uuidOf('incident event', String(incidentName), iso);
    const type = Number(isFirst) === 1 ? 'incident.created' : 'incident.updated';
    return { id, type, time: Date.parse(iso), incidentName: String(incidentName), alertId: '' };
  });
}

/** Alerts of rules of the workspace from a time on that automation is not done with, the oldest first. */
export async function pendingAlerts(store: Store, from: number): Promise<PendingEvent[]> {
  if (!(await store.tables()).has(alertSchema.name)) return [];
  await store.ensureTable(eventSchema);
  const isOwn = sql`startsWith(AlertType, ${text(alertTypeOf(await store.workspaceId(), ''))})`;
  const done = sql`SELECT SystemAlertId FROM ${name(eventSchema.name)} WHERE SystemAlertId != '' AND TimeGenerated >= ${timeOf(from)}`;
  const answer = await store.query(
    sql`SELECT SystemAlertId, min(TimeGenerated) AS Time FROM ${name(alertSchema.name)}
WHERE TimeGenerated >= ${timeOf(from)} AND ${isOwn} AND SystemAlertId NOT IN (${done})
GROUP BY SystemAlertId ORDER BY Time, SystemAlertId LIMIT ${number(batch)}`.text,
  );
  return answer.rows.map(([alertId, cell]) => {
    const time = Date.parse(String(kustoValue('datetime', cell)));
    const id = uuidOf('alert event', String(alertId));
    return { id, type: 'alert.created', time, incidentName: '', alertId: String(alertId) };
  });
}

/** What the event was: the state of the incident then, and the one before. */
export async function incidentEvent(store: Store, event: PendingEvent): Promise<IncidentEvent | undefined> {
  const history = await readIncidentHistory(store, event.incidentName);
  const at = history.findIndex((row) => Date.parse(String(row.LastModifiedTime)) === event.time);
  const incident = history[at];
  if (!incident) return undefined;
  return { incident, before: history[at - 1], history };
}

export const alertOf = async (store: Store, event: PendingEvent): Promise<Row | undefined> =>
  (await readAlerts(store, [event.alertId]))[0];

export interface DoneEvent {
  readonly incidentNumber?: number | undefined;
  readonly rules: readonly { readonly id: string; readonly name: string; readonly actions: readonly ActionResult[] }[];
  readonly reason?: string | undefined;
}

/** Notes that automation is done with an event, whether or not a rule asked for it. */
export const recordEvent = (store: Store, event: PendingEvent, done: DoneEvent, now: number): Promise<void> =>
  recordEvents(store, [{ event, done }], now);

/** The same for many at once. */
export async function recordEvents(
  store: Store,
  events: readonly { readonly event: PendingEvent; readonly done: DoneEvent }[],
  now: number,
): Promise<void> {
  if (events.length === 0) return;
  await store.ensureTable(eventSchema);
  const rows = events.map(({ event, done }): Row => {
    // The time of the event, so that what is looked for and what is done lie in the same range.
    const time = isoTime(event.time);
    return {
      ...{ TimeGenerated: time, EventId: event.id, EventType: event.type, EventTime: time },
      ...{ IncidentName: event.incidentName, IncidentNumber: done.incidentNumber ?? null },
      ...{ SystemAlertId: event.alertId, Rules: done.rules, Reason: done.reason ?? '' },
    };
  });
  const token = `automation events ${uuidOf(...events.map(({ event }) => event.id))}`;
  await store.insert(eventSchema.name, rows, { token, receivedAt: now });
}

/** When the rules of automation became active. */
export const activeRuleSchema = tableSchema('VedetteAutomationRule_CL', [
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'Version', type: 'long' },
  { name: 'IsActive', type: 'bool' },
  { name: 'Since', type: 'datetime' },
]);

/**
 * Since when each rule is active, by its id in lower case. A rule acts on what happens from then on: one that is new, or was
 * away, does not act on the past.
 *
 * @param areAllKnown false when a file is broken, so that a rule that is missing may only be misspelt
 */
export async function activeSince(
  store: Store,
  rules: readonly { readonly id: string; readonly displayName: string }[],
  areAllKnown: boolean,
  now: number,
): Promise<Map<string, number>> {
  const selection = { where: sql`1`, key: 'RuleId', newestBy: 'Version' };
  const stored = new Map(
    (await newestRows(store, activeRuleSchema, selection)).map((row) => [String(row.RuleId), row]),
  );
  const since = new Map<string, number>();
  const present = new Set(rules.map((rule) => rule.id.toLowerCase()));
  const write = async (id: string, displayName: string, isActive: boolean) => {
    const version = Number(stored.get(id)?.Version ?? 0) + 1;
    const row = { RuleId: id, RuleName: displayName, Version: version, IsActive: isActive };
    await store.ensureTable(activeRuleSchema);
    await store.insert(activeRuleSchema.name, [{ TimeGenerated: isoTime(now), ...row, Since: isoTime(now) }], {
      token: `automation rule ${id} ${version}`,
      receivedAt: now,
    });
  };
  for (const rule of rules) {
    const id = rule.id.toLowerCase();
    const known = stored.get(id);
    if (known?.IsActive === true) since.set(id, Date.parse(String(known.Since)));
    else {
      await write(id, rule.displayName, true);
      since.set(id, now);
    }
  }
  if (!areAllKnown) return since;
  for (const [id, row] of stored) {
    if (row.IsActive === true && !present.has(id)) await write(id, String(row.RuleName), false);
  }
  return since;
}
