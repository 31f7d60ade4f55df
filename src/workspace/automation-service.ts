import { join } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../base/index.js';
import { type AutomationRule, type LoadedAutomation, loadAutomation } from '../content/index.js';
import {
  Automation,
  type AutomationRun,
  Courier,
  type Delivery,
  Outbox,
  readDestinations,
  type SendSetting,
} from '../respond/index.js';
import { contentSignature } from './content-signature.js';
import type { Engine } from './engine.js';

/** How often somebody looks for what happened. */
const lookMs = 2_000;
/** How often the outbox is looked at when nothing of this process is due: others fill it too. */
const outboxMs = 30_000;

export interface AutomationReport {
  /** Runs of rules whose conditions were met. */
  readonly runs: readonly AutomationRun[];
  /** Messages of which an attempt was made, as they are now. */
  readonly deliveries: readonly Delivery[];
}

/** Folder of automation rules; none for a workspace without content. */
export const automationDir = ({ places }: Engine): string | undefined =>
  places.contentDir && join(places.contentDir, 'automation');

/** What webhooks of the workspace are sent with. Errors CLI6001. */
export function sendSetting({ places, clock }: Engine): SendSetting {
  const shared = process.env.VEDETTE_SECRETS_DIR;
  return {
    allowed: readDestinations(places.allowWebhooks ?? []),
    secrets: { env: process.env, folder: shared ?? places.secretsDir, shared: shared !== undefined },
    clock,
  };
}

export async function automationRules(engine: Engine): Promise<LoadedAutomation> {
  const folder = automationDir(engine);
  return folder ? loadAutomation(folder) : { rules: [], diagnostics: [] };
}

/** Handles events and sends webhooks, for as long as somebody asks it to. */
export class AutomationService {
  private readonly automation: Automation;
  private readonly courier: Courier;
  private rules: readonly AutomationRule[] = [];
  private signature: string | undefined;
  private hasWarned = false;
  private nextDelivery = Number.NEGATIVE_INFINITY;

  constructor(private readonly engine: Engine) {
    const { store, clock } = engine;
    this.automation = new Automation({ store, clock, outbox: new Outbox(store, clock) });
    this.courier = new Courier({
      ...sendSetting(engine),
      store,
      webhook: (ruleId, order) => {
        const rule = this.rules.find((one) => one.id.toLowerCase() === ruleId.toLowerCase());
        const action = rule?.actions.find((one) => one.order === order);
        return action?.type === 'RunWebhook' ? action : undefined;
      },
    });
  }

  /** Handles what happened since the last look and tries what is due. `onTrouble` gets the findings of rules that changed. */
  async look(
    signal?: AbortSignal,
    onTrouble: (diagnostics: readonly Diagnostic[]) => void = () => {},
  ): Promise<AutomationReport> {
    const runs = await this.automation.handle(signal, () => this.reload(onTrouble));
    const { clock } = this.engine;
    const isRecorded = runs.some(({ actions }) => actions.some((action) => action.type === 'RunWebhook'));
    if (!isRecorded && clock.now() < this.nextDelivery) return { runs, deliveries: [] };
    if ((this.engine.places.allowWebhooks ?? []).length === 0) {
      // Another process that has a list may send them; refusing them here would make dead letters of all.
      this.nextDelivery = clock.now() + outboxMs;
      const waiting = (await this.courier.outbox.waiting()).length;
      if (waiting > 0 && !this.hasWarned) onTrouble([nothingAllowed(waiting)]);
      this.hasWarned = waiting > 0;
      return { runs, deliveries: [] };
    }
    const { tried, nextAt } = await this.courier.deliver(signal);
    this.nextDelivery = Math.min(nextAt ?? Number.POSITIVE_INFINITY, clock.now() + outboxMs);
    return { runs, deliveries: tried };
  }

  /** Notes which rules are active as of now, and which are no longer. */
  settle(): Promise<void> {
    return this.reload(() => {});
  }

  /** Looks until the signal. What goes wrong is told, and the next look tries again. */
  async watch(
    signal: AbortSignal,
    onReport: (report: AutomationReport) => void,
    onTrouble: (diagnostics: readonly Diagnostic[]) => void,
  ): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const report = await this.look(signal, onTrouble);
        failures = 0;
        if (report.runs.length + report.deliveries.length > 0) onReport(report);
      } catch (error) {
        failures++;
        if (!signal.aborted) onTrouble(diagnosticsOf(error));
      }
      // An engine that is away for long shall not fill the log.
      await pause(Math.min(lookMs * 2 ** failures, outboxMs), signal);
    }
  }

  private async reload(onTrouble: (diagnostics: readonly Diagnostic[]) => void): Promise<void> {
    const folder = automationDir(this.engine);
    const signature = folder ? await contentSignature([folder]) : '';
    if (signature === this.signature) return;
    const { rules, diagnostics } = await automationRules(this.engine);
    const isBroken = diagnostics.some((d) => d.severity === 'error');
    await this.automation.load(rules, !isBroken);
    this.rules = rules;
    this.signature = signature;
    if (diagnostics.length > 0) onTrouble(diagnostics);
  }
}

const nothingAllowed = (waiting: number): Diagnostic => ({
  code: 'AUT7001',
  severity: 'warning',
  message: `${waiting === 1 ? 'a webhook waits' : `${waiting} webhooks wait`}, and no destination is allowed here`,
  hint: 'vedette watch --allow-webhook HOST',
});

const diagnosticsOf = (error: unknown): readonly Diagnostic[] =>
  error instanceof DiagnosticError
    ? error.diagnostics
    : [{ code: 'CLI6003', severity: 'error', message: error instanceof Error ? error.message : String(error) }];

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
