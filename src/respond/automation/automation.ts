import { type Clock, DiagnosticError } from '../../base/index.js';
import type { AutomationRule } from '../../content/index.js';
import { alertTypeOf, readAlerts } from '../../detect/index.js';
import type { Store } from '../../store/index.js';
import type { Row } from '../../tables/index.js';
import { type AutomationRun, recordAutomationRun, recordSkippedEvent } from '../health.js';
import type { Outbox } from '../webhook/outbox.js';
import { act, type Occasion } from './act.js';
import { automationAuthor, automationPrefix, type Facts, unmet, withShortIds } from './conditions.js';
import {
  activeSince,
  alertOf,
  type DoneEvent,
  type EventType,
  type IncidentEvent,
  incidentEvent,
  type PendingEvent,
  pendingAlerts,
  pendingIncidents,
  recordEvent,
  recordEvents,
} from './events.js';

export const automationLimits = {
  /** How far back events are looked for, as for runs of rules. */
  catchUpMs: 14 * 24 * 3_600_000,
  /** Changes of an incident by automation alone, one after the other, until rules that answer each other are stopped. */
  changesInARow: 10,
  /** After so many failures of its own an event is given up, so that it does not hold up all others. */
  failures: 3,
} as const;

export interface AutomationOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly outbox: Outbox;
}

/**
 * Handles what happened to incidents and alerts by the rules of automation: each event once, in the order of time. Several
 * may work on one workspace at once; what they do follows from the event, so that doing it twice is doing it once.
 */
export class Automation {
  private rules: readonly AutomationRule[] = [];
  private since = new Map<string, number>();
  private readonly failures = new Map<string, number>();

  constructor(private readonly options: AutomationOptions) {}

  /** Takes the rules as they are now. */
  async load(rules: readonly AutomationRule[], areAllKnown: boolean): Promise<void> {
    const active = rules.filter((rule) => rule.enabled);
    this.since = await activeSince(this.options.store, active, areAllKnown, this.options.clock.now());
    this.rules = active.map((rule) => ({ ...rule, conditions: withShortIds(rule.conditions) }));
  }

  /**
   * Handles all events that are not done. Gives the runs of rules whose conditions were met.
   *
   * @param refresh called before events are looked for, so that a rule that was just added is not passed over by an event
   */
  async handle(signal?: AbortSignal, refresh: () => Promise<void> = async () => {}): Promise<AutomationRun[]> {
    const runs: AutomationRun[] = [];
    for (;;) {
      await refresh();
      const events = [...(await this.pending('Incidents')), ...(await this.pending('Alerts'))];
      if (events.length === 0) return runs;
      const unasked = events.filter((event) => this.applicable(event).length === 0);
      const done = unasked.map((event) => ({ event, done: { rules: [] } }));
      await recordEvents(this.options.store, done, this.options.clock.now());
      // A rule that changes an incident makes an event, which the next turn finds.
      for (const event of events) {
        if (signal?.aborted) return runs;
        if (!unasked.includes(event)) runs.push(...(await this.attempt(event)));
      }
    }
  }

  private async pending(triggersOn: AutomationRule['triggersOn']): Promise<PendingEvent[]> {
    const since = this.rules.filter((rule) => rule.triggersOn === triggersOn).map((rule) => this.sinceOf(rule));
    if (since.length === 0) return [];
    const { store, clock } = this.options;
    const from = Math.max(Math.min(...since), clock.now() - automationLimits.catchUpMs);
    return triggersOn === 'Incidents' ? pendingIncidents(store, from) : pendingAlerts(store, from);
  }

  private sinceOf = (rule: AutomationRule): number => this.since.get(rule.id.toLowerCase()) ?? Number.POSITIVE_INFINITY;

  private async attempt(event: PendingEvent): Promise<AutomationRun[]> {
    const { store, clock } = this.options;
    try {
      return await (event.alertId ? this.onAlert(event) : this.onIncident(event));
    } catch (error) {
      // The engine is away: that is no fault of the event, and it waits.
      if (error instanceof DiagnosticError) throw error;
      const count = (this.failures.get(event.id) ?? 0) + 1;
      this.failures.set(event.id, count);
      if (count < automationLimits.failures) throw error;
      this.failures.delete(event.id);
      const reason = `given up: ${error instanceof Error ? error.message : String(error)}`;
      await recordSkippedEvent(store, { ...event, incidentNumber: undefined }, reason, clock.now());
      await recordEvent(store, event, { rules: [], reason }, clock.now());
      return [];
    }
  }

