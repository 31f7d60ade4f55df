import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fail } from '../../base/index.js';
import { type ExportFormat, type ExportPart, exportFormats, exportParts } from '../../respond/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { write } from '../output.js';
import { incidentNumber } from './incident-number.js';

interface Options {
  readonly all?: true;
  readonly format: string;
  readonly part?: string;
  readonly out?: string;
}

export const addIncidentExport: AddCommand = (incident) => {
  incident
    .command('export')
    .description('incidents as JSON, CSV or Markdown, safe to open and to paste')
    .argument('[number]', 'number of the incident')
    .option('--all', 'all incidents, the newest first')
    .option('--format <format>', exportFormats.join(', '), 'json')
    .option('--part <part>', `what a CSV file lists: ${exportParts.join(', ')} (default incidents)`)
    .option('--out <file>', 'file to write (default standard output)')
    .addHelpText('after', '\nExample:\n  vedette incident export 7 --format markdown --out incident-7.md')
    .action(async (given: string | undefined, options: Options, command) => {
      const shared = globalOptions(command);
      if ((given === undefined) === (options.all === undefined)) {
        fail('CLI6001', 'name one incident by its number, or say --all');
      }
      const format = options.format.toLowerCase() as ExportFormat;
      if (!exportFormats.includes(format)) fail('CLI6001', `--format is one of ${exportFormats.join(', ')}`);
      const part = options.part?.toLowerCase() as ExportPart | undefined;
      if (part && !exportParts.includes(part)) fail('CLI6001', `--part is one of ${exportParts.join(', ')}`);
      if (part && format !== 'csv') fail('CLI6001', '--part goes with --format csv; the other formats hold all parts');
      const wanted = given === undefined ? 'all' : [incidentNumber(given)];
      await withWorkspace(shared, async ({ incidents }) => {
        const pieces = incidents.export(wanted, { format, part });
        if (options.out !== undefined) return writeFile(options.out, pieces);
        for await (const piece of pieces) await write(piece);
      });
    });
};

/** All of the file or none of it. Incidents are nobody's business but the user's. */
async function writeFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await pipeline(pieces, createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || code.startsWith('ERR_')) throw error;
    fail('CLI6002', `${path} cannot be written: ${message}`);
  }
}
