#!/usr/bin/env node
import { run } from './run.js';

// A reader that has seen enough (`vedette … | head`) closes the pipe: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
