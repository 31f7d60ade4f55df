import { cef } from '../cef.js';
import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { cefTime, second, syslogTime } from '../time.js';

/*
 * The session logs of the CEF firewalls: one record for each session, written when it ends.
 */

const service = (session: Session) =>
  ({ 22: 'SSH', 53: 'DNS', 80: 'HTTP', 88: 'KERBEROS', 389: 'LDAP', 443: 'HTTPS', 445: 'SMB', 3389: 'RDP' })[
    session.destinationPort
  ] ?? 'OTHER';
const seconds = (session: Session) => Math.round((session.end - session.start) / second);

/** The NSS firewall feed. It sees what leaves, so a scan from outside is not in it. */
export function zscaler(sessions: readonly Session[], draw: Random): string[] {
  return sessions
    .filter((session) => session.direction !== 'inbound')
    .map(
      (session) =>
        `<134>${syslogTime(session.end)} zscaler-nss-fw ${cef(
          {
            vendor: 'Zscaler',
            product: 'NSSFWlog',
            version: '5.7',
            signature: 'Allow',
            name: 'Default FW Rule',
            severity: 3,
            extension: [
              ['act', 'Allow'],
              ['suser', session.person.upn],
              ['src', session.source],
              ['spt', session.sourcePort],
              ['dst', session.destination],
              ['dpt', session.destinationPort],
              ['deviceTranslatedAddress', '192.0.2.4'],
              ['deviceTranslatedPort', draw.int(1_024, 65_535)],
              ['destinationTranslatedAddress', session.destination],
              ['destinationTranslatedPort', session.destinationPort],
              ['sourceTranslatedAddress', session.source],
              ['sourceTranslatedPort', session.sourcePort],
              ['proto', 'TCP'],
              ['tunnelType', 'GRE'],
              ['dnat', 'No'],
              ['stateful', 'Yes'],
              ['spriv', 'HQ'],
              ['reason', 'Default FW Rule'],
              ['in', session.receivedBytes],
              ['out', session.sentBytes],
              ['deviceDirection', 1],
              ['cs1', session.person.department],
              ['cs1Label', 'dept'],
              ['cs2', service(session)],
              ['cs2Label', 'nwService'],
              ['cs3', 'web'],
              ['cs3Label', 'nwApp'],
              ['cs4', 'No'],
              ['cs4Label', 'aggregated'],
              ['cs6', 'None'],
              ['cs6label', 'threatname'],
              ['cn1', session.end - session.start],
              ['cn1Label', 'durationms'],
              ['cn2', 1],
              ['cn2Label', 'numsessions'],
              ['cat', 'None'],
              ['destCountry', 'None'],
              ['avgduration', session.end - session.start],
            ],
          },
          { escaped: false },
        )}`,
    );
}

/** FortiGate traffic logs, and a DNS record of the kind that the session parser leaves out. */
export function fortinet(sessions: readonly Session[], draw: Random): string[] {
  const line = (session: Session, action: string) => {
    const [near, far] = session.direction === 'inbound' ? ['wan', 'lan'] : ['lan', 'wan'];
    return `<189>${syslogTime(session.end)} FGT-A ${cef(
      {
        vendor: 'Fortinet',
        product: 'Fortigate',
        version: 'v7.2.8',
        signature: '00013',
        name: `traffic:forward ${action}`,
        severity: 3,
        extension: [
          ['deviceExternalId', 'FGT60F0000000001'],
          ['FTNTFGTeventtime', `${session.end}000000`],
          ['FTNTFGTtz', '+0000'],
          ['FTNTFGTlogid', '0000000013'],
          ['cat', 'traffic:forward'],
          ['FTNTFGTsubtype', 'forward'],
          ['FTNTFGTlevel', 'notice'],
          ['FTNTFGTvd', 'root'],
          ['src', session.source],
          ['spt', session.sourcePort],
          ['deviceInboundInterface', near === 'lan' ? 'port1' : 'wan1'],
          ['FTNTFGTsrcintfrole', near!],
          ['dst', session.destination],
          ['dpt', session.destinationPort],
          ['deviceOutboundInterface', far === 'lan' ? 'port1' : 'wan1'],
          ['FTNTFGTdstintfrole', far!],
          ['FTNTFGTsrccountry', 'Reserved'],
          ['FTNTFGTdstcountry', 'Reserved'],
          ['externalId', draw.int(1_000, 999_999)],
          ['proto', session.destinationPort === 53 ? 17 : 6],
          ['act', action],
          ['FTNTFGTpolicyid', 7],
          ['FTNTFGTpolicyname', 'Outbound web'],
          ['app', service(session)],
          ['suser', `CORP\\${session.person.account}`],
          ['FTNTFGTduration', seconds(session)],
          ['out', session.sentBytes],
          ['in', session.receivedBytes],
          ['FTNTFGTsentpkt', session.sentPackets],
          ['FTNTFGTrcvdpkt', session.receivedPackets],
          ['FTNTFGTutmaction', 'allow'],
        ],
      },
      { prefix: draw.pick(['CEF: 0', 'CEF:0']) },
    )}`;
  };
  return sessions.map((session) => {
    if (session.direction === 'inbound') return line(session, 'deny');
    return line(session, session.destinationPort === 53 ? 'dns' : 'close');
  });
}

