import type { Row } from '../../../tables/index.js';
import { rowFromPairs } from '../../formats/cef.js';
import { firstValue, type Pairs } from '../../formats/key-value.js';
import type { SyslogContext } from '../../formats/syslog.js';
import { epochTime, parseTime, zoneMinutes } from '../../times.js';

/**
 * FortiOS field → CEF key, as the device itself maps them in CEF mode. All other fields get the prefix FTNTFGT.
 * Source: https://docs.fortinet.com/document/fortigate/latest/fortios-log-message-reference (CEF support)
 */
const cefKeys: Readonly<Record<string, string>> = {
  devid: 'deviceExternalId',
  devname: 'dvchost',
  srcip: 'src',
  srcport: 'spt',
  srcname: 'shost',
  srcmac: 'smac',
  dstip: 'dst',
  dstport: 'dpt',
  dstmac: 'dmac',
  srcintf: 'deviceInboundInterface',
  dstintf: 'deviceOutboundInterface',
  sessionid: 'externalId',
  proto: 'proto',
  action: 'act',
  service: 'app',
  sentbyte: 'out',
  rcvdbyte: 'in',
  transip: 'sourceTranslatedAddress',
  transport: 'sourceTranslatedPort',
  tranip: 'destinationTranslatedAddress',
  tranport: 'destinationTranslatedPort',
  hostname: 'dhost',
  catdesc: 'requestContext',
  agent: 'requestClientApplication',
  msg: 'msg',
  filename: 'fname',
  filesize: 'fsize',
  status: 'outcome',
  reason: 'reason',
  cookies: 'requestCookies',
  ui: 'sproc',
  role: 'sourceServiceName',
};

/** The device's severity numbers run the other way round. */
const levels: Readonly<Record<string, string>> = {
  debug: '1',
  information: '2',
  notice: '3',
  notification: '3',
  warning: '4',
  error: '5',
  critical: '6',
  alert: '7',
  emergency: '8',
};

const directions: Readonly<Record<string, string>> = { outgoing: '1', outbound: '1', incoming: '0', inbound: '0' };

/** Whether the fields are those of a FortiOS log: every one has a type and a log id or device. */
export const isFortios = (pairs: Pairs): boolean => {
  const has = (key: string) => pairs.some(([name]) => name === key);
  return has('type') && (has('logid') || has('log_id') || has('devid') || has('devname'));
};

/** A native FortiOS record as the row that the same event in CEF mode would give. */
export function fortiosRow(pairs: Pairs, context: SyslogContext): Row {
  const get = (key: string) => firstValue(pairs, key) ?? '';
  const type = get('type');
  const name = [`${type}:${get('subtype')}`, get('eventtype'), get('action'), get('status')];
  const head = {
    vendor: 'Fortinet',
    product: 'Fortigate',
    version: '',
    signature: (get('logid') || get('log_id')).slice(-5),
    name: name.filter((part) => part !== '').join(' '),
    severity: levels[get('level')] ?? '',
    originalSeverity: get('level'),
  };
  const row = rowFromPairs(head, cefPairs(pairs, type), context);
  row.TimeGenerated = eventTime(get('eventtime'), get('date'), get('time'), get('tz'), context);
  row.ReceiptTime = `${get('date')} ${get('time')}`.trim() || undefined;
  row.Computer = get('devname') || undefined;
  return row;
}

function* cefPairs(pairs: Pairs, type: string): Iterable<[string, string]> {
  const host = firstValue(pairs, 'hostname');
  for (const [key, value] of pairs) {
    if (key === 'type') yield ['cat', `${type}:${firstValue(pairs, 'subtype') ?? ''}`];
    else if (key === 'date' || key === 'time') continue;
    else if (key === 'user') yield [type === 'traffic' ? 'suser' : 'duser', value];
    else if (key === 'dstname') yield [host === undefined ? 'dhost' : 'FTNTFGTdstname', value];
    else if (key === 'direction') {
      if (directions[value]) yield ['deviceDirection', directions[value]];
      yield ['FTNTFGTdirection', value];
    } else if (key === 'url') {
      yield ['request', fullUrl(value, host, firstValue(pairs, 'service'))];
      yield ['FTNTFGTurl', value];
    } else yield [cefKeys[key] ?? `FTNTFGT${key}`, value];
  }
}

/** The web filter logs the path alone; the host stands beside it and the scheme in the service. */
function fullUrl(url: string, host: string | undefined, service: string | undefined): string {
  if (!url.startsWith('/') || !host) return url;
  return `${service?.toUpperCase() === 'HTTPS' ? 'https' : 'http'}://${host}${url}`;
}

/** `eventtime` is UTC in seconds, milliseconds or nanoseconds by firmware; date and time are the device's clock. */
function eventTime(event: string, date: string, time: string, zone: string, context: SyslogContext) {
  const exact = epochTime(event);
  if (exact && exact > '1990') return exact;
  return parseTime(`${date} ${time}`, { zoneOffsetMinutes: zoneMinutes(zone) ?? context.zoneOffsetMinutes });
}
