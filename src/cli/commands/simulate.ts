import { simulatePhish, unitsByConnector, variantNames, writeStory } from '../../simulate/index.js';
import { parseTime } from '../../workspace/index.js';
import { type AddCommand, globalOptions } from '../command.js';
import { count, table, writeJson, writeLine } from '../output.js';

interface Options {
  readonly connector: string;
  readonly out: string;
  readonly proxy?: string;
  readonly variant?: string;
  readonly seed?: string;
  readonly at?: string;
}

const HOUR_MS = 3_600_000;

/** The last full hour: the same story for everybody who asks within it. */
export const lastFullHour = (now: number): number => Math.floor(now / HOUR_MS) * HOUR_MS;

export const addSimulate: AddCommand = (program) => {
  program
    .command('simulate')
    .description('write attacks as raw records')
    .command('phish')
    .description('the phishing story, its network session seen by one connector')
    .requiredOption('--connector <name>', 'connector that sees the session')
    .requiredOption('--out <dir>', 'folder for the files; made when missing')
    .option('--proxy <name>', 'product that logs the link (default Zscaler)')
    .option('--variant <name>', `one of ${variantNames.join(', ')} (default hit)`)
    .option('--seed <number>', 'another number, another story (default 1)')
    .option('--at <time>', 'nominal time of the run that must find it (default the last full hour)')
    .action(async ({ connector, out, proxy, variant, seed, at }: Options, command) => {
      const story = simulatePhish({
        ...{ connector, proxy, variant },
        seed: seed === undefined ? undefined : Number(seed || Number.NaN),
        at: at === undefined ? lastFullHour(Date.now()) : parseTime(at),
      });
      await writeStory(out, story);
      const files = story.files.map((file) => ({ connector: file.connector, path: file.path, role: file.role }));
      if (globalOptions(command).json) return writeJson({ at: story.at, files, truth: story.truth });
      const columns = ['File', 'Connector', 'Role'].map((title) => ({ title }));
      await writeLine(
        table(
          columns,
          files.map((file) => [file.path, file.connector, file.role]),
        ),
      );
      const units = Object.values(unitsByConnector(story)).reduce((sum, n) => sum + n, 0);
      const outcome = story.truth.stoppedAt
        ? `the rule finds nothing: it stops at ${story.truth.stoppedAt}`
        : `the rule finds ${count(story.truth.rows.length, 'row')}`;
      await writeLine(`\n${count(units, 'record')}; at ${story.at} ${outcome}`);
    });
};
