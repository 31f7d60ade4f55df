import type { Code } from '../base/index.js';

export interface RejectGroup {
  readonly reason: string;
  readonly code: Code;
  readonly count: number;
  /** The first rejected text of the group, cut to 500 characters; VedetteReject_CL has it whole. */
  readonly sample: string;
}

const SAMPLE_CHARS = 500;
/** Reasons name no values, so there are few; the rest of a long tail is counted together. */
const MAX_REASONS = 200;

/** Counts rejects by code and reason. */
export class RejectGroups {
  readonly #groups = new Map<string, { reason: string; code: Code; count: number; sample: string }>();

  add(refused: { readonly code: Code; readonly reason: string; readonly raw: string }): void {
    const known = this.#groups.get(`${refused.code} ${refused.reason}`);
    if (known) {
      known.count++;
      return;
    }
    const reason = this.#groups.size >= MAX_REASONS ? 'other reasons' : refused.reason;
    const key = `${refused.code} ${reason}`;
    const group = this.#groups.get(key);
    if (group) group.count++;
    else this.#groups.set(key, { reason, code: refused.code, count: 1, sample: refused.raw.slice(0, SAMPLE_CHARS) });
  }

  /** The most frequent first. */
  sorted(): readonly RejectGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }
}
