import { fail } from '../../base/index.js';
import { rewrites } from '../../optimise/index.js';
import { type AddCommand, globalOptions, repeated, textOf, withWorkspace } from '../command.js';
import { table, writeJson, writeLine } from '../output.js';

/** Each of the optimiser's rewrites once: some are applied twice. */
const known = new Map(rewrites({ exists: () => true }).map((r) => [r.name, r.reason]));

export const addSql: AddCommand = (program) => {
  program
    .command('sql')
    .description('show the SQL that a query would run')
    .argument('<kql>', 'the query; - reads it from standard input')
    .option('--at <time>', 'what now() answers, and the end of a --timespan that is a duration')
    .option('--timespan <span>', 'ISO 8601 duration such as PT24H, or FROM/TO')
    .option('--without <rewrite>', 'leave a rewrite of the optimiser out; may be repeated', repeated)
    .addHelpText('after', () => `\nRewrites:\n${table([{ title: 'Name' }, { title: 'Because' }], [...known])}`)
    .action(async (kql: string, options: { at?: string; timespan?: string; without?: string[] }, command) => {
      const shared = globalOptions(command);
      const strange = options.without?.find((r) => !known.has(r));
      if (strange !== undefined)
        fail('CLI6001', `there is no rewrite '${strange}'`, { hint: [...known.keys()].join(', ') });
      const { text, name } = await textOf(kql);
      await withWorkspace(shared, async (workspace) => {
        const sql = await workspace.sql(text, { ...options, name });
        await (shared.json ? writeJson({ sql }) : writeLine(sql));
      });
    });
};
