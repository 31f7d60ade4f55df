import { createHash } from 'node:crypto';

/** The database of a workspace. */
export const defaultDatabase = 'vedette';

export interface EngineUsers {
  /** May do everything inside the engine: Vedette's own statements. */
  readonly admin: string;
  /** May SELECT from the workspace's database and nothing else: queries. */
  readonly reader: string;
}

const xml = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The engine's configuration file. */
export const engineConfig = (directory: string, usersFile: string, port: number): string => `<clickhouse>
  <path>${xml(directory)}/</path>
  <tmp_path>${xml(directory)}/tmp/</tmp_path>
  <users_config>${xml(usersFile)}</users_config>
  <http_port>${port}</http_port>
  <listen_host>127.0.0.1</listen_host>
  <timezone>UTC</timezone>
  <mark_cache_size>268435456</mark_cache_size>
  <access_control_improvements>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
  </access_control_improvements>
</clickhouse>
`;

/**
 * The engine's users. Its main query runs as `default` without a password, which cannot be changed: so `default` may
 * only start the listener, and as its session never ends, a limit of one session keeps everybody else out.
 */
export const engineUsers = (passwords: EngineUsers, database: string): string => `<clickhouse>
  <profiles>
    <default/>
    <main><max_sessions_for_user>1</max_sessions_for_user></main>
    <reader><readonly>2</readonly></reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <no_password/>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>main</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
    <admin>
      <password_sha256_hex>${sha256(passwords.admin)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT ALL ON *.*</query></grants>
    </admin>
    <reader>
      <password_sha256_hex>${sha256(passwords.reader)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>reader</profile>
      <quota>default</quota>
      <grants><query>GRANT SELECT ON ${database}.*</query><query>GRANT CREATE TEMPORARY TABLE ON *.*</query><query>GRANT TABLE ENGINE ON Memory</query></grants>
    </reader>
  </users>
</clickhouse>
`;
