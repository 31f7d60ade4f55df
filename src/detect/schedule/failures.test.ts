import { describe, expect, it } from 'vitest';
import { afterFailure, failureOf, noTrouble, type Trouble } from './failures.js';
import { timing } from './timing.js';

const minute = 60_000;
const failure = (code: string, message = 'x') => failureOf([{ code: code as 'ENG5001', severity: 'error', message }]);

describe('a failure', () => {
  it.each([
    ['KQL1001', 'permanent'],
    ['KS142', 'permanent'],
    ['KQL4001', 'permanent'],
    ['KQL2001', 'permanent'],
    ['KQL2002', 'permanent'],
    ['ENG5001', 'transient'],
    ['ENG5002', 'transient'],
    ['ENG5005', 'transient'],
    ['KQL2004', 'transient'],
    ['CLI6003', 'transient'],
    ['KQL2003', 'cancelled'],
  ])('%s is %s', (code, kind) => {
    expect(failure(code).kind).toBe(kind);
  });

  it('does not count warnings that stand beside it', () => {
    const warning = { code: 'KQL1001', severity: 'warning', message: 'no source' } as const;
    expect(failureOf([warning, { code: 'ENG5002', severity: 'error', message: 'away' }]).kind).toBe('transient');
  });
});

/** The pauses and consequences of failures that follow one another as soon as they may. */
function series(failures: readonly ReturnType<typeof failure>[], frequencyMs = 5 * minute) {
  let trouble: Trouble = noTrouble;
  let now = 0;
  return failures.map((one) => {
    const { trouble: next, consequence } = afterFailure(trouble, one, frequencyMs, now);
    const pause = Math.max(0, next.notBefore - now);
    trouble = next;
    now += pause;
    return [consequence, pause];
  });
}

describe('after a failure', () => {
  it('a transient one is repeated with growing pauses, then passed over, and never disables', () => {
    const seen = series(Array.from({ length: 12 }, (_, i) => failure(i % 2 ? 'ENG5001' : 'ENG5002')));
    const round = [15, 30, 60, 120, 240].map((seconds) => ['retry', seconds * 1000]);
    expect(seen).toEqual([...round, ['pass over', 0], ...round, ['pass over', 0]]);
  });

  it('a permanent one waits for the frequency, an hour at most, and the fifth equal one disables', () => {
    const same = Array.from({ length: timing.permanentFailures }, () => failure('KQL1001', 'no Table_CL'));
    expect(series(same)).toEqual([...Array(4).fill(['retry', 5 * minute]), ['disable', 5 * minute]]);
    expect(series(same, 24 * 60 * minute)[0]).toEqual(['retry', 60 * minute]);
  });

  it('another permanent one begins the count anew, a transient one too', () => {
    const a = failure('KQL1001', 'a');
    const b = failure('KQL1001', 'b');
    expect(series([a, a, a, a, b, b, b, b, a]).map(([what]) => what)).not.toContain('disable');
    expect(series([a, a, a, a, failure('ENG5001'), a]).map(([what]) => what)).not.toContain('disable');
  });

  it('a cancelled one changes nothing', () => {
    expect(afterFailure(noTrouble, failure('KQL2003'), minute, 0)).toEqual({
      trouble: noTrouble,
      consequence: 'retry',
    });
  });
});
