import type { Diagnostic } from '../base/index.js';

/** Hooks of the unifying views that a workspace may fill: most have none, and say nothing by that. */
const optionalFunction = /^no source for _?(Im|ASim)_?\w*?(Custom|Solutions):/;

/** One notice for each finding, without those about functions that are optional. */
export function usefulNotices(notices: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return notices.filter((notice) => {
    const key = `${notice.code} ${notice.message}`;
    if (seen.has(key) || optionalFunction.test(notice.message)) return false;
    seen.add(key);
    return true;
  });
}
