import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

/** Where an engine listens and as whom to talk to it. */
export interface Address {
  readonly url: string;
  readonly database: string;
  /** For DDL and inserts. */
  readonly admin: Credentials;
  /** For queries. */
  readonly reader: Credentials;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The two clients of one engine. */
export interface Connection {
  readonly address: Address;
  readonly admin: ClickHouseClient;
  readonly reader: ClickHouseClient;
  close(): Promise<void>;
}

const longestTimerMs = 2 ** 31 - 1;

export function connect(address: Address): Connection {
  const client = ({ user, password }: Credentials, database?: string) =>
    createClient({
      url: address.url,
      ...(database === undefined ? {} : { database }),
      username: user,
      password,
      application: 'vedette',
      // The client's own limit cuts the socket and leaves the query running; the engine and the store keep the time.
      request_timeout: longestTimerMs,
      max_open_connections: 64,
      compression: { request: false, response: false },
      // A message of the client's own logger would hold statements and addresses.
      log: { level: ClickHouseLogLevel.OFF },
    });
  const admin = client(address.admin);
  const reader = client(address.reader, address.database);
  return {
    address,
    admin,
    reader,
    close: async () => {
      await Promise.allSettled([admin.close(), reader.close()]);
    },
  };
}
