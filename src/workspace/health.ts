import { formatDatetime, ticksFromMs } from '../base/index.js';
import type { Connector, IngestResult } from '../ingest/index.js';
import { name, sql, text } from '../sql/index.js';
import type { Store } from '../store/index.js';
import { catalogue } from '../tables/index.js';

/** Health of connectors is kept where the product keeps it, in its shape. */
const healthSchema = catalogue.table('SentinelHealth')!;
const resourceType = 'Data connector';

/** The latest run of a connector that brought records. */
export interface ConnectorHealth {
  /** ISO 8601. */
  readonly time: string;
  readonly records: number;
  readonly rejected: number;
}

/** Notes one ingest as a row of SentinelHealth. It fails when records came and not one could be used. */
export async function recordIngest(
  store: Store,
  connector: Connector,
  result: IngestResult,
  now: number,
): Promise<void> {
  const failed = result.read > 0 && result.rejected === result.read;
  await store.ensureTable(healthSchema);
  await store.insert(
    healthSchema.name,
    [
      {
        TimeGenerated: formatDatetime(ticksFromMs(now)),
        OperationName: 'Data fetch status change',
        SentinelResourceId: connector.id,
        SentinelResourceName: connector.title,
        SentinelResourceKind: connector.id,
        SentinelResourceType: resourceType,
        SourceSystem: 'Vedette',
        Status: failed ? 'Failure' : 'Success',
        Description: `${result.read} records read, ${result.rejected} rejected`,
        Reason: failed ? (result.rejects[0]?.reason ?? '') : '',
        ExtendedProperties: { Read: result.read, Rejected: result.rejected, Tables: result.tables },
      },
    ],
    { receivedAt: now },
  );
}

/** The latest ingest with records of each connector, by connector id. */
export async function lastHeard(store: Store): Promise<ReadonlyMap<string, ConnectorHealth>> {
  if (!(await store.tables()).has(healthSchema.name)) return new Map();
  const read = sql`JSONExtractInt(assumeNotNull(ExtendedProperties), ${text('Read')})`;
  const rejected = sql`JSONExtractInt(assumeNotNull(ExtendedProperties), ${text('Rejected')})`;
  const answer = await store.query(
    sql`SELECT SentinelResourceId, TimeGenerated, ${read}, ${rejected} FROM ${name(healthSchema.name)}
WHERE SentinelResourceType = ${text(resourceType)} AND ${read} > 0
ORDER BY TimeGenerated DESC LIMIT 1 BY SentinelResourceId`.text,
  );
  return new Map(
    answer.rows.map(([id, time, records, refused]) => [
      String(id),
      { time: `${String(time).replace(' ', 'T')}Z`, records: Number(records), rejected: Number(refused) },
    ]),
  );
}
