import type { Row } from '../../tables/index.js';

/*
 * The phishing rule by hand, over decoded rows: what a story must give, without KQL, SQL or the session parsers. It knows of
 * each source only the records that count as sessions and their destination.
 */

export type Tables = Readonly<Record<string, readonly Row[]>>;

const day = 24 * 3_600_000;
const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));
const same = (a: unknown, b: string) => text(a).toLowerCase() === b.toLowerCase();

/** KQL's ipv4_is_private: undefined for what is not IPv4, as the rule then drops the row. */
function isPrivate(address: string): boolean | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  const [a, b] = parts as [number, number];
  return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
}

const outbound = ['ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest'];
const localEnd = ['InboundConnectionAccepted', 'ConnectionFound', 'ListeningConnectionCreated'];

function firewallDestination(row: Row): string | undefined {
  const [vendor, product] = [text(row.DeviceVendor), text(row.DeviceProduct)];
  const category =
    text(row.DeviceEventCategory) || /(?:^|;)cat=([^;]*)/.exec(text(row.AdditionalExtensions))?.[1] || '';
  const isSession =
    (vendor === 'Zscaler' && product === 'NSSFWlog') ||
    (vendor === 'Fortinet' &&
      /^fortigate/i.test(product) &&
      /\btraffic\b/.test(category) &&
      row.DeviceAction !== 'dns' &&
      !text(row.Activity).includes('dns')) ||
    (vendor.replaceAll(' ', '') === 'CheckPoint' && same(product, 'VPN-1 & FireWall-1')) ||
    (vendor === 'Palo Alto Networks' && product === 'PAN-OS' && row.Activity === 'TRAFFIC');
  return isSession ? text(row.DestinationIP) : undefined;
}

type Item = Readonly<Record<string, unknown>>;
const eventData = (row: Row) => (typeof row.EventData === 'string' ? JSON.parse(row.EventData) : row.EventData) as Item;

/** Destination of a row when it is a session, by table. The session parsers cut XML by exact shape: so does this. */
const sessions: Readonly<Record<string, (row: Row) => string | undefined>> = {
  DeviceNetworkEvents: (row) => {
    if (outbound.includes(text(row.ActionType))) return text(row.RemoteIP);
    return localEnd.includes(text(row.ActionType)) ? text(row.LocalIP) : undefined;
  },
  CommonSecurityLog: firewallDestination,
  AWSVPCFlow: (row) => (row.LogStatus === 'OK' ? text(row.DstAddr) : undefined),
  WindowsEvent: (row) => {
    const id = Number(row.EventID);
    if (id >= 5150 && id <= 5159) return text(eventData(row).DestAddress);
    return row.Provider === 'Microsoft-Windows-Sysmon' && id === 3 ? text(eventData(row).DestinationIp) : undefined;
  },
  SecurityEvent: (row) =>
    [5152, 5156, 5157].includes(Number(row.EventID))
      ? /\r\n {2}<Data Name="DestAddress">([^<]*)<\/Data>\r\n/.exec(text(row.EventData))?.[1]
      : undefined,
  Event: (row) =>
    row.Source === 'Microsoft-Windows-Sysmon' && Number(row.EventID) === 3
      ? /<Data Name="DestinationIp">([^<]*)</.exec(text(row.EventData))?.[1]
      : undefined,
  Syslog: (row) => {
    const message = text(row.SyslogMessage);
    if (!message.includes('<Provider Name="Linux-Sysmon"') || !message.includes('<EventID>3</EventID>'))
      return undefined;
    return /<\/Data><Data Name="DestinationIp">([^<]*)<\/Data><Data Name="DestinationHostname">/.exec(message)?.[1];
  },
  AzureNetworkAnalytics_CL: (row) =>
    text(row.FlowType_s) !== '' && ['I', 'O'].includes(text(row.FlowDirection_s))
      ? text(row.DestIP_s) || text(row.DestPublicIPs_s).split('|')[0]
      : undefined,
  VMConnection: (row) => (['outbound', 'inbound'].includes(text(row.Direction)) ? text(row.DestinationIp) : undefined),
  VectraStream_CL: (row) => (row.metadata_type_s === 'metadata_isession' ? text(row.id_resp_h_s) : undefined),
};

/** Joins by a key: one merged item for each pair. Right columns of an equal name are lost, which the rule does not need. */
function join(left: readonly Item[], right: readonly Item[], leftKeys: string[], rightKeys: string[]): Item[] {
  const key = (item: Item, names: string[]) => names.map((name) => text(item[name])).join('\u0000');
  return left.flatMap((a) => right.filter((b) => key(a, leftKeys) === key(b, rightKeys)).map((b) => ({ ...b, ...a })));
}

const distinct = (items: readonly Item[], columns: readonly string[]): Item[] => {
  const seen = new Map<string, Item>();
  for (const item of items) {
    const kept = Object.fromEntries(columns.map((column) => [column, text(item[column])]));
    seen.set(JSON.stringify(kept), kept);
  }
  return [...seen.values()];
};

const pick = (items: readonly Item[], columns: Readonly<Record<string, string>>): Item[] =>
  items.map((item) => Object.fromEntries(Object.entries(columns).map(([as, from]) => [as, item[from]])));

