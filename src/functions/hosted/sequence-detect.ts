import type { HostedValue } from '../entry.js';
import { type HostedOperation, tooMuch } from './operation.js';

const maxSequences = 1_000_000;

/**
 * All ways to take one row for each step, later ones later in time, within the limits. Input rows are the longest time
 * between two steps, the longest time of a whole sequence, the row's time, and for each step whether the row fits. Result
 * rows are the times of the steps and the time between the first and the last.
 */
export const sequenceDetect: HostedOperation = {
  name: 'sequence_detect',
  async run({ columns, rows }, _settings, host) {
    const steps = columns.length - 3;
    const first = rows[0];
    if (!first || first[0] === null || first[1] === null) return [];
    const [maxStep, maxSpan] = [first[0] as bigint, first[1] as bigint];
    const timesOf = (step: number) => {
      const times = rows.flatMap((r) => (r[3 + step] === true && r[2] !== null ? [r[2] as bigint] : []));
      return [...new Set(times)].sort((a, b) => (a < b ? -1 : 1));
    };
    const times = Array.from({ length: steps }, (_, step) => timesOf(step));
    const found: HostedValue[][] = [];
    const visit = async (taken: readonly bigint[]): Promise<void> => {
      if (taken.length === steps) {
        found.push([...taken, taken.at(-1)! - taken[0]!]);
        if (found.length > maxSequences)
          tooMuch(
            'sequence_detect',
            `there are more than ${maxSequences} sequences`,
            'narrow the windows or the steps',
          );
        return;
      }
      await host.breathe();
      const [from, begin] = [taken.at(-1)!, taken[0]!];
      const next = times[taken.length]!;
      for (let i = after(next, from); i < next.length; i++) {
        const at = next[i]!;
        if (at - from > maxStep || at - begin > maxSpan) break;
        await visit([...taken, at]);
      }
    };
    for (const at of times[0] ?? []) await visit([at]);
    return found;
  },
};

/** Place of the first time that is later. */
function after(times: readonly bigint[], than: bigint): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! > than) high = middle;
    else low = middle + 1;
  }
  return low;
}
