import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { lines, type Told } from './teller.js';

/** Vectra Stream: an isession record for each session, after the DNS query that led to it. */
export function vectra(sessions: readonly Session[], draw: Random): Told[] {
  const records = sessions.flatMap((session) => {
    const inbound = session.direction === 'inbound';
    const pc = session.person.device.split('.')[0]!;
    const uid = () => `C${draw.hex(16)}`;
    const ends = {
      'id.orig_h': session.source,
      'id.orig_p': session.sourcePort,
      'id.ip_ver': 'ipv4',
      orig_hostname: inbound ? `IP-${session.source}` : pc,
      sensor_uid: 'sens01',
      local_orig: !inbound,
    };
    const query = {
      metadata_type: 'metadata_dns',
      ts: session.start - 40,
      uid: uid(),
      ...ends,
      'id.resp_h': '10.1.0.2',
      'id.resp_p': 53,
      proto: 17,
      protoName: 'udp',
      query: session.name,
      qtype_name: 'A',
      rcode_name: 'NOERROR',
      local_resp: true,
    };
    const isession = {
      metadata_type: 'metadata_isession',
      ts: session.end,
      session_start_time: session.start,
      uid: uid(),
      ...ends,
      'id.resp_h': session.destination,
      'id.resp_p': session.destinationPort,
      proto: 6,
      protoName: 'tcp',
      service: session.destinationPort === 443 ? 'tls' : 'http',
      duration: session.end - session.start,
      conn_state: inbound ? 'S0' : 'SF',
      orig_pkts: session.sentPackets,
      orig_ip_bytes: session.sentBytes,
      resp_pkts: session.receivedPackets,
      resp_ip_bytes: session.receivedBytes,
      local_resp: session.direction !== 'outbound',
      resp_hostname: inbound ? pc : `IP-${session.destination}`,
      resp_domain: session.name,
      community_id: `1:${draw.hex(27)}=`,
    };
    return session.direction === 'outbound' ? [query, isession] : [isession];
  });
  return [
    lines(
      'session.jsonl',
      records.sort((a, b) => a.ts - b.ts).map((record) => JSON.stringify(record)),
    ),
  ];
}
