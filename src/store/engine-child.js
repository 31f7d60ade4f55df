// Runs the ClickHouse library as a server in this process. Arguments: library file, configuration file.
// The process ends with its owner: the owner holds the other end of standard input.
import { DataType, load, open } from 'ffi-rs';

const [library, config] = process.argv.slice(2);
if (!library || !config) throw new Error('usage: engine-child LIBRARY CONFIG');

// No destructor may run while engine threads work, and everything acknowledged is on disk: end at once.
const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('end', end).on('error', end).on('close', end).resume();
// Ctrl-C reaches the whole group; the owner decides when the engine ends.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', end);

// The engine listens as long as its main query runs, so that query sleeps (a block of one row at a time).
const main = `SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM numbers(1000000000000)
SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 10000000 FORMAT Null`;
const args = ['clickhouse', '--config-file', config, '--query', main];
open({ library: 'chdb', path: library });
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
}).then(
  () => process.exit(1), // It printed why.
  (error) => {
    console.error(String(error));
    process.exit(1);
  },
);
