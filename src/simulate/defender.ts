import type { Person } from './cast.js';
import type { Plot, Session } from './plot.js';
import type { Random } from './random.js';
import { iso, minute, second } from './time.js';

/** A record of the Defender XDR streaming API: the hunting row inside its envelope. */
export interface Envelope {
  readonly time: string;
  readonly tenantId: string;
  readonly operationName: 'Publish';
  readonly category: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly Tenant: 'DefaultTenant';
}

/** Wraps a hunting row; the service receives it `delay` milliseconds after the event. */
export function envelope(plot: Plot, table: string, time: number, delay: number, row: object): Envelope {
  return {
    time: iso(time + delay),
    tenantId: plot.tenantId,
    operationName: 'Publish',
    category: `AdvancedHunting-${table}`,
    properties: { Timestamp: iso(time), ...row },
    Tenant: 'DefaultTenant',
  };
}

const programs = {
  'outlook.exe': ['c:\\program files\\microsoft office\\root\\office16\\outlook.exe', 'Microsoft Outlook'],
  'teams.exe': ['c:\\program files\\windowsapps\\msteams\\teams.exe', 'Microsoft Teams'],
  'msedge.exe': ['c:\\program files (x86)\\microsoft\\edge\\application\\msedge.exe', 'Microsoft Edge'],
  'svchost.exe': ['c:\\windows\\system32\\svchost.exe', 'Host Process for Windows Services'],
} as const;
export type Program = keyof typeof programs;

/** Columns that every device event has: the device, and the process that caused the event. */
export function deviceColumns(draw: Random, person: Person, program: Program, time: number) {
  const [path, description] = programs[program];
  return {
    DeviceId: person.deviceId,
    DeviceName: person.device,
    InitiatingProcessSHA1: draw.hex(40),
    InitiatingProcessSHA256: draw.hex(64),
    InitiatingProcessMD5: draw.hex(32),
    InitiatingProcessFileName: program,
    InitiatingProcessFileSize: draw.int(200_000, 48_000_000),
    InitiatingProcessFolderPath: path,
    InitiatingProcessId: draw.int(1_000, 30_000),
    InitiatingProcessCommandLine: `"${path}"`,
    InitiatingProcessCreationTime: iso(time - draw.int(5, 90) * minute),
    InitiatingProcessAccountDomain: person.domain,
    InitiatingProcessAccountName: person.account,
    InitiatingProcessAccountSid: person.sid,
    InitiatingProcessAccountUpn: person.upn,
    InitiatingProcessAccountObjectId: person.objectId,
    InitiatingProcessVersionInfoCompanyName: 'Microsoft Corporation',
    InitiatingProcessVersionInfoFileDescription: description,
    InitiatingProcessParentId: draw.int(500, 9_000),
    InitiatingProcessParentFileName: 'explorer.exe',
    ReportId: draw.int(1_000, 900_000),
    AppGuardContainerId: '',
    MachineGroup: null,
  };
}

const kinds = { outbound: 'ConnectionSuccess', internal: 'ConnectionSuccess', inbound: 'InboundConnectionAccepted' };
const addressType = (address: string) => (address.startsWith('10.') ? 'Private' : 'Public');

function networkEvent(plot: Plot, draw: Random, session: Session, actionType: string): Envelope {
  const time = session.start;
  const local = session.direction === 'inbound';
  const [near, far] = local ? (['destination', 'source'] as const) : (['source', 'destination'] as const);
  return envelope(plot, 'DeviceNetworkEvents', time, draw.int(20, 240) * second, {
    ...deviceColumns(draw, session.person, local ? 'svchost.exe' : 'msedge.exe', time),
    ActionType: actionType,
    Protocol: 'Tcp',
    LocalIP: session[near],
    LocalIPType: addressType(session[near]),
    LocalPort: session[`${near}Port`],
    RemoteIP: session[far],
    RemoteIPType: addressType(session[far]),
    RemotePort: session[`${far}Port`],
    RemoteUrl: local ? '' : session.name,
    AdditionalFields: null,
  });
}

/**
 * The sessions as DeviceNetworkEvents, beside events that the session view drops: an inspection of each matching
 * connection, and ports that began to listen.
 */
export function networkEvents(plot: Plot, sessions: readonly Session[], draw: Random): Envelope[] {
  return sessions.flatMap((session) => {
    const event = networkEvent(plot, draw, session, kinds[session.direction]);
    return session.matches ? [networkEvent(plot, draw, session, 'HttpConnectionInspected'), event] : [event];
  });
}
