import { describe, expect, it } from 'vitest';
import type { DecodeContext, RawRecord } from '../../connector.js';
import { microsoftSysmonForLinux } from './connector.js';

const event = (data: string) =>
  `<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/><EventID>3</EventID><TimeCreated SystemTime="2026-03-04T09:12:31.123456000Z"/><Computer>web01</Computer></System><EventData>${data}</EventData></Event>`;
const data = (initiated: boolean, source: string, destination: string) =>
  `<Data Name="Initiated">${initiated}</Data><Data Name="SourceIp">${source}</Data><Data Name="DestinationIp">${destination}</Data>`;

function rowOf(record: RawRecord | string, context: Partial<DecodeContext> = {}) {
  const given = { receivedAt: Date.parse('2026-03-04T10:00:00Z'), zoneOffsetMinutes: 0, file: new Map(), ...context };
  const [outcome] = microsoftSysmonForLinux.decode(
    typeof record === 'string' ? { kind: 'text', text: record } : record,
    given,
  );
  return outcome && 'row' in outcome ? outcome.row : undefined;
}

const head = '<14>Mar  4 09:12:31 web01 sysmon: ';

describe('HostIP decides the direction of a connection', () => {
  it('is the sender where the transport knows its address, but not its name', () => {
    const line = head + event(data(true, '192.0.2.9', '203.0.113.9'));
    expect(rowOf(line, { sender: '198.51.100.7' })?.HostIP).toBe('198.51.100.7');
    expect(rowOf(line, { sender: 'relay' })?.HostIP).toBe('192.0.2.9');
  });

  it('is never a loopback address', () => {
    expect(rowOf(head + event(data(true, '127.0.0.1', '127.0.0.1')))?.HostIP).toBeUndefined();
  });

  it('is remembered by host, not across hosts', () => {
    const file = new Map();
    rowOf(head + event(data(true, '192.0.2.9', '203.0.113.9')), { file });
    expect(rowOf(`${head}started`, { file })?.HostIP).toBe('192.0.2.9');
    expect(rowOf(`${head.replace('web01', 'web02')}started`, { file })?.HostIP).toBeUndefined();
  });
});

describe('SyslogMessage', () => {
  it('is the event byte for byte when it has the form that Sysmon writes', () => {
    const xml = event('<Data Name="Image">&lt;unknown process&gt;</Data>');
    expect(rowOf(head + xml)?.SyslogMessage).toBe(xml);
  });

  it("loses a relay's layout and single quotes, which parsers would not read", () => {
    const xml = event(data(true, '192.0.2.9', '203.0.113.9'));
    expect(rowOf(head + xml.replaceAll('><', '> <').replaceAll('"', "'"))?.SyslogMessage).toBe(xml);
  });

  it('that was cut off stays as it came', () => {
    const cut = event('<Data Name="Image">x</Data>').slice(0, 150);
    expect(rowOf(head + cut)).toMatchObject({ SyslogMessage: cut, Computer: 'web01' });
  });
});

it('PRI gives facility and severity', () => {
  expect(rowOf('<165>Mar  4 09:12:31 web01 sysmon: started')).toMatchObject({
    Facility: 'local4',
    SeverityLevel: 'notice',
  });
});

it('journald JSON brings host, process id and microseconds', () => {
  const value = { MESSAGE: event(''), _HOSTNAME: 'web01', _PID: '812', __REALTIME_TIMESTAMP: '1772615551123456' };
  expect(rowOf({ kind: 'json', value, raw: JSON.stringify(value) })).toMatchObject({
    Computer: 'web01',
    ProcessID: 812,
    TimeGenerated: '2026-03-04T09:12:31.123456Z',
  });
});
