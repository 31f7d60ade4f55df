import { dueAt, nominalFrom, type Schedule, timing } from './timing.js';

/**
 * The runs of one rule that are still to be done, the oldest first: gaps of the past, then the nominal times to come.
 * One run of a rule at a time, in order, because suppression and grouping look at the runs before.
 */
export class Agenda {
  private gaps: number[];
  private next: number;
  private readonly passedOver = new Map<number, number>();

  /**
   * `settled` are the nominal times from `from` on that the ledger has. Those before `from` are given up.
   */
  constructor(
    readonly schedule: Schedule,
    from: number,
    now: number,
    settled: ReadonlySet<number>,
  ) {
    this.gaps = [];
    let nominal = nominalFrom(schedule, from);
    for (; nominal <= now; nominal += schedule.frequencyMs) if (!settled.has(nominal)) this.gaps.push(nominal);
    this.next = nominal;
  }

  /** The nominal time of the next run, whether or not it is due. */
  upcoming(): number {
    return this.gaps[0] ?? this.next;
  }

  /** Runs that are due and not done. */
  behind(now: number): number {
    const latest = now - timing.delayMs[this.schedule.kind];
    const ahead = this.next > latest ? 0 : Math.floor((latest - this.next) / this.schedule.frequencyMs) + 1;
    return this.gaps.filter((nominal) => nominal <= latest).length + this.passedOver.size + ahead;
  }

  /** The oldest nominal time that is due. What was passed over comes back once its time is up. */
  due(now: number): number | undefined {
    for (const [nominal, until] of this.passedOver) {
      if (until > now) continue;
      this.passedOver.delete(nominal);
      this.gaps.push(nominal);
      this.gaps.sort((a, b) => a - b);
    }
    const nominal = this.upcoming();
    return dueAt(this.schedule, nominal) <= now ? nominal : undefined;
  }

  /** When `due` may answer otherwise than now. */
  wakeAt(): number {
    return Math.min(dueAt(this.schedule, this.upcoming()), ...this.passedOver.values());
  }

  settle(nominal: number): void {
    if (this.gaps[0] === nominal) this.gaps.shift();
    else if (nominal === this.next) this.next += this.schedule.frequencyMs;
    else this.gaps = this.gaps.filter((gap) => gap !== nominal);
  }

  passOver(nominal: number, now: number): void {
    this.settle(nominal);
    this.passedOver.set(nominal, now + timing.passedOverMs);
  }

  /** Gives up what lies before a moment, and tells how many runs that were. */
  forgetBefore(from: number): number {
    const before = this.gaps.length;
    this.gaps = this.gaps.filter((nominal) => nominal >= from);
    let forgotten = before - this.gaps.length;
    for (const nominal of [...this.passedOver.keys()])
      if (nominal < from && this.passedOver.delete(nominal)) forgotten++;
    const next = nominalFrom(this.schedule, from);
    if (next > this.next) {
      forgotten += Math.round((next - this.next) / this.schedule.frequencyMs);
      this.next = next;
    }
    return forgotten;
  }
}
