/**
 * A day of a mid-sized company, made inside the engine: the same seed gives the same rows. Ordinary traffic goes to 50,000
 * hosts in 198.18.0.0/15, the range for benchmarks; ten malicious links lead to four addresses, one of which also serves
 * an ordinary host. Tables are those of production, with their codecs and skip indexes.
 */
import { catalogue } from '../../dist/tables/index.js';

export const day = { from: '2026-03-04 00:00:00', to: '2026-03-05 00:00:00', at: '2026-03-05T00:00:00Z' };

const links = 10;
const urls = 300_000;
const hosts = 50_000;

/** Rows by table, in total `rows`. */
export function shares(rows) {
  const part = (of) => Math.round((rows * of) / 22_552_000);
  return {
    CommonSecurityLog: part(10_000_000),
    AWSVPCFlow: part(4_000_000),
    DeviceNetworkEvents: part(2_000_000),
    SecurityEvent: part(1_000_000),
    WindowsEvent: part(1_000_000),
    VMConnection: part(1_000_000),
    VectraStream_CL: part(1_000_000),
    AzureNetworkAnalytics_CL: part(1_000_000),
    DeviceEvents: part(1_000_000),
    Event: part(150_000),
    Syslog: part(150_000),
    EmailEvents: 200_000,
    IdentityInfo: 50_000,
    AlertEvidence: 2_000,
  };
}

