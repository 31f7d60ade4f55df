/** The same rule over the same rows in DuckDB. */
import { openDuckdb as open } from '../duckdb.mjs';

/** Only the columns that the statement reads. */
const columns = {
  AlertEvidence: ['AlertId', 'ServiceSource', 'EntityType', 'RemoteUrl', 'NetworkMessageId'],
  EmailEvents: ['NetworkMessageId', 'RecipientEmailAddress', 'RecipientObjectId'],
  IdentityInfo: ['AccountObjectId', 'AccountSID'],
  DeviceEvents: [
    ...[
      'ActionType',
      'RemoteUrl',
      'DeviceId',
      'DeviceName',
      'InitiatingProcessFileName',
      'InitiatingProcessAccountSid',
    ],
    ...['InitiatingProcessAccountUpn', 'InitiatingProcessAccountName', 'InitiatingProcessAccountDomain'],
  ],
  CommonSecurityLog: [
    ...['DeviceVendor', 'DeviceProduct', 'DeviceAction', 'DeviceEventClassID', 'DeviceEventCategory', 'Activity'],
    ...['RequestURL', 'RequestClientApplication', 'SourceIP', 'DestinationIP', 'DeviceCustomIPv6Address3'],
    'AdditionalExtensions',
  ],
  AWSVPCFlow: ['DstAddr', 'LogStatus'],
  AzureNetworkAnalytics_CL: ['FlowType_s', 'FlowDirection_s', 'DestIP_s', 'DestPublicIPs_s'],
  DeviceNetworkEvents: ['ActionType', 'LocalIP', 'RemoteIP'],
  SecurityEvent: ['EventID', 'EventData'],
  Event: ['Source', 'EventID', 'EventData'],
  WindowsEvent: ['Provider', 'EventID', 'EventData'],
  Syslog: ['SyslogMessage'],
  VMConnection: ['Direction', 'DestinationIp'],
  VectraStream_CL: ['metadata_type_s', 'id_resp_h_s'],
};