/** The firewall blade of Log Exporter. */
export function checkPoint(sessions: readonly Session[], draw: Random): string[] {
  const directions = { outbound: 'Outgoing', inbound: 'Incoming', internal: 'Internal' } as const;
  return sessions.map((session) => {
    const inbound = session.direction === 'inbound';
    return `<134>${syslogTime(session.end)} mgmt1 ${cef({
      vendor: 'Check Point',
      product: 'VPN-1 & FireWall-1',
      version: 'Check Point',
      signature: 'Log',
      name: service(session).toLowerCase(),
      severity: 'Unknown',
      extension: [
        ['act', inbound ? 'Drop' : 'Accept'],
        ['deviceDirection', inbound ? 0 : 1],
        ['rt', session.end],
        ['spt', session.sourcePort],
        ['dpt', session.destinationPort],
        ['cs2Label', 'Rule Name'],
        ['cs2', inbound ? 'Cleanup rule' : 'Outbound web'],
        ['layer_name', 'Network'],
        ['layer_uuid', draw.guid()],
        ['match_id', draw.int(1, 40)],
        ['parent_rule', 0],
        ['rule_action', inbound ? 'Drop' : 'Accept'],
        ['rule_uid', draw.guid()],
        ['conn_direction', directions[session.direction]],
        ['ifname', 'eth1'],
        ['logid', 0],
        ['loguid', `{0x${draw.hex(8)},0x${draw.hex(1)},0x${draw.hex(8)},0x${draw.hex(8)}}`],
        ['origin', '192.0.2.1'],
        ['originsicname', 'CN=gw1,O=mgmt1..abcdef'],
        ['sequencenum', draw.int(1, 99)],
        ['version', 5],
        ['dst', session.destination],
        ['inzone', inbound ? 'External' : 'Internal'],
        ['outzone', session.direction === 'outbound' ? 'External' : 'Internal'],
        ['product', 'VPN-1 & FireWall-1'],
        ['proto', 6],
        ['service_id', service(session).toLowerCase()],
        ['src', session.source],
      ],
    })}`;
  });
}

/** PAN-OS TRAFFIC logs by the published template, in which `in` holds the bytes sent and `out` the bytes received. */
export function paloAlto(sessions: readonly Session[], draw: Random): string[] {
  return sessions.map((session) => {
    const inbound = session.direction === 'inbound';
    return `<14>${syslogTime(session.end)} fw1 ${cef({
      vendor: 'Palo Alto Networks',
      product: 'PAN-OS',
      version: '10.2.9',
      signature: inbound ? 'deny' : 'end',
      name: 'TRAFFIC',
      severity: 1,
      extension: [
        ['rt', `${cefTime(session.end)} GMT`],
        ['deviceExternalId', '007200001056'],
        ['src', session.source],
        ['dst', session.destination],
        ['sourceTranslatedAddress', inbound ? session.source : '192.0.2.4'],
        ['destinationTranslatedAddress', session.destination],
        ['cs1Label', 'Rule'],
        ['cs1', inbound ? 'Default deny' : 'Outbound'],
        ['suser', inbound ? '' : `corp\\${session.person.account}`],
        ['duser', ''],
        ['app', service(session) === 'HTTPS' ? 'ssl' : 'web-browsing'],
        ['cs3Label', 'Virtual System'],
        ['cs3', 'vsys1'],
        ['cs4Label', 'Source Zone'],
        ['cs4', inbound ? 'untrust' : 'trust'],
        ['cs5Label', 'Destination Zone'],
        ['cs5', session.direction === 'outbound' ? 'untrust' : 'trust'],
        ['deviceInboundInterface', inbound ? 'ethernet1/1' : 'ethernet1/2'],
        ['deviceOutboundInterface', inbound ? 'ethernet1/2' : 'ethernet1/1'],
        ['cn1Label', 'SessionID'],
        ['cn1', draw.int(1_000, 99_999)],
        ['cnt', 1],
        ['spt', session.sourcePort],
        ['dpt', session.destinationPort],
        ['sourceTranslatedPort', draw.int(1_024, 65_535)],
        ['destinationTranslatedPort', session.destinationPort],
        ['flexString1Label', 'Flags'],
        ['flexString1', '0x400053'],
        ['proto', 'tcp'],
        ['act', inbound ? 'deny' : 'allow'],
        ['flexNumber1Label', 'Total bytes'],
        ['flexNumber1', session.sentBytes + session.receivedBytes],
        ['in', session.sentBytes],
        ['out', session.receivedBytes],
        ['cn2Label', 'Packets'],
        ['cn2', session.sentPackets + session.receivedPackets],
        ['PanOSPacketsReceived', session.receivedPackets],
        ['PanOSPacketsSent', session.sentPackets],
        ['start', `${cefTime(session.start)} GMT`],
        ['cn3Label', 'Elapsed time in seconds'],
        ['cn3', seconds(session)],
        ['cs2Label', 'URL Category'],
        ['cs2', 'any'],
        ['externalId', draw.int(1e6, 9e6)],
        ['reason', inbound ? 'policy-deny' : 'tcp-fin'],
        ['PanOSVsysName', ''],
        ['dvchost', 'fw1.corp.example.com'],
        ['cat', 'from-policy'],
      ],
    })}`;
  });
}
