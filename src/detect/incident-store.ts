import { joinSql, name, number, type Sql, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { catalogue, type Row } from '../tables/index.js';
import { alertSchema } from './alert-store.js';
import { newestRows } from './stored-rows.js';

export const incidentSchema = catalogue.table('SecurityIncident')!;

/** How often a lost race for a number or for a newer row is run again. */
const MAX_RACES = 50;

const read = (store: Store, where: Sql, having?: Sql): Promise<Row[]> =>
  newestRows(store, incidentSchema, { where, having, key: 'IncidentName', newestBy: 'LastModifiedTime' });

const among = (column: string, values: readonly string[]): Sql =>
  sql`${name(column)} IN (${joinSql(values.map(text), ', ')})`;

/** Incidents in the order of the names; those that do not exist are left out. */
export async function readIncidents(store: Store, names: readonly string[]): Promise<Row[]> {
  if (names.length === 0) return [];
  const rows = await read(store, among('IncidentName', names));
  const byName = new Map(rows.map((row) => [row.IncidentName, row]));
  return names.map((incidentName) => byName.get(incidentName)).filter((row) => row !== undefined);
}

export async function readIncidentByNumber(store: Store, incidentNumber: number): Promise<Row | undefined> {
  return (await read(store, sql`IncidentNumber = ${number(incidentNumber)}`))[0];
}

/** Every state that an incident has had, the first one first. */
export const readIncidentHistory = (store: Store, incidentName: string): Promise<Row[]> =>
  newestRows(store, incidentSchema, {
    where: sql`IncidentName = ${text(incidentName)}`,
    key: 'LastModifiedTime',
    newestBy: 'LastModifiedTime',
  });

/** All incidents, the newest number first. */
export async function readAllIncidents(store: Store): Promise<Row[]> {
  const rows = await read(store, sql`1`);
  return rows.sort((a, b) => Number(b.IncidentNumber) - Number(a.IncidentNumber));
}

/**
 * Incidents of a rule whose first alert comes from a run with nominal time in [from, to]: those that a new alert can join.
 * Times are texts as in the extended properties of alerts.
 */
export async function readCandidates(
  store: Store,
  alertType: string,
  ruleId: string,
  range: { readonly from: string; readonly to: string },
): Promise<Row[]> {
  if (!(await store.tables()).has(alertSchema.name)) return [];
  const nominal = sql`JSONExtractString(ExtendedProperties, ${text('Query End Time UTC')})`;
  const inRange = joinSql([sql`${nominal} >= ${text(range.from)}`, sql`${nominal} <= ${text(range.to)}`], ' AND ');
  const firstAlerts = sql`SELECT SystemAlertId FROM ${name(alertSchema.name)} WHERE AlertType = ${text(alertType)} AND ${inRange}`;
  const ofRule = sql`position(RelatedAnalyticRuleIds, ${text(JSON.stringify(ruleId))}) > 0`;
  const having = sql`JSONExtractString(assumeNotNull(AlertIds), 1) IN (${firstAlerts})`;
  return read(store, ofRule, having);
}

/** The incidents that hold any of the alerts. */
export async function readIncidentsOfAlerts(store: Store, ruleId: string, ids: readonly string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const ofRule = sql`position(RelatedAnalyticRuleIds, ${text(JSON.stringify(ruleId))}) > 0`;
  const wanted = sql`[${joinSql(ids.map(text), ', ')}]`;
  return read(store, ofRule, sql`hasAny(JSONExtract(assumeNotNull(AlertIds), ${text('Array(String)')}), ${wanted})`);
}

/** The number that the next incident of the workspace gets. */
export async function nextIncidentNumber(store: Store): Promise<number> {
  return (await numbering(store, '')).next;
}

/** The next number, and whether an incident of the name exists: one query, so that both are of the same moment. */
async function numbering(store: Store, incidentName: string): Promise<{ next: number; exists: boolean }> {
  if (!(await store.tables()).has(incidentSchema.name)) return { next: 1, exists: false };
  const isNamed = sql`IncidentName = ${text(incidentName)}`;
  const answer = await store.query(
    sql`SELECT max(IncidentNumber), countIf(${isNamed}) FROM ${name(incidentSchema.name)}`.text,
  );
  const [last, named] = answer.rows[0] ?? [];
  return { next: Number(last ?? 0) + 1, exists: Number(named) > 0 };
}

/**
 * Writes a new incident under the next free number; an incident of that name that exists is left as it is.
 * The insert's token claims the number: of two processes that take the same one, the engine keeps the first.
 */
export async function insertIncident(store: Store, incident: Row, receivedAt: number): Promise<void> {
  await store.ensureTable(incidentSchema);
  const incidentName = String(incident.IncidentName);
  for (let race = 0; race < MAX_RACES; race++) {
    const { next, exists } = await numbering(store, incidentName);
    if (exists) return;
    const row = { ...incident, IncidentNumber: next, ProviderIncidentId: String(next) };
    await store.insert(incidentSchema.name, [row], { token: `incident number ${next}`, receivedAt });
  }
  throw new Error(`no number for the incident ${incidentName} after ${MAX_RACES} attempts`);
}

/**
 * Appends a newer row to an incident. The token names the row that was changed, so that of two changes to the same row one
 * is stored; the other is made again, over the newer row. `change` may return its argument to leave the incident alone.
 */
export async function updateIncident(
  store: Store,
  incidentName: string,
  change: (incident: Row) => Row,
  receivedAt: number,
): Promise<Row | undefined> {
  for (let race = 0; race < MAX_RACES; race++) {
    const [before] = await readIncidents(store, [incidentName]);
    if (!before) return undefined;
    const after = change(before);
    if (after === before) return before;
    const token = `incident ${incidentName} after ${String(before.LastModifiedTime)}`;
    await store.insert(incidentSchema.name, [after], { token, receivedAt });
    const [stored] = await readIncidents(store, [incidentName]);
    if (stored && isSame(stored, after)) return stored;
  }
  throw new Error(`the incident ${incidentName} changed ${MAX_RACES} times meanwhile`);
}

const isSame = (a: Row, b: Row) =>
  comparedColumns.every((column) => JSON.stringify(a[column] ?? null) === JSON.stringify(b[column] ?? null));

/** What changes of a person and of alerts touch. */
export const comparedColumns = [
  ...['LastModifiedTime', 'ModifiedBy', 'Status', 'AlertIds', 'Comments', 'Owner', 'Labels', 'Severity', 'Tasks'],
  ...['Classification', 'ClassificationReason', 'ClassificationComment', 'ClosedTime'],
] as const;
