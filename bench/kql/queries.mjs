/**
 * Thirty queries as detections and hunts ask them, each in KQL, in ClickHouse SQL and in DuckDB SQL. The SQL was written from
 * the KQL, for these tables, by somebody who knows the engines, before any compiled SQL was looked at. `$T` is the window on
 * TimeGenerated. All three must give the same rows.
 */
const data = (field) => `<Data Name="${field}">`;
const listed = Array.from({ length: 100 }, (_, i) => `198.18.${i}.${(i * 37) % 256}`);
const quoted = (list) => list.map((value) => `'${value}'`).join(', ');

/** [name, KQL, ClickHouse, DuckDB; the ClickHouse text where left out] */
export const queries = [
  [
    'records by product',
    'CommonSecurityLog | summarize n = count() by DeviceVendor, DeviceProduct',
    'SELECT DeviceVendor, DeviceProduct, count(*) AS n FROM CommonSecurityLog WHERE $T GROUP BY DeviceVendor, DeviceProduct',
  ],
  [
    'top denied sources',
    'CommonSecurityLog | where DeviceAction in~ ("deny", "drop", "blocked") | summarize n = count() by SourceIP | sort by n desc, SourceIP asc | take 10',
    `SELECT SourceIP, count(*) AS n FROM CommonSecurityLog WHERE $T AND lower(DeviceAction) IN ('deny', 'drop', 'blocked')
     GROUP BY SourceIP ORDER BY n DESC, SourceIP LIMIT 10`,
  ],
  [
    'bytes by pair and hour',
    'CommonSecurityLog | where DeviceVendor == "Check Point" | summarize Sent = sum(SentBytes), n = count() by SourceIP, DestinationIP, bin(TimeGenerated, 1h) | where n > 1',
    `SELECT SourceIP, DestinationIP, toStartOfHour(TimeGenerated) AS h, sum(SentBytes) AS Sent, count() AS n FROM CommonSecurityLog
     WHERE $T AND DeviceVendor = 'Check Point' GROUP BY SourceIP, DestinationIP, h HAVING n > 1`,
    `SELECT SourceIP, DestinationIP, date_trunc('hour', TimeGenerated) AS h, sum(SentBytes) AS Sent, count(*) AS n FROM CommonSecurityLog
     WHERE $T AND DeviceVendor = 'Check Point' GROUP BY SourceIP, DestinationIP, h HAVING n > 1`,
  ],
  [
    'destinations of a source',
    'CommonSecurityLog | where DeviceVendor == "Palo Alto Networks" | summarize d = count_distinct(DestinationIP) by SourceIP | where d > 15',
    "SELECT SourceIP, uniqExact(DestinationIP) AS d FROM CommonSecurityLog WHERE $T AND DeviceVendor = 'Palo Alto Networks' GROUP BY SourceIP HAVING d > 15",
    "SELECT SourceIP, count(DISTINCT DestinationIP) AS d FROM CommonSecurityLog WHERE $T AND DeviceVendor = 'Palo Alto Networks' GROUP BY SourceIP HAVING d > 15",
  ],
  [
    'link contains a domain',
    'CommonSecurityLog | where RequestURL contains "BAD.example" | project SourceIP, RequestURL',
    `SELECT SourceIP, RequestURL FROM CommonSecurityLog WHERE $T AND RequestURL ILIKE '%BAD.example%'`,
  ],
  [
    'link has a term',
    'CommonSecurityLog | where RequestURL has "verify" | project SourceIP, RequestURL',
    `SELECT SourceIP, RequestURL FROM CommonSecurityLog WHERE $T AND positionCaseInsensitive(RequestURL, 'verify') > 0
     AND match(RequestURL, '(?i)(^|[^a-z0-9])verify([^a-z0-9]|$)')`,
    `SELECT SourceIP, RequestURL FROM CommonSecurityLog WHERE $T AND RequestURL ILIKE '%verify%'
     AND regexp_matches(RequestURL, '(?i)(^|[^a-z0-9])verify([^a-z0-9]|$)')`,
  ],
  [
    'link has one of several terms',
    'CommonSecurityLog | where RequestURL has_any ("verify", "invoice", "webmail", "login") | summarize n = count() by SourceIP',
    `SELECT SourceIP, count() AS n FROM CommonSecurityLog WHERE $T
     AND multiSearchAnyCaseInsensitive(RequestURL, ['verify', 'invoice', 'webmail', 'login'])
     AND match(RequestURL, '(?i)(^|[^a-z0-9])(verify|invoice|webmail|login)([^a-z0-9]|$)') GROUP BY SourceIP`,
    `SELECT SourceIP, count(*) AS n FROM CommonSecurityLog WHERE $T
     AND regexp_matches(RequestURL, '(?i)(^|[^a-z0-9])(verify|invoice|webmail|login)([^a-z0-9]|$)') GROUP BY SourceIP`,
  ],
  [
    'product starts with',
    'CommonSecurityLog | where DeviceProduct startswith "fortigate" and DeviceAction !~ "accept" | count',
    `SELECT count() FROM CommonSecurityLog WHERE $T AND startsWith(lower(DeviceProduct), 'fortigate') AND lower(DeviceAction) != 'accept'`,
    `SELECT count(*) FROM CommonSecurityLog WHERE $T AND starts_with(lower(DeviceProduct), 'fortigate') AND lower(DeviceAction) != 'accept'`,
  ],
  [
    'link matches a regex',
    String.raw`CommonSecurityLog | where RequestURL matches regex @"/[0-9a-f]{13}000\?session=\d" | project SourceIP, RequestURL`,
    String.raw`SELECT SourceIP, RequestURL FROM CommonSecurityLog WHERE $T AND match(RequestURL, '/[0-9a-f]{13}000\\?session=\\d')`,
    String.raw`SELECT SourceIP, RequestURL FROM CommonSecurityLog WHERE $T AND regexp_matches(RequestURL, '/[0-9a-f]{13}000\?session=\d')`,
  ],
  [
    'addresses of a list',
    `CommonSecurityLog | where DestinationIP in (${quoted(listed)}) | summarize n = count() by DestinationIP`,
    `SELECT DestinationIP, count(*) AS n FROM CommonSecurityLog WHERE $T AND DestinationIP IN (${quoted(listed)}) GROUP BY DestinationIP`,
  ],
  [
    'clicked links at the proxy',
    `DeviceEvents | where ActionType == "BrowserLaunchedToOpenUrl" and RemoteUrl has "bad.example" | project RemoteUrl, DeviceName
     | join kind=inner (CommonSecurityLog | project RequestURL, SourceIP, DestinationIP) on $left.RemoteUrl == $right.RequestURL
     | project DeviceName, RemoteUrl, SourceIP, DestinationIP`,
    `SELECT DeviceName, RemoteUrl, SourceIP, DestinationIP FROM (
       SELECT RequestURL, SourceIP, DestinationIP FROM CommonSecurityLog WHERE $T AND RequestURL IN (
         SELECT RemoteUrl FROM DeviceEvents WHERE $T AND ActionType = 'BrowserLaunchedToOpenUrl' AND positionCaseInsensitive(RemoteUrl, 'bad.example') > 0)
     ) c JOIN (SELECT RemoteUrl, DeviceName FROM DeviceEvents WHERE $T AND ActionType = 'BrowserLaunchedToOpenUrl'
       AND positionCaseInsensitive(RemoteUrl, 'bad.example') > 0) d ON d.RemoteUrl = c.RequestURL`,
    `SELECT DeviceName, RemoteUrl, SourceIP, DestinationIP FROM (SELECT RequestURL, SourceIP, DestinationIP FROM CommonSecurityLog WHERE $T) c
     JOIN (SELECT RemoteUrl, DeviceName FROM DeviceEvents WHERE $T AND ActionType = 'BrowserLaunchedToOpenUrl' AND RemoteUrl ILIKE '%bad.example%') d
     ON d.RemoteUrl = c.RequestURL`,
  ],
  [
    'addresses that no firewall saw',
    `DeviceNetworkEvents | where ActionType == "ConnectionSuccess" and RemoteIP startswith "198.18.7" | distinct RemoteIP
     | join kind=leftanti (CommonSecurityLog | where DeviceVendor == "Check Point" | distinct DestinationIP) on $left.RemoteIP == $right.DestinationIP`,
    `SELECT DISTINCT RemoteIP FROM DeviceNetworkEvents WHERE $T AND ActionType = 'ConnectionSuccess' AND startsWith(RemoteIP, '198.18.7')
     AND RemoteIP NOT IN (SELECT DestinationIP FROM CommonSecurityLog WHERE $T AND DeviceVendor = 'Check Point')`,
    `SELECT DISTINCT RemoteIP FROM DeviceNetworkEvents WHERE $T AND ActionType = 'ConnectionSuccess' AND starts_with(RemoteIP, '198.18.7')
     AND RemoteIP NOT IN (SELECT DestinationIP FROM CommonSecurityLog WHERE $T AND DeviceVendor = 'Check Point')`,
  ],
  [
    'more than an hour ago',
    `let byHour = CommonSecurityLog | where DeviceVendor == "Fortinet" | summarize n = count() by SourceIP, h = bin(TimeGenerated, 1h);
     byHour | where h == datetime(2026-03-04T10:00:00Z)
     | join kind=leftouter (byHour | where h == datetime(2026-03-04T09:00:00Z) | project SourceIP, before = n) on SourceIP
     | where n > 3 * coalesce(before, 1) | project SourceIP, n, before`,
    `SELECT a.SourceIP, a.n, b.before FROM
     (SELECT SourceIP, count() AS n FROM CommonSecurityLog WHERE TimeGenerated >= '2026-03-04 10:00:00' AND TimeGenerated < '2026-03-04 11:00:00' AND DeviceVendor = 'Fortinet' GROUP BY SourceIP) a
     LEFT JOIN (SELECT SourceIP, toNullable(count()) AS before FROM CommonSecurityLog WHERE TimeGenerated >= '2026-03-04 09:00:00' AND TimeGenerated < '2026-03-04 10:00:00' AND DeviceVendor = 'Fortinet' GROUP BY SourceIP) b
     ON a.SourceIP = b.SourceIP WHERE a.n > 3 * coalesce(b.before, 1)`,
    `SELECT a.SourceIP, a.n, b.before FROM
     (SELECT SourceIP, count(*) AS n FROM CommonSecurityLog WHERE TimeGenerated >= '2026-03-04 10:00:00' AND TimeGenerated < '2026-03-04 11:00:00' AND DeviceVendor = 'Fortinet' GROUP BY SourceIP) a
     LEFT JOIN (SELECT SourceIP, count(*) AS before FROM CommonSecurityLog WHERE TimeGenerated >= '2026-03-04 09:00:00' AND TimeGenerated < '2026-03-04 10:00:00' AND DeviceVendor = 'Fortinet' GROUP BY SourceIP) b
     ON a.SourceIP = b.SourceIP WHERE a.n > 3 * coalesce(b.before, 1)`,
  ],
  [
    'last event of a device',
    'DeviceEvents | summarize arg_max(TimeGenerated, ActionType, InitiatingProcessAccountName) by DeviceId | where ActionType == "UsbDriveMount" | count',
    `SELECT count() FROM (SELECT DeviceId, argMax(ActionType, TimeGenerated) AS a, argMax(InitiatingProcessAccountName, TimeGenerated), max(TimeGenerated)
     FROM DeviceEvents WHERE $T GROUP BY DeviceId) WHERE a = 'UsbDriveMount'`,
    `SELECT count(*) FROM (SELECT DeviceId, arg_max(ActionType, TimeGenerated) AS a FROM DeviceEvents WHERE $T GROUP BY DeviceId) WHERE a = 'UsbDriveMount'`,
  ],
  [
    'users with many agents',
    'CommonSecurityLog | where isnotempty(RequestClientApplication) | summarize agents = make_set(RequestClientApplication) by SourceUserName | where array_length(agents) > 2 | count',
    `SELECT count() FROM (SELECT SourceUserName, groupUniqArray(RequestClientApplication) AS s FROM CommonSecurityLog WHERE $T AND RequestClientApplication != ''
     GROUP BY SourceUserName) WHERE length(s) > 2`,
    `SELECT count(*) FROM (SELECT SourceUserName, count(DISTINCT RequestClientApplication) AS s FROM CommonSecurityLog WHERE $T AND RequestClientApplication != ''
     GROUP BY SourceUserName) WHERE s > 2`,
  ],
  [
    'records by hour and vendor',
    'CommonSecurityLog | summarize n = count() by bin(TimeGenerated, 1h), DeviceVendor',
    'SELECT toStartOfHour(TimeGenerated) AS h, DeviceVendor, count() AS n FROM CommonSecurityLog WHERE $T GROUP BY h, DeviceVendor',
    `SELECT date_trunc('hour', TimeGenerated) AS h, DeviceVendor, count(*) AS n FROM CommonSecurityLog WHERE $T GROUP BY h, DeviceVendor`,
  ],
  [
    'bytes: sum, least and most',
    'CommonSecurityLog | summarize s = sum(SentBytes), lo = min(SentBytes), hi = max(SentBytes), a = avg(ReceivedBytes) by DeviceVendor | project DeviceVendor, s, lo, hi, a = round(a, 0)',
    'SELECT DeviceVendor, sum(SentBytes) AS s, min(SentBytes) AS lo, max(SentBytes) AS hi, round(avg(ReceivedBytes)) AS a FROM CommonSecurityLog WHERE $T GROUP BY DeviceVendor',
  ],
  [
    'parse an extension',
    'CommonSecurityLog | where DeviceVendor == "Fortinet" | parse AdditionalExtensions with * "FTNTFGTduration=" duration:long ";" * | where duration > 590 | summarize n = count() by duration',
    `SELECT toInt64OrNull(extract(AdditionalExtensions, 'FTNTFGTduration=(\\\\d+);')) AS duration, count() AS n FROM CommonSecurityLog
     WHERE $T AND DeviceVendor = 'Fortinet' AND duration > 590 GROUP BY duration`,
    `SELECT TRY_CAST(regexp_extract(AdditionalExtensions, 'FTNTFGTduration=(\\d+);', 1) AS BIGINT) AS duration, count(*) AS n FROM CommonSecurityLog
     WHERE $T AND DeviceVendor = 'Fortinet' AND duration > 590 GROUP BY duration`,
  ],
  [
    'extract from XML',
    `SecurityEvent | where EventID == 5156 | extend port = extract('${data('DestPort')}([^<]*)', 1, EventData), pid = extract('${data('ProcessID')}(\\\\d+)', 1, EventData)
     | where pid == "4711" | summarize n = count() by port`,
    `SELECT extract(EventData, '${data('DestPort')}([^<]*)') AS port, count() AS n FROM SecurityEvent WHERE $T AND EventID = 5156
     AND extract(EventData, '${data('ProcessID')}(\\\\d+)') = '4711' GROUP BY port`,
    `SELECT regexp_extract(EventData, '${data('DestPort')}([^<]*)', 1) AS port, count(*) AS n FROM SecurityEvent WHERE $T AND EventID = 5156
     AND regexp_extract(EventData, '${data('ProcessID')}(\\d+)', 1) = '4711' GROUP BY port`,
  ],
  [
    'property of JSON',
    'WindowsEvent | where EventID == 5156 | extend d = tostring(EventData.DestAddress) | summarize n = count() by d | sort by n desc, d asc | take 20',
    `SELECT JSONExtractString(EventData, 'DestAddress') AS d, count() AS n FROM WindowsEvent WHERE $T AND EventID = 5156 GROUP BY d ORDER BY n DESC, d LIMIT 20`,
    `SELECT json_extract_string(EventData, '$.DestAddress') AS d, count(*) AS n FROM WindowsEvent WHERE $T AND EventID = 5156 GROUP BY d ORDER BY n DESC, d LIMIT 20`,
  ],
  [
    'host of a link',
    'CommonSecurityLog | where isnotempty(RequestURL) | extend host = tostring(parse_url(RequestURL).Host) | summarize n = count() by host | sort by n desc, host asc | take 20',
    `SELECT domain(RequestURL) AS host, count() AS n FROM CommonSecurityLog WHERE $T AND RequestURL != '' GROUP BY host ORDER BY n DESC, host LIMIT 20`,
    `SELECT regexp_extract(RequestURL, '^[a-z]+://([^/:?#]+)', 1) AS host, count(*) AS n FROM CommonSecurityLog WHERE $T AND RequestURL != '' GROUP BY host ORDER BY n DESC, host LIMIT 20`,
  ],
  [
    'first part of a name',
    'DeviceNetworkEvents | extend host = tostring(split(DeviceName, ".")[0]) | summarize n = count() by host | where n > 60',
    `SELECT splitByChar('.', DeviceName)[1] AS host, count() AS n FROM DeviceNetworkEvents WHERE $T GROUP BY host HAVING n > 60`,
    `SELECT split_part(DeviceName, '.', 1) AS host, count(*) AS n FROM DeviceNetworkEvents WHERE $T GROUP BY host HAVING n > 60`,
  ],
  [
    'private destinations',
    'AWSVPCFlow | where ipv4_is_private(DstAddr) | summarize b = sum(Bytes) by InterfaceId',
    `SELECT InterfaceId, sum(Bytes) AS b FROM AWSVPCFlow WHERE $T AND (isIPAddressInRange(DstAddr, '10.0.0.0/8') OR isIPAddressInRange(DstAddr, '172.16.0.0/12')
     OR isIPAddressInRange(DstAddr, '192.168.0.0/16')) GROUP BY InterfaceId`,
    `SELECT InterfaceId, sum(Bytes) AS b FROM AWSVPCFlow WHERE $T AND regexp_matches(DstAddr, '^(10\\.|192\\.168\\.|172\\.(1[6-9]|2\\d|3[01])\\.)') GROUP BY InterfaceId`,
  ],
  [
    'addresses of a subnet',
    'AWSVPCFlow | where ipv4_is_in_range(SrcAddr, "10.1.64.0/18") and Action == "REJECT" | summarize n = count() by SrcAddr | where n > 8',
    `SELECT SrcAddr, count() AS n FROM AWSVPCFlow WHERE $T AND Action = 'REJECT' AND isIPAddressInRange(SrcAddr, '10.1.64.0/18') GROUP BY SrcAddr HAVING n > 8`,
    `SELECT SrcAddr, count(*) AS n FROM AWSVPCFlow WHERE $T AND Action = 'REJECT' AND starts_with(SrcAddr, '10.1.')
     AND split_part(SrcAddr, '.', 3)::INT BETWEEN 64 AND 127 GROUP BY SrcAddr HAVING n > 8`,
  ],
  [
    'union of session sources',
    `union (AWSVPCFlow | project src = SrcAddr, dst = DstAddr, source = "aws"), (VMConnection | project src = SourceIp, dst = DestinationIp, source = "vm"),
     (DeviceNetworkEvents | project src = LocalIP, dst = RemoteIP, source = "mde") | where dst == "203.0.113.13" | summarize n = count(), s = count_distinct(src) by source`,
    `SELECT source, count(*) AS n, count(DISTINCT src) AS s FROM (
     SELECT SrcAddr AS src, 'aws' AS source FROM AWSVPCFlow WHERE $T AND DstAddr = '203.0.113.13'
     UNION ALL SELECT SourceIp, 'vm' FROM VMConnection WHERE $T AND DestinationIp = '203.0.113.13'
     UNION ALL SELECT LocalIP, 'mde' FROM DeviceNetworkEvents WHERE $T AND RemoteIP = '203.0.113.13') GROUP BY source`,
  ],
  [
    'first address of a list in text',
    'AzureNetworkAnalytics_CL | where isnotempty(DestPublicIPs_s) | mv-expand part = split(DestPublicIPs_s, "|") | where tostring(part) startswith "203.0.113." | summarize n = count() by tostring(part)',
    `SELECT part, count() AS n FROM AzureNetworkAnalytics_CL ARRAY JOIN splitByChar('|', DestPublicIPs_s) AS part
     WHERE $T AND DestPublicIPs_s != '' AND startsWith(part, '203.0.113.') GROUP BY part`,
    `SELECT part, count(*) AS n FROM (SELECT unnest(string_split(DestPublicIPs_s, '|')) AS part FROM AzureNetworkAnalytics_CL
     WHERE $T AND DestPublicIPs_s != '') WHERE starts_with(part, '203.0.113.') GROUP BY part`,
  ],
  [
    'cases',
    'CommonSecurityLog | extend size = case(SentBytes > 90000, "huge", SentBytes > 50000, "large", SentBytes > 1000, "some", "little") | summarize n = count(), blocked = countif(DeviceAction in ("Blocked", "deny", "Drop")) by size',
    `SELECT multiIf(SentBytes > 90000, 'huge', SentBytes > 50000, 'large', SentBytes > 1000, 'some', 'little') AS size, count() AS n,
     countIf(DeviceAction IN ('Blocked', 'deny', 'Drop')) AS blocked FROM CommonSecurityLog WHERE $T GROUP BY size`,
    `SELECT CASE WHEN SentBytes > 90000 THEN 'huge' WHEN SentBytes > 50000 THEN 'large' WHEN SentBytes > 1000 THEN 'some' ELSE 'little' END AS size, count(*) AS n,
     count(*) FILTER (DeviceAction IN ('Blocked', 'deny', 'Drop')) AS blocked FROM CommonSecurityLog WHERE $T GROUP BY size`,
  ],
  [
    'identities of accounts',
    `DeviceEvents | where ActionType == "UsbDriveMount" | summarize n = count() by InitiatingProcessAccountSid | where n > 12
     | lookup kind=inner (IdentityInfo | project AccountSID, AccountUPN) on $left.InitiatingProcessAccountSid == $right.AccountSID | project AccountUPN, n`,
    `SELECT AccountUPN, n FROM (SELECT InitiatingProcessAccountSid, count(*) AS n FROM DeviceEvents WHERE $T AND ActionType = 'UsbDriveMount'
     GROUP BY InitiatingProcessAccountSid HAVING count(*) > 12) e JOIN (SELECT AccountSID, AccountUPN FROM IdentityInfo WHERE $T) i ON e.InitiatingProcessAccountSid = i.AccountSID`,
  ],
  [
    'change of direction',
    `VMConnection | where Computer == "pc17.corp.example" | sort by TimeGenerated asc, BytesSent asc | extend before = prev(Direction) | where Direction == "inbound" and before == "outbound" | count`,
    `SELECT count() FROM (SELECT Direction, lagInFrame(Direction) OVER (ORDER BY TimeGenerated, BytesSent ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
     FROM VMConnection WHERE $T AND Computer = 'pc17.corp.example') WHERE Direction = 'inbound' AND before = 'outbound'`,
    `SELECT count(*) FROM (SELECT Direction, lag(Direction) OVER (ORDER BY TimeGenerated, BytesSent) AS before
     FROM VMConnection WHERE $T AND Computer = 'pc17.corp.example') WHERE Direction = 'inbound' AND before = 'outbound'`,
  ],
  [
    'largest transfers',
    'CommonSecurityLog | where DeviceVendor == "Zscaler" | sort by SentBytes desc, ReceivedBytes desc, SourceIP asc, SourcePort asc | take 50 | project SourceIP, DestinationIP, SentBytes, ReceivedBytes',
    `SELECT SourceIP, DestinationIP, SentBytes, ReceivedBytes FROM CommonSecurityLog WHERE $T AND DeviceVendor = 'Zscaler'
     ORDER BY SentBytes DESC, ReceivedBytes DESC, SourceIP, SourcePort LIMIT 50`,
  ],
].map(([name, kql, clickhouse, duckdb = clickhouse]) => ({ name, kql, clickhouse, duckdb }));

