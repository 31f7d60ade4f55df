import { fail } from '../../base/index.js';
import { severities } from '../../content/index.js';
import {
  classificationReasons,
  classifications,
  type IncidentChange,
  incidentStatuses,
  labelsOf,
  ownerOf,
} from '../../detect/index.js';
import { type AddCommand, globalOptions, repeated, withWorkspace } from '../command.js';
import { cellText, writeJson, writeLine } from '../output.js';
import { severityText } from '../show/incident.js';
import { author, byOption, incidentNumber } from './incident-number.js';

interface Options {
  readonly status?: string;
  readonly severity?: string;
  readonly classification?: string;
  readonly reason?: string;
  readonly closingComment?: string;
  readonly owner?: string;
  readonly comment?: string;
  readonly tag?: string[];
  readonly untag?: string[];
  readonly by?: string;
}

export const addIncidentUpdate: AddCommand = (incident) => {
  incident
    .command('update')
    .description('change status, severity, owner, classification or tags of an incident, or comment on it')
    .argument('<number>', 'number of the incident')
    .option('--status <status>', incidentStatuses.join(', '))
    .option('--severity <severity>', severities.join(', '))
    .option('--classification <classification>', `${classifications.join(', ')}; needed to close`)
    .option('--reason <reason>', classificationReasons.join(', '))
    .option('--closing-comment <text>', 'why it was closed')
    .option('--owner <name>', "who works on it; '' for nobody")
    .option('--comment <text>', 'adds a comment')
    .option('--tag <tag>', 'adds a tag (repeatable)', repeated)
    .option('--untag <tag>', 'removes a tag (repeatable)', repeated)
    .option(...byOption)
    .addHelpText(
      'after',
      `
Example:
  vedette incident update 7 --status Closed --classification BenignPositive --reason SuspiciousButExpected \\
    --comment 'Planned test.'`,
    )
    .action(async (given: string, options: Options, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(given);
      const change = changeOf(options);
      const row = await withWorkspace(shared, ({ incidents }) => incidents.update(number, change, author(options.by)));
      if (shared.json) return writeJson(row);
      const state = [row.Status, row.Classification, row.ClassificationReason].map(cellText).filter(Boolean);
      const tags = labelsOf(row).map((label) => label.labelName);
      await writeLine(
        [
          `Incident ${number}  ${severityText(row.Severity)}  ${cellText(row.Title)}`,
          `${state.join(', ')}; ${cellText(ownerOf(row)) || 'unassigned'}${tags.length > 0 ? `; ${tags.map(cellText).join(', ')}` : ''}`,
        ].join('\n'),
      );
    });
};

function changeOf(options: Options): IncidentChange {
  const change: IncidentChange = {
    status: oneOf(options.status, incidentStatuses, '--status'),
    severity: oneOf(options.severity, severities, '--severity'),
    classification: oneOf(options.classification, classifications, '--classification'),
    classificationReason: oneOf(options.reason, classificationReasons, '--reason'),
    classificationComment: options.closingComment,
    owner: options.owner,
    comment: options.comment,
    addLabels: options.tag,
    removeLabels: options.untag,
  };
  if (Object.values(change).every((value) => value === undefined)) {
    fail('CLI6001', 'nothing to change', { hint: 'see vedette incident update --help' });
  }
  if ([...(options.tag ?? []), options.comment].some((text) => text?.trim() === '')) {
    fail('CLI6001', 'a tag or comment needs a text');
  }
  return change;
}

function oneOf<T extends string>(given: string | undefined, values: readonly T[], option: string): T | undefined {
  if (given === undefined) return undefined;
  const found = values.find((value) => value.toLowerCase() === given.toLowerCase());
  return found ?? fail('CLI6001', `${option} is one of ${values.join(', ')}, not '${given}'`);
}
