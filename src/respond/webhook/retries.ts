/** When a message is sent again, in milliseconds. All attempts together take 17 hours. */
export const retries = {
  attempts: 10,
  firstPauseMs: 15_000,
  factor: 3,
  longestPauseMs: 6 * 3_600_000,
  /** A pause is up to this part shorter or longer, so that messages that failed together do not come back together. */
  jitter: 0.25,
  /** Beyond the deadline of an attempt; a sender that is silent so long is gone. */
  leaseMarginMs: 15_000,
  lanes: 4,
} as const;

/** The pause after so many attempts. `random` is in [0, 1). */
export function pauseAfter(attempts: number, random: number, askedMs = 0): number {
  const grown = Math.min(retries.firstPauseMs * retries.factor ** (attempts - 1), retries.longestPauseMs);
  return Math.max(Math.round(grown * (1 + retries.jitter * (2 * random - 1))), askedMs);
}
