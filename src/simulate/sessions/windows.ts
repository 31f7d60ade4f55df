import type { Person } from '../cast.js';
import type { Plot, Session } from '../plot.js';
import type { Random } from '../random.js';
import { iso, minute, sysmonTime } from '../time.js';
import { element, eventXml, type LoggedEvent } from '../xml.js';
import { lines, type Told } from './teller.js';

const namespace = 'http://schemas.microsoft.com/win/2004/08/events/event';
const edge = 'program files (x86)\\microsoft\\edge\\application\\msedge.exe';

/** Numbers that grow from event to event, and times, of the logs of one fleet. */
class Log {
  #record: number;
  constructor(readonly draw: Random) {
    this.#record = draw.int(1_000, 90_000);
  }

  event(
    time: number,
    person: Person,
    rest: Pick<
      LoggedEvent,
      'provider' | 'guid' | 'channel' | 'id' | 'version' | 'level' | 'task' | 'keywords' | 'data'
    >,
  ): LoggedEvent {
    return {
      systemTime: iso(time),
      recordId: this.#record++,
      process: 4,
      thread: this.draw.int(40, 9_000),
      computer: person.device,
      security: {},
      ...rest,
    };
  }

  security(time: number, person: Person, id: number, task: number, version: number, data: LoggedEvent['data']) {
    return this.event(time, person, {
      provider: 'Microsoft-Windows-Security-Auditing',
      guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
      channel: 'Security',
      id,
      version,
      level: 0,
      task,
      keywords: '0x8020000000000000',
      data,
    });
  }

  /** 5156: the Windows Filtering Platform has allowed a connection. */
  connection(session: Session): LoggedEvent {
    const inbound = session.direction === 'inbound';
    return this.security(session.start, session.person, 5156, 12_810, 1, [
      ['ProcessID', inbound ? 1_044 : this.draw.int(2_000, 20_000)],
      ['Application', `\\device\\harddiskvolume2\\${inbound ? 'windows\\system32\\svchost.exe' : edge}`],
      ['Direction', inbound ? '%%14592' : '%%14593'],
      ['SourceAddress', session.source],
      ['SourcePort', session.sourcePort],
      ['DestAddress', session.destination],
      ['DestPort', session.destinationPort],
      ['Protocol', 6],
      ['FilterRTID', this.draw.int(60_000, 90_000)],
      ['LayerName', inbound ? '%%14610' : '%%14611'],
      ['LayerRTID', inbound ? 44 : 48],
      ['RemoteUserID', 'S-1-0-0'],
      ['RemoteMachineID', 'S-1-0-0'],
    ]);
  }

  /** 5158: a local port was bound; it has no destination. */
  bind(session: Session): LoggedEvent {
    return this.security(session.start - 2, session.person, 5158, 12_810, 0, [
      ['ProcessId', this.draw.int(2_000, 20_000)],
      ['Application', `\\device\\harddiskvolume2\\${edge}`],
      ['SourceAddress', '0.0.0.0'],
      ['SourcePort', session.sourcePort],
      ['Protocol', 6],
      ['FilterRTID', 0],
      ['LayerName', '%%14608'],
      ['LayerRTID', 36],
    ]);
  }

  /** 4688: a process was created. */
  process(time: number, person: Person): LoggedEvent {
    return this.security(time, person, 4688, 13_312, 2, [
      ['SubjectUserSid', person.sid],
      ['SubjectUserName', person.account],
      ['SubjectDomainName', 'CORP'],
      ['SubjectLogonId', `0x${this.draw.hex(6)}`],
      ['NewProcessId', `0x${this.draw.hex(4)}`],
      ['NewProcessName', `C:\\${edge}`],
      ['TokenElevationType', '%%1938'],
      ['ProcessId', `0x${this.draw.hex(4)}`],
      ['CommandLine', ''],
      ['TargetUserSid', 'S-1-0-0'],
      ['TargetUserName', '-'],
      ['TargetDomainName', '-'],
      ['TargetLogonId', '0x0'],
      ['ParentProcessName', 'C:\\Windows\\explorer.exe'],
      ['MandatoryLabel', 'S-1-16-8192'],
    ]);
  }

