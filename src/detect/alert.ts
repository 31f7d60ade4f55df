import { deflateSync } from 'node:zlib';
import { formatTimespan, ticksFromMs } from '../base/index.js';
import { type AnalyticRule, triggerOperators } from '../content/index.js';
import type { Row } from '../tables/index.js';
import { contentKey } from './content-key.js';
import { customDetails, override } from './details.js';
import { collectEntities, displayName, entitiesJson } from './entities/index.js';
import { isoTime, uuidOf, type Window } from './identity.js';
import { limits, utf8Bytes } from './limits.js';
import { type ResultRow, timeSpan } from './result-row.js';

/** What alerts of one run have in common. */
export interface AlertRun {
  readonly runId: string;
  readonly rule: AnalyticRule;
  readonly window: Window;
  readonly workspaceId: string;
  /** When the alerts are written, in milliseconds since the epoch. */
  readonly writtenAt: number;
}

/** A row of SecurityAlert and the rows of the result that it stands for. */
export interface Alert {
  readonly row: Row;
  readonly resultRows: readonly number[];
}

/** The type of the alerts of a rule: the only column that links an alert to its rule. */
export const alertTypeOf = (workspaceId: string, ruleId: string): string => `${workspaceId}_${ruleId}`;

/**
 * The alerts of a run that triggered. SingleAlert: one for all rows. AlertPerResult: one for each row; when there are more
 * rows than a run may have alerts, the last alert stands for the whole result.
 */
export function buildAlerts(run: AlertRun, rows: readonly ResultRow[]): Alert[] {
  const { rule } = run;
  if (rule.aggregationKind === 'SingleAlert') return [buildAlert(run, rows, rows, 'all')];
  const limit = limits.alertsPerRun[rule.kind];
  const single = rows.length > limit ? rows.slice(0, limit - 1) : rows;
  const seen = new Map<string, number>();
  const alerts = single.map((row) => {
    // The order of rows may differ when the run is repeated, so an alert is known by what its row holds.
    const key = contentKey(row.cells);
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return buildAlert(run, [row], rows, `row ${occurrence} ${key}`);
  });
  // An empty result triggers too (eq 0, lt 5): there is no row, but an alert.
  if (rows.length > limit || rows.length === 0) alerts.push(buildAlert(run, rows, rows, 'all'));
  return alerts;
}

function buildAlert(run: AlertRun, rows: readonly ResultRow[], all: readonly ResultRow[], part: string): Alert {
  const { rule, window } = run;
  const written = isoTime(run.writtenAt);
  const times = timeSpan(rows);
  const changed = override(rule.alertDetailsOverride, rows);
  const component = rule.kind === 'NRT' ? 'NRT Alerts' : 'Scheduled Alerts';
  const name = changed.displayName ?? rule.name;
  const entities = collectEntities(rule, rows);
  const main = entities.find((entity) => entity.Type === 'host' || entity.Type === 'account');
  const row: Row = {
    TimeGenerated: written,
    DisplayName: name,
    AlertName: name,
    AlertSeverity: changed.severity ?? rule.severity,
    Description: changed.description ?? rule.description,
    ProviderName: `ASI ${component}`,
    VendorName: 'Microsoft',
    ProductName: 'Azure Sentinel',
    ProductComponentName: component,
    AlertType: alertTypeOf(run.workspaceId, rule.id),
    SystemAlertId: uuidOf('alert', run.runId, part),
    VendorOriginalId: uuidOf('vendor alert', run.runId, part),
    Status: 'New',
    StartTime: times?.start ?? isoTime(window.from),
    EndTime: times?.end ?? isoTime(window.to),
    ProcessingEndTime: written,
    Tactics: (changed.tactics ?? rule.tactics).join(','),
    Techniques: jsonList(rule.relevantTechniques.map((id) => id.slice(0, 5))),
    SubTechniques: jsonList(rule.relevantTechniques.filter((id) => id.includes('.'))),
    ExtendedProperties: JSON.stringify(extendedProperties(run, rows, all)),
    IsIncident: false,
    CompromisedEntity: main ? displayName(main) : '',
    ConfidenceLevel: 'Unknown',
    SourceSystem: 'Detection',
    Type: 'SecurityAlert',
    ...changed.columns,
  };
  const room = limits.alertBytes - utf8Bytes(JSON.stringify(row));
  row.Entities = entitiesJson(entities, Math.min(limits.entitiesBytes, room));
  return { row, resultRows: rows.map((r) => r.index) };
}

const jsonList = (items: readonly string[]) => (items.length === 0 ? '' : JSON.stringify([...new Set(items)]));

/** Property names and value forms are those that playbooks and workbooks read; all values are text. */
function extendedProperties(
  run: AlertRun,
  rows: readonly ResultRow[],
  all: readonly ResultRow[],
): Record<string, string> {
  const { rule, window } = run;
  const details = customDetails(rule.customDetails, rows);
  const perResult = rule.aggregationKind === 'AlertPerResult';
  const query = atRunTime(rule.query, window.to);
  return {
    'Query Period': formatTimespan(ticksFromMs(rule.queryPeriodMs)),
    'Trigger Operator': triggerOperators[rule.triggerOperator],
    'Trigger Threshold': String(rule.triggerThreshold),
    'Correlation Id': run.runId,
    'Search Query Results Overall Count': String(all.length),
    'Data Sources': JSON.stringify([run.workspaceId]),
    Query: (perResult && rows.length === 1 && rowQuery(rows[0]!, window.to)) || query,
    ...(perResult ? { OriginalQuery: query } : {}),
    'Query Start Time UTC': shortTime(window.from),
    'Query End Time UTC': shortTime(window.to),
    'Analytic Rule Ids': JSON.stringify([rule.id]),
    'Event Grouping': rule.aggregationKind,
    'Analytic Rule Name': rule.name,
    ...(Object.keys(details).length > 0 ? { 'Custom Details': JSON.stringify(details) } : {}),
    ProcessedBySentinel: 'True',
    'Alert generation status': 'Full alert created',
  };
}

/** `2026-03-04 09:12:31Z`. */
export const shortTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;

const atRunTime = (query: string, at: number) =>
  `// query_now is the time at which the rule ran (UTC).\nset query_now = datetime(${isoTime(at)});\n${query}`;

/** KQL that brings back the one row of an alert; undefined when it would be too long to save. */
function rowQuery(row: ResultRow, at: number): string | undefined {
  const packed = deflateSync(JSON.stringify(row.object())).toString('base64');
  const query = atRunTime(
    `datatable(compressedRec: string)['${packed}']
| extend raw = todynamic(zlib_decompress_from_base64_string(compressedRec))
| evaluate bag_unpack(raw)
| project-away compressedRec`,
    at,
  );
  return utf8Bytes(query) <= limits.savedQueryBytes ? query : undefined;
}
