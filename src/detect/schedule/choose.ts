/** A rule that has a run to do. */
export interface Candidate {
  readonly ruleId: string;
  /** Its oldest nominal time that is due. */
  readonly nominal: number;
  /** Whether the rule is more than one period behind, and so catches up. */
  readonly isBehind: boolean;
}

/**
 * The run that goes next: the oldest nominal time, by rule id among equals. Rules that catch up leave one lane to the
 * others, so that a rule with a week to make up delays none that is on time.
 */
export function choose<C extends Candidate>(
  candidates: Iterable<C>,
  running: { readonly total: number; readonly behind: number },
  lanes: number,
): C | undefined {
  if (running.total >= lanes) return undefined;
  const reserved = lanes > 1 && running.behind >= lanes - 1;
  let best: C | undefined;
  for (const candidate of candidates) {
    if (reserved && candidate.isBehind) continue;
    const isOlder =
      !best ||
      candidate.nominal < best.nominal ||
      (candidate.nominal === best.nominal && candidate.ruleId < best.ruleId);
    if (isOlder) best = candidate;
  }
  return best;
}
