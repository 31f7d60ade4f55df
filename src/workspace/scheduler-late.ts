import {
  type Arrival,
  arrivals,
  keepLateCheckedTo,
  lateCheckedTo,
  lateFor,
  recordLate,
  timing,
} from '../detect/index.js';
import type { Engine } from './engine.js';
import type { RuleBook } from './scheduler-rules.js';
import type { WatchOptions } from './watch-options.js';

/** How often late rows are looked for. */
const everyMs = 5 * 60_000;

/** Finds rows that came after the runs that should have seen them, and gives the rules the windows to run again. */
export class LateCheck {
  /** Reception time up to which everything was looked at; what was found may still be under way. */
  private lookedTo: number | undefined;
  private keptTo: number | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly book: RuleBook,
    private readonly options: WatchOptions,
  ) {}

  private get mode() {
    return this.options.late ?? 'report';
  }

  /** Looks at what was received since the last time, when that is long enough ago and its windows are all done. */
  async look(): Promise<void> {
    const { store, clock } = this.engine;
    const now = clock.now();
    if (this.mode === 'off' || this.isUnderWay()) return;
    if (this.lookedTo !== undefined && now - this.lookedTo < everyMs) return;
    const furthest = now - (this.options.catchUpMs ?? timing.catchUpMs.Scheduled);
    if (this.lookedTo === undefined) {
      this.lookedTo = (await lateCheckedTo(store)) ?? furthest;
      this.keptTo = this.lookedTo;
    }
    const range = { after: this.lookedTo, to: now, eventsFrom: furthest, delayMs: timing.delayMs.Scheduled };
    const tables = await store.tables();
    const found = new Map<string, Arrival[]>();
    for (const watched of this.book.rules.values()) {
      // Windows of NRT rules are made of reception times: nothing is late for them.
      if (!watched.agenda || watched.rule.kind === 'NRT') continue;
      const mine: Arrival[] = [];
      for (const table of this.book.tablesOf(watched.rule, tables)) {
        if (!found.has(table)) found.set(table, await arrivals(store, table, range));
        mine.push(...found.get(table)!);
      }
      const { id: ruleId, name: ruleName } = watched.rule;
      const late = await lateFor(store, ruleId, mine);
      if (this.mode === 'rerun') watched.late = late;
      else
        for (const rows of late)
          await recordLate(store, { ...rows, ruleId, ruleName, rerun: false, newAlerts: 0 }, now);
    }
    this.lookedTo = now;
  }

  /** Notes how far was looked once all that was found is dealt with: after a crash it is found again. */
  async done(): Promise<void> {
    if (this.mode === 'off' || this.lookedTo === undefined || this.lookedTo === this.keptTo || this.isUnderWay())
      return;
    await keepLateCheckedTo(this.engine.store, this.lookedTo);
    this.keptTo = this.lookedTo;
  }

  private isUnderWay(): boolean {
    return [...this.book.rules.values()].some((watched) => watched.late.length > 0);
  }
}
