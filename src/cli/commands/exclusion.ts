import pc from 'picocolors';
import { excludedText } from '../../detect/index.js';
import type { ExclusionStatus } from '../../workspace/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, count, cut, shortTime, table, writeJson, writeLine } from '../output.js';

interface NewOptions {
  readonly where?: string;
  readonly entity?: string;
  readonly reason: string;
  readonly author?: string;
  readonly expires: string;
}

export const addExclusion: AddCommand = (program) => {
  const exclusion = program.command('exclusion').description('what rules must not alert on, why, and until when');

  exclusion
    .command('add')
    .description('hide rows of a rule that meet a condition or name an entity')
    .argument('<rule>', 'id, name, or path of a YAML file')
    .option('--where <kql>', 'condition over the columns of the result')
    .option('--entity <type=value>', 'entity that the rule maps, such as IP=198.51.100.0/24')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--expires <time>', 'a time, a timespan from now such as 30d, or never')
    .option('--author <name>', 'who decides it (default: the user of the process)')
    .addHelpText(
      'after',
      `\nExample:\n  vedette exclusion add "Brute force" --where 'Account startswith "svc-"' --reason 'rotated weekly' --expires 30d\n`,
    )
    .action(async (rule: string, options: NewOptions, command) => {
      const shared = globalOptions(command);
      const added = await withWorkspace(shared, ({ exclusions }) => exclusions.add(rule, options));
      if (shared.json) return writeJson(added);
      return writeLine(
        `exclusion ${added.id.slice(0, 8)} of ${cellText(added.ruleName)}: ${cellText(excludedText(added))}`,
      );
    });

  exclusion
    .command('list')
    .description('exclusions that hold, and how many rows each one hid')
    .argument('[rule]', 'id, name, or path of a YAML file')
    .option('--all', 'expired and removed ones too')
    .action(async (rule: string | undefined, options: { all?: true }, command) => {
      const shared = globalOptions(command);
      const found = await withWorkspace(shared, ({ exclusions }) => exclusions.list({ rule, all: options.all }));
      if (shared.json) return writeJson({ exclusions: found });
      if (found.length === 0) return writeLine('There are no exclusions.');
      const columns = [
        ...['Id', 'Rule', 'Hides'].map((title) => ({ title })),
        { title: 'Rows', right: true },
        ...['Expires', 'Author', 'Reason'].map((title) => ({ title })),
      ];
      return writeLine(table(columns, found.map(listed)));
    });

  exclusion
    .command('remove')
    .description('end an exclusion; what it was stays on record')
    .argument('<id>', 'id of the exclusion, or its beginning')
    .option('--by <name>', 'who removes it (default: the user of the process)')
    .action(async (id: string, options: { by?: string }, command) => {
      const shared = globalOptions(command);
      const removed = await withWorkspace(shared, ({ exclusions }) => exclusions.remove(id, options.by));
      if (shared.json) return writeJson(removed);
      return writeLine(`exclusion ${removed.id.slice(0, 8)} of ${cellText(removed.ruleName)} removed`);
    });

  exclusion
    .command('hidden')
    .description('the rows that exclusions hid, run by run, the latest first')
    .argument('[id]', 'id of an exclusion, or its beginning')
    .option('--rule <rule>', 'id, name, or path of a YAML file')
    .action(async (id: string | undefined, options: { rule?: string }, command) => {
      const shared = globalOptions(command);
      const rows = await withWorkspace(shared, ({ exclusions }) => exclusions.hidden({ id, rule: options.rule }));
      if (shared.json) return writeJson({ hidden: rows });
      if (rows.length === 0) return writeLine('Nothing was hidden.');
      const lines = rows.flatMap((run) => {
        const kept = (run.Rows ?? []) as unknown as Readonly<Record<string, unknown>>[];
        const head = `${shortTime(run.TimeGenerated)}  ${pc.bold(cellText(run.RuleName))}  ${count(Number(run.HiddenRows), 'row')}  ${pc.dim(cellText(run.Reason))}`;
        return [head, ...kept.slice(0, SHOWN_ROWS).map((row) => `  ${cut(rowText(row), 160)}`)];
      });
      return writeLine(lines.join('\n'));
    });
};

const SHOWN_ROWS = 5;

const rowText = (row: Readonly<Record<string, unknown>>): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${pc.dim(name)} ${cellText(value)}`)
    .join('  ');

function listed(each: ExclusionStatus): string[] {
  const expires = each.expires === undefined ? 'never' : shortTime(new Date(each.expires).toISOString());
  return [
    ...[each.id.slice(0, 8), cut(cellText(each.ruleName), 40), cut(cellText(excludedText(each)), 50)],
    each.hiddenRows.toLocaleString('en-US'),
    each.status === 'active' ? expires : pc.dim(each.status),
    ...[cellText(each.author), cut(cellText(each.reason), 50)],
  ];
}
