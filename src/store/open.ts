import { ClickHouseStore } from './clickhouse-store.js';
import { type Connection, connect } from './connection.js';
import { type Engine, openEmbedded } from './embedded.js';
import { defaultDatabase } from './engine-config.js';
import type { Store } from './store.js';

export type StoreOptions = EmbeddedOptions | RemoteOptions;

interface CommonOptions {
  /** Days after reception at which rows go; kept for ever when left out. */
  readonly retentionDays?: number | undefined;
  /** Id (TenantId of its rows) that a workspace gets when it is made; a new one when left out. */
  readonly workspaceId?: string | undefined;
}

export interface EmbeddedOptions extends CommonOptions {
  /** Directory of the workspace; made when missing. Its engine is started, or shared with the process that runs it. */
  readonly dataDir: string;
}

export interface RemoteOptions extends CommonOptions {
  /** HTTP address of a ClickHouse server, such as `https://clickhouse.example.com:8443`. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Default `vedette`. */
  readonly database?: string | undefined;
  /** Whom queries run as; the same user when left out. Every query is read-only in any case. */
  readonly reader?: { readonly user: string; readonly password: string } | undefined;
}

/** Opens the storage of a workspace. Fails with ENG5001 (no engine), ENG5002 (no server), ENG5004 (bad directory). */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { retentionDays, workspaceId } = options;
  if ('dataDir' in options) {
    const engine = await openEmbedded(options.dataDir);
    return new ClickHouseStore(engine, { database: defaultDatabase, retentionDays, workspaceId });
  }
  const database = options.database ?? defaultDatabase;
  const admin = { user: options.user ?? 'default', password: options.password ?? '' };
  const connection = connect({ url: options.url, database, admin, reader: options.reader ?? admin });
  return new ClickHouseStore(remote(connection), { database, retentionDays, workspaceId });
}

/** A server has its own keeper: a lost connection is tried once more, that is all. */
const remote = (connection: Connection): Engine => ({
  connection: async () => connection,
  renew: async () => connection,
  close: () => connection.close(),
});
