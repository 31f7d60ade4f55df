import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import pc from 'picocolors';
import { type Diagnostic, fail } from '../../base/index.js';
import { type AddCommand, globalOptions, repeated, textOf, withWorkspace } from '../command.js';
import { count, resultTable, writeDiagnostics, writeJson, writeLine } from '../output.js';

interface Options {
  readonly at?: string;
  readonly timespan?: string;
  readonly batch?: string;
  readonly param?: readonly string[];
}

export const addQuery: AddCommand = (program) => {
  program
    .command('query')
    .description('run KQL')
    .argument('[kql]', 'the query; - reads it from standard input')
    .option('--at <time>', 'what now() answers, and the end of a --timespan that is a duration')
    .option('--timespan <span>', 'ISO 8601 duration such as PT24H, or FROM/TO')
    .option('--param <name=value>', 'value of a parameter that the query declares', repeated)
    .option('--batch <file>', 'answer every line {id, query, setup?} of a JSON lines file; - is standard input')
    .action(async (kql: string | undefined, options: Options, command) => {
      const shared = globalOptions(command);
      const parameters = parametersOf(options.param ?? []);
      if (options.batch !== undefined) {
        if (kql !== undefined) fail('CLI6001', 'a query and --batch exclude each other');
        const lines = linesOf(options.batch);
        await withWorkspace(shared, (workspace) => workspace.batch(lines, writeJson, { ...options, parameters }));
        return;
      }
      if (kql === undefined) return fail('CLI6001', 'there is no query', { hint: 'vedette query KQL, or - for stdin' });
      const { text, name } = await textOf(kql);
      await withWorkspace(shared, async (workspace) => {
        const began = performance.now();
        const { columns, rows, notices } = await workspace.query(text, { ...options, parameters, name });
        const seconds = (performance.now() - began) / 1000;
        if (shared.json) return writeJson({ columns, rows, notices: notices.map(plain) });
        if (columns.length > 0) await writeLine(resultTable(columns, rows));
        await writeLine(pc.dim(`${count(rows.length, 'row')}, ${seconds.toFixed(2)} s`));
        writeDiagnostics(notices);
      });
    });
};

function parametersOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((g) => {
      const at = g.indexOf('=');
      return at > 0 ? [g.slice(0, at), g.slice(at + 1)] : fail('CLI6001', `'${g}' is not name=value`);
    }),
  );
}

/** A notice without the text it points into, which whoever asked has. */
export const plain = ({ source: _, ...notice }: Diagnostic): Omit<Diagnostic, 'source'> => notice;

async function* linesOf(path: string): AsyncIterable<string> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    fail('CLI6002', `${path} cannot be read: ${(error as Error).message}`);
  }
}
