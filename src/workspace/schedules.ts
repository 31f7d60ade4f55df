import { fail } from '../base/index.js';
import { type LateSummary, lateSummaries } from '../detect/index.js';
import { AutomationService } from './automation-service.js';
import { type Engine, unwrap } from './engine.js';
import { IndicatorUpkeep } from './indicator-upkeep.js';
import { enableRule, Scheduler } from './scheduler.js';
import { type ScheduleStatus, scheduleStatus } from './scheduler-status.js';
import { parseTime, type Time } from './times.js';
import type { WatchOptions } from './watch-options.js';

/** The rules of a workspace on their schedules. */
export interface Schedules {
  /** A scheduler over all enabled rules. Several may work on the same workspace at once, in one process or more. */
  watch(options?: WatchOptions): Watch;
  status(): Promise<ScheduleStatus[]>;
  /** Lets a rule that was disabled after failures run again; false when it was not disabled. */
  enable(rule: string): Promise<boolean>;
  /** What came after the runs that should have seen it, by rule, over runs since a time. */
  late(since: Time): Promise<LateSummary[]>;
}

export interface Watch {
  /** Does every run that is due and what automation has to do, then returns. */
  once(signal?: AbortSignal): Promise<void>;
  /** Works until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

export function schedulesOf(engine: Engine): Schedules {
  return {
    watch(options = {}) {
      const scheduler = new Scheduler(engine, options);
      const automation = new AutomationService(engine);
      const upkeep = new IndicatorUpkeep(engine);
      const { onAutomation = () => {}, onTrouble = () => {} } = options;
      return {
        async once(signal) {
          await upkeep.look();
          await scheduler.drain(signal);
          onAutomation(await automation.look(signal, onTrouble));
        },
        async run(signal) {
          await Promise.all([
            scheduler.watch(signal),
            automation.watch(signal, onAutomation, onTrouble),
            upkeep.watch(signal, onTrouble),
          ]);
        },
      };
    },
    status: () => scheduleStatus(engine),
    async enable(wanted) {
      const rule = unwrap(await (await engine.content()).rule(wanted));
      if (!rule.enabled) fail('CLI6001', `the rule ${rule.name} is disabled by its file`);
      return enableRule(engine, rule.id);
    },
    late: (since) => lateSummaries(engine.store, parseTime(since)),
  };
}
