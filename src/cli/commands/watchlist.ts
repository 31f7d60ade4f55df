import type { Command } from 'commander';
import pc from 'picocolors';
import { fail } from '../../base/index.js';
import type { Source, WatchlistResult } from '../../ingest/index.js';
import type { WatchlistOptions, Workspace } from '../../workspace/index.js';
import { type AddCommand, globalOptions, repeated, withWorkspace } from '../command.js';
import { cellText, count, resultTable, shortTime, table, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { rejectedText, rejectsText } from '../show/import.js';
import { status } from '../status.js';

interface ChangeOptions {
  readonly alias: string;
  readonly searchKey?: string;
  readonly name?: string;
  readonly description?: string;
  readonly replace?: true;
  readonly removeMissing?: true;
  readonly strict?: true;
  readonly by?: string;
}

export const addWatchlist: AddCommand = (program, setStatus) => {
  const watchlist = program
    .command('watchlist')
    .description('lists that rules look things up in: _GetWatchlist(alias)');

  const finish = async (command: Command, result: WatchlistResult, strict: true | undefined) => {
    if (strict && result.rejected > 0) setStatus(status.findings);
    const rejects = result.rejects.map(({ reason, count: n, sample }) => ({ reason, count: n, sample }));
    await (globalOptions(command).json ? writeJson({ ...result, rejects }) : writeLine(report(result)));
  };

  described(watchlist.command('import'))
    .description('make a watchlist of a CSV file with a header line')
    .argument('<file>', 'CSV file; - is standard input')
    .requiredOption('--alias <alias>', 'name in queries')
    .requiredOption('--search-key <column>', 'column that items are looked up by')
    .option('--replace', 'the file takes the place of a watchlist of this alias')
    .addHelpText('after', example('import vips.csv --alias VIPs --search-key User'))
    .action(async (file: string, options: ChangeOptions, command) => {
      const result = await change(command, file, options, (watchlists, wanted) =>
        watchlists.import({ ...wanted, replace: options.replace }),
      );
      await finish(command, result, options.strict);
    });

  described(watchlist.command('update'))
    .description('rows of a CSV file take the place of the items with their search key')
    .argument('<alias>', 'alias of the watchlist')
    .argument('<file>', 'CSV file; - is standard input')
    .option('--remove-missing', 'items that the file does not have go')
    .addHelpText('after', example('update VIPs changed.csv'))
    .action(async (alias: string, file: string, options: ChangeOptions, command) => {
      const result = await change(command, file, { ...options, alias }, (watchlists, wanted) =>
        watchlists.update({ ...wanted, removeMissing: options.removeMissing }),
      );
      await finish(command, result, options.strict);
    });

  watchlist
    .command('list')
    .description('all watchlists')
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const lists = await withWorkspace(shared, ({ watchlists }) => watchlists.list());
      if (shared.json) return writeJson({ watchlists: lists });
      if (lists.length === 0) return writeLine('There are no watchlists.');
      const columns = [
        ...[{ title: 'Alias' }, { title: 'Items', right: true }],
        ...['Search key', 'Updated', 'Name'].map((title) => ({ title })),
      ];
      const rows = lists.map((list) => [
        ...[cellText(list.alias), list.items.toLocaleString('en-US'), cellText(list.searchKey)],
        ...[shortTime(list.updated), cellText(list.name)],
      ]);
      return writeLine(table(columns, rows));
    });

  watchlist
    .command('show')
    .description('a watchlist and its first items')
    .argument('<alias>', 'alias of the watchlist')
    .option('--limit <number>', 'items to show', '20')
    .action(async (alias: string, options: { limit: string }, command) => {
      const shared = globalOptions(command);
      if (!/^\d{1,6}$/.test(options.limit)) fail('CLI6001', `'${options.limit}' is no number of items`);
      const { list, items } = await withWorkspace(shared, ({ watchlists }) =>
        watchlists.show(alias, Number(options.limit)),
      );
      if (shared.json) return writeJson({ ...list, items: { columns: items.columns, rows: items.rows } });
      const kept = items.columns.map(({ name }) => list.columns.length === 0 || list.columns.includes(name));
      const shown = items.rows.map((row) => row.filter((_, i) => kept[i]));
      await writeLine(
        [
          `${pc.bold(cellText(list.alias))}  ${cellText(list.name === list.alias ? '' : list.name)}`.trimEnd(),
          ...(list.description ? [cellText(list.description)] : []),
          pc.dim(
            `${count(list.items, 'item')}, search key ${list.searchKey ?? 'unknown'}, ${shortTime(list.updated)} UTC`,
          ),
          ...(shown.length > 0
            ? [
                '',
                resultTable(
                  items.columns.filter((_, i) => kept[i]),
                  shown,
                ),
              ]
            : []),
        ].join('\n'),
      );
    });

  watchlist
    .command('delete')
    .description('delete a watchlist, or items of it')
    .argument('<alias>', 'alias of the watchlist')
    .option('--key <value>', 'only the items with this search key (repeatable)', repeated)
    .option('--by <name>', 'who deletes (default: the user of the process)')
    .action(async (alias: string, options: { key?: string[]; by?: string }, command) => {
      const { key: searchKeys, by } = options;
      const shared = globalOptions(command);
      const result = await withWorkspace(shared, ({ watchlists }) =>
        watchlists.delete(alias, { ...(searchKeys && { searchKeys }), ...(by && { by }) }),
      );
      await finish(command, result, undefined);
    });
};

const example = (command: string): string => `\nExample:\n  vedette watchlist ${command}\n`;

const described = (command: Command): Command =>
  command
    .option('--name <name>', 'title of the watchlist')
    .option('--description <text>', 'what it is for')
    .option('--by <name>', 'who changes it (default: the user of the process)')
    .option('--strict', 'exit with 1 when a row is rejected');

async function change(
  command: Command,
  file: string,
  { alias, searchKey, name, description, by }: ChangeOptions,
  action: (watchlists: Workspace['watchlists'], options: WatchlistOptions) => Promise<WatchlistResult>,
): Promise<WatchlistResult> {
  const source: Source = file === '-' ? { name: 'stdin', stream: process.stdin } : file;
  const bar = progress('reading');
  const onProgress = (done: number, total: number | undefined) => total && bar.update(done, total);
  try {
    return await withWorkspace(globalOptions(command), ({ watchlists }) =>
      action(watchlists, { alias, source, searchKey, name, description, by, onProgress }),
    );
  } finally {
    bar.stop();
  }
}

const report = ({ alias, read, rejected, removed, rejects }: WatchlistResult): string =>
  [
    `${pc.bold(alias)}: ${read > 0 ? `${count(read, 'row')} read, ${rejectedText(rejected)}, ` : ''}${count(removed, 'item')} removed`,
    ...rejectsText(rejects),
  ].join('\n');
