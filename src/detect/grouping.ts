import type { AnalyticRule, EntityType, GroupingConfiguration } from '../content/index.js';
import type { Row } from '../tables/index.js';
import { contentKey } from './content-key.js';
import { type Entity, entityKey, jsonTypes, listedEntities } from './entities/index.js';
import { parseJson } from './entities/map.js';
import { addAlerts, list, openIncident } from './incident.js';
import { limits } from './limits.js';

/** An incident that alerts may join, with the first of its alerts: the one that later alerts are compared with. */
export interface OpenGroup {
  readonly incident: Row;
  readonly firstAlert: Row;
}

/** What the alerts of a run do: incidents they open and incidents they join, each with the alerts that do so. */
export interface GroupingStep {
  readonly kind: 'open' | 'join';
  readonly incident: Row;
  readonly alerts: readonly Row[];
}

/**
 * Decides which incidents the alerts of a run open or join.
 *
 * `groups` are the incidents of the rule within the lookback, the newest last. Without grouping every alert opens an
 * incident. An incident that holds 150 alerts is full: the next matching alert opens a second one with the same details.
 */
export function groupAlerts(
  rule: AnalyticRule,
  alerts: readonly Row[],
  groups: readonly OpenGroup[],
  now: number,
): GroupingStep[] {
  const { createIncident, grouping } = rule.incidentConfiguration;
  if (!createIncident) return [];
  const open = groups.map((group) => ({ ...group, joined: [] as Row[], isNew: false }));
  for (const alert of alerts) {
    const match = grouping.enabled
      ? open.findLast(({ incident, firstAlert, joined }) => {
          const count = list(incident, 'AlertIds').length + joined.length;
          const usable = incident.Status !== 'Closed' || grouping.reopenClosedIncident;
          return count < limits.alertsPerIncident && usable && matches(grouping, alert, firstAlert);
        })
      : undefined;
    if (match) match.joined.push(alert);
    else {
      const incident = { ...openIncident(rule.id, [alert], now), AlertIds: [] };
      open.push({ incident, firstAlert: alert, joined: [alert], isNew: true });
    }
  }
  return open
    .filter(({ joined }) => joined.length > 0)
    .map(({ incident, joined, isNew }) => ({
      kind: isNew ? 'open' : 'join',
      incident: isNew ? openIncident(rule.id, joined, now) : addAlerts(incident, joined, now),
      alerts: joined,
    }));
}

/** Whether two alerts of a rule belong together. Alerts that both lack everything that is compared do not. */
export function matches(grouping: GroupingConfiguration, a: Row, b: Row): boolean {
  if (grouping.matchingMethod === 'AnyAlert') return true;
  const parts = (alert: Row): string[][] =>
    grouping.matchingMethod === 'AllEntities'
      ? [entityKeys(alert)]
      : [
          ...grouping.groupByEntities.map((type) => entityKeys(alert, type)),
          ...grouping.groupByAlertDetails.map((detail) => [
            String(alert[detail === 'Severity' ? 'AlertSeverity' : 'DisplayName'] ?? ''),
          ]),
          ...grouping.groupByCustomDetails.map((detail) => [...(detailsOf(alert)[detail] ?? [])].sort()),
        ];
  const [mine, theirs] = [parts(a), parts(b)];
  return mine.some((part) => part.length > 0) && contentKey(mine) === contentKey(theirs);
}

function entityKeys(alert: Row, type?: EntityType): string[] {
  const wanted = type && jsonTypes[type];
  return listedEntities(alert.Entities)
    .filter((entity: Entity) => !wanted || entity.Type === wanted)
    .map(entityKey)
    .sort();
}

function detailsOf(alert: Row): Record<string, string[]> {
  const properties = parseJson(String(alert.ExtendedProperties ?? '')) as Record<string, unknown> | undefined;
  const details = parseJson(String(properties?.['Custom Details'] ?? ''));
  return (details ?? {}) as Record<string, string[]>;
}
