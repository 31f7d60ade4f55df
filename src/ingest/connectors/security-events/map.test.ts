import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../windows/event.js';
import { eventOfElement } from '../windows/event.js';
import { EvtxReader } from '../windows/evtx/reader.js';
import { accountsOf } from './accounts.js';
import { toEvent, toSecurityEvent, toSecurityTables } from './map.js';

const audit = (eventId: number, data: Record<string, string>, more: Partial<LogEvent> = {}): LogEvent => ({
  eventId,
  provider: 'Microsoft-Windows-Security-Auditing',
  channel: 'Security',
  data: Object.entries(data).map(([name, value]) => ({ name, value })),
  ...more,
});

describe('SecurityEvent', () => {
  it('Data fills the columns of its name; numbers where the column is one', () => {
    const { row } = toSecurityEvent(
      audit(4697, { ServiceName: 'svc', ServiceStartType: '2', ServiceFileName: 'a.exe' }),
    );
    expect(row).toMatchObject({ ServiceName: 'svc', ServiceStartType: 2, ServiceFileName: 'a.exe' });
  });

  it('hexadecimal numbers of an int column are read; what does not fit stays in EventData alone', () => {
    expect(toSecurityEvent(audit(4769, { KeyLength: '0x10' })).row.KeyLength).toBe(16);
    const { row } = toSecurityEvent(audit(4769, { KeyLength: 'many' }));
    expect(row.KeyLength).toBeUndefined();
    expect(row.EventData).toContain('<Data Name="KeyLength">many</Data>');
  });

  it('Data named like a column of the record does not overwrite it', () => {
    const { row } = toSecurityEvent(
      audit(4663, { Level: '9', Channel: 'x', EventData: 'x', Type: 'x', Account: 'x' }, { level: 0 }),
    );
    expect(row).toMatchObject({ Level: '0', Channel: 'Security' });
    expect(row.Type).toBeUndefined();
    expect(row.Account).toBeUndefined();
  });

  it('values of EventData are escaped, so that a value cannot pose as another element', () => {
    const { row } = toSecurityEvent(audit(4688, { CommandLine: 'a</Data>\r\n  <Data Name="ProcessId">9' }));
    expect(String(row.EventData).match(/<Data /g)).toHaveLength(1);
  });

  it('a logon type that is not listed has no name', () => {
    expect(toSecurityEvent(audit(4624, { LogonType: '99' })).row.LogonTypeName).toBeUndefined();
    expect(toSecurityEvent(audit(4624, { LogonType: '10' })).row.LogonTypeName).toBe('10 - RemoteInteractive');
  });

  it('Process is the file name of the new process, else of the acting one', () => {
    const names = { ProcessName: 'C:\\a\\parent.exe', NewProcessName: 'C:\\b\\child.exe' };
    expect(toSecurityEvent(audit(4688, names)).row.Process).toBe('child.exe');
    expect(toSecurityEvent(audit(4689, { ProcessName: 'C:\\a\\parent.exe' })).row.Process).toBe('parent.exe');
  });
});

describe('accounts', () => {
  const of = (eventId: number, data: Record<string, string>) => accountsOf(eventId, new Map(Object.entries(data)));
  const both = {
    SubjectUserName: 'PC7$', SubjectDomainName: 'EXAMPLE', SubjectUserSid: 'S-1-5-18',
    TargetUserName: 'ana', TargetDomainName: 'EXAMPLE', TargetUserSid: 'S-1-5-21-1-2-3-1104',
  }; // biome-ignore format: two accounts

  it('a logon is about the target, a change about the one who made it', () => {
    expect(of(4624, both)).toMatchObject({ Account: 'EXAMPLE\\ana', AccountType: 'User' });
    expect(of(4720, both)).toMatchObject({
      Account: 'EXAMPLE\\PC7$',
      AccountType: 'Machine',
      TargetAccount: 'EXAMPLE\\ana',
    });
  });

  it('Windows itself and names with a dollar are machines', () => {
    expect(of(4624, { TargetUserName: 'SYSTEM', TargetDomainName: 'NT AUTHORITY', TargetUserSid: 'S-1-5-18' })).toEqual({
      Account: 'NT AUTHORITY\\SYSTEM', AccountType: 'Machine', TargetAccount: 'NT AUTHORITY\\SYSTEM',
    }); // biome-ignore format: short
  });

  it('an empty domain keeps its backslash, an absent one does not make one', () => {
    expect(of(4625, { TargetUserName: 'A', TargetDomainName: '' }).Account).toBe('\\A');
    expect(of(4776, { TargetUserName: 'A' }).Account).toBe('A');
    expect(of(5156, {})).toEqual({});
  });
});

describe('which table', () => {
  it('the Security channel in any case goes to SecurityEvent, all others to Event', () => {
    expect(toSecurityTables(audit(5156, {}, { channel: 'security' })).table).toBe('SecurityEvent');
    expect(toSecurityTables(audit(1, {}, { channel: 'System' })).table).toBe('Event');
    expect(toSecurityTables({ eventId: 7036, data: [] }).table).toBe('Event');
  });

  it('Event shows the account of the record by name where Windows fixes it', () => {
    expect(toEvent({ eventId: 1, data: [], userId: 'S-1-5-20' }).row.UserName).toBe('NT AUTHORITY\\NETWORK SERVICE');
    expect(toEvent({ eventId: 1, data: [], userId: 'S-1-5-21-1' }).row.UserName).toBe('S-1-5-21-1');
    expect(toEvent({ eventId: 1, data: [] }).row.UserName).toBe('N/A');
  });
});

/**
 * How the public firewall parser cuts a connection out of EventData: fixed order, CRLF and two blanks between elements.
 * https://github.com/Azure/Azure-Sentinel, ASimNetworkSessionMicrosoftSecurityEventFirewall
 */
const layouts: Readonly<Record<number, string>> = {
  5152: 'ProcessId Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID',
  5156: 'ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID RemoteUserID RemoteMachineID',
  5158: 'ProcessId Application SourceAddress SourcePort Protocol FilterRTID LayerName LayerRTID',
};
const shared = join(fileURLToPath(new URL('.', import.meta.url)), '../../../../../shared/samples/windows');

describe.skipIf(!existsSync(shared))('public firewall events (skipped when the sample folder is absent)', () => {
  it('every packet drop, connection and bind of the file has the layout', () => {
    let checked = 0;
    for (const item of new EvtxReader().push(readFileSync(join(shared, 'evtx-crate-Security_short_selected.evtx')))) {
      const event = 'event' in item ? eventOfElement(item.event) : undefined;
      if (!event || 'reason' in event || layouts[event.eventId] === undefined) continue;
      const elements = layouts[event.eventId]!.split(' ').map((name) => `<Data Name="${name}">[^<]*</Data>`);
      expect(toSecurityEvent(event).row.EventData).toMatch(new RegExp(elements.join('\\r\\n {2}')));
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });
});
