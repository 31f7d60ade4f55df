import type { AutomationRule } from '../content/index.js';
import { isoTime, uuidOf } from '../detect/index.js';
import type { Store } from '../store/index.js';
import { catalogue, type Row } from '../tables/index.js';
import type { Delivery } from './webhook/outbox.js';

const healthSchema = catalogue.table('SentinelHealth')!;
const resourceType = 'Automation rule';

export interface ActionResult {
  readonly order: number;
  readonly type: string;
  /** `done`, `nothing to change`, `recorded for delivery`; else why it failed. */
  readonly result: string;
  readonly failed: boolean;
}

/** One run of an automation rule, whose conditions were met. */
export interface AutomationRun {
  readonly rule: AutomationRule;
  readonly eventId: string;
  readonly eventType: string;
  readonly incidentName: string;
  readonly incidentNumber: number | undefined;
  readonly actions: readonly ActionResult[];
}

/** Notes a run as the product does: a row of SentinelHealth with its names and properties. */
export async function recordAutomationRun(store: Store, run: AutomationRun, now: number): Promise<void> {
  const { rule, actions } = run;
  const failed = actions.filter((action) => action.failed);
  const status = failed.length === 0 ? 'Success' : failed.length < actions.length ? 'Partial success' : 'Failure';
  const id = uuidOf('automation run', run.eventId, rule.id);
  await write(store, now, `health of ${id}`, {
    RecordId: id,
    OperationName: 'Automation rule run',
    SentinelResourceId: rule.id,
    SentinelResourceName: rule.displayName,
    Status: status,
    Description: failed.length === 0 ? 'Automation rule run successfully' : 'Not all actions of the rule were done',
    Reason: failed.map((action) => `action ${action.order}: ${action.result}`).join('; '),
    ExtendedProperties: {
      TriggeredOn: rule.triggersOn,
      TriggeredWhen: rule.triggersWhen,
      IncidentName: run.incidentName,
      IncidentNumber: run.incidentNumber,
      TotalActions: actions.length,
      ActionsTriggeredSuccessfully: actions.length - failed.length,
      Actions: actions,
    },
  });
}

/** Notes an event that the rules are not asked about, and why. */
export async function recordSkippedEvent(
  store: Store,
  event: { readonly id: string; readonly incidentName: string; readonly incidentNumber: number | undefined },
  reason: string,
  now: number,
): Promise<void> {
  await write(store, now, `health of event ${event.id}`, {
    RecordId: event.id,
    OperationName: 'Automation rule run',
    SentinelResourceName: 'all rules',
    Status: 'Failure',
    Description: 'No automation rule was run',
    Reason: reason,
    ExtendedProperties: { IncidentName: event.incidentName, IncidentNumber: event.incidentNumber },
  });
}

/** Notes the end of a delivery, good or bad. */
export async function recordDelivery(store: Store, delivery: Delivery, now: number): Promise<void> {
  const isDelivered = delivery.status === 'Delivered';
  await write(store, now, `health of delivery ${delivery.id} ${delivery.version}`, {
    RecordId: delivery.id,
    OperationName: 'Webhook delivery',
    SentinelResourceId: delivery.ruleId,
    SentinelResourceName: delivery.ruleName,
    Status: isDelivered ? 'Success' : 'Failure',
    Description: isDelivered ? 'Webhook delivered' : 'Webhook given up; it is among the dead letters',
    Reason: delivery.reason,
    ExtendedProperties: {
      IncidentNumber: delivery.incidentNumber,
      EventType: delivery.eventType,
      Destination: delivery.destination,
      Attempts: delivery.attempts,
      HttpStatus: delivery.lastStatus,
    },
  });
}

async function write(store: Store, now: number, token: string, row: Row): Promise<void> {
  await store.ensureTable(healthSchema);
  const common = { TimeGenerated: isoTime(now), SentinelResourceType: resourceType, SourceSystem: 'Vedette' };
  await store.insert(healthSchema.name, [{ ...common, ...row }], { token, receivedAt: now });
}
