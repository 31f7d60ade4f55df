import type { AutomationRule } from '../../content/index.js';
import { changesOf, entitiesOf } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';

/** A message larger than this goes without its alerts, which can then be asked for by their ids. */
const mostBytes = 1_000_000;

export interface PayloadParts {
  readonly id: string;
  readonly event: string;
  /** When it happened, ISO 8601. */
  readonly time: string;
  readonly workspaceId: string;
  readonly rule: Pick<AutomationRule, 'id' | 'displayName'>;
  /** Left out for an alert. */
  readonly incident?: Row | undefined;
  readonly before?: Row | undefined;
  readonly alerts: readonly Row[];
}

/** The text of a webhook: JSON with the incident as its row is, its alerts and entities, and for an update what changed. */
export function payload({ incident, before, alerts, rule, ...rest }: PayloadParts): string {
  const body = {
    ...rest,
    automationRule: { id: rule.id, displayName: rule.displayName },
    ...(incident ? { incident } : {}),
    ...(incident && before ? { changes: changesOf(before, incident) } : {}),
    alerts,
    entities: entitiesOf(alerts),
  };
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) <= mostBytes) return text;
  return JSON.stringify({ ...body, alerts: alerts.map(({ SystemAlertId }) => ({ SystemAlertId })), isShortened: true });
}
