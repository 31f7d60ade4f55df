import type { AddCommand } from '../command.js';
import { addIngest } from './ingest.js';
import { addQuery } from './query.js';
import { addSql } from './sql.js';

/** Every command, in the order of the help. */
const commands: readonly AddCommand[] = [addIngest, addQuery, addSql];

export const addCommands: AddCommand = (program, setStatus) => {
  for (const add of commands) add(program, setStatus);
};
