import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { iso, syslogTime, sysmonTime } from '../time.js';
import { eventXml, type LoggedEvent } from '../xml.js';
import { lines, type Told } from './teller.js';

/** The gateway through which everybody reaches the Internet. */
const gateway = { host: 'egress01', address: '10.1.3.5' };

/** Sysmon for Linux through syslog: event 3 for each session, and event 5, the end of a process, among them. */
export function sysmonForLinux(sessions: readonly Session[], draw: Random): Told[] {
  let record = draw.int(1_000, 90_000);
  const line = (time: number, id: number, data: LoggedEvent['data']) => {
    const event: LoggedEvent = {
      provider: 'Linux-Sysmon',
      guid: '{ff032593-a8d3-4f13-b0d6-01fc615a0f97}',
      id,
      version: id === 3 ? 5 : 3,
      level: 4,
      task: id,
      keywords: '0x8000000000000000',
      systemTime: iso(time, 9),
      recordId: record++,
      process: 812,
      thread: 812,
      channel: 'Linux-Sysmon/Operational',
      computer: gateway.host,
      security: { UserId: 0 },
      data,
    };
    return `<14>${syslogTime(time)} ${gateway.host} sysmon: ${eventXml(event, { quote: '"' })}`;
  };
  const process = (time: number): LoggedEvent['data'] => [
    ['RuleName', '-'],
    ['UtcTime', sysmonTime(time)],
    ['ProcessGuid', `{${draw.guid()}}`],
    ['ProcessId', draw.int(2_000, 20_000)],
    ['Image', '/usr/sbin/squid'],
    ['User', 'proxy'],
  ];
  const told = [...sessions]
    .sort((a, b) => a.start - b.start)
    .map((session, i) => {
      if (i % 5 === 4 && !session.matches) return line(session.start, 5, process(session.start));
      const inbound = session.direction === 'inbound';
      return line(session.start, 3, [
        ...process(session.start),
        ['Protocol', 'tcp'],
        ['Initiated', inbound ? 'false' : 'true'],
        ['SourceIsIpv6', 'false'],
        ['SourceIp', inbound ? session.source : gateway.address],
        ['SourceHostname', '-'],
        ['SourcePort', session.sourcePort],
        ['SourcePortName', '-'],
        ['DestinationIsIpv6', 'false'],
        ['DestinationIp', inbound ? gateway.address : session.destination],
        ['DestinationHostname', '-'],
        ['DestinationPort', session.destinationPort],
        ['DestinationPortName', '-'],
      ]);
    });
  return [lines('session.log', told)];
}
