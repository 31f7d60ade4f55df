import type { AutomationRule, TaskAction, WebhookAction } from '../../content/index.js';
import { type IncidentChange, incidents, uuidOf } from '../../detect/index.js';
import type { Store } from '../../store/index.js';
import type { Row } from '../../tables/index.js';
import type { ActionResult } from '../health.js';
import { shownTarget, targetOf } from '../webhook/destinations.js';
import type { Outbox } from '../webhook/outbox.js';
import { automationAuthor } from './conditions.js';
import { payload } from './payload.js';

/** What an automation rule acts on. */
export interface Occasion {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly now: number;
  readonly eventId: string;
  readonly eventType: string;
  /** ISO 8601. */
  readonly time: string;
  /** As it is now; undefined for an alert. */
  readonly incident: Row | undefined;
  readonly before: Row | undefined;
  /** LastModifiedTime of the newest state of the incident. */
  readonly latest: string;
  readonly alerts: readonly Row[];
  /** The rule has changed the incident for this event before, in a process that ended. */
  readonly hasChanged: boolean;
}

/**
 * Does the actions of a rule whose conditions are met. Done again for the same event it changes nothing: a task and a message
 * have ids that follow from the event. One action that fails does not keep the others from being done.
 */
export async function act(
  rule: AutomationRule,
  occasion: Occasion,
): Promise<{ results: ActionResult[]; incident: Row | undefined }> {
  const results: ActionResult[] = [];
  let { incident, latest } = occasion;
  let modified: Step | undefined;
  for (const action of rule.actions) {
    const { type, order } = action;
    const now = { ...occasion, incident, latest };
    // The product splits one decision into an action for each value; here they are one change, all of it or none.
    const step = type === 'ModifyProperties' ? (modified ?? (await modify(rule, now))) : await doOne(rule, action, now);
    if (type === 'ModifyProperties') modified = { result: step.result, failed: step.failed };
    incident = step.incident ?? incident;
    latest = step.incident ? String(step.incident.LastModifiedTime) : latest;
    results.push({ order, type, result: step.result, failed: step.failed === true });
  }
  return { results, incident };
}

interface Step {
  readonly result: string;
  readonly failed?: true | undefined;
  readonly incident?: Row | undefined;
}

async function doOne(rule: AutomationRule, action: TaskAction | WebhookAction, occasion: Occasion): Promise<Step> {
  if (action.type === 'RunWebhook') return callWebhook(rule, action, occasion);
  const id = uuidOf('automation task', occasion.eventId, rule.id, String(action.order));
  return change(rule, { addTask: { id, title: action.title, description: action.description } }, occasion);
}

async function modify(rule: AutomationRule, occasion: Occasion): Promise<Step> {
  // A person may have changed the incident since; that must stand.
  return occasion.hasChanged ? { result: 'done before' } : change(rule, changeOf(rule), occasion);
}

/** What all actions of a rule together change of an incident; of two that set the same, the later one. */
export function changeOf({ actions }: AutomationRule): IncidentChange {
  const all = actions.filter((action) => action.type === 'ModifyProperties');
  const set = all.flatMap(({ type: _, order: __, labels: ___, ...values }) =>
    Object.entries(values).filter(([, value]) => value !== undefined),
  );
  return { ...Object.fromEntries(set), addLabels: all.flatMap((action) => action.labels) };
}

async function change(rule: AutomationRule, wanted: IncidentChange, occasion: Occasion): Promise<Step> {
  const { incident, store, now } = occasion;
  if (!incident) return { result: 'there is no incident', failed: true };
  const by = automationAuthor(rule.displayName);
  const changed = await incidents(store).update(Number(incident.IncidentNumber), wanted, by, now);
  if (!changed.ok) return { result: changed.diagnostics.map((d) => d.message).join('; '), failed: true };
  const isSame = changed.value.LastModifiedTime === occasion.latest;
  return { result: isSame ? 'nothing to change' : 'done', incident: changed.value };
}

async function callWebhook(rule: AutomationRule, action: WebhookAction, occasion: Occasion): Promise<Step> {
  const { eventId, eventType, incident, store } = occasion;
  const id = uuidOf('delivery', eventId, rule.id, String(action.order));
  const body = payload({
    ...{ id, event: eventType, time: occasion.time, workspaceId: await store.workspaceId(), rule },
    ...{ incident, before: occasion.before, alerts: occasion.alerts },
  });
  await occasion.outbox.add(
    {
      ...{ id, ruleId: rule.id, ruleName: rule.displayName, actionOrder: action.order, eventType },
      incidentNumber: incident ? Number(incident.IncidentNumber) : undefined,
      destination: destinationName(action),
    },
    body,
  );
  return { result: 'recorded for delivery' };
}

/** What may be shown of where a webhook goes. */
export function destinationName({ url, urlSecret }: WebhookAction): string {
  if (url === undefined) return `secret ${urlSecret}`;
  try {
    return shownTarget(targetOf(url));
  } catch {
    return 'an address that cannot be used';
  }
}
