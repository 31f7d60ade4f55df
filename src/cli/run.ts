import { CommanderError } from 'commander';
import { DiagnosticError } from '../base/index.js';
import { addCommands } from './commands/index.js';
import { writeDiagnostics } from './output.js';
import { newProgram } from './program.js';
import { status } from './status.js';

/** Runs one command line; answers the exit status. Nothing but the answer goes to stdout. */
export async function run(args: readonly string[]): Promise<number> {
  let result: number = status.success;
  const program = newProgram();
  addCommands(program, (code) => {
    result = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are answers, everything else that commander stops at is wrong usage.
      return error.exitCode === 0 ? status.success : status.usage;
    }
    if (error instanceof DiagnosticError) {
      writeDiagnostics(error.diagnostics);
      return status.usage;
    }
    const failure = error instanceof Error ? error : new Error(String(error));
    writeDiagnostics([{ code: 'CLI6003', severity: 'error', message: failure.message, hint: 'please report it' }]);
    if (process.env.VEDETTE_DEBUG) process.stderr.write(`${failure.stack}\n`);
    return status.usage;
  }
}
