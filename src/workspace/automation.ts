import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { type Diagnostic, DiagnosticError, fail } from '../base/index.js';
import { type AutomationRule, readAutomation, type WebhookAction } from '../content/index.js';
import { incidents, readIncidentHistory } from '../detect/index.js';
import {
  checkWebhook,
  type Delivery,
  destinationName,
  Outbox,
  payload,
  reasonOf,
  send,
  unmet,
  withShortIds,
} from '../respond/index.js';
import {
  type AutomationReport,
  AutomationService,
  automationDir,
  automationRules,
  sendSetting,
} from './automation-service.js';
import { type Engine, unwrap } from './engine.js';

/** What a rule would do to an incident. */
export interface AutomationTest {
  readonly rule: { readonly id: string; readonly displayName: string };
  readonly incidentNumber: number;
  readonly matches: boolean;
  /** The first condition that does not hold. */
  readonly unmet: unknown;
  readonly actions: readonly {
    readonly order: number;
    readonly type: string;
    readonly result: string;
    readonly failed: boolean;
  }[];
}

/** Rules of what is done when an incident or alert comes or an incident changes, and the messages that they send. */
export interface WorkspaceAutomation {
  /** In the order in which they run; findings of files that are broken beside them. */
  list(): Promise<{ readonly rules: readonly AutomationRule[]; readonly diagnostics: readonly Diagnostic[] }>;
  /** Copies a file of rules into the workspace; they act on what happens from now on. Errors RUL3002, CLI6001. */
  add(file: string): Promise<readonly AutomationRule[]>;
  remove(rule: string): Promise<AutomationRule>;
  /** Asks the conditions of an incident and checks the actions; nothing is changed, and a webhook only sent with `send`. */
  test(
    rule: string,
    incidentNumber: number,
    options?: { readonly send?: boolean | undefined },
  ): Promise<AutomationTest>;
  /** Handles what happened and tries what is due, once. `watch` of the schedule does it all the time. */
  run(signal?: AbortSignal): Promise<AutomationReport>;
  deadLetters(): Promise<readonly Delivery[]>;
  /** Sends a dead letter again at the next look. Errors AUT7004. */
  retry(deliveryId: string): Promise<Delivery>;
  drop(deliveryId: string): Promise<Delivery>;
}

export function workspaceAutomation(engine: Engine): WorkspaceAutomation {
  const { store, clock } = engine;
  const outbox = new Outbox(store, clock);
  const find = async (wanted: string): Promise<AutomationRule> => {
    const { rules } = await automationRules(engine);
    const lower = wanted.toLowerCase();
    const found = rules.filter((rule) => rule.id.toLowerCase() === lower || rule.displayName.toLowerCase() === lower);
    if (found.length > 1)
      fail('AUT7004', `${found.length} automation rules are called ${wanted}`, { hint: 'use an id' });
    return found[0] ?? fail('AUT7004', `there is no automation rule ${wanted}`);
  };
  /** What is new is active from now on, what is gone no longer. */
  const settle = () => new AutomationService(engine).settle();
  return {
    list: () => automationRules(engine),
    async add(file) {
      const folder = automationDir(engine);
      if (!folder) return fail('CLI6001', 'this workspace has no folder for automation rules');
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) =>
        fail('CLI6002', `${file} cannot be read: ${error.code}`),
      );
      const { rules, diagnostics } = readAutomation(text, file);
      if (diagnostics.some((d) => d.severity === 'error')) throw new DiagnosticError(diagnostics);
      const known = ['.yaml', '.yml', '.json'].includes(extname(file).toLowerCase());
      const place = join(folder, known ? basename(file) : `${basename(file)}.yaml`);
      const ids = new Set(rules.map((rule) => rule.id.toLowerCase()));
      const twin = (await automationRules(engine)).rules.find(
        (rule) => ids.has(rule.id.toLowerCase()) && resolve(rule.file) !== resolve(place),
      );
      if (twin) fail('CLI6001', `the automation rule ${twin.id} is in ${twin.file} already`);
      await mkdir(folder, { recursive: true });
      if (resolve(place) !== resolve(file)) await copyFile(file, place);
      await settle();
      return rules;
    },
    async remove(wanted) {
      const rule = await find(wanted);
      const { rules } = await automationRules(engine);
      const others = rules.filter((one) => one.file === rule.file && one.id !== rule.id);
      if (others.length > 0) fail('CLI6001', `${rule.file} holds other rules too`, { hint: 'edit the file' });
      await rm(rule.file);
      await settle();
      return rule;
    },
    async test(wanted, incidentNumber, options = {}) {
      const rule = await find(wanted);
      const view = unwrap(await incidents(store).show(incidentNumber));
      const history = await readIncidentHistory(store, String(view.incident.IncidentName));
      const facts =
        rule.triggersWhen === 'Created'
          ? { incident: history[0] ?? view.incident, before: undefined, alerts: view.alerts }
          : { incident: view.incident, before: history.at(-2), alerts: view.alerts };
      const missing = unmet(withShortIds(rule.conditions), facts);
      const actions = [];
      for (const action of rule.actions) {
        const { order, type } = action;
        const outcome =
          action.type === 'RunWebhook'
            ? await testWebhook(rule, action, { ...view, isSent: options.send === true })
            : { result: 'would be done', failed: false };
        actions.push({ order, type, ...outcome });
      }
      const { id, displayName } = rule;
      return { rule: { id, displayName }, incidentNumber, matches: missing === undefined, unmet: missing, actions };
    },
    run: (signal) =>
      new AutomationService(engine).look(signal, (diagnostics) => {
        if (diagnostics.some((d) => d.severity === 'error')) throw new DiagnosticError(diagnostics);
      }),
    deadLetters: () => outbox.deadLetters(),
    retry: (deliveryId) => outbox.retry(deliveryId),
    drop: (deliveryId) => outbox.drop(deliveryId),
  };

  async function testWebhook(
    rule: AutomationRule,
    action: WebhookAction,
    { incident, alerts, isSent }: { incident: object; alerts: readonly object[]; isSent: boolean },
  ): Promise<{ result: string; failed: boolean }> {
    const setting = sendSetting(engine);
    try {
      const addresses = await checkWebhook(action, setting);
      if (!isSent)
        return { result: `would go to ${destinationName(action)} at ${addresses.join(', ')}`, failed: false };
    } catch (error) {
      return { result: reasonOf(error as Error), failed: true };
    }
    const id = `test-${clock.now()}`;
    const time = new Date(clock.now()).toISOString();
    const parts = { id, event: 'test', time, workspaceId: await store.workspaceId(), rule };
    const body = payload({ ...parts, incident: incident as never, alerts: alerts as never });
    const outcome = await send(action, { id, type: 'test', body, attempt: 1 }, setting);
    return outcome.kind === 'delivered'
      ? { result: `sent, answered with status ${outcome.status}`, failed: false }
      : { result: outcome.reason, failed: true };
  }
}