/** The SELECT that makes the rows `first` to `first + count` of `total` of a table. */
function rowsOf(table, seed, total) {
  const h = (salt) => `cityHash64(number, ${seed}, '${table}${salt}')`;
  const u = (salt) => `(${h(salt)} % 1000000007 / 1000000007)`;
  const pick = (salt, ...values) =>
    `arrayElement([${values.map((v) => `'${v.replaceAll("'", "\\'")}'`).join(', ')}], ${h(salt)} % ${values.length} + 1)`;
  /** Spreads `times` events over the table: their number, or -1. */
  const event = (times, offset) => {
    const every = Math.max(1, Math.floor(total / times));
    return `if(number % ${every} = ${offset % every} AND intDiv(number, ${every}) < ${times}, toInt64(intDiv(number, ${every})), -1)`;
  };
  const badUrl = (link) =>
    `concat('https://login-', toString(${link}), '.bad.example/verify/', lower(hex(sipHash64(toString(${link})))))`;
  const badAddress = (link) => `concat('203.0.113.', toString(10 + (${link}) % 4))`;
  // Half of the traffic goes to a few hosts, half to any, so that all URLs occur.
  const urlNumber = `if(${h('z')} % 2 = 0, toUInt32(pow(${urls}, ${u('k')})) - 1, ${h('k')} % ${urls})`;
  const address = (host) =>
    `if(${host} = 500, '203.0.113.13', IPv4NumToString(toUInt32(3323068416 + cityHash64(toUInt32(${host}), ${seed}) % 131072)))`;
  const url = (k) =>
    `concat('https://h', toString(${k} % ${hosts}), '.example.com/', arrayElement(['news/2026', 'static/js', 'api/v2', 'search', 'account/profile'], ${k} % 5 + 1), '/', lower(hex(cityHash64(toUInt32(${k})))), if(${k} % 3 = 0, '?session=1&lang=en', ''))`;
  const inside = (salt) =>
    `concat('10.', toString(${h(salt)} % 4), '.', toString(intDiv(${h(salt)}, 4) % 256), '.', toString(intDiv(${h(salt)}, 1024) % 256))`;
  const host = `toUInt32(pow(${hosts}, ${u('k')})) - 1`;
  /** Twenty sessions of every source go to the malicious addresses, three of ten stay inside. */
  const destination = `multiIf(${event(20, 77)} >= 0, ${badAddress(event(20, 77))}, ${h('in')} % 10 < 3, ${inside('d')}, ${address(`(${host})`)})`;
  const port = (salt) => `toInt32(1024 + ${h(salt)} % 60000)`;
  const bytes = (salt) => `toInt64(60 + ${h(salt)} % 100000)`;
  const guid = (value) => `toString(reinterpretAsUUID(sipHash128(${value}, ${seed})))`;
  const user = (n) => `concat('user', toString(${n}))`;
  const sid = (n) => `concat('S-1-5-21-1004336348-1177238915-682003330-', toString(1000 + ${n}))`;
  /** The recipient who opens a link. */
  const victim = (link) => `((${link}) * 4999 + 17)`;
  const time = `toDateTime64('${day.from}', 7, 'UTC') + toIntervalMillisecond(intDiv(number * 86390000, ${total}))`;
  const someone = `${h('user')} % 50000`;
  const device = `concat('pc', toString(${someone}), '.corp.example')`;
  const xml = (fields) =>
    `concat('<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">', ${Object.entries(fields)
      .map(([name, value]) => `'<Data Name="${name}">', ${value}, '</Data>'`)
      .join(', ')}, '</EventData>')`;
  const json = (fields) =>
    `concat('{', ${Object.entries(fields)
      .map(([name, value], i) => `'${i ? ',' : ''}"${name}":"', ${value}, '"'`)
      .join(', ')}, '}')`;
  const filtering = {
    ProcessID: `toString(${h('pid')} % 30000)`,
    Application: `'\\\\\\\\device\\\\\\\\harddiskvolume3\\\\\\\\program files\\\\\\\\browser\\\\\\\\browser.exe'`,
    Direction: `'%%14593'`,
    SourceAddress: inside('s'),
    SourcePort: `toString(${port('sp')})`,
    DestAddress: destination,
    DestPort: `'443'`,
    Protocol: `'6'`,
    FilterRTID: `toString(${h('f')} % 100000)`,
    LayerName: `'%%14611'`,
    LayerRTID: `'48'`,
    RemoteUserID: `'S-1-0-0'`,
    RemoteMachineID: `'S-1-0-0'`,
  };
  const sysmon = {
    RuleName: `'-'`,
    UtcTime: `'2026-03-04 09:00:00.000'`,
    ProcessGuid: `concat('{', ${guid('number')}, '}')`,
    ProcessId: `toString(${h('pid')} % 30000)`,
    Image: `'/usr/bin/curl'`,
    User: user(someone),
    Protocol: `'tcp'`,
    Initiated: `'true'`,
    SourceIsIpv6: `'false'`,
    SourceIp: inside('s'),
    SourceHostname: device,
    SourcePort: `toString(${port('sp')})`,
    DestinationIsIpv6: `'false'`,
    DestinationIp: destination,
    DestinationHostname: `'-'`,
    DestinationPort: `'443'`,
  };

  const tables = {
    CommonSecurityLog() {
      // One or two sightings a link; of a hundred records 45 are web proxy, 5 URL filtering, 50 firewall traffic.
      const sighting = event(15, 33);
      const link = `(${sighting}) % ${links}`;
      const kind = `if(${sighting} >= 0, 0, ${h('kind')} % 100)`;
      const of = (web, zia, fortinet, pan, panUrl, checkPoint) =>
        `multiIf(kind < 45, ${web}, kind < 55, ${zia}, kind < 75, ${fortinet}, kind < 85, ${pan}, kind < 90, ${panUrl}, ${checkPoint})`;
      return {
        with: `${kind} AS kind, ${urlNumber} AS k, (kind < 45 OR (kind >= 85 AND kind < 90)) AS web`,
        DeviceVendor: of(
          "'Zscaler'",
          "'Zscaler'",
          "'Fortinet'",
          "'Palo Alto Networks'",
          "'Palo Alto Networks'",
          "'Check Point'",
        ),
        DeviceProduct: of("'NSSWeblog'", "'NSSFWlog'", "'Fortigate'", "'PAN-OS'", "'PAN-OS'", "'VPN-1 & FireWall-1'"),
        DeviceVersion: of("'5.7'", "'5.7'", "'v7.2.8'", "'10.2.9'", "'10.2.9'", "'Check Point'"),
        Activity: of("'Allowed'", "'Default FW Rule'", "'traffic:forward close'", "'TRAFFIC'", "'THREAT'", "'https'"),
        DeviceEventClassID: of("'Allowed'", "'Allow'", "'00013'", "'end'", "'url'", "'Log'"),
        DeviceEventCategory: of("''", "''", "'traffic:forward'", "'from-policy'", "'any'", "''"),
        DeviceAction: of(
          pick('act', 'Allowed', 'Allowed', 'Allowed', 'Blocked'),
          "'Allow'",
          pick('act', 'close', 'accept', 'deny', 'timeout'),
          "'allow'",
          "'alert'",
          pick('act', 'Accept', 'Accept', 'Drop'),
        ),
        LogSeverity: `toString(${h('sev')} % 10)`,
        ApplicationProtocol: `if(web, 'HTTPS', 'ssl')`,
        DestinationHostName: `multiIf(NOT web, '', ${sighting} >= 0, concat('login-', toString(${link}), '.bad.example'), concat('h', toString(k % ${hosts}), '.example.com'))`,
        DestinationIP: `multiIf(${sighting} >= 0, ${badAddress(link)}, web, ${address(`(k % ${hosts})`)}, ${destination})`,
        DestinationPort: `toInt32(443)`,
        SourceIP: inside('s'),
        SourcePort: port('sp'),
        SourceUserName: `concat(${user(someone)}, '@corp.example')`,
        SourceTranslatedAddress: `'198.51.100.4'`,
        RequestURL: `multiIf(NOT web, '', ${sighting} >= 0, ${badUrl(link)}, ${url('k')})`,
        RequestMethod: `if(web, ${pick('m', 'GET', 'GET', 'POST', 'CONNECT')}, '')`,
        RequestClientApplication: `if(web, ${pick('ua', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) Gecko/20100101', 'curl/8.5.0')}, '')`,
        Protocol: `if(web, '', 'TCP')`,
        SentBytes: bytes('out'),
        ReceivedBytes: bytes('bytes'),
        Computer: of("'nss1'", "'nss1'", "'fgt1'", "'pa1'", "'pa1'", "'mgmt1'"),
        DeviceCustomString1: pick('dept', 'Sales', 'Engineering', 'Finance'),
        DeviceCustomString1Label: `if(web, 'dept', 'Rule')`,
        AdditionalExtensions: of(
          "'reason=Allowed;fileType=None'",
          "''",
          `concat('cat=traffic:forward;FTNTFGTsubtype=forward;FTNTFGTpolicyid=7;FTNTFGTduration=', toString(${h('dur')} % 600), ';FTNTFGTsentpkt=18;FTNTFGTrcvdpkt=20')`,
          "'PanOSPacketsReceived=20;PanOSPacketsSent=18'",
          "'PanOSURLCategory=any'",
          `concat('conn_direction=Outgoing;ifname=eth1;loguid={0x1,0x2,0x3,0x', lower(hex(${h('uid')})), '};origin=192.0.2.1;inzone=Internal;outzone=External')`,
        ),
      };
    },
    AWSVPCFlow: () => ({
      Version: `toInt32(5)`,
      AccountId: `'123456789012'`,
      InterfaceId: `concat('eni-', lower(hex(${h('eni')} % 500)))`,
      LogStatus: `if(${h('st')} % 50 = 0, 'NODATA', 'OK')`,
      VpcId: `concat('vpc-', toString(${h('eni')} % 20))`,
      SrcAddr: inside('s'),
      DstAddr: destination,
      SrcPort: port('sp'),
      DstPort: `toInt32(443)`,
      Protocol: `toInt32(6)`,
      Packets: `toInt32(1 + ${h('p')} % 90)`,
      Bytes: bytes('b'),
      Action: pick('a', 'ACCEPT', 'ACCEPT', 'ACCEPT', 'REJECT'),
      FlowDirection: pick('dir', 'egress', 'ingress'),
    }),
    DeviceNetworkEvents: () => ({
      with: `(${pick('a', 'ConnectionSuccess', 'ConnectionSuccess', 'ConnectionRequest', 'ConnectionFailed', 'InboundConnectionAccepted', 'ListeningConnectionCreated', 'DnsConnectionInspected', 'HttpConnectionInspected')}) AS action`,
      ActionType: 'action',
      DeviceId: `lower(hex(sipHash64(${someone})))`,
      DeviceName: device,
      LocalIP: inside('s'),
      LocalPort: port('sp'),
      RemoteIP: destination,
      RemotePort: `toInt32(443)`,
      RemoteUrl: `if(${h('ru')} % 2 = 0, concat('https://h', toString(${h('rh')} % ${hosts}), '.example.com'), '')`,
      Protocol: `'Tcp'`,
      InitiatingProcessFileName: `'browser.exe'`,
      InitiatingProcessAccountName: user(someone),
      InitiatingProcessAccountDomain: `'corp'`,
      InitiatingProcessAccountSid: sid(someone),
    }),
    SecurityEvent: () => ({
      with: `(${h('id')} % 10) AS which`,
      EventID: `toInt32(multiIf(which < 6, 5156, which < 8, 5158, which < 9, 4624, 4688))`,
      Channel: `'Security'`,
      Computer: device,
      EventData: `if(which < 8, ${xml(filtering)}, '<EventData><Data Name="TargetUserName">SYSTEM</Data></EventData>')`,
    }),
    WindowsEvent: () => ({
      with: `(${h('id')} % 10) AS which`,
      EventID: `toInt32(multiIf(which < 5, 5156, which < 7, 3, 4624))`,
      Provider: `if(which >= 5 AND which < 7, 'Microsoft-Windows-Sysmon', 'Microsoft-Windows-Security-Auditing')`,
      Channel: `if(which >= 5 AND which < 7, 'Microsoft-Windows-Sysmon/Operational', 'Security')`,
      Computer: device,
      EventData: `multiIf(which < 5, ${json(filtering)}, which < 7, ${json(sysmon)}, '{"TargetUserName":"SYSTEM"}')`,
    }),
    Event: () => ({
      Source: `if(${h('id')} % 2 = 0, 'Microsoft-Windows-Sysmon', 'Service Control Manager')`,
      EventID: `toInt32(if(${h('id')} % 2 = 0, 3, 7036))`,
      EventLog: `if(${h('id')} % 2 = 0, 'Microsoft-Windows-Sysmon/Operational', 'System')`,
      Computer: device,
      EventData: xml(sysmon),
    }),
    Syslog: () => ({
      Computer: device,
      Facility: `'user'`,
      ProcessName: `if(${h('id')} % 3 = 0, 'sysmon', 'sshd')`,
      SeverityLevel: `'info'`,
      SyslogMessage: `if(${h('id')} % 3 = 0, concat('<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/><EventID>3</EventID><Version>5</Version></System>', ${xml(sysmon)}, '</Event>'), concat('Accepted publickey for user', toString(${someone}), ' port 51544 ssh2'))`,
    }),
    VMConnection: () => ({
      Computer: device,
      Direction: pick('dir', 'outbound', 'outbound', 'inbound', 'local'),
      ProcessName: `'nginx'`,
      SourceIp: inside('s'),
      DestinationIp: destination,
      RemoteIp: destination,
      DestinationPort: `toInt32(443)`,
      Protocol: `'tcp'`,
      BytesSent: bytes('b'),
      BytesReceived: bytes('r'),
    }),
    VectraStream_CL: () => ({
      metadata_type_s: pick('t', 'metadata_isession', 'metadata_isession', 'metadata_dns', 'metadata_httpsessioninfo'),
      id_orig_h_s: inside('s'),
      id_orig_p_d: `toFloat64(${port('sp')})`,
      id_resp_h_s: destination,
      id_resp_p_d: `443.0`,
      proto_d: `6.0`,
      protoName_s: `'tcp'`,
      service_s: `'tls'`,
      conn_state_s: pick('c', 'SF', 'S1'),
      sensor_uid_s: `'bxsr6r4j'`,
      hostname_s: `'sensor1'`,
      resp_domain_s: `concat('h', toString(${h('rh')} % ${hosts}), '.example.com')`,
    }),
    AzureNetworkAnalytics_CL: () => ({
      with: `(${h('pub')} % 4 = 0) AS public`,
      SubType_s: `'FlowLog'`,
      FlowType_s: `if(public, 'ExternalPublic', 'IntraVNet')`,
      FlowDirection_s: pick('dir', 'O', 'I'),
      FlowStatus_s: pick('st', 'A', 'A', 'D'),
      SrcIP_s: inside('s'),
      DestIP_s: `if(public, '', ${destination})`,
      DestPublicIPs_s: `if(public, concat(${destination}, '|1|0|0|0|0|0'), '')`,
      DestPort_d: `443.0`,
      L4Protocol_s: `'T'`,
      VM1_s: `'rg1/vm1'`,
    }),
    DeviceEvents() {
      // Every link is opened once by its recipient and twice by somebody else.
      const click = event(links * 3, 55);
      const link = `(${click}) % ${links}`;
      const who = `if(${click} >= 0 AND ${click} < ${links}, ${victim(link)}, ${someone})`;
      return {
        with: `(${who}) AS who, ${urlNumber} AS k, (${click} >= 0 OR ${h('a')} % 20 = 0) AS opened`,
        ActionType: `if(opened, 'BrowserLaunchedToOpenUrl', ${pick('act', 'ProcessPrimaryTokenModified', 'NamedPipeEvent', 'DpapiAccessed', 'UsbDriveMount')})`,
        RemoteUrl: `multiIf(${click} >= 0, ${badUrl(link)}, opened, ${url('k')}, '')`,
        DeviceId: `lower(hex(sipHash64(who)))`,
        DeviceName: `concat('pc', toString(who), '.corp.example')`,
        InitiatingProcessFileName: pick('f', 'outlook.exe', 'teams.exe', 'explorer.exe'),
        InitiatingProcessAccountSid: sid('who'),
        InitiatingProcessAccountUpn: `concat(${user('who')}, '@corp.example')`,
        InitiatingProcessAccountName: user('who'),
        InitiatingProcessAccountDomain: `'corp'`,
      };
    },
    EmailEvents() {
      // A link goes to the one who opens it and to two others, each in a message of their own.
      const mail = event(links * 3, 11);
      const who = `if(${mail} >= 0, ${victim(`(${mail}) % ${links}`)} + intDiv(${mail}, ${links}), ${someone})`;
      return {
        with: `(${who}) AS who`,
        NetworkMessageId: `if(${mail} >= 0, ${guid(`concat('mail', toString(${mail}))`)}, ${guid('number')})`,
        RecipientEmailAddress: `concat(${user('who')}, '@corp.example')`,
        RecipientObjectId: guid(`concat('user', toString(who))`),
        SenderFromAddress: `concat('sender', toString(${h('sender')} % 20000), '@example.net')`,
        Subject: pick('subject', 'Invoice', 'Minutes', 'Your parcel', 'Weekly report'),
        DeliveryAction: `'Delivered'`,
      };
    },
    IdentityInfo: () => ({
      AccountObjectId: guid(`concat('user', toString(number))`),
      AccountSID: sid('number'),
      AccountUPN: `concat(${user('number')}, '@corp.example')`,
      AccountName: user('number'),
      AccountDomain: `'corp'`,
    }),
    AlertEvidence() {
      // The first forty rows are the alerts of the ten links: the URL and three messages each.
      const link = `number % ${links}`;
      const row = `intDiv(number, ${links})`;
      return {
        AlertId: `if(number < ${links * 4}, concat('fa', toString(${link})), concat('da', toString(intDiv(number, 4))))`,
        ServiceSource: `if(number < ${links * 4}, 'Microsoft Defender for Office 365', 'Microsoft Defender for Endpoint')`,
        EntityType: `multiIf(number < ${links}, 'Url', number < ${links * 4}, 'MailMessage', ${pick('e', 'File', 'Process', 'Ip', 'Url', 'User')})`,
        RemoteUrl: `if(number < ${links}, ${badUrl(link)}, '')`,
        NetworkMessageId: `if(number >= ${links} AND number < ${links * 4}, reinterpretAsUUIDText, '')`.replace(
          'reinterpretAsUUIDText',
          guid(`concat('mail', toString(${link} + (${row} - 1) * ${links}))`),
        ),
        Title: `'A potentially malicious URL click was detected'`,
      };
    },
  };
  const { with: shared, ...columns } = tables[table]();
  return {
    columns: ['TimeGenerated', '_TimeReceived', ...Object.keys(columns)],
    select: (first, count) =>
      `${shared ? `WITH ${shared} ` : ''}SELECT ${[time, time, ...Object.values(columns)].join(', ')} FROM numbers(${first}, ${count})`,
  };
}

