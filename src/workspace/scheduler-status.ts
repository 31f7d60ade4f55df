import { Agenda, dueAt, lastRuns, type RuleStatus, readRuleStates, settledTimes, timing } from '../detect/index.js';
import type { Engine } from './engine.js';

/** Where a rule stands in its schedule. Times are milliseconds since the epoch. */
export interface ScheduleStatus {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly kind: 'Scheduled' | 'NRT';
  /** `New`: no scheduler has seen it yet. `Disabled`: by its file. `AutoDisabled`: after failures, with the reason. */
  readonly status: 'New' | 'Disabled' | RuleStatus;
  readonly reason: string;
  /** Equal permanent failures in a row. */
  readonly failures: number;
  /** Nominal time of the next run and when it is due. */
  readonly next: { readonly nominal: number; readonly dueAt: number } | undefined;
  /** Runs that are due and not done. */
  readonly behind: number;
  readonly last:
    | {
        readonly nominal: number;
        readonly ranAt: number;
        /** From the nominal time to the run. */
        readonly delayMs: number;
        readonly resultCount: number;
        readonly alertCount: number;
      }
    | undefined;
}

/** The schedule of every rule, read from what schedulers have stored. */
export async function scheduleStatus(engine: Engine): Promise<ScheduleStatus[]> {
  const { store } = engine;
  const now = engine.clock.now();
  const { rules } = await engine.content();
  const states = await readRuleStates(store);
  const runs = await lastRuns(store);
  const asked = rules.flatMap((rule) => {
    const state = states.get(rule.id.toLowerCase());
    if (!state || !rule.enabled || state.status !== 'Enabled') return [];
    const schedule = { kind: rule.kind, anchor: state.anchor, frequencyMs: rule.queryFrequencyMs };
    return [{ ruleId: rule.id, schedule, from: Math.max(state.anchor, now - timing.catchUpMs[rule.kind]) }];
  });
  const settled = await settledTimes(store, asked);
  const agendas = new Map(
    asked.map(({ ruleId, schedule, from }) => {
      const id = ruleId.toLowerCase();
      return [id, new Agenda(schedule, from, now, settled.get(id) ?? new Set())];
    }),
  );
  return rules.map((rule) => {
    const id = rule.id.toLowerCase();
    const state = states.get(id);
    const agenda = agendas.get(id);
    const nominal = agenda?.upcoming();
    const last = runs.get(id);
    return {
      ...{ ruleId: rule.id, ruleName: rule.name, kind: rule.kind },
      status: !rule.enabled ? 'Disabled' : (state?.status ?? 'New'),
      reason: state?.reason ?? '',
      failures: state?.failures.count ?? 0,
      next: nominal === undefined ? undefined : { nominal, dueAt: dueAt(rule, nominal) },
      behind: agenda?.behind(now) ?? 0,
      last: last && { ...last, delayMs: last.ranAt - last.nominal },
    };
  });
}
