import type { Diagnostic } from '../../base/index.js';
import { timing } from './timing.js';

/** Cancelled: the run was left undone by whoever stopped it. */
export type FailureKind = 'transient' | 'permanent' | 'cancelled';

export interface Failure {
  readonly kind: FailureKind;
  /** Equal for failures that have the same cause. */
  readonly key: string;
  readonly reason: string;
}

/** Doing the same again will fail again: names, types, refusals, the rule's file, and more resources than a run may have. */
const permanentCode = /^(KS|KQL1|KQL4|RUL3)/;
const excessive = new Set(['KQL2001', 'KQL2002', 'KQL2005']);

/** What the diagnostics of a run that failed mean for the runs to come. */
export function failureOf(diagnostics: readonly Pick<Diagnostic, 'code' | 'severity' | 'message'>[]): Failure {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const codes = errors.map((d) => d.code);
  const kind = codes.includes('KQL2003')
    ? 'cancelled'
    : codes.some((code) => permanentCode.test(code) || excessive.has(code))
      ? 'permanent'
      : 'transient';
  const reason = errors.map((d) => `${d.code} ${d.message}`).join('; ') || 'no reason given';
  return { kind, key: `${kind} ${codes.map((code, i) => `${code} ${errors[i]!.message}`).join('; ')}`, reason };
}

/** How a rule stands after its latest failures; all zero after a run that was done. */
export interface Trouble {
  /** Equal failures in a row. */
  readonly count: number;
  readonly key: string;
  /** No run of the rule starts before. */
  readonly notBefore: number;
}

export const noTrouble: Trouble = { count: 0, key: '', notBefore: 0 };

export type Consequence = 'retry' | 'pass over' | 'disable';

/** What follows from a failure at `now`. */
export function afterFailure(
  before: Trouble,
  failure: Failure,
  frequencyMs: number,
  now: number,
): { readonly trouble: Trouble; readonly consequence: Consequence } {
  if (failure.kind === 'cancelled') return { trouble: before, consequence: 'retry' };
  const isPermanent = failure.kind === 'permanent';
  // Transient failures count together, whatever they say: an engine that is down gives many reasons.
  const key = isPermanent ? failure.key : 'transient';
  const count = before.key === key ? before.count + 1 : 1;
  if (isPermanent) {
    const notBefore = now + Math.min(frequencyMs, timing.longestPermanentPauseMs);
    const consequence = count >= timing.permanentFailures ? 'disable' : 'retry';
    return { trouble: { count, key, notBefore }, consequence };
  }
  if (count > timing.retries) return { trouble: noTrouble, consequence: 'pass over' };
  return {
    trouble: { count, key, notBefore: now + timing.firstPauseMs * 2 ** (count - 1) },
    consequence: 'retry',
  };
}