/** Fills the tables that do not have their rows yet. Gives the rows by table. */
export async function generate(store, rows, seed, log) {
  const { admin, address } = await store.engine.connection();
  const wanted = shares(rows);
  const count = async (table) => Number((await store.query(`SELECT count() FROM ${table}`)).rows[0][0]);
  for (const [table, total] of Object.entries(wanted)) {
    await store.ensureTable(catalogue.table(table));
    if ((await count(table)) === total) continue;
    const begin = performance.now();
    await admin.command({ query: `TRUNCATE TABLE ${address.database}.${table}` });
    const { columns, select } = rowsOf(table, seed, total);
    for (let first = 0; first < total; first += 500_000) {
      await admin.command({
        query: `INSERT INTO ${address.database}.${table} (${columns.join(', ')}) ${select(first, Math.min(500_000, total - first))}`,
        clickhouse_settings: { max_insert_threads: '1', min_insert_block_size_rows: '500000', session_timezone: 'UTC' },
      });
    }
    log(`${table}: ${total.toLocaleString('en')} rows in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  }
  // Merges of the load would disturb what is measured next.
  for (let busy = true; busy; ) {
    const merges = await admin.query({ query: 'SELECT count() AS n FROM system.merges', format: 'JSONEachRow' });
    busy = Number((await merges.json())[0].n) > 0;
    if (busy) await new Promise((done) => setTimeout(done, 500));
  }
  return wanted;
}
