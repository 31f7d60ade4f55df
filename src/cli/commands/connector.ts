import pc from 'picocolors';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { count, shortTime, table, writeJson, writeLine } from '../output.js';

export const addConnector: AddCommand = (program) => {
  program
    .command('connector')
    .description('sources of raw records')
    .command('list')
    .description('what each connector expects, and when it last brought records')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const all = await withWorkspace(shared, (workspace) => workspace.connectors());
      if (shared.json) {
        const connectors = all.map(({ connector: c, lastHeard }) => ({
          ...{ id: c.id, aliases: c.aliases ?? [], title: c.title, tables: c.tables },
          ...{ transports: c.transports, formats: c.formats, options: c.options ?? [] },
          lastHeard: lastHeard ?? null,
        }));
        return writeJson({ connectors });
      }
      const rows = all.map(({ connector: c, lastHeard }) => [
        c.id,
        c.tables.join(' '),
        c.transports.join(' '),
        lastHeard
          ? `${shortTime(lastHeard.time)}  ${count(lastHeard.records, 'record')}${lastHeard.rejected ? `, ${lastHeard.rejected} rejected` : ''}`
          : pc.dim('never'),
      ]);
      const columns = ['Connector', 'Tables', 'Comes by', 'Last heard'].map((title) => ({ title }));
      await writeLine(table(columns, rows));
      await writeLine();
      for (const { connector: c } of all)
        await writeLine(`${pc.bold(c.id)}  ${pc.dim(c.title)}\n  ${c.formats.join('; ')}`);
    });
};
