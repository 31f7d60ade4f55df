import { parseDatetime, ticksPerMs } from '../base/index.js';
import {
  MAX_QUERY_CHARS,
  readConnectors,
  readCustomDetails,
  readDescription,
  readEntityMappings,
  readId,
  readQuery,
  readTactics,
  readTechniques,
} from './described.js';
import { formatDuration } from './duration.js';
import { entityTypeOf } from './entity-types.js';
import type { Fields } from './fields.js';
import { contentHash } from './hash.js';
import {
  type AlertDetailsOverride,
  type AnalyticRule,
  alertProperties,
  type GroupingConfiguration,
  type HuntingQuery,
  type IncidentConfiguration,
  severities,
  type TriggerOperator,
  triggerOperators,
} from './model.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Limits of the product on schedules and grouping. Durations are milliseconds. */
export const limits = {
  scheduleMs: { min: 5 * minute, max: 14 * day },
  /** A period of two days or more needs a frequency of an hour or more. */
  longPeriodMs: 2 * day,
  longPeriodFrequencyMs: hour,
  suppressionMs: 24 * hour,
  lookbackMs: { min: 5 * minute, max: 7 * day },
  nameParameters: 3,
} as const;

/** What holds when a file does not say. */
export const defaults = {
  suppressionMs: 5 * hour,
  lookbackMs: 5 * hour,
  /** An NRT rule runs every minute over the events of that minute. */
  nrtMs: minute,
} as const;

const operatorNames = Object.fromEntries(
  Object.entries(triggerOperators).map(([short, long]) => [long, short]),
) as Record<string, TriggerOperator>;

/** Reads a scheduled or NRT rule; undefined when a key that a run needs is missing or wrong. */
export function readRule(fields: Fields): AnalyticRule | undefined {
  const kind = fields.oneOf('kind', ['Scheduled', 'NRT']) ?? 'Scheduled';
  const scheduled = kind === 'Scheduled';
  const id = readId(fields);
  const name = fields.text('name') ?? fields.text('displayName');
  if (!name) fields.problem('name', 'name is missing');
  const severity = fields.require('severity', fields.oneOf('severity', severities));
  const query = readQuery(fields);
  if (query) checkQuery(fields, query.text);

  const needed = <T>(key: string, value: T | undefined, nrt: T) =>
    // What an NRT rule says of a schedule or a trigger does not count.
    scheduled ? fields.require(key, value) : nrt;
  const queryFrequencyMs = needed('queryFrequency', fields.duration('queryFrequency'), defaults.nrtMs);
  const queryPeriodMs = needed('queryPeriod', fields.duration('queryPeriod'), defaults.nrtMs);
  const operators = Object.keys(triggerOperators) as TriggerOperator[];
  const triggerOperator = needed<TriggerOperator>(
    'triggerOperator',
    fields.oneOf('triggerOperator', operators, operatorNames),
    'gt',
  );
  const triggerThreshold = needed('triggerThreshold', fields.integer('triggerThreshold'), 0);
  if (scheduled) checkSchedule(fields, queryFrequencyMs, queryPeriodMs);

  const suppressionMs = fields.duration('suppressionDuration') ?? defaults.suppressionMs;
  if (suppressionMs > limits.suppressionMs) {
    fields.problem('suppressionDuration', `suppressionDuration can be ${formatDuration(limits.suppressionMs)} at most`);
  }
  const rule = {
    type: 'rule' as const,
    kind,
    description: readDescription(fields),
    status: fields.text('status') ?? '',
    enabled: fields.bool('enabled') ?? true,
    startTimeMs: readStartTime(fields),
    requiredDataConnectors: readConnectors(fields),
    tactics: readTactics(fields),
    relevantTechniques: readTechniques(fields),
    entityMappings: readEntityMappings(fields),
    sentinelEntitiesMappings: fields.children('sentinelEntitiesMappings').flatMap((m) => m.text('columnName') ?? []),
    customDetails: readCustomDetails(fields),
    alertDetailsOverride: readOverride(fields.child('alertDetailsOverride')),
    aggregationKind:
      fields.child('eventGroupingSettings')?.oneOf('aggregationKind', ['SingleAlert', 'AlertPerResult']) ??
      ('SingleAlert' as const),
    suppressionEnabled: fields.bool('suppressionEnabled') ?? false,
    suppressionMs,
    incidentConfiguration: readIncidentConfiguration(fields.child('incidentConfiguration')),
    version: fields.text('version') ?? '',
    hash: contentHash(fields.file.text),
  };
  if (!id || !name || !severity || !query || !queryFrequencyMs || !queryPeriodMs) return undefined;
  if (!triggerOperator || triggerThreshold === undefined) return undefined;
  return {
    ...rule,
    ...{ id, name, severity, query: query.text, source: query.source },
    ...{ queryFrequencyMs, queryPeriodMs, triggerOperator, triggerThreshold },
  };
}

/** Reads a hunting query: a query with a description, no schedule and no trigger. */
export function readHunting(fields: Fields): HuntingQuery | undefined {
  const id = readId(fields);
  const name = fields.require('name', fields.text('name'));
  const query = readQuery(fields);
  const hunting = {
    type: 'hunting' as const,
    description: readDescription(fields),
    requiredDataConnectors: readConnectors(fields),
    tactics: readTactics(fields),
    relevantTechniques: readTechniques(fields),
    entityMappings: readEntityMappings(fields, 'warning'),
    customDetails: readCustomDetails(fields),
    version: fields.text('version') ?? '',
    hash: contentHash(fields.file.text),
  };
  if (!id || !name || !query) return undefined;
  return { ...hunting, id, name, query: query.text, source: query.source };
}