  /** 7036 of the System channel: a service changed its state. */
  service(time: number, person: Person): LoggedEvent {
    return this.event(time, person, {
      provider: 'Service Control Manager',
      guid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
      channel: 'System',
      id: 7036,
      version: 0,
      level: 4,
      task: 0,
      keywords: '0x8080000000000000',
      data: [
        ['param1', 'Windows Update'],
        ['param2', 'running'],
      ],
    });
  }

  /** Sysmon 3: a network connection. */
  sysmonConnection(session: Session): LoggedEvent {
    const data: LoggedEvent['data'] = [
      ['RuleName', '-'],
      ['UtcTime', sysmonTime(session.start)],
      ['ProcessGuid', `{${this.draw.guid()}}`],
      ['ProcessId', this.draw.int(2_000, 20_000)],
      ['Image', `C:\\${edge}`],
      ['User', `CORP\\${session.person.account}`],
      ['Protocol', 'tcp'],
      ['Initiated', session.direction === 'inbound' ? 'false' : 'true'],
      ['SourceIsIpv6', 'false'],
      ['SourceIp', session.source],
      ['SourceHostname', session.person.device],
      ['SourcePort', session.sourcePort],
      ['SourcePortName', '-'],
      ['DestinationIsIpv6', 'false'],
      ['DestinationIp', session.destination],
      ['DestinationHostname', session.name || '-'],
      ['DestinationPort', session.destinationPort],
      ['DestinationPortName', '-'],
    ];
    return {
      ...this.event(session.start, session.person, {
        provider: 'Microsoft-Windows-Sysmon',
        guid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}',
        channel: 'Microsoft-Windows-Sysmon/Operational',
        id: 3,
        version: 5,
        level: 4,
        task: 3,
        keywords: '0x8000000000000000',
        data,
      }),
      security: { UserID: 'S-1-5-18' },
    };
  }

  noise(plot: Plot): LoggedEvent[] {
    const sometime = () => plot.requested + this.draw.int(-50 * minute, 50 * minute);
    return [
      this.process(sometime(), this.draw.pick(plot.people)),
      this.process(sometime(), this.draw.pick(plot.people)),
      this.service(sometime(), this.draw.pick(plot.people)),
    ];
  }
}

const byTime = (events: readonly LoggedEvent[]) =>
  [...events].sort((a, b) => (a.systemTime < b.systemTime ? -1 : a.systemTime > b.systemTime ? 1 : 0));

/** The filtering platform's events of the Security channel, among process and service events. */
export function securityEvents(plot: Plot, sessions: readonly Session[], draw: Random, quote: "'" | '"'): Told[] {
  const log = new Log(draw);
  const events = sessions.flatMap((session) =>
    session.direction === 'outbound' ? [log.bind(session), log.connection(session)] : [log.connection(session)],
  );
  return [
    lines(
      'session.xml',
      byTime([...events, ...log.noise(plot)]).map((event) => eventXml(event, { quote, namespace })),
    ),
  ];
}

/**
 * The same events as a collector forwards them, with the rendered names. Sysmon also saw what does not concern the story:
 * its copy of a matching connection would be a second row of the session view.
 */
export function forwardedEvents(plot: Plot, sessions: readonly Session[], draw: Random): Told[] {
  const log = new Log(draw);
  const events = sessions.flatMap((session) =>
    session.direction === 'outbound' && !session.matches
      ? [log.connection(session), log.sysmonConnection(session)]
      : [log.connection(session)],
  );
  const rendering = (event: LoggedEvent) =>
    element('RenderingInfo', { Culture: 'en-US' }, [
      element('Level', {}, 'Information'),
      element('Channel', {}, event.channel),
      element('Provider', {}, event.provider),
    ]);
  return [
    lines(
      'session.xml',
      byTime([...events, ...log.noise(plot)]).map((event) =>
        eventXml(event, { quote: "'", namespace, tail: [rendering(event)] }),
      ),
    ),
  ];
}
