import type { AnalyticRule } from '../../content/index.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Kind = AnalyticRule['kind'];

/**
 * When runs come, in milliseconds.
 * Source  https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview, …/near-real-time-rules
 */
export const timing = {
  /** A run comes this long after its nominal time, so that the events of its window have arrived. */
  delayMs: { Scheduled: 5 * minute, NRT: 2 * minute },
  /** Nominal times of a rule without a start time count from the minute in which it was first seen. */
  alignMs: minute,
  /** A transient failure is followed by this pause, doubled from one to the next. */
  firstPauseMs: 15_000,
  /** After so many repetitions the nominal time is passed over and the next one has its turn. */
  retries: 5,
  /** What was passed over is tried again after this time. Both are ours: the product never comes back to it. */
  passedOverMs: hour,
  /** So many equal permanent failures in a row disable a rule. The product does not say how many. */
  permanentFailures: 5,
  /** Between two permanent failures lies the frequency of the rule, but no more than this. */
  longestPermanentPauseMs: hour,
  /** How far back gaps are filled. */
  catchUpMs: { Scheduled: 14 * day, NRT: day },
  /** Runs at the same time, over all rules. */
  lanes: 2,
} as const;

/** The nominal times of a rule: `anchor`, `anchor + frequency`, … Nothing that happens to a run moves them. */
export interface Schedule {
  readonly kind: Kind;
  readonly anchor: number;
  readonly frequencyMs: number;
}

/** The moment from which the run of a nominal time may start. */
export const dueAt = ({ kind }: Pick<Schedule, 'kind'>, nominal: number): number => nominal + timing.delayMs[kind];

/** The first nominal time at or after a moment. */
export function nominalFrom({ anchor, frequencyMs }: Schedule, from: number): number {
  return anchor + Math.max(0, Math.ceil((from - anchor) / frequencyMs)) * frequencyMs;
}

/** The anchor of a rule that is seen for the first time. A start time may lie ahead; one that has passed sets the phase. */
export const anchorOf = (startTimeMs: number | undefined, now: number): number =>
  Math.floor((startTimeMs ?? now) / timing.alignMs) * timing.alignMs;
