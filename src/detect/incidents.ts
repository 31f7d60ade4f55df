import { failure, type Result, success } from '../base/index.js';
import type { Store } from '../store/index.js';
import type { Column, Row } from '../tables/index.js';
import { readAlerts } from './alert-store.js';
import { auditChange, changesOf } from './audit.js';
import { displayName, type Entity, entityKey, isStrong, listedEntities } from './entities/index.js';
import { changeIncident, type IncidentChange, labelsOf, list, ownerOf, refusal, tasksOf } from './incident.js';
import { readAllIncidents, readIncidentByNumber, readIncidentHistory, updateIncident } from './incident-store.js';
import { readRunsOfAlerts } from './ledger.js';

/** An entity of an incident and the alerts that name it. */
export interface IncidentEntity {
  readonly name: string;
  /** Whether its identifiers tell it from all others. */
  readonly strong: boolean;
  readonly entity: Entity;
  readonly alertIds: readonly string[];
}

/** The result rows behind the alerts of one run. */
export interface IncidentEvents {
  readonly runId: string;
  readonly ruleName: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface TimelineEntry {
  readonly time: string;
  readonly kind:
    | 'first activity'
    | 'last activity'
    | 'alert'
    | 'incident created'
    | 'change'
    | 'incident closed'
    | 'comment';
  readonly text: string;
}

export interface IncidentView {
  readonly incident: Row;
  readonly alerts: readonly Row[];
  readonly entities: readonly IncidentEntity[];
  readonly events: readonly IncidentEvents[];
  readonly timeline: readonly TimelineEntry[];
}

export interface Incidents {
  /** Rows of SecurityIncident in their newest state, the newest number first. */
  list(): Promise<Row[]>;
  show(incidentNumber: number): Promise<Result<IncidentView>>;
  /**
   * Appends a row with the changed values, and one to SentinelAudit that says who changed what. `by` is who changes; `now`
   * is in milliseconds since the epoch.
   */
  update(incidentNumber: number, change: IncidentChange, by: string, now: number): Promise<Result<Row>>;
}

export function incidents(store: Store): Incidents {
  return {
    list: () => readAllIncidents(store),
    async show(incidentNumber) {
      const incident = await readIncidentByNumber(store, incidentNumber);
      return incident ? success(await view(store, incident)) : noIncident(incidentNumber);
    },
    async update(incidentNumber, change, by, now) {
      const incident = await readIncidentByNumber(store, incidentNumber);
      if (!incident) return noIncident(incidentNumber);
      const refused = refusal(incident, change);
      if (refused) return failure([{ code: 'CLI6001', severity: 'error', message: refused }]);
      const name = String(incident.IncidentName);
      let before = incident;
      const apply = (row: Row) => {
        before = row;
        return changeIncident(row, change, by, now);
      };
      const changed = await updateIncident(store, name, apply, now);
      if (!changed) return noIncident(incidentNumber);
      if (changed !== before) await auditChange(store, before, changed, by, now);
      return success(changed);
    },
  };
}

const noIncident = (incidentNumber: number): Result<never> =>
  failure([{ code: 'CLI6001', severity: 'error', message: `there is no incident ${incidentNumber}` }]);

async function view(store: Store, incident: Row): Promise<IncidentView> {
  const alertIds = list(incident, 'AlertIds');
  const alerts = await readAlerts(store, alertIds);
  const runs = await readRunsOfAlerts(store, alertIds);
  const events = runs.map((run): IncidentEvents => {
    const mine = run.alertIds.filter((id) => alertIds.includes(id));
    const all = mine.some((id) => run.alertRows[id] === undefined);
    const wanted = new Set(mine.flatMap((id) => run.alertRows[id] ?? []));
    const rows = all ? run.rows : run.rows.filter((_, i) => wanted.has(i));
    return { runId: run.runId, ruleName: run.ruleName, columns: run.columns, rows };
  });
  const history = await readIncidentHistory(store, String(incident.IncidentName));
  return { incident, alerts, entities: entitiesOf(alerts), events, timeline: timelineOf(incident, alerts, history) };
}

/** The entities of alerts, each once. */
export function entitiesOf(alerts: readonly Row[]): IncidentEntity[] {
  const found = new Map<string, { entity: Entity; alertIds: string[] }>();
  for (const alert of alerts) {
    for (const entity of listedEntities(alert.Entities)) {
      const key = entityKey(entity);
      const known = found.get(key) ?? { entity, alertIds: [] };
      known.alertIds.push(String(alert.SystemAlertId));
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ entity, alertIds }) => ({
    name: displayName(entity),
    strong: isStrong(entity),
    entity,
    alertIds,
  }));
}

/** What has an entry of its own, or follows from another column. */
const toldOtherwise = new Set(['AlertIds', 'Comments', 'ClosedTime', 'FirstActivityTime', 'LastActivityTime']);

/** `Status: New → Active; Labels: vip, by ana`. Empty when there is nothing to tell. */
function changeText(before: Row, after: Row): string {
  const changes = Object.entries(changesOf(before, after)).filter(([column]) => !toldOtherwise.has(column));
  if (changes.length === 0) return '';
  const told = changes.map(([column, { from, to }]) => {
    if (column === 'Owner') return `Owner: ${ownerOf(after) || 'nobody'}`;
    if (column === 'Labels')
      return `Labels: ${
        labelsOf(after)
          .map((label) => label.labelName)
          .join(', ') || 'none'
      }`;
    if (column === 'Tasks')
      return `Tasks: ${tasksOf(after)
        .map(({ title, status }) => `${title} (${status})`)
        .join(', ')}`;
    return from ? `${column}: ${from} → ${to || 'none'}` : `${column}: ${to}`;
  });
  return `${told.join('; ')}, by ${after.ModifiedBy}`;
}

function timelineOf(incident: Row, alerts: readonly Row[], history: readonly Row[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const add = (time: unknown, kind: TimelineEntry['kind'], text: string) => {
    if (typeof time === 'string' && time !== '') entries.push({ time, kind, text });
  };
  add(incident.FirstActivityTime, 'first activity', 'first event of the alerts');
  add(incident.LastActivityTime, 'last activity', 'last event of the alerts');
  for (const alert of alerts) add(alert.TimeGenerated, 'alert', `${alert.AlertName} (${alert.AlertSeverity})`);
  add(incident.CreatedTime, 'incident created', String(incident.Title));
  history.forEach((row, i) => {
    const text = i > 0 ? changeText(history[i - 1]!, row) : '';
    if (text !== '') add(row.LastModifiedTime, 'change', text);
  });
  for (const comment of (incident.Comments ?? []) as { message?: string; createdTimeUtc?: string }[]) {
    add(comment.createdTimeUtc, 'comment', comment.message ?? '');
  }
  add(incident.ClosedTime, 'incident closed', String(incident.Classification || 'no classification'));
  // Stable, so that entries of the same moment keep the order above.
  return entries.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
