import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import pc from 'picocolors';

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly data?: string | undefined;
  readonly server?: string | undefined;
  readonly json?: true | undefined;
  readonly allowExternal?: readonly string[] | undefined;
  readonly missingExternal?: 'fail' | 'empty' | undefined;
  readonly geoDatabase?: string | undefined;
}

export const defaultDataDir = './.vedette';

export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Collects the values of an option that may be repeated. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function newProgram(): Command {
  return new Command('vedette')
    .description('Runs Microsoft Sentinel detections on your own machines: raw logs in, incidents out.')
    .version(version())
    .option('--data <dir>', `directory of the workspace (default ${defaultDataDir})`)
    .option('--server <url>', 'ClickHouse server in place of the embedded engine')
    .option('--allow-external <place>', 'host, file or folder that queries may read external data from', repeated)
    .addOption(
      new Option('--missing-external <how>', 'external data that cannot be read: an error, or empty with a notice')
        .choices(['fail', 'empty'])
        .default(undefined, 'fail'),
    )
    .option('--geo-database <file>', 'MaxMind database of locations (default: what VEDETTE_GEO_DATABASE names)')
    .option('--json', 'print the whole answer as JSON')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (text, write) =>
        write(`${pc.red(text.trimEnd().replace(/^error: /, 'CLI6001 '))}
`),
    })
    .configureHelp({ showGlobalOptions: true });
}
