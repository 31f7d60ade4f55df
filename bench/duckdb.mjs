/** The rows of a store in DuckDB, an engine made for such scans: the mark to compare with. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Copies rows out of the store, once, and gives a function that runs a statement and one that closes the database.
 * @param file name of the database file in `directory`
 * @param columns by table: only those that the statements read; TimeGenerated always comes along
 */
export async function openDuckdb(store, directory, file, columns, log) {
  const { admin, address } = await store.engine.connection();
  const instance = await DuckDBInstance.create(join(directory, file), { threads: '2' });
  const connection = await instance.connect();
  const has = async (table) =>
    (await connection.runAndReadAll(`SELECT 1 FROM duckdb_tables() WHERE table_name = '${table}'`)).currentRowCount > 0;
  const begin = performance.now();
  for (const [table, wanted] of Object.entries(columns)) {
    if (await has(table)) continue;
    const parquet = join(directory, `${table}.parquet`);
    const { stream } = await admin.exec({
      query: `SELECT CAST(TimeGenerated AS DateTime64(6, 'UTC')) AS TimeGenerated, ${wanted.join(', ')} FROM ${address.database}.${table} FORMAT Parquet`,
      clickhouse_settings: { output_format_parquet_string_as_string: 1, max_memory_usage: '2000000000' },
    });
    await pipeline(stream, createWriteStream(parquet));
    await connection.run(
      `CREATE TABLE ${table} AS SELECT * REPLACE (TimeGenerated::TIMESTAMP AS TimeGenerated) FROM read_parquet('${parquet}')`,
    );
    await rm(parquet);
  }
  await connection.run('CHECKPOINT');
  log(`DuckDB loaded in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return {
    run: async (statement) => (await connection.runAndReadAll(statement)).getRowsJson(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
