import pc from 'picocolors';
import type { IngestResult, Source } from '../../ingest/index.js';
import { parseTime } from '../../workspace/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { count, table, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { rejectedText, rejectsText } from '../show/import.js';
import { status } from '../status.js';

interface Options {
  readonly received?: string;
  readonly strict?: true;
}

export const addIngest: AddCommand = (program, setStatus) => {
  program
    .command('ingest')
    .description('read raw records of a connector into its tables')
    .argument('<connector>', 'id of the connector, in any case')
    .argument('<path...>', 'files and folders; - is standard input')
    .option('--received <time>', 'time of reception (default now); settles times without a year')
    .option('--strict', 'exit with 1 when a record is rejected')
    .action(async (connector: string, paths: string[], options: Options, command) => {
      const shared = globalOptions(command);
      const receivedAt = options.received === undefined ? undefined : parseTime(options.received);
      const result = await withWorkspace(shared, async (workspace) => {
        const bar = progress('reading');
        try {
          return await workspace.ingest(connector, paths.map(sourceOf), {
            receivedAt,
            onProgress: ({ bytesRead, bytesTotal }) => bytesTotal && bar.update(bytesRead, bytesTotal),
          });
        } finally {
          bar.stop();
        }
      });
      if (options.strict && result.rejected > 0) setStatus(status.findings);
      for (const notice of result.notices) process.stderr.write(`${pc.yellow(notice)}\n`);
      await (shared.json ? writeJson(answerOf(result)) : writeLine(report(result)));
    });
};

const sourceOf = (path: string): Source => (path === '-' ? { name: 'stdin', stream: process.stdin } : path);

const answerOf = ({ connector, read, rejected, tables, rejects }: IngestResult) => ({
  ...{ connector, read, rejected, tables },
  rejects: rejects.map(({ reason, count: n, sample }) => ({ reason, count: n, sample })),
});

function report(result: IngestResult): string {
  const tables = Object.entries(result.tables).map(([name, rows]) => [name, rows.toLocaleString('en-US')]);
  const lines = [
    `${pc.bold(result.connector)}: ${count(result.read, 'record')} read, ${rejectedText(result.rejected)}`,
  ];
  if (tables.length > 0) lines.push('', table([{ title: 'Table' }, { title: 'Rows', right: true }], tables));
  lines.push(...rejectsText(result.rejects));
  return lines.join('\n');
}