const groupColumns = [
  'TimeGenerated',
  'RecipientEmailAddress',
  'UrlClickedByUserSid',
  'InitiatingProcessAccountUpn',
  'InitiatingProcessAccountName',
  'InitiatingProcessAccountDomain',
  'DeviceName',
  'InitiatingProcessFileName',
  'DeviceProduct',
  'DeviceAction',
  'SourceIP',
  'DestinationIP',
  'RequestClientApplication',
];

/** Result rows in no order, and the first step that lets no row through. */
export function runRule(tables: Tables, at: string): { rows: unknown[][]; stoppedAt?: string } {
  const end = Date.parse(at);
  const read = (table: string) =>
    (tables[table] ?? []).filter((row) => {
      const time = Date.parse(text(row.TimeGenerated));
      return time >= end - day && time < end;
    });
  let stoppedAt: string | undefined;
  const step = (id: string, items: Item[]) => {
    if (items.length === 0) stoppedAt ??= id;
    return items;
  };

  const office = step(
    'where:AlertEvidence',
    read('AlertEvidence').filter((row) => same(row.ServiceSource, 'Microsoft Defender for Office 365')),
  );
  const evidence = (type: string) => office.filter((row) => same(row.EntityType, type));
  const urls = pick(step('where:AlertEvidence:2', evidence('Url')), { AlertId: 'AlertId', RemoteUrl: 'RemoteUrl' });
  const mails = pick(evidence('MailMessage'), { AlertId: 'AlertId', NetworkMessageId: 'NetworkMessageId' });
  const linked = distinct(step('join:AlertEvidence', join(urls, mails, ['AlertId'], ['AlertId'])), [
    'RemoteUrl',
    'NetworkMessageId',
  ]);
  const unique = [...new Map([...linked].reverse().map((item) => [item.NetworkMessageId, item])).values()];
  const received = pick(read('EmailEvents'), {
    MessageId: 'NetworkMessageId',
    RecipientEmailAddress: 'RecipientEmailAddress',
    RecipientObjectId: 'RecipientObjectId',
  });
  const sent = step('join:EmailEvents', join(unique, received, ['NetworkMessageId'], ['MessageId']));
  const identities = pick(read('IdentityInfo'), { AccountObjectId: 'AccountObjectId', AccountSID: 'AccountSID' });
  const known = distinct(
    step('join:IdentityInfo', join(sent, identities, ['RecipientObjectId'], ['AccountObjectId'])),
    ['RemoteUrl', 'NetworkMessageId', 'RecipientEmailAddress', 'RecipientObjectId', 'AccountSID'],
  );
  const launches = pick(
    read('DeviceEvents').filter(
      (row) => same(row.ActionType, 'BrowserLaunchedToOpenUrl') && text(row.RemoteUrl) !== '',
    ),
    {
      UrlClickedByUserSid: 'RemoteUrl',
      InitiatingProcessAccountSid: 'InitiatingProcessAccountSid',
      DeviceName: 'DeviceName',
      DeviceId: 'DeviceId',
      InitiatingProcessFileName: 'InitiatingProcessFileName',
      InitiatingProcessAccountUpn: 'InitiatingProcessAccountUpn',
      InitiatingProcessAccountName: 'InitiatingProcessAccountName',
      InitiatingProcessAccountDomain: 'InitiatingProcessAccountDomain',
    },
  );
  const opened = join(
    known,
    launches,
    ['AccountSID', 'RemoteUrl'],
    ['InitiatingProcessAccountSid', 'UrlClickedByUserSid'],
  );
  const clicked = distinct(step('join:DeviceEvents', opened), [
    ...Object.keys(known[0] ?? {}),
    ...Object.keys(launches[0] ?? {}).filter((column) => column !== 'InitiatingProcessAccountSid'),
  ]);
  const logged = step(
    'join:CommonSecurityLog',
    join(clicked, read('CommonSecurityLog') as readonly Item[], ['RemoteUrl'], ['RequestURL']),
  );
  const view = Object.entries(sessions)
    .flatMap(([table, destination]) => read(table).map(destination))
    .filter((address) => address !== undefined && isPrivate(address) === false)
    .map((DstIpAddr) => ({ DstIpAddr }));
  const matched = step('join:_Im_NetworkSession', join(logged, view, ['DestinationIP'], ['DstIpAddr']));

  const groups = new Map<string, { group: Item; count: number }>();
  for (const item of matched) {
    const [group] = distinct([item], groupColumns) as [Item];
    const entry = groups.get(JSON.stringify(group)) ?? { group, count: 0 };
    groups.set(JSON.stringify(group), { group, count: entry.count + 1 });
  }
  const rows = [...groups.values()].map(({ group, count }) => {
    const device = text(group.DeviceName);
    const dot = device.indexOf('.');
    const [name = '', suffix = ''] = text(group.RecipientEmailAddress).split('@');
    const time = new Date(text(group.TimeGenerated)).toISOString().replace(/\.?0*Z$/, 'Z');
    const host = dot < 0 ? device : device.slice(0, dot);
    const domain = dot < 0 ? device : device.slice(dot + 1);
    return [time, ...groupColumns.slice(1).map((column) => group[column]), count, host, dot, domain, name, suffix];
  });
  return { rows, ...(stoppedAt === undefined ? {} : { stoppedAt }) };
}
