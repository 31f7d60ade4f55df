import pc from 'picocolors';
import type { AutomationReport } from '../../workspace/index.js';
import { cellText, cut } from '../output.js';

/** What automation did, a line for each rule that ran and each message that ended or failed. */
export function automationLines({ runs, deliveries }: AutomationReport): string[] {
  return [
    ...runs.map(({ rule, incidentNumber, actions }) => {
      const about = incidentNumber === undefined ? 'alert' : `incident ${incidentNumber}`;
      const results = actions.map(
        ({ type, result, failed }) => `${type} ${failed ? pc.red(cellText(result)) : result}`,
      );
      return `automation  ${cellText(rule.displayName)}  ${about}  ${results.join('; ')}`;
    }),
    ...deliveries.map(({ status, destination, attempts, reason, ruleName }) => {
      const state =
        status === 'Delivered'
          ? pc.green('delivered')
          : status === 'DeadLetter'
            ? pc.red('given up')
            : pc.yellow(`attempt ${attempts} failed`);
      return `webhook  ${cellText(ruleName)}  ${cellText(destination)}  ${state}  ${cut(cellText(reason), 200)}`.trimEnd();
    }),
  ];
}

export const automationJson = ({ runs, deliveries }: AutomationReport) => ({
  runs: runs.map(({ rule, eventType, incidentNumber, actions }) => ({
    rule: { id: rule.id, displayName: rule.displayName },
    ...{ eventType, incidentNumber, actions },
  })),
  deliveries: deliveries.map(({ id, status, destination, attempts, reason, ruleId, eventType, incidentNumber }) => ({
    ...{ id, status, destination, attempts, reason, ruleId, eventType, incidentNumber },
  })),
});
