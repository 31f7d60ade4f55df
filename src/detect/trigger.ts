import type { AnalyticRule, TriggerOperator } from '../content/index.js';
import type { Window } from './identity.js';

const compare: Record<TriggerOperator, (count: number, threshold: number) => boolean> = {
  gt: (count, threshold) => count > threshold,
  lt: (count, threshold) => count < threshold,
  eq: (count, threshold) => count === threshold,
  ne: (count, threshold) => count !== threshold,
};

/** Whether the number of result rows makes the rule alert. */
export const isTriggered = (
  rule: Pick<AnalyticRule, 'triggerOperator' | 'triggerThreshold'>,
  resultCount: number,
): boolean => compare[rule.triggerOperator](resultCount, rule.triggerThreshold);

/** The window of a run: the period before its nominal time, which itself is outside. */
export const windowOf = (rule: Pick<AnalyticRule, 'queryPeriodMs'>, at: number): Window => ({
  from: at - rule.queryPeriodMs,
  to: at,
});
