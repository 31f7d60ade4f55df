/**
 * The phishing rule as an engineer who knows ClickHouse writes it for this data: small sides first, their keys travel to
 * the scans as sets, the session sources are read once each with the conditions of their parsers, and as no session column
 * is wanted they are counted per address before the join. It has the shape of a StagedQuery, so that it runs through the
 * same connection, settings and temporary tables as the compiled rule.
 */
export function hand(from, to) {
  const within = `TimeGenerated >= toDateTime64('${from}', 7, 'UTC') AND TimeGenerated < toDateTime64('${to}', 7, 'UTC')`;
  const defender = `lower(ServiceSource) = 'microsoft defender for office 365'`;
  const wanted = '(SELECT DestinationIP FROM destinations)';
  const data = (field) => `extract(EventData, '<Data Name=["\\']${field}["\\']>([^<]*)</Data>')`;

  const legs = [
    // Five parsers read this table. Four keep the address in one column, the fifth prefers another.
    `SELECT DestinationIP AS DstIpAddr FROM CommonSecurityLog
     WHERE ${within} AND DestinationIP IN ${wanted} AND (
       (DeviceVendor = 'Zscaler' AND DeviceProduct = 'NSSFWlog')
       OR (DeviceVendor = 'Palo Alto Networks' AND DeviceProduct = 'PAN-OS' AND Activity = 'TRAFFIC')
       OR (DeviceVendor IN ('Check Point', 'CheckPoint') AND lower(DeviceProduct) = 'vpn-1 & firewall-1')
       OR (DeviceVendor = 'Fortinet' AND startsWith(lower(DeviceProduct), 'fortigate')
         AND (hasTokenCaseInsensitive(DeviceEventCategory, 'traffic')
           OR match(AdditionalExtensions, '(?i)(^|[^a-z0-9])cat=traffic($|[^a-z0-9])'))
         AND DeviceAction != 'dns' AND NOT hasTokenCaseInsensitive(Activity, 'dns')))`,
    `SELECT if(DeviceCustomIPv6Address3 != '', DeviceCustomIPv6Address3, DestinationIP) AS DstIpAddr FROM CommonSecurityLog
     WHERE ${within} AND DeviceVendor = 'Palo Alto Networks' AND DeviceProduct = 'LF' AND DeviceEventClassID = 'TRAFFIC'
       AND DstIpAddr IN ${wanted}`,
    `SELECT DstAddr AS DstIpAddr FROM AWSVPCFlow WHERE ${within} AND DstAddr IN ${wanted} AND LogStatus = 'OK'`,
    `SELECT if(DestIP_s != '', DestIP_s, splitByChar('|', DestPublicIPs_s)[1]) AS DstIpAddr FROM AzureNetworkAnalytics_CL
     WHERE ${within} AND FlowType_s != '' AND FlowDirection_s IN ('I', 'O') AND DstIpAddr IN ${wanted}`,
    `SELECT if(ActionType IN ('ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest'), RemoteIP, LocalIP) AS DstIpAddr
     FROM DeviceNetworkEvents
     WHERE ${within} AND (
       (RemoteIP IN ${wanted} AND ActionType IN ('ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest'))
       OR (LocalIP IN ${wanted} AND ActionType IN ('InboundConnectionAccepted', 'ConnectionFound', 'ListeningConnectionCreated')))`,
    `SELECT ${data('DestAddress')} AS DstIpAddr FROM SecurityEvent
     WHERE ${within} AND EventID IN (5152, 5154, 5155, 5156, 5157, 5158, 5159) AND DstIpAddr IN ${wanted}`,
    `SELECT ${data('DestinationIp')} AS DstIpAddr FROM Event
     WHERE ${within} AND Source = 'Microsoft-Windows-Sysmon' AND EventID = 3 AND DstIpAddr IN ${wanted}`,
    `SELECT if(EventID = 3, JSONExtractString(EventData, 'DestinationIp'), JSONExtractString(EventData, 'DestAddress')) AS DstIpAddr
     FROM WindowsEvent
     WHERE ${within} AND ((EventID = 3 AND Provider = 'Microsoft-Windows-Sysmon') OR EventID BETWEEN 5152 AND 5159)
       AND DstIpAddr IN ${wanted}`,
    `SELECT ${data('DestinationIp').replace('EventData', 'SyslogMessage')} AS DstIpAddr FROM Syslog
     WHERE ${within} AND position(SyslogMessage, '<Provider Name="Linux-Sysmon"') > 0
       AND position(SyslogMessage, '<EventID>3</EventID>') > 0 AND DstIpAddr IN ${wanted}`,
    `SELECT DestinationIp AS DstIpAddr FROM VMConnection
     WHERE ${within} AND DestinationIp IN ${wanted} AND Direction IN ('outbound', 'inbound')`,
    `SELECT id_resp_h_s AS DstIpAddr FROM VectraStream_CL
     WHERE ${within} AND metadata_type_s = 'metadata_isession' AND id_resp_h_s IN ${wanted}`,
  ];

  const stage = (name, sql) => ({ name, sql, decisive: true });
  return {
    stages: [
      // innerunique: one URL a message goes on. The left side is tiny here, so LIMIT 1 BY costs nothing.
      stage(
        'mails',
        `SELECT u.RemoteUrl AS RemoteUrl, m.NetworkMessageId AS NetworkMessageId
         FROM (SELECT AlertId, RemoteUrl FROM AlertEvidence WHERE ${within} AND ${defender} AND lower(EntityType) = 'url') AS u
         JOIN (SELECT AlertId, NetworkMessageId FROM AlertEvidence
               WHERE ${within} AND ${defender} AND lower(EntityType) = 'mailmessage') AS m ON u.AlertId = m.AlertId
         LIMIT 1 BY NetworkMessageId`,
      ),
      stage(
        'recipients',
        `SELECT DISTINCT m.RemoteUrl AS RemoteUrl, m.NetworkMessageId AS NetworkMessageId, e.RecipientEmailAddress AS RecipientEmailAddress,
           e.RecipientObjectId AS RecipientObjectId
         FROM (SELECT NetworkMessageId, RecipientEmailAddress, RecipientObjectId FROM EmailEvents
               WHERE ${within} AND NetworkMessageId IN (SELECT NetworkMessageId FROM mails)) AS e
         JOIN mails AS m ON e.NetworkMessageId = m.NetworkMessageId`,
      ),
      stage(
        'people',
        `SELECT DISTINCT r.RemoteUrl AS RemoteUrl, r.NetworkMessageId AS NetworkMessageId, r.RecipientEmailAddress AS RecipientEmailAddress,
           r.RecipientObjectId AS RecipientObjectId, i.AccountSID AS AccountSID
         FROM (SELECT AccountObjectId, AccountSID FROM IdentityInfo
               WHERE ${within} AND AccountObjectId IN (SELECT RecipientObjectId FROM recipients)) AS i
         JOIN recipients AS r ON i.AccountObjectId = r.RecipientObjectId`,
      ),
      stage(
        'opened',
        `SELECT DISTINCT p.RemoteUrl AS RemoteUrl, p.NetworkMessageId AS NetworkMessageId, p.RecipientEmailAddress AS RecipientEmailAddress,
           p.RecipientObjectId AS RecipientObjectId, p.AccountSID AS AccountSID, d.DeviceId AS DeviceId, d.DeviceName AS DeviceName,
           d.InitiatingProcessFileName AS InitiatingProcessFileName, d.InitiatingProcessAccountUpn AS InitiatingProcessAccountUpn,
           d.InitiatingProcessAccountName AS InitiatingProcessAccountName,
           d.InitiatingProcessAccountDomain AS InitiatingProcessAccountDomain
         FROM (SELECT RemoteUrl, DeviceId, DeviceName, InitiatingProcessFileName, InitiatingProcessAccountSid,
                 InitiatingProcessAccountUpn, InitiatingProcessAccountName, InitiatingProcessAccountDomain
               FROM DeviceEvents
               WHERE ${within} AND RemoteUrl != '' AND (InitiatingProcessAccountSid, RemoteUrl) IN (SELECT AccountSID, RemoteUrl FROM people)
                 AND lower(ActionType) = 'browserlaunchedtoopenurl') AS d
         JOIN people AS p ON p.AccountSID = d.InitiatingProcessAccountSid AND p.RemoteUrl = d.RemoteUrl`,
      ),
      stage(
        'proxied',
        `SELECT c.TimeGenerated AS TimeGenerated, o.RecipientEmailAddress AS RecipientEmailAddress, o.RemoteUrl AS UrlClickedByUserSid,
           o.InitiatingProcessAccountUpn AS InitiatingProcessAccountUpn, o.InitiatingProcessAccountName AS InitiatingProcessAccountName,
           o.InitiatingProcessAccountDomain AS InitiatingProcessAccountDomain, o.DeviceName AS DeviceName,
           o.InitiatingProcessFileName AS InitiatingProcessFileName, c.DeviceProduct AS DeviceProduct, c.DeviceAction AS DeviceAction,
           c.SourceIP AS SourceIP, c.DestinationIP AS DestinationIP, c.RequestClientApplication AS RequestClientApplication
         FROM (SELECT TimeGenerated, DeviceProduct, DeviceAction, RequestURL, RequestClientApplication, SourceIP, DestinationIP
               FROM CommonSecurityLog WHERE ${within} AND RequestURL IN (SELECT RemoteUrl FROM opened)) AS c
         JOIN opened AS o ON c.RequestURL = o.RemoteUrl`,
      ),
      stage(
        'destinations',
        `SELECT DISTINCT DestinationIP FROM proxied
         WHERE isIPv4String(DestinationIP) AND NOT isIPAddressInRange(DestinationIP, '10.0.0.0/8')
           AND NOT isIPAddressInRange(DestinationIP, '172.16.0.0/12') AND NOT isIPAddressInRange(DestinationIP, '192.168.0.0/16')`,
      ),
      stage('sessions', `SELECT DstIpAddr, count() AS n FROM (${legs.join('\nUNION ALL ')}) GROUP BY DstIpAddr`),
    ],
    sql: `SELECT TimeGenerated, RecipientEmailAddress, UrlClickedByUserSid, InitiatingProcessAccountUpn, InitiatingProcessAccountName,
  InitiatingProcessAccountDomain, DeviceName, InitiatingProcessFileName, DeviceProduct, DeviceAction, SourceIP, DestinationIP,
  RequestClientApplication, sum(n) AS count_, splitByChar('.', DeviceName)[1] AS HostName,
  toInt32(position(DeviceName, '.')) - 1 AS DomainIndex, substring(DeviceName, position(DeviceName, '.') + 1) AS HostNameDomain,
  splitByChar('@', RecipientEmailAddress)[1] AS RecipientEmailName, splitByChar('@', RecipientEmailAddress)[2] AS RecipientEmailUPNSuffix
FROM proxied JOIN sessions ON DestinationIP = DstIpAddr
GROUP BY TimeGenerated, RecipientEmailAddress, UrlClickedByUserSid, InitiatingProcessAccountUpn, InitiatingProcessAccountName,
  InitiatingProcessAccountDomain, DeviceName, InitiatingProcessFileName, DeviceProduct, DeviceAction, SourceIP, DestinationIP,
  RequestClientApplication`,
  };
}