/** The columns that the queries read, for DuckDB. */
export const columns = {
  CommonSecurityLog: [
    ...[
      'DeviceVendor',
      'DeviceProduct',
      'DeviceAction',
      'SourceIP',
      'SourcePort',
      'DestinationIP',
      'SentBytes',
      'ReceivedBytes',
    ],
    ...['RequestURL', 'RequestClientApplication', 'SourceUserName', 'AdditionalExtensions'],
  ],
  DeviceEvents: [
    'ActionType',
    'RemoteUrl',
    'DeviceId',
    'DeviceName',
    'InitiatingProcessAccountName',
    'InitiatingProcessAccountSid',
  ],
  DeviceNetworkEvents: ['ActionType', 'LocalIP', 'RemoteIP', 'DeviceName'],
  SecurityEvent: ['EventID', 'EventData'],
  WindowsEvent: ['EventID', 'EventData'],
  AWSVPCFlow: ['SrcAddr', 'DstAddr', 'Bytes', 'InterfaceId', 'Action'],
  VMConnection: ['Computer', 'Direction', 'SourceIp', 'DestinationIp', 'BytesSent'],
  AzureNetworkAnalytics_CL: ['DestPublicIPs_s'],
  IdentityInfo: ['AccountSID', 'AccountUPN'],
};
