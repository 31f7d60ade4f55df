import type { Row } from '../../../tables/index.js';
import { rowFromPairs } from '../../formats/cef.js';
import { firstValue, type Pairs } from '../../formats/key-value.js';
import type { SyslogContext } from '../../formats/syslog.js';
import { epochTime, parseTime, zoneMinutes } from '../../times.js';

type KeyMap = Readonly<Record<string, string | readonly [key: string, label: string]>>;

/**
 * Keys of the key=value and JSON feeds (lower case) → CEF keys, as the CEF feed of the same log assigns them.
 * Source: https://help.zscaler.com/zia/nss-feed-output-format-web-logs and …-firewall-logs, …-dns-logs
 */
const shared: KeyMap = {
  action: 'act',
  reason: 'reason',
  user: 'suser',
  login: 'suser',
  location: 'spriv',
  event_id: 'externalId',
  recordid: 'externalId',
  department: ['cs1', 'dept'],
  dept: ['cs1', 'dept'],
  devicehostname: 'shost',
  devicename: 'shost',
};

const web: KeyMap = {
  ...shared,
  protocol: 'app',
  proto: 'app',
  responsesize: 'in',
  respsize: 'in',
  requestsize: 'out',
  reqsize: 'out',
  urlcategory: 'cat',
  urlcat: 'cat',
  serverip: 'dst',
  sip: 'dst',
  clientip: 'src',
  cintip: 'src',
  clientpublicip: 'sourceTranslatedAddress',
  cip: 'sourceTranslatedAddress',
  requestmethod: 'requestMethod',
  reqmethod: 'requestMethod',
  refererurl: 'requestContext',
  referer: 'requestContext',
  useragent: 'requestClientApplication',
  ua: 'requestClientApplication',
  status: 'outcome',
  respcode: 'outcome',
  url: 'request',
  eurl: 'request',
  hostname: 'dhost',
  host: 'dhost',
  filetype: 'fileType',
  filename: 'fname',
  appname: 'destinationServiceName',
  pagerisk: ['cn1', 'riskscore'],
  riskscore: ['cn1', 'riskscore'],
  urlsupercategory: ['cs2', 'urlcat'],
  urlsupercat: ['cs2', 'urlcat'],
  threatclass: ['cs3', 'malwareclass'],
  malwareclass: ['cs3', 'malwareclass'],
  threatcategory: ['cs4', 'malwarecat'],
  malwarecat: ['cs4', 'malwarecat'],
  threatname: ['cs5', 'threatname'],
  md5: ['cs6', 'md5hash'],
  bamd5: ['cs6', 'md5hash'],
};

const firewall: KeyMap = {
  ...shared,
  csip: 'src',
  csport: 'spt',
  cdip: 'dst',
  cdport: 'dpt',
  ssip: 'deviceTranslatedAddress',
  ssport: 'deviceTranslatedPort',
  sdip: 'destinationTranslatedAddress',
  sdport: 'destinationTranslatedPort',
  tsip: 'sourceTranslatedAddress',
  tsport: 'sourceTranslatedPort',
  proto: 'proto',
  ipproto: 'proto',
  rule: 'reason',
  rulelabel: 'reason',
  inbytes: 'in',
  outbytes: 'out',
  nwsvc: ['cs2', 'nwService'],
  nwapp: ['cs3', 'nwApp'],
  aggregate: ['cs4', 'aggregated'],
  ipcat: ['cs5', 'ipcat'],
  threatcat: ['cs5', 'threatcat'],
  threatname: ['cs6', 'threatname'],
  durationms: ['cn1', 'durationms'],
  numsessions: ['cn2', 'numsessions'],
  destcountry: 'destCountry',
};

const dns: KeyMap = {
  ...shared,
  clientip: 'src',
  cip: 'src',
  srv_dip: 'dst',
  serverip: 'dst',
  srv_dport: 'dpt',
  req: 'dhost',
  reqrulelabel: 'reason',
  reqaction: 'act',
};

interface Feed {
  readonly product: string;
  readonly keys: KeyMap;
}

/** Which feed the fields belong to; undefined when they are none of Zscaler Internet Access. */
function feedOf(has: (...keys: string[]) => boolean): Feed | undefined {
  if (has('cdip', 'nwsvc', 'nwapp') && has('action')) return { product: 'NSSFWlog', keys: firewall };
  if (has('dnsrequesttype', 'reqrulelabel', 'restype', 'reqtype') && !has('url'))
    return { product: 'NSSDNSlog', keys: dns };
  const isWeb =
    has('url', 'eurl') && has('urlcategory', 'urlcat', 'urlsupercategory', 'urlclass', 'requestmethod', 'reqmethod');
  return isWeb ? { product: 'NSSWeblog', keys: web } : undefined;
}

/** A record of a key=value or JSON feed as the row that the same event in the CEF feed would give. */
export function nssRow(pairs: Pairs, leadingTime: string, context: SyslogContext): Row | undefined {
  const names = new Set(pairs.map(([key]) => key.toLowerCase()));
  const feed = feedOf((...keys) => keys.some((key) => names.has(key)));
  if (!feed) return undefined;
  const get = (key: string) => firstValue(pairs, key) ?? '';
  const head = {
    vendor: 'Zscaler',
    product: feed.product,
    version: get('productversion'),
    signature: get('action') || get('reqaction'),
    name: (feed.product === 'NSSFWlog' ? get('rule') || get('rulelabel') : get('reason')) || get('action'),
    severity: '3',
  };
  const row = rowFromPairs(head, cefPairs(pairs, feed.keys), context);
  row.TimeGenerated =
    epochTime(get('epochtime')) ??
    parseTime(leadingTime || get('datetime') || get('time'), {
      ...context,
      zoneOffsetMinutes: zoneMinutes(get('tz')) ?? context.zoneOffsetMinutes,
    });
  return row;
}

function* cefPairs(pairs: Pairs, keys: KeyMap): Iterable<[string, string]> {
  const seen = new Set<string>();
  for (const [key, value] of pairs) {
    const mapped = keys[key.toLowerCase()];
    const target = typeof mapped === 'string' ? mapped : mapped?.[0];
    // Two keys of the feed may mean one CEF key; the first keeps it, and the other stays under its own name.
    if (!mapped || !target || (seen.has(target) && !seen.has(key))) yield [key, value];
    else {
      seen.add(target).add(key);
      if (typeof mapped !== 'string') yield [`${mapped[0]}Label`, mapped[1]];
      yield [target, value];
    }
  }
}
