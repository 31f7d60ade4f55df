import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, fail, systemClock } from '../base/index.js';
import {
  type Connector,
  connectors,
  type IngestOptions,
  type IngestResult,
  ingest,
  type Source,
} from '../ingest/index.js';
import type { QueryRequest, QueryResult } from '../query/index.js';
import { openStore, type Store, type StoreOptions } from '../store/index.js';
import { type WorkspaceAutomation, workspaceAutomation } from './automation.js';
import { answerLine, type BatchAnswer, type BatchOptions, runBatch } from './batch.js';
import { type ContentPlaces, Engine, unwrap } from './engine.js';
import { type Exclusions, exclusionsOf } from './exclusions.js';
import { type ConnectorHealth, lastHeard, recordIngest } from './health.js';
import { type WorkspaceIncidents, workspaceIncidents } from './incidents.js';
import { inlineTables } from './inline-tables.js';
import { type Intelligence, intelligenceOf } from './intelligence.js';
import { usefulNotices } from './notices.js';
import type { QueryOptions } from './query-options.js';
import { type Rules, rulesOf } from './rules.js';
import { type Schedules, schedulesOf } from './schedules.js';
import { parseTime, parseTimeRange } from './times.js';
import { currentUser } from './user.js';
import { type Watchlists, watchlistsOf } from './watchlists.js';

/** An embedded workspace by its directory, or one on a ClickHouse server by its address. */
export type WorkspaceOptions = StoreOptions & ContentPlaces & { readonly clock?: Clock | undefined };

/** All methods throw a `DiagnosticError` for what their caller, a query, a file or the engine did wrong. */
export interface Workspace {
  query(kql: string, options?: QueryOptions): Promise<QueryResult>;
  /** The SQL that `query` would run. */
  sql(kql: string, options?: QueryOptions): Promise<string>;
  /** Answers lines of JSON, each as soon as it is known; a bad line is answered with an error. */
  batch(
    lines: AsyncIterable<string>,
    answer: (line: BatchAnswer) => Promise<void>,
    options?: BatchOptions,
  ): Promise<void>;
  /** Reads raw records of a connector, named by its id or an alias in any case. */
  ingest(connector: string, sources: readonly Source[], options?: IngestOptions): Promise<IngestResult>;
  readonly rules: Rules;
  readonly incidents: WorkspaceIncidents;
  readonly schedule: Schedules;
  readonly automation: WorkspaceAutomation;
  readonly exclusions: Exclusions;
  readonly watchlists: Watchlists;
  readonly intelligence: Intelligence;
  /** What each connector expects and when it last brought records. */
  connectors(): Promise<readonly ConnectorStatus[]>;
  readonly store: Store;
  close(): Promise<void>;
}

export interface ConnectorStatus {
  readonly connector: Connector;
  readonly lastHeard: ConnectorHealth | undefined;
}

/** Opens a workspace. Errors ENG5001 no engine, ENG5002 no server, ENG5004 a directory that cannot be used. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const clock = options.clock ?? systemClock;
  const contentDir = options.contentDir ?? ('dataDir' in options ? join(options.dataDir, 'content') : undefined);
  if ('dataDir' in options) await makeDirectory(options.dataDir);
  const store = await openStore(options);
  const cacheDir = options.cacheDir ?? ('dataDir' in options ? join(options.dataDir, 'cache') : undefined);
  const { parsers, allowExternal, missingExternal, allowWebhooks, geoDatabase } = options;
  const engine = new Engine(
    store,
    {
      ...{ parsers, contentDir, cacheDir, allowExternal, missingExternal, allowWebhooks, geoDatabase },
      secretsDir: secretsDir(options),
    },
    clock,
  );

  const query = async (kql: string, wanted: QueryOptions = {}): Promise<QueryResult> => {
    const runner = await engine.runner();
    const inline = wanted.setup && inlineTables(wanted.setup);
    const answer = unwrap(await runner.query(kql, requestOf(kql, wanted, clock), inline));
    return { ...answer, notices: usefulNotices(answer.notices) };
  };

  return {
    store,
    query,
    async sql(kql, wanted = {}) {
      const runner = await engine.runner();
      const inline = wanted.setup && inlineTables(wanted.setup);
      return unwrap(await runner.sql(kql, requestOf(kql, wanted, clock), inline));
    },
    batch: (lines, answer, batchOptions = {}) =>
      runBatch(lines, (line) => answerLine(line, (kql, setup) => query(kql, { ...batchOptions, setup })), answer),
    async ingest(id, sources, ingestOptions = {}) {
      const connector = findConnector(id);
      const result = await ingest(store, connector, sources, { clock, ...ingestOptions });
      await recordIngest(store, connector, result, clock.now());
      return result;
    },
    rules: rulesOf(engine),
    incidents: workspaceIncidents(store, clock),
    schedule: schedulesOf(engine),
    automation: workspaceAutomation(engine),
    exclusions: exclusionsOf(engine, async (rule) => unwrap(await (await engine.content()).rule(rule)), currentUser),
    watchlists: watchlistsOf(engine, currentUser),
    intelligence: intelligenceOf(engine),
    async connectors() {
      const heard = await lastHeard(store);
      return connectors.all.map((connector) => ({ connector, lastHeard: heard.get(connector.id) }));
    },
    close: () => store.close(),
  };
}

const secretsDir = (options: WorkspaceOptions): string | undefined =>
  options.secretsDir ?? ('dataDir' in options ? join(options.dataDir, 'secrets') : undefined);

/** Errors CLI6001. */
export function findConnector(id: string): Connector {
  const known = connectors.all.map((connector) => connector.id).join(', ');
  return connectors.find(id) ?? fail('CLI6001', `there is no connector '${id}'`, { hint: `known: ${known}` });
}

function requestOf(kql: string, options: QueryOptions, clock: Clock): QueryRequest {
  const at = options.at === undefined ? clock.now() : parseTime(options.at);
  return {
    at,
    window: options.timespan === undefined ? undefined : parseTimeRange(options.timespan, at),
    parameters: options.parameters,
    without: options.without,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    source: { name: options.name ?? 'query', text: kql, map: (offset) => offset },
  };
}

async function makeDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (error) {
    fail('ENG5004', `the data directory ${dataDir} cannot be made: ${(error as Error).message}`);
  }
}
