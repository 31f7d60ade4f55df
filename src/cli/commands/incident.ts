import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, shortTime, table, writeJson, writeLine } from '../output.js';
import { incidentJson, incidentText, severityText } from '../show/incident.js';
import { addIncidentExport } from './incident-export.js';
import { incidentNumber } from './incident-number.js';
import { addIncidentTask } from './incident-task.js';
import { addIncidentUpdate } from './incident-update.js';

export const addIncident: AddCommand = (program, setStatus) => {
  const incident = program.command('incident').description('incidents that rules have opened');

  incident
    .command('list')
    .description('all incidents, the newest first')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      await withWorkspace(shared, async ({ incidents }) => {
        const rows = await incidents.list();
        if (shared.json) {
          const views = [];
          for (const row of rows) views.push(incidentJson(await incidents.show(Number(row.IncidentNumber))));
          return writeJson({ incidents: views });
        }
        if (rows.length === 0) return writeLine('There are no incidents.');
        const columns = [
          { title: 'No', right: true },
          ...['Severity', 'Status', 'Created', 'Alerts', 'Title'].map((title) => ({ title })),
        ];
        return writeLine(
          table(
            columns,
            rows.map((row) => [
              String(row.IncidentNumber),
              severityText(row.Severity),
              cellText(row.Status),
              shortTime(row.CreatedTime),
              String(Array.isArray(row.AlertIds) ? row.AlertIds.length : 0),
              cellText(row.Title),
            ]),
          ),
        );
      });
    });

  incident
    .command('show')
    .description('who, what, when, entities, ATT&CK and evidence of one incident')
    .argument('<number>', 'number of the incident')
    .action(async (given: string, _options, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(given);
      await withWorkspace(shared, async ({ incidents }) => {
        const view = await incidents.show(number);
        await (shared.json ? writeJson(incidentJson(view)) : writeLine(incidentText(view)));
      });
    });

  addIncidentUpdate(incident, setStatus);
  addIncidentTask(incident, setStatus);
  addIncidentExport(incident, setStatus);
};
