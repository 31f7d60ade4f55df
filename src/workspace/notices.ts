import type { Diagnostic } from '../base/index.js';

/** Hooks of the unifying views that a workspace may fill: most have none, and say nothing by that. */
const optionalFunction = /^(?:no source for |The fuzzy name ')_?(?:Im|ASim)_?\w*?(?:Custom|Solutions)\b/;

/** Whether a finding is about such a hook that is not there. */
export const isOptionalFunction = (d: Diagnostic): boolean =>
  d.severity !== 'error' && optionalFunction.test(d.message);

/** One notice for each finding, without those about functions that are optional. */
export function usefulNotices(notices: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return notices.filter((notice) => {
    const key = `${notice.code} ${notice.message}`;
    if (seen.has(key) || isOptionalFunction(notice)) return false;
    seen.add(key);
    return true;
  });
}
