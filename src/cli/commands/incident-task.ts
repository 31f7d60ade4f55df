import pc from 'picocolors';
import { fail } from '../../base/index.js';
import { type IncidentTask, tasksOf } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, shortTime, table, writeJson, writeLine } from '../output.js';
import { author, byOption, incidentNumber } from './incident-number.js';

const numberArgument = ['<number>', 'number of the incident'] as const;

export const addIncidentTask: AddCommand = (incident) => {
  const task = incident.command('task').description('steps of an investigation');

  task
    .command('list')
    .description('the tasks of an incident')
    .argument(...numberArgument)
    .action(async (given: string, _options, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(given);
      const { incident: row } = await withWorkspace(shared, ({ incidents }) => incidents.show(number));
      await (shared.json ? writeJson({ tasks: tasksOf(row) }) : writeLine(tasksText(row)));
    });

  task
    .command('add')
    .description('add a task to an incident')
    .argument(...numberArgument)
    .argument('<title>', 'what is to be done')
    .option('--description <text>', 'how')
    .option(...byOption)
    .addHelpText('after', "\nExample:\n  vedette incident task add 7 'Reset the password' --by ana@example.com")
    .action(async (given: string, title: string, options: { description?: string; by?: string }, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(given);
      if (title.trim() === '') fail('CLI6001', 'a task needs a title');
      const change = { addTask: { title, description: options.description } };
      const row = await withWorkspace(shared, ({ incidents }) => incidents.update(number, change, author(options.by)));
      await (shared.json ? writeJson({ tasks: tasksOf(row) }) : writeLine(tasksText(row)));
    });

  task
    .command('done')
    .description('mark a task as completed')
    .argument(...numberArgument)
    .argument('<task>', 'its number in the list, or its id')
    .option(...byOption)
    .action(async (given: string, wanted: string, options: { by?: string }, command) => {
      const shared = globalOptions(command);
      const number = incidentNumber(given);
      const row = await withWorkspace(shared, async ({ incidents }) => {
        const tasks = tasksOf((await incidents.show(number)).incident);
        const found = tasks.find((one, i) => one.taskId === wanted || String(i + 1) === wanted);
        const { taskId } = found ?? fail('CLI6001', `incident ${number} has no task '${wanted}'`);
        return incidents.update(number, { completeTask: taskId }, author(options.by));
      });
      await (shared.json ? writeJson({ tasks: tasksOf(row) }) : writeLine(tasksText(row)));
    });
};

function tasksText(row: Row): string {
  const tasks = tasksOf(row);
  if (tasks.length === 0) return 'There are no tasks.';
  const columns = [{ title: 'No', right: true }, ...['Status', 'Title', 'By', 'Created'].map((title) => ({ title }))];
  const cells = ({ status, title, createdBy, createdTimeUtc }: IncidentTask, i: number) => [
    String(i + 1),
    status === 'Completed' ? pc.green(status) : status,
    cellText(title),
    cellText(createdBy?.name),
    shortTime(createdTimeUtc),
  ];
  return table(columns, tasks.map(cells));
}