function checkQuery(fields: Fields, query: string): void {
  if (query.length > MAX_QUERY_CHARS) {
    fields.problem('query', `the query has ${query.length} characters; a rule can have ${MAX_QUERY_CHARS}`, {
      severity: 'warning',
      hint: 'it runs here, but Microsoft Sentinel would not accept it',
    });
  }
  // Texts and comments go first: they may spell anything.
  const code = query.replaceAll(/\/\/[^\n]*|@?"(?:[^"\\\n]|\\.)*"|@?'(?:[^'\\\n]|\\.)*'/g, ' ');
  const everything = /(?:^|[|;({]|=)\s*(search|union)(?:\s+\w+\s*=\s*\w+)*\s*\*\s*(?:$|[|;)},])/m.exec(code);
  if (everything) fields.problem('query', `'${everything[1]} *' is not allowed in a rule`);
}

function readStartTime(fields: Fields): number | undefined {
  const text = fields.text('startTimeUtc');
  if (!text) return undefined;
  const ticks = parseDatetime(text);
  if (ticks !== undefined) return Number(ticks / ticksPerMs);
  fields.problem('startTimeUtc', `'${text}' is not a time`);
  return undefined;
}

function checkSchedule(fields: Fields, frequencyMs: number | undefined, periodMs: number | undefined): void {
  const { min, max } = limits.scheduleMs;
  for (const [key, ms] of [
    ['queryFrequency', frequencyMs],
    ['queryPeriod', periodMs],
  ] as const) {
    if (ms !== undefined && (ms < min || ms > max)) {
      fields.problem(key, `${key} must be between ${formatDuration(min)} and ${formatDuration(max)}`);
    }
  }
  if (frequencyMs === undefined || periodMs === undefined) return;
  if (frequencyMs > periodMs) {
    fields.problem(
      'queryFrequency',
      'queryFrequency is longer than queryPeriod: events in between would never be seen',
    );
  } else if (periodMs >= limits.longPeriodMs && frequencyMs < limits.longPeriodFrequencyMs) {
    fields.problem('queryFrequency', 'a queryPeriod of 2d or more needs a queryFrequency of 1h or more');
  }
}

function readOverride(fields: Fields | undefined): AlertDetailsOverride {
  if (!fields) return { alertDynamicProperties: [] };
  const alertDisplayNameFormat = fields.text('alertDisplayNameFormat');
  const placeholders = alertDisplayNameFormat?.match(/\{\{[^{}]*\}\}/g)?.length ?? 0;
  if (placeholders > limits.nameParameters) {
    fields.problem('alertDisplayNameFormat', `an alert name can have ${limits.nameParameters} parameters`);
  }
  return {
    alertDisplayNameFormat,
    alertDescriptionFormat: fields.text('alertDescriptionFormat'),
    alertTacticsColumnName: fields.text('alertTacticsColumnName'),
    alertSeverityColumnName: fields.text('alertSeverityColumnName'),
    alertDynamicProperties: fields.children('alertDynamicProperties').flatMap((property) => {
      const alertProperty = property.oneOf('alertProperty', alertProperties);
      const value = property.text('value');
      return alertProperty && value ? [{ alertProperty, value }] : [];
    }),
  };
}

function readIncidentConfiguration(fields: Fields | undefined): IncidentConfiguration {
  return {
    createIncident: fields?.bool('createIncident') ?? true,
    grouping: readGrouping(fields?.child('groupingConfiguration')),
  };
}

function readGrouping(fields: Fields | undefined): GroupingConfiguration {
  const lookbackMs = fields?.duration('lookbackDuration') ?? defaults.lookbackMs;
  // Deployed rules say `entitiesMatchingMethod`, older files `All`, `None`, `Custom`.
  const methodKey = fields?.has('matchingMethod') ? 'matchingMethod' : 'entitiesMatchingMethod';
  const grouping: GroupingConfiguration = {
    enabled: fields?.bool('enabled') ?? false,
    reopenClosedIncident: fields?.bool('reopenClosedIncident') ?? false,
    lookbackMs,
    matchingMethod:
      fields?.oneOf(methodKey, ['AllEntities', 'AnyAlert', 'Selected'], {
        All: 'AllEntities',
        None: 'AnyAlert',
        Custom: 'Selected',
      }) ?? 'AllEntities',
    groupByEntities: (fields?.texts('groupByEntities') ?? []).flatMap((text) => {
      const type = entityTypeOf(text);
      if (!type) fields?.problem('groupByEntities', `'${text}' is not an entity type`);
      return type ?? [];
    }),
    groupByAlertDetails: (fields?.texts('groupByAlertDetails') ?? []).flatMap((text) => {
      const detail = (['DisplayName', 'Severity'] as const).find((d) => d.toLowerCase() === text.toLowerCase());
      if (!detail) fields?.problem('groupByAlertDetails', `'${text}' is neither DisplayName nor Severity`);
      return detail ?? [];
    }),
    groupByCustomDetails: fields?.texts('groupByCustomDetails') ?? [],
  };
  if (!fields) return grouping;
  const { min, max } = limits.lookbackMs;
  if (lookbackMs < min || lookbackMs > max) {
    fields.problem(
      'lookbackDuration',
      `lookbackDuration must be between ${formatDuration(min)} and ${formatDuration(max)}`,
    );
  }
  const selected = [grouping.groupByEntities, grouping.groupByAlertDetails, grouping.groupByCustomDetails];
  if (grouping.enabled && grouping.matchingMethod === 'Selected' && selected.every((list) => list.length === 0)) {
    fields.problem('matchingMethod', 'matchingMethod Selected needs something to group by', {
      hint: 'fill groupByEntities, groupByAlertDetails or groupByCustomDetails',
    });
  }
  return grouping;
}
