import {
  type AutomationCondition,
  type AutomationOperator,
  type AutomationProperty,
  entityProperties,
  type PropertyCondition,
} from '../../content/index.js';
import { entitiesOf, labelsOf, listOf, ownerOf } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';

/** What conditions are asked of. For an alert the incident is a row with what the alert would give one. */
export interface Facts {
  readonly incident: Row;
  /** The state before; undefined when it is new. */
  readonly before: Row | undefined;
  readonly alerts: readonly Row[];
}

/** What stands in ModifiedBy of a change that an automation rule made. */
export const automationAuthor = (displayName: string): string => `${automationPrefix}${displayName}`;
export const automationPrefix = 'Automation rule - ';

/** The first condition that does not hold. */
export const unmet = (conditions: readonly AutomationCondition[], facts: Facts): AutomationCondition | undefined =>
  conditions.find((condition) => !holds(condition, facts));

function holds(condition: AutomationCondition, facts: Facts): boolean {
  switch (condition.kind) {
    case 'Property':
      return compare(condition.operator, condition.values, valuesOf(condition.property, facts));
    case 'PropertyChanged': {
      const read = changeable[condition.property];
      const [from, to] = [facts.before ? read(facts.before) : '', read(facts.incident)];
      if (from === to) return false;
      const compared = condition.changeType === 'ChangedFrom' ? from : to;
      return condition.values.length === 0 || compare(condition.operator, condition.values, [compared]);
    }
    case 'PropertyArrayChanged': {
      const read = growing[condition.arrayType];
      const before = new Set(facts.before ? read(facts.before) : []);
      return read(facts.incident).some((item) => !before.has(item));
    }
    case 'PropertyArray':
      return customDetails(facts).some(({ key, values }) =>
        condition.conditions.every(({ operator, values: wanted, property }) =>
          compare(operator, wanted, property === 'IncidentCustomDetailsKey' ? [key] : values),
        ),
      );
    case 'Boolean':
      return condition.operator === 'And'
        ? condition.conditions.every((inner) => holds(inner, facts))
        : condition.conditions.some((inner) => holds(inner, facts));
  }
}

const tests: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  Equals: (value, wanted) => value === wanted,
  Contains: (value, wanted) => value.includes(wanted),
  StartsWith: (value, wanted) => value.startsWith(wanted),
  EndsWith: (value, wanted) => value.endsWith(wanted),
};

/** Any value against any wanted one, without case; a negative operator holds when its positive one does not. */
function compare(operator: AutomationOperator, wanted: readonly string[], values: readonly string[]): boolean {
  const isNegative = operator.startsWith('Not');
  const test = tests[isNegative ? operator.slice(3) : operator]!;
  const lower = wanted.map((text) => text.toLowerCase());
  const found = values.some((value) => lower.some((one) => test(value.toLowerCase(), one)));
  return found !== isNegative;
}

const text = (row: Row, column: string): string => (typeof row[column] === 'string' ? (row[column] as string) : '');

const changeable = {
  IncidentSeverity: (row) => text(row, 'Severity'),
  IncidentStatus: (row) => text(row, 'Status'),
  IncidentOwner: ownerOf,
} satisfies Record<string, (row: Row) => string>;

const details = (row: Row) => (row.AdditionalData ?? {}) as { tactics?: string[]; alertProductNames?: string[] };

const growing = {
  Alerts: (row) => listOf(row, 'AlertIds'),
  Labels: (row) => labelsOf(row).map((label) => label.labelName.toLowerCase()),
  Tactics: (row) => details(row).tactics ?? [],
  // Comments are never taken away, so that their number tells enough.
  Comments: (row) => (Array.isArray(row.Comments) ? row.Comments.map((_, i) => String(i)) : []),
} satisfies Record<string, (row: Row) => readonly string[]>;

const readers: Readonly<Record<string, (facts: Facts) => readonly string[]>> = {
  IncidentTitle: ({ incident }) => [text(incident, 'Title')],
  IncidentDescription: ({ incident }) => [text(incident, 'Description')],
  IncidentSeverity: ({ incident }) => [text(incident, 'Severity')],
  IncidentStatus: ({ incident }) => [text(incident, 'Status')],
  IncidentLabel: ({ incident }) => labelsOf(incident).map((label) => label.labelName),
  IncidentTactics: ({ incident }) => details(incident).tactics ?? [],
  IncidentProviderName: ({ incident }) => [text(incident, 'ProviderName')],
  IncidentUpdatedBySource: ({ incident }) => [sourceOf(text(incident, 'ModifiedBy'))],
  IncidentRelatedAnalyticRuleIds: ruleNames,
  AlertAnalyticRuleIds: ruleNames,
  AlertProductNames: ({ alerts }) => [...new Set(alerts.map((alert) => text(alert, 'ProductName')))],
  IncidentCustomDetailsKey: (facts) => customDetails(facts).map((detail) => detail.key),
  IncidentCustomDetailsValue: (facts) => customDetails(facts).flatMap((detail) => detail.values),
};

function valuesOf(property: AutomationProperty, facts: Facts): readonly string[] {
  const read = readers[property];
  if (read) return read(facts);
  const [type, identifier] = entityProperties[property as keyof typeof entityProperties];
  return entitiesOf(facts.alerts)
    .filter(({ entity }) => entity.Type === type)
    .map(({ entity }) => entity[identifier])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);
}

/** The product compares whole resource ids; here the id of a rule, its name, and such a resource id all name it. */
function ruleNames({ incident, alerts }: Facts): readonly string[] {
  const names = alerts.map((alert) => extended(alert)['Analytic Rule Name']).filter((name) => typeof name === 'string');
  return [...listOf(incident, 'RelatedAnalyticRuleIds'), ...new Set(names as string[])];
}

/** Values of conditions on rules, with resource ids cut to the id of the rule. */
export function withShortIds(conditions: readonly AutomationCondition[]): AutomationCondition[] {
  const short = (value: string) => /\/alertRules\/([^/]+)$/i.exec(value)?.[1] ?? value;
  return conditions.map((condition) => {
    if (condition.kind === 'Boolean') return { ...condition, conditions: withShortIds(condition.conditions) };
    const isOfRules = condition.kind === 'Property' && readers[condition.property] === ruleNames;
    return isOfRules ? ({ ...condition, values: condition.values.map(short) } as PropertyCondition) : condition;
  });
}

/** Who made a change, by what stands in ModifiedBy, as the product calls them. */
export const sourceOf = (modifiedBy: string): string => {
  if (modifiedBy === 'Alert updates' || modifiedBy === 'Incident created from alert') return 'AlertGrouping';
  return modifiedBy.startsWith(automationPrefix) ? 'AutomationRule' : 'User';
};

function extended(alert: Row): Record<string, unknown> {
  return parsed(alert.ExtendedProperties);
}

function customDetails({ alerts }: Facts): { key: string; values: string[] }[] {
  return alerts.flatMap((alert) =>
    Object.entries(parsed(extended(alert)['Custom Details'])).map(([key, values]) => ({
      key,
      values: (Array.isArray(values) ? values : [values]).map(String),
    })),
  );
}

function parsed(json: unknown): Record<string, unknown> {
  if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(String(json));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