  private async onIncident(event: PendingEvent): Promise<AutomationRun[]> {
    const found = await incidentEvent(this.options.store, event);
    if (!found) throw new Error(`the state of incident ${event.incidentName} is gone`);
    const incidentNumber = Number(found.incident.IncidentNumber);
    const chain = changesInARow(found);
    if (chain >= automationLimits.changesInARow) {
      const reason = `automation changed the incident ${chain} times in a row; its rules answer each other`;
      await recordSkippedEvent(this.options.store, { ...event, incidentNumber }, reason, this.options.clock.now());
      return this.done(event, { incidentNumber, rules: [], reason }, []);
    }
    const alerts = await readAlerts(this.options.store, (found.incident.AlertIds ?? []) as string[]);
    const own = String(found.incident.ModifiedBy);
    const others = this.applicable(event).filter((rule) => own !== automationAuthor(rule.displayName));
    const facts = { incident: found.incident, before: found.before, alerts };
    const runs = await this.runRules(event, others, facts, found.history);
    return this.done(event, { incidentNumber, rules: [] }, runs);
  }

  private async onAlert(event: PendingEvent): Promise<AutomationRun[]> {
    const alert = await alertOf(this.options.store, event);
    if (!alert) throw new Error(`the alert ${event.alertId} is gone`);
    const facts = { incident: incidentLike(alert, await this.ruleIdOf(alert)), before: undefined, alerts: [alert] };
    const runs = await this.runRules(event, this.applicable(event), facts, undefined);
    return this.done(event, { rules: [] }, runs);
  }

  /** The rules that ask for such an event, in their order. */
  private applicable(event: PendingEvent): AutomationRule[] {
    return this.rules.filter(
      (rule) =>
        triggerOf(rule) === event.type &&
        this.sinceOf(rule) <= event.time &&
        (rule.expiresAt === undefined || event.time < rule.expiresAt),
    );
  }

  /** Rules in their order, each of which sees what those before it changed. */
  private async runRules(
    event: PendingEvent,
    rules: readonly AutomationRule[],
    facts: Facts,
    history: readonly Row[] | undefined,
  ): Promise<AutomationRun[]> {
    const { store, clock, outbox } = this.options;
    const runs: AutomationRun[] = [];
    let { incident } = facts;
    let latest = String(history?.at(-1)?.LastModifiedTime ?? '');
    for (const rule of rules) {
      if (unmet(rule.conditions, { ...facts, incident })) continue;
      const occasion: Occasion = {
        ...{
          store,
          outbox,
          now: clock.now(),
          eventId: event.id,
          eventType: event.type,
          time: new Date(event.time).toISOString(),
        },
        ...{ incident: history && incident, before: facts.before, alerts: facts.alerts, latest },
        hasChanged: wasChangedBy(rule, event, history ?? []),
      };
      const after = await act(rule, occasion);
      if (after.incident && after.incident !== incident) {
        incident = after.incident;
        latest = String(incident.LastModifiedTime);
      }
      const incidentNumber = history && Number(incident.IncidentNumber);
      const run = { rule, eventId: event.id, eventType: event.type, incidentName: event.incidentName, incidentNumber };
      runs.push({ ...run, actions: after.results });
      await recordAutomationRun(store, runs.at(-1)!, clock.now());
    }
    return runs;
  }

  private async done(event: PendingEvent, done: DoneEvent, runs: AutomationRun[]): Promise<AutomationRun[]> {
    const rules = runs.map(({ rule, actions }) => ({ id: rule.id, name: rule.displayName, actions }));
    await recordEvent(this.options.store, event, { ...done, rules }, this.options.clock.now());
    return runs;
  }

  private async ruleIdOf(alert: Row): Promise<string> {
    return String(alert.AlertType).slice(alertTypeOf(await this.options.store.workspaceId(), '').length);
  }
}

const triggerOf = ({ triggersOn, triggersWhen }: AutomationRule): EventType => {
  if (triggersOn === 'Alerts') return 'alert.created';
  return triggersWhen === 'Created' ? 'incident.created' : 'incident.updated';
};

/** Events of an incident are handled in order, so a later state by the rule was made for this event or a later one. */
const wasChangedBy = (rule: AutomationRule, event: PendingEvent, history: readonly Row[]): boolean =>
  history.some(
    (row) =>
      Date.parse(String(row.LastModifiedTime)) > event.time && row.ModifiedBy === automationAuthor(rule.displayName),
  );

function changesInARow({ history, incident }: IncidentEvent): number {
  const upToNow = history.slice(0, history.indexOf(incident) + 1);
  const last = upToNow.findLastIndex((row) => !String(row.ModifiedBy).startsWith(automationPrefix));
  return upToNow.length - 1 - last;
}

/** An alert in the columns of an incident, so that the same conditions can be asked. */
const incidentLike = (alert: Row, ruleId: string): Row => ({
  Title: alert.AlertName,
  Description: alert.Description,
  Severity: alert.AlertSeverity,
  Status: alert.Status,
  ProviderName: alert.ProviderName,
  RelatedAnalyticRuleIds: [ruleId],
  AdditionalData: {
    tactics: String(alert.Tactics ?? '')
      .split(/,\s*/)
      .filter(Boolean),
  },
});
