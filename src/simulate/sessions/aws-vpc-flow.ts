import { gzipSync } from 'node:zlib';
import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { epochSeconds, iso, minute } from '../time.js';
import type { Told } from './teller.js';

const account = '123456789012';
const fields =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status ' +
  'vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id ' +
  'pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path';

const operatingSystemByte = 9;
const unknownSystem = 255;

/** One S3 object in flow log version 5: each session as the record of each of its directions, and a window without data. */
export function awsVpcFlow(sessions: readonly Session[], draw: Random): Told[] {
  const lan = `vpc-0${draw.hex(16)} subnet-0${draw.hex(16)} i-0${draw.hex(16)}`;
  const networkInterface = `eni-0${draw.hex(16)}`;
  const place = 'eu-west-1 euw1-az1 - -';
  const record = (session: Session, reply: boolean) => {
    const outward = (session.direction === 'inbound') === reply;
    const [from, to] = reply ? [session.destination, session.source] : [session.source, session.destination];
    const ports = [session.sourcePort, session.destinationPort];
    return [
      5,
      account,
      networkInterface,
      `${from} ${to}`,
      (reply ? ports.reverse() : ports).join(' '),
      6,
      reply ? `${session.receivedPackets} ${session.receivedBytes}` : `${session.sentPackets} ${session.sentBytes}`,
      `${epochSeconds(session.start)} ${epochSeconds(session.end)}`,
      session.direction === 'inbound' ? 'REJECT' : 'ACCEPT',
      'OK',
      lan,
      reply ? 19 : 3,
      'IPv4',
      `${from} ${to}`,
      place,
      '- -',
      outward ? 'egress 8' : 'ingress -',
    ].join(' ');
  };
  const last = sessions.at(-1)!;
  const idle = epochSeconds(last.end);
  const records = [
    // A rejected session has no answer.
    ...sessions.flatMap((session) =>
      session.direction === 'inbound' ? [record(session, false)] : [record(session, false), record(session, true)],
    ),
    `5 ${account} ${networkInterface} ${'- '.repeat(7)}${idle} ${idle + 59} - NODATA ${'- '.repeat(14)}-`,
  ];
  const content = gzipSync([fields, ...records, ''].join('\n'));
  // gzip names the system that wrote it; the bytes must not depend on it.
  content[operatingSystemByte] = unknownSystem;

  const [day] = iso(last.end, 3).split('T');
  const stamp = iso(Math.ceil(last.end / (5 * minute)) * 5 * minute)
    .replace(/[-:]/g, '')
    .slice(0, '20260304T0910'.length);
  const folder = `session/AWSLogs/${account}/vpcflowlogs/eu-west-1/${day!.replaceAll('-', '/')}`;
  const name = `${account}_vpcflowlogs_eu-west-1_fl-0${draw.hex(16)}_${stamp}Z_${draw.hex(8)}.log.gz`;
  return [{ path: `${folder}/${name}`, content, units: records.length }];
}
