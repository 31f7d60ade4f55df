import { describe, expect, it } from 'vitest';
import { choose } from './choose.js';

const idle = { total: 0, behind: 0 };
const of = (ruleId: string, nominal: number, isBehind = false) => ({ ruleId, nominal, isBehind });

describe('the run that goes next', () => {
  it('has the oldest nominal time, and is the same for everyone who chooses', () => {
    expect(choose([of('b', 2), of('c', 1), of('a', 1)], idle, 2)?.ruleId).toBe('a');
  });

  it('waits while all lanes are taken', () => {
    expect(choose([of('a', 1)], { total: 2, behind: 0 }, 2)).toBeUndefined();
  });

  it('does not come from a rule that catches up while another one does: a lane stays free for those on time', () => {
    const candidates = [of('old', 1, true), of('now', 100)];
    expect(choose(candidates, { total: 1, behind: 1 }, 2)?.ruleId).toBe('now');
    expect(choose(candidates, { total: 1, behind: 0 }, 2)?.ruleId).toBe('old');
    expect(choose([of('old', 1, true)], { total: 1, behind: 1 }, 2)).toBeUndefined();
    expect(choose([of('old', 1, true)], idle, 1)?.ruleId).toBe('old');
  });
});
