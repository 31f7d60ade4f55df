import { fail } from '../../base/index.js';
import { name, number, type Sql, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { parseJson } from '../formats/json.js';
import { isoUtc } from '../times.js';
import { type IntelligenceResult, IntelligenceWriter } from './import.js';
import type { Observable } from './pattern.js';
import { indicatorsSchema } from './rows.js';
import { isoTime, readKnown } from './state.js';
import { readStix } from './stix.js';

export type IndicatorState = 'active' | 'revoked' | 'expired' | 'not yet valid';

/** An indicator as it is now. Times are ISO 8601 UTC. */
export interface StoredIndicator {
  /** In the tables. */
  readonly id: string;
  readonly stixId: string;
  readonly source: string;
  readonly state: IndicatorState;
  readonly observables: readonly Observable[];
  readonly confidence: number | undefined;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly modified: string;
}

export interface IndicatorFilter {
  readonly state?: IndicatorState | undefined;
  /** Only indicators with this observable value. */
  readonly value?: string | undefined;
  readonly limit: number;
}

const table = name(indicatorsSchema.name);
const timeOf = (iso: string): Sql => sql`parseDateTime64BestEffort(${text(iso)}, 7, ${text('UTC')})`;

/** The newest rows of indicators, by their observables; a column per thing that is asked of them. */
const observed = (where: Sql): Sql => {
  const newest = sql`(TimeGenerated, Modified)`;
  const last = (column: string) => sql`argMax(assumeNotNull(${name(column)}), ${newest})`;
  return sql`SELECT Id, ObservableKey AS k, ObservableValue AS v, max(TimeGenerated) AS t, max(Modified) AS m, any(SourceSystem) AS source,
argMax(Confidence, ${newest}) AS confidence, ${last('ValidFrom')} AS validFrom, ${last('ValidUntil')} AS validUntil,
${last('Revoked')} AS revoked, ${last('IsDeleted')} AS deleted, ${last('IsActive')} AS active
FROM ${table} WHERE ${where} GROUP BY Id, k, v`;
};

const stateAt = (now: string): Sql =>
  sql`multiIf(argMax(revoked, m), ${text('revoked')}, argMax(validUntil, m) <= ${timeOf(now)}, ${text('expired')},
argMax(validFrom, m) > ${timeOf(now)}, ${text('not yet valid')}, ${text('active')})`;

/** Indicators in their present state, the last changed first. `now` is in milliseconds since the epoch. */
export async function listIndicators(store: Store, filter: IndicatorFilter, now: number): Promise<StoredIndicator[]> {
  if (!(await store.tables()).has(indicatorsSchema.name)) return [];
  const ofValue =
    filter.value === undefined
      ? sql`1`
      : sql`Id IN (SELECT Id FROM ${table} WHERE ObservableValue = ${text(filter.value)})`;
  const ofState = filter.state === undefined ? sql`1` : sql`state = ${text(filter.state)}`;
  const answer = await store.query(
    sql`SELECT Id, any(source), ${stateAt(isoUtc(now)!)} AS state, groupArrayIf(20)((k, v), NOT deleted),
argMax(confidence, m), toString(argMax(validFrom, m)), toString(argMax(validUntil, m)), toString(max(m)) AS modified
FROM (${observed(ofValue)}) GROUP BY Id HAVING ${ofState} ORDER BY modified DESC, Id LIMIT ${number(filter.limit)}`
      .text,
  );
  return answer.rows.map(([id, source, state, observables, confidence, from, until, modified]) => ({
    ...{
      id: String(id),
      stixId: String(id).replace(/^.*---/, ''),
      source: String(source),
      state: state as IndicatorState,
    },
    observables: (observables as [string, string][]).map(([key, value]) => ({ key, value })),
    confidence: confidence === null ? undefined : Number(confidence),
    ...{ validFrom: isoTime(String(from)), validUntil: isoTime(String(until)), modified: isoTime(String(modified)) },
  }));
}

/**
 * Revokes indicators by their STIX ids, or by the ids in the tables: a newer version of each is written that no longer holds.
 * Errors  CLI6001 there is no such indicator; nothing is written then
 */
export async function revokeIndicators(store: Store, ids: readonly string[], now: number): Promise<IntelligenceResult> {
  const found: { id: string; source: string }[] = [];
  for (const id of ids) {
    const has = (await store.tables()).has(indicatorsSchema.name);
    const where = sql`Id = ${text(id)} OR endsWith(Id, ${text(`---${id}`)})`;
    const answer = has
      ? await store.query(sql`SELECT DISTINCT Id, SourceSystem FROM ${table} WHERE ${where}`.text)
      : { rows: [] };
    if (answer.rows.length === 0) fail('CLI6001', `there is no indicator ${id}`);
    for (const [tableId, source] of answer.rows) found.push({ id: String(tableId), source: String(source) });
  }
  const known = await readKnown(
    store,
    found.map(({ id }) => id),
  );
  return written(store, found, now, 'Revocation', (writer, id) => {
    const { data, modified } = known.get(id)!;
    const after = Math.max(now, Date.parse(modified ?? '') + 1 || 0);
    const changed = { ...(parseJson(data) as object), revoked: true, modified: isoUtc(after)! };
    writer.add(readStix(changed, new Map()), JSON.stringify(changed));
  });
}

/** Rules look a limited time back for indicators, so those that still hold are written again after this many days. */
export const REPUBLISH_DAYS = 7;
const DAY_MS = 86_400_000;
const PAGE = 1_000;

/**
 * Writes indicators again that hold and were written more than a week ago, and those whose `IsActive` is no longer true:
 * they have expired or begun meanwhile.
 */
export async function republishIndicators(store: Store, now: number): Promise<number> {
  if (!(await store.tables()).has(indicatorsSchema.name)) return 0;
  const nowIso = isoUtc(now)!;
  const old = timeOf(isoUtc(now - REPUBLISH_DAYS * DAY_MS)!);
  let count = 0;
  for (let last = ''; ; ) {
    const answer = await store.query(
      sql`SELECT Id, any(source), ${stateAt(nowIso)} AS state, maxIf(active, NOT deleted) AS isActive FROM (${observed(sql`Id > ${text(last)}`)})
GROUP BY Id HAVING (state = ${text('active')} AND max(t) < ${old}) OR (state = ${text('active')}) != isActive
ORDER BY Id LIMIT ${number(PAGE)}`.text,
    );
    const found = answer.rows.map(([id, source]) => ({ id: String(id), source: String(source) }));
    const known = await readKnown(
      store,
      found.map(({ id }) => id),
    );
    await written(store, found, now, 'Republisher', (writer, id) => {
      const { data, observables } = known.get(id)!;
      writer.again(readStix(parseJson(data), new Map()), observables);
    });
    count += found.length;
    if (found.length < PAGE) return count;
    last = found.at(-1)!.id;
  }
}

/** Runs an action over each indicator with a writer for its source. */
async function written(
  store: Store,
  found: readonly { readonly id: string; readonly source: string }[],
  now: number,
  method: string,
  action: (writer: IntelligenceWriter, id: string) => void,
): Promise<IntelligenceResult> {
  const workspaceId = await store.workspaceId();
  const results: IntelligenceResult[] = [];
  for (const source of new Set(found.map((each) => each.source))) {
    const writer = new IntelligenceWriter(store, { source, now: isoUtc(now)!, method, workspaceId, receivedAt: now });
    for (const { id } of found.filter((each) => each.source === source)) action(writer, id);
    results.push(await writer.finish());
  }
  const sum = (of: (result: IntelligenceResult) => number) => results.reduce((n, result) => n + of(result), 0);
  const tables: Record<string, number> = {};
  for (const result of results)
    for (const [each, rows] of Object.entries(result.tables)) tables[each] = (tables[each] ?? 0) + rows;
  return {
    ...{ read: sum((r) => r.read), written: sum((r) => r.written), unchanged: sum((r) => r.unchanged) },
    ...{
      outdated: sum((r) => r.outdated),
      rejected: sum((r) => r.rejected),
      tables,
      rejects: results.flatMap((r) => r.rejects),
    },
  };
}
