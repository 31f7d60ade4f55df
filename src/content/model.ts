import type { FunctionSource, StoredParameter } from '../kql/index.js';
import type { EntityType } from './entity-types.js';

export const severities = ['Informational', 'Low', 'Medium', 'High'] as const;
export type AlertSeverity = (typeof severities)[number];

export const triggerOperators = { gt: 'GreaterThan', lt: 'LessThan', eq: 'Equal', ne: 'NotEqual' } as const;
export type TriggerOperator = keyof typeof triggerOperators;

export interface RequiredDataConnector {
  readonly connectorId: string;
  readonly dataTypes: readonly string[];
}

export interface EntityMapping {
  readonly entityType: EntityType;
  readonly fieldMappings: readonly { readonly identifier: string; readonly columnName: string }[];
}

/** A property of the alert that a column of the result overrides. */
export const alertProperties = [
  'AlertLink',
  'ConfidenceLevel',
  'ConfidenceScore',
  'ExtendedLinks',
  'ProductComponentName',
  'ProductName',
  'ProviderName',
  'RemediationSteps',
  'Techniques',
  'SubTechniques',
] as const;
export type AlertProperty = (typeof alertProperties)[number];

export interface AlertDetailsOverride {
  readonly alertDisplayNameFormat?: string | undefined;
  readonly alertDescriptionFormat?: string | undefined;
  readonly alertTacticsColumnName?: string | undefined;
  readonly alertSeverityColumnName?: string | undefined;
  readonly alertDynamicProperties: readonly { readonly alertProperty: AlertProperty; readonly value: string }[];
}

export type MatchingMethod = 'AllEntities' | 'AnyAlert' | 'Selected';

export interface GroupingConfiguration {
  readonly enabled: boolean;
  readonly reopenClosedIncident: boolean;
  readonly lookbackMs: number;
  readonly matchingMethod: MatchingMethod;
  readonly groupByEntities: readonly EntityType[];
  readonly groupByAlertDetails: readonly ('DisplayName' | 'Severity')[];
  readonly groupByCustomDetails: readonly string[];
}

export interface IncidentConfiguration {
  readonly createIncident: boolean;
  readonly grouping: GroupingConfiguration;
}

interface Described {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly requiredDataConnectors: readonly RequiredDataConnector[];
  readonly tactics: readonly string[];
  /** `T1566`, `T1566.002`. */
  readonly relevantTechniques: readonly string[];
  readonly query: string;
  /** Where the query stands in its file. */
  readonly source: FunctionSource;
  readonly entityMappings: readonly EntityMapping[];
  /** Custom detail → column. */
  readonly customDetails: Readonly<Record<string, string>>;
  readonly version: string;
  /** Hash of the whole file. */
  readonly hash: string;
}

/** A scheduled or near-real-time rule. */
export interface AnalyticRule extends Described {
  readonly type: 'rule';
  readonly kind: 'Scheduled' | 'NRT';
  readonly severity: AlertSeverity;
  readonly status: string;
  readonly enabled: boolean;
  /** An NRT rule runs every minute over the minute before. */
  readonly queryFrequencyMs: number;
  readonly queryPeriodMs: number;
  /** First nominal time (`startTimeUtc` of a deployed rule), milliseconds since the epoch. */
  readonly startTimeMs: number | undefined;
  readonly triggerOperator: TriggerOperator;
  readonly triggerThreshold: number;
  /** Columns that hold a whole list of entities as JSON. */
  readonly sentinelEntitiesMappings: readonly string[];
  readonly alertDetailsOverride: AlertDetailsOverride;
  readonly aggregationKind: 'SingleAlert' | 'AlertPerResult';
  readonly suppressionEnabled: boolean;
  readonly suppressionMs: number;
  readonly incidentConfiguration: IncidentConfiguration;
}

export interface HuntingQuery extends Described {
  readonly type: 'hunting';
}

/** Anything that KQL can call by name: an ASIM parser or function, a solution's parser, a plain `.kql` file. */
export interface FunctionContent {
  readonly type: 'parser' | 'function';
  readonly title: string;
  /** All names that it answers to. */
  readonly names: readonly string[];
  readonly parameters: readonly StoredParameter[];
  readonly body: string;
  readonly source: FunctionSource;
  /** ASIM schema such as `NetworkSession`; empty outside ASIM. */
  readonly schema: string;
  readonly version: string;
  readonly hash: string;
}

/** An ASIM parser (`ParserName`, `ParserQuery`). */
export interface Parser extends FunctionContent {
  readonly type: 'parser';
  readonly parserName: string;
  readonly equivalentBuiltInParser: string | undefined;
  readonly product: string;
  /** Of a unifying parser: the built-in names of its sources. */
  readonly parsers: readonly string[];
}

/** An ASIM library function or a saved function of a solution. */
export interface AsimFunction extends FunctionContent {
  readonly type: 'function';
  /** A text file that is all KQL; it may also hold queries that nothing calls. */
  readonly isPlain?: true;
}

/** A query that stands in a page or a text file, without anything that says what it is for. Nothing calls it by name. */
export interface LooseQuery {
  readonly type: 'query';
  readonly title: string;
  readonly text: string;
  readonly source: FunctionSource;
  readonly hash: string;
}

export type Content = AnalyticRule | HuntingQuery | Parser | AsimFunction | LooseQuery;
