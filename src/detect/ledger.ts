import type { Diagnostic } from '../base/index.js';
import { joinSql, name, type Sql, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { type Column, type Row, tableSchema } from '../tables/index.js';
import { isoTime, type RunKey } from './identity.js';
import { limits } from './limits.js';
import { newestRows } from './stored-rows.js';

/**
 * One row for each run that was completed. It is written after the alerts and incidents of the run, so a run that broke off
 * has none and is done again. TimeGenerated is the nominal time of the run.
 */
export const runSchema = tableSchema('VedetteRun_CL', [
  { name: 'RunId', type: 'string' },
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'RuleHash', type: 'string' },
  { name: 'FunctionsHash', type: 'string' },
  { name: 'WindowFrom', type: 'datetime' },
  { name: 'WindowTo', type: 'datetime' },
  { name: 'RanAt', type: 'datetime' },
  { name: 'ResultCount', type: 'long' },
  { name: 'Triggered', type: 'bool' },
  { name: 'AlertIds', type: 'dynamic' },
  { name: 'IncidentNames', type: 'dynamic' },
  // Alert → numbers of its result rows; an alert that is not listed stands for all of them.
  { name: 'AlertRows', type: 'dynamic' },
  { name: 'ResultColumns', type: 'dynamic' },
  { name: 'ResultRows', type: 'dynamic' },
  { name: 'Notices', type: 'dynamic' },
]);

export interface RunRecord {
  readonly runId: string;
  readonly key: RunKey;
  readonly ruleName: string;
  /** Milliseconds since the epoch. */
  readonly ranAt: number;
  readonly resultCount: number;
  readonly triggered: boolean;
  readonly alertIds: readonly string[];
  readonly incidentNames: readonly string[];
  readonly alertRows: Readonly<Record<string, readonly number[]>>;
  readonly columns: readonly Column[];
  /** The first rows of the result when all of them would be too many to keep. */
  readonly rows: readonly (readonly unknown[])[];
  readonly notices: readonly Diagnostic[];
}

export async function writeRun(store: Store, record: RunRecord): Promise<void> {
  await store.ensureTable(runSchema);
  const { key } = record;
  const row: Row = {
    TimeGenerated: isoTime(key.window.to),
    RunId: record.runId,
    RuleId: key.ruleId,
    RuleName: record.ruleName,
    RuleHash: key.ruleHash,
    FunctionsHash: key.functionsHash,
    WindowFrom: isoTime(key.window.from),
    WindowTo: isoTime(key.window.to),
    RanAt: isoTime(record.ranAt),
    ResultCount: record.resultCount,
    Triggered: record.triggered,
    AlertIds: record.alertIds,
    IncidentNames: record.incidentNames,
    AlertRows: record.alertRows,
    ResultColumns: record.columns,
    ResultRows: keptRows(record.rows),
    Notices: record.notices,
  };
  await store.insert(runSchema.name, [row], { token: `run ${record.runId}`, receivedAt: record.ranAt });
}

/** As many rows from the start as may be kept. */
export function keptRows(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  let chars = 0;
  const end = rows.findIndex((row) => {
    chars += JSON.stringify(row).length + 1;
    return chars > limits.storedRowsChars;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** The tables of runs are sorted by nominal time: with it a row is found without reading all of them. */
export const isNominalTime = (nominal: number): Sql => sql`TimeGenerated = ${timeOf(nominal)}`;

export const timeOf = (ms: number): Sql => sql`parseDateTime64BestEffort(${text(isoTime(ms))}, 7, ${text('UTC')})`;

/** The record of a run by its id and nominal time. */
export async function readRun(store: Store, runId: string, nominal: number): Promise<RunRecord | undefined> {
  const where = sql`${isNominalTime(nominal)} AND RunId = ${text(runId)}`;
  const [row] = await newestRows(store, runSchema, { where, key: 'RunId', newestBy: 'RanAt' });
  return row && recordOf(row);
}

/** All runs of a rule with the nominal time, the first one first: the scheduled one and those that added late data. */
export async function readRunsAt(store: Store, ruleId: string, nominal: number): Promise<RunRecord[]> {
  const where = sql`${isNominalTime(nominal)} AND RuleId = ${text(ruleId)}`;
  return (await newestRows(store, runSchema, { where, key: 'RunId', newestBy: 'RanAt' })).map(recordOf);
}

/** The runs that wrote any of the alerts. */
export async function readRunsOfAlerts(store: Store, alertIds: readonly string[]): Promise<RunRecord[]> {
  if (alertIds.length === 0) return [];
  const wanted = sql`[${textList(alertIds)}]`;
  const where = sql`hasAny(JSONExtract(assumeNotNull(AlertIds), ${text('Array(String)')}), ${wanted})`;
  const rows = await newestRows(store, runSchema, { where, key: 'RunId', newestBy: 'RanAt' });
  return rows.map(recordOf);
}

const textList = (values: readonly string[]) => joinSql(values.map(text), ', ');

/** The nominal time of the latest run of the rule in (from, to) that wrote alerts. */
export async function lastAlertingRun(
  store: Store,
  ruleId: string,
  from: number,
  to: number,
): Promise<number | undefined> {
  if (!(await store.tables()).has(runSchema.name)) return undefined;
  const answer = await store.query(
    sql`SELECT maxOrNull(TimeGenerated) FROM ${name(runSchema.name)}
WHERE RuleId = ${text(ruleId)} AND Triggered AND TimeGenerated > ${timeOf(from)} AND TimeGenerated < ${timeOf(to)}`
      .text,
  );
  const cell = answer.rows[0]?.[0];
  return cell === null || cell === undefined ? undefined : Date.parse(`${String(cell).replace(' ', 'T')}Z`);
}

function recordOf(row: Row): RunRecord {
  const ms = (column: string) => Date.parse(String(row[column]));
  return {
    runId: String(row.RunId),
    key: {
      ruleId: String(row.RuleId),
      ruleHash: String(row.RuleHash),
      functionsHash: String(row.FunctionsHash),
      window: { from: ms('WindowFrom'), to: ms('WindowTo') },
    },
    ruleName: String(row.RuleName),
    ranAt: ms('RanAt'),
    resultCount: Number(row.ResultCount),
    triggered: row.Triggered === true,
    alertIds: (row.AlertIds ?? []) as unknown as string[],
    incidentNames: (row.IncidentNames ?? []) as unknown as string[],
    alertRows: (row.AlertRows ?? {}) as unknown as Record<string, number[]>,
    columns: (row.ResultColumns ?? []) as unknown as Column[],
    rows: (row.ResultRows ?? []) as unknown as unknown[][],
    notices: (row.Notices ?? []) as unknown as Diagnostic[],
  };
}
