import { type AddCommand, globalOptions, textOf, withWorkspace } from '../command.js';
import { writeJson, writeLine } from '../output.js';

export const addSql: AddCommand = (program) => {
  program
    .command('sql')
    .description('show the SQL that a query would run')
    .argument('<kql>', 'the query; - reads it from standard input')
    .option('--at <time>', 'what now() answers, and the end of a --timespan that is a duration')
    .option('--timespan <span>', 'ISO 8601 duration such as PT24H, or FROM/TO')
    .action(async (kql: string, options: { at?: string; timespan?: string }, command) => {
      const shared = globalOptions(command);
      const { text, name } = await textOf(kql);
      await withWorkspace(shared, async (workspace) => {
        const sql = await workspace.sql(text, { ...options, name });
        await (shared.json ? writeJson({ sql }) : writeLine(sql));
      });
    });
};