function statement(from, to) {
  const within = `TimeGenerated >= TIMESTAMP '${from}' AND TimeGenerated < TIMESTAMP '${to}'`;
  const defender = `lower(ServiceSource) = 'microsoft defender for office 365'`;
  const wanted = '(SELECT DestinationIP FROM destinations)';
  const data = (field, of = 'EventData') => `regexp_extract(${of}, '<Data Name=["'']${field}["'']>([^<]*)</Data>', 1)`;
  const result = [
    ...['RecipientEmailAddress', 'UrlClickedByUserSid', 'InitiatingProcessAccountUpn', 'InitiatingProcessAccountName'],
    ...['InitiatingProcessAccountDomain', 'DeviceName', 'InitiatingProcessFileName', 'DeviceProduct', 'DeviceAction'],
    ...['SourceIP', 'DestinationIP', 'RequestClientApplication'],
  ].join(', ');
  return `WITH
mails AS MATERIALIZED (
  SELECT NetworkMessageId, any_value(u.RemoteUrl) AS RemoteUrl
  FROM (SELECT AlertId, RemoteUrl FROM AlertEvidence WHERE ${within} AND ${defender} AND lower(EntityType) = 'url') u
  JOIN (SELECT AlertId, NetworkMessageId FROM AlertEvidence WHERE ${within} AND ${defender} AND lower(EntityType) = 'mailmessage') m
    USING (AlertId)
  GROUP BY NetworkMessageId),
people AS MATERIALIZED (
  SELECT DISTINCT m.RemoteUrl, NetworkMessageId, RecipientEmailAddress, RecipientObjectId, AccountSID
  FROM (SELECT * FROM EmailEvents WHERE ${within}) JOIN mails m USING (NetworkMessageId)
  JOIN (SELECT * FROM IdentityInfo WHERE ${within}) ON AccountObjectId = RecipientObjectId),
opened AS MATERIALIZED (
  SELECT DISTINCT p.*, p.RemoteUrl AS UrlClickedByUserSid, DeviceId, DeviceName, InitiatingProcessFileName,
    InitiatingProcessAccountUpn, InitiatingProcessAccountName, InitiatingProcessAccountDomain
  FROM (SELECT * FROM DeviceEvents WHERE ${within} AND RemoteUrl != '' AND lower(ActionType) = 'browserlaunchedtoopenurl') d
  JOIN people p ON p.AccountSID = d.InitiatingProcessAccountSid AND p.RemoteUrl = d.RemoteUrl),
proxied AS MATERIALIZED (
  SELECT TimeGenerated, ${result}
  FROM (SELECT * FROM CommonSecurityLog WHERE ${within}) JOIN opened ON RequestURL = RemoteUrl),
destinations AS MATERIALIZED (
  SELECT DISTINCT DestinationIP FROM proxied
  WHERE regexp_full_match(DestinationIP, '(\\d{1,3}\\.){3}\\d{1,3}')
    AND NOT regexp_matches(DestinationIP, '^(10\\.|192\\.168\\.|172\\.(1[6-9]|2\\d|3[01])\\.)')),
sessions AS MATERIALIZED (
  SELECT DstIpAddr, count(*) AS n FROM (
    SELECT DestinationIP AS DstIpAddr FROM CommonSecurityLog WHERE ${within} AND DestinationIP IN ${wanted} AND (
      (DeviceVendor = 'Zscaler' AND DeviceProduct = 'NSSFWlog')
      OR (DeviceVendor = 'Palo Alto Networks' AND DeviceProduct = 'PAN-OS' AND Activity = 'TRAFFIC')
      OR (DeviceVendor IN ('Check Point', 'CheckPoint') AND lower(DeviceProduct) = 'vpn-1 & firewall-1')
      OR (DeviceVendor = 'Fortinet' AND starts_with(lower(DeviceProduct), 'fortigate')
        AND (regexp_matches(DeviceEventCategory, '(?i)\\btraffic\\b') OR regexp_matches(AdditionalExtensions, '(?i)\\bcat=traffic\\b'))
        AND DeviceAction != 'dns' AND NOT regexp_matches(Activity, '(?i)\\bdns\\b')))
    UNION ALL
    SELECT if(DeviceCustomIPv6Address3 != '', DeviceCustomIPv6Address3, DestinationIP) FROM CommonSecurityLog
    WHERE ${within} AND DeviceVendor = 'Palo Alto Networks' AND DeviceProduct = 'LF' AND DeviceEventClassID = 'TRAFFIC'
      AND if(DeviceCustomIPv6Address3 != '', DeviceCustomIPv6Address3, DestinationIP) IN ${wanted}
    UNION ALL
    SELECT DstAddr FROM AWSVPCFlow WHERE ${within} AND DstAddr IN ${wanted} AND LogStatus = 'OK'
    UNION ALL
    SELECT if(DestIP_s != '', DestIP_s, split_part(DestPublicIPs_s, '|', 1)) AS a FROM AzureNetworkAnalytics_CL
    WHERE ${within} AND FlowType_s != '' AND FlowDirection_s IN ('I', 'O') AND a IN ${wanted}
    UNION ALL
    SELECT if(ActionType IN ('ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest'), RemoteIP, LocalIP) AS a
    FROM DeviceNetworkEvents WHERE ${within} AND ActionType IN ('ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest',
      'InboundConnectionAccepted', 'ConnectionFound', 'ListeningConnectionCreated') AND a IN ${wanted}
    UNION ALL
    SELECT ${data('DestAddress')} AS a FROM SecurityEvent
    WHERE ${within} AND EventID IN (5152, 5154, 5155, 5156, 5157, 5158, 5159) AND a IN ${wanted}
    UNION ALL
    SELECT ${data('DestinationIp')} AS a FROM Event
    WHERE ${within} AND Source = 'Microsoft-Windows-Sysmon' AND EventID = 3 AND a IN ${wanted}
    UNION ALL
    SELECT json_extract_string(EventData, if(EventID = 3, '$.DestinationIp', '$.DestAddress')) AS a FROM WindowsEvent
    WHERE ${within} AND ((EventID = 3 AND Provider = 'Microsoft-Windows-Sysmon') OR EventID BETWEEN 5152 AND 5159) AND a IN ${wanted}
    UNION ALL
    SELECT ${data('DestinationIp', 'SyslogMessage')} AS a FROM Syslog
    WHERE ${within} AND contains(SyslogMessage, '<Provider Name="Linux-Sysmon"') AND contains(SyslogMessage, '<EventID>3</EventID>')
      AND a IN ${wanted}
    UNION ALL
    SELECT DestinationIp FROM VMConnection WHERE ${within} AND DestinationIp IN ${wanted} AND Direction IN ('outbound', 'inbound')
    UNION ALL
    SELECT id_resp_h_s FROM VectraStream_CL WHERE ${within} AND metadata_type_s = 'metadata_isession' AND id_resp_h_s IN ${wanted}
  ) GROUP BY DstIpAddr)
SELECT strftime(TimeGenerated, '%Y-%m-%dT%H:%M:%S.%g') AS TimeGenerated, ${result}, sum(n)::BIGINT AS count_,
  split_part(DeviceName, '.', 1) AS HostName, strpos(DeviceName, '.') - 1 AS DomainIndex,
  substr(DeviceName, strpos(DeviceName, '.') + 1) AS HostNameDomain,
  split_part(RecipientEmailAddress, '@', 1) AS RecipientEmailName, split_part(RecipientEmailAddress, '@', 2) AS RecipientEmailUPNSuffix
FROM proxied JOIN sessions ON DestinationIP = DstIpAddr GROUP BY TimeGenerated, ${result}`;
}

/** Copies the rows out of the store, once, and gives a function that runs the rule. */
export async function openDuckdb(store, directory, { from, to }, log) {
  const { run, close } = await open(store, directory, 'duck.db', columns, log);
  const text = statement(from, to);
  return { run: async () => (await run(text)).map((row) => row.map(String)), close };
}
