import type { Row } from '../../../tables/index.js';
import { rowFromPairs } from '../../formats/cef.js';
import { firstValue, type Pairs } from '../../formats/key-value.js';
import type { SyslogContext } from '../../formats/syslog.js';
import { parseTime } from '../../times.js';

/**
 * Keys of the log streaming service of Zscaler Private Access → CEF keys. All others keep their name.
 * Source: https://help.zscaler.com/zpa/about-log-streaming-service
 */
const cefKeys: Readonly<Record<string, string | readonly [key: string, label: string]>> = {
  LogTimestamp: 'rt',
  Username: 'suser',
  User: 'suser',
  Email: 'suser',
  ClientPublicIP: 'src',
  PublicIP: 'src',
  ClientPrivateIP: 'sourceTranslatedAddress',
  PrivateIP: 'sourceTranslatedAddress',
  ServerIP: 'dst',
  ServerPort: 'dpt',
  Host: 'dhost',
  Hostname: 'shost',
  IPProtocol: 'proto',
  Application: 'destinationServiceName',
  ConnectionID: 'externalId',
  InternalReason: 'reason',
  ConnectionStatus: 'act',
  SessionStatus: 'outcome',
  AuditOperationType: 'act',
  Method: 'requestMethod',
  URL: 'request',
  UserAgent: 'requestClientApplication',
  StatusCode: 'outcome',
  Policy: ['cs1', 'Policy'],
  AppGroup: ['cs2', 'AppGroup'],
  Connector: ['cs3', 'Connector'],
  ZENTotalBytesRxClient: 'out',
  ZENTotalBytesTxClient: 'in',
  TotalBytesRx: 'out',
  TotalBytesTx: 'in',
  TimestampConnectionStart: 'start',
  TimestampConnectionEnd: 'end',
};

/** Log types by a key that only they have. */
const types: readonly (readonly [key: string, signature: string])[] = [
  ['ConnectionStatus', 'UserActivity'],
  ['SessionStatus', 'UserStatus'],
  ['AuditOperationType', 'Audit'],
  ['CPUUtilization', 'AppConnectorMetrics'],
  ['PosturesHit', 'UserStatus'],
  ['Exporter', 'BrowserAccess'],
];

/** A record of Private Access as a row; undefined when the fields are none of its. */
export function privateAccessRow(pairs: Pairs, context: SyslogContext): Row | undefined {
  const has = (key: string) => pairs.some(([name]) => name === key);
  const type = types.find(([key]) => has(key));
  if (!type && !(has('LogTimestamp') && (has('Customer') || has('Connector')))) return undefined;
  const get = (key: string) => firstValue(pairs, key) ?? '';
  const signature = type?.[1] ?? 'Log';
  const name = get('ConnectionStatus') || get('SessionStatus') || get('AuditOperationType') || signature;
  const head = { vendor: 'Zscaler', product: 'ZPA', version: '', signature, name, severity: '' };
  const row = rowFromPairs(head, cefPairs(pairs), context);
  const time = get('LogTimestamp') || get('CreationTime') || get('ModifiedTime');
  row.TimeGenerated = parseTime(time, context);
  return row;
}

function* cefPairs(pairs: Pairs): Iterable<[string, string]> {
  for (const [key, value] of pairs) {
    const mapped = cefKeys[key];
    if (typeof mapped === 'string') yield [mapped, value];
    else if (mapped) {
      yield [`${mapped[0]}Label`, mapped[1]];
      yield [mapped[0], value];
    } else yield [key, value];
  }
}

const repairs = /"[^"\\]*(?:\\.[^"\\]*)*"|(:\s*)(?=[,}\]])|(?<![\d.])(-?)0+(?=\d)/g;

/**
 * The streaming templates write values that have none as nothing (`"A": ,`) and numbers with leading zeros: JSON except
 * for that. Gives the text that a JSON parser takes.
 */
export const repairJson = (text: string): string =>
  text.replace(repairs, (token, colon: string | undefined, sign: string | undefined) =>
    token[0] === '"' ? token : colon !== undefined ? `${colon}null` : (sign ?? ''),
  );
