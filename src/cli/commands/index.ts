import type { AddCommand } from '../command.js';
import { addAutomation } from './automation.js';
import { addConnector } from './connector.js';
import { addDemo } from './demo.js';
import { addExclusion } from './exclusion.js';
import { addIncident } from './incident.js';
import { addIngest } from './ingest.js';
import { addParser } from './parser.js';
import { addQuery } from './query.js';
import { addRule } from './rule.js';
import { addSimulate } from './simulate.js';
import { addSql } from './sql.js';
import { addThreatIntelligence } from './threat-intelligence.js';
import { addSchedule, addWatch } from './watch.js';
import { addWatchlist } from './watchlist.js';

/** Every command, in the order of the help. */
const commands: readonly AddCommand[] = [
  ...[addDemo, addIngest, addQuery, addSql],
  ...[addRule, addParser, addIncident, addConnector, addSimulate],
  ...[addWatch, addSchedule, addAutomation],
  ...[addWatchlist, addThreatIntelligence, addExclusion],
];

export const addCommands: AddCommand = (program, setStatus) => {
  for (const add of commands) add(program, setStatus);
};
