import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../tables/index.js';
import type { Connector, DecodeContext, Outcome, RawRecord } from '../../connector.js';
import { ingest } from '../../ingest.js';
import { Recorder } from '../../testing/index.js';
import { securityEvents } from '../security-events/connector.js';
import { windowsForwardedEvents } from '../windows-forwarded-events/connector.js';

const context = (): DecodeContext => ({
  receivedAt: Date.parse('2026-03-04T10:00:00Z'),
  zoneOffsetMinutes: 0,
  file: new Map(),
});

const decode = (record: RawRecord, connector: Connector = windowsForwardedEvents): readonly Outcome[] =>
  connector.decode(record, context());
const text = (value: string, connector?: Connector) => decode({ kind: 'text', text: value }, connector);
const json = (value: unknown, connector?: Connector) =>
  decode({ kind: 'json', value, raw: JSON.stringify(value) }, connector);
const rows = (outcomes: readonly Outcome[]): Row[] => outcomes.flatMap((item) => ('row' in item ? [item.row] : []));
const rejects = (outcomes: readonly Outcome[]) => outcomes.flatMap((item) => ('reject' in item ? [item.reject] : []));

async function file(content: string, connector: Connector = windowsForwardedEvents) {
  const store = new Recorder();
  const stream = (async function* () {
    yield Buffer.from(content);
  })();
  const result = await ingest(store, connector, [{ name: 'events', stream }], { receivedAt: context().receivedAt });
  return { result, tables: Object.fromEntries(store.rows) };
}

const xml = (data: string, id = 4104) =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="P"/><EventID>${id}</EventID><TimeCreated SystemTime="2026-03-04T09:12:31.1234567Z"/><Channel>C</Channel><Computer>pc7.example.com</Computer></System><EventData>${data}</EventData></Event>`;

describe('event XML', () => {
  it('several events in one line, with a wrapper and a syslog header in front', () => {
    const line = `<14>Mar  4 09:12:31 wec Events: <Events>${xml('', 1)}${xml('', 2)} ${xml('', 3)}</Events>`;
    expect(rows(text(line)).map((row) => row.EventID)).toEqual([1, 2, 3]);
    expect(rejects(text(line))).toEqual([]);
  });

  it('entities, CDATA and white space inside a value stay the value', () => {
    const [row] = rows(
      text(xml('<Data Name="A"> &lt;b&gt; &#233;\n\n<![CDATA[<Event><System>]]></Data><Data Name="B"/>')),
    );
    expect(row?.EventData).toEqual({ A: ' <b> é\n\n<Event><System>', B: '' });
  });

  it('values without a name become an array, one value a text, repeated names an array', () => {
    expect(rows(text(xml('<Data>a</Data><Data>b</Data>')))[0]?.EventData).toEqual({ Data: ['a', 'b'] });
    expect(rows(text(xml('<Data>a</Data>')))[0]?.EventData).toEqual({ Data: 'a' });
    expect(rows(text(xml('<Data Name="X">1</Data><Data Name="X">2</Data>')))[0]?.EventData).toEqual({ X: ['1', '2'] });
  });

  it('the name __proto__ is a plain key', () => {
    const [row] = rows(text(xml('<Data Name="__proto__">x</Data>')));
    expect(Object.keys(row?.EventData as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('an event that was cut off is a reject and does not swallow the next one', () => {
    const outcomes = text(`${xml('<Data Name="A">1</Data>').slice(0, 250)}${xml('', 7)}`);
    expect(rows(outcomes).map((row) => row.EventID)).toEqual([7]);
    expect(rejects(outcomes)).toMatchObject([{ code: 'ING2001', reason: expect.stringContaining('not well-formed') }]);
  });

  it('XML cut at 8 KB is one reject with its whole text', () => {
    const cut = xml(`<Data Name="A">${'x'.repeat(9000)}</Data>`).slice(0, 8192);
    expect(rejects(text(cut))).toMatchObject([{ code: 'ING2001', raw: cut }]);
  });

  it('a DTD is refused whole: no entity is ever expanded', () => {
    const bomb = `<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>${xml('<Data Name="A">&b;</Data>')}`;
    const outcomes = text(bomb);
    expect(rows(outcomes)).toEqual([]);
    expect(rejects(outcomes)).toMatchObject([{ code: 'ING2001', reason: expect.stringContaining('DTD') }]);
  });

  it('an entity that XML does not define makes the event a reject', () => {
    expect(rejects(text(xml('<Data Name="A">&xxe;</Data>')))).toMatchObject([{ code: 'ING2001' }]);
  });

  it('size and depth are capped', () => {
    expect(rejects(text(xml(`<Data Name="A">${'x'.repeat(10_000_000)}</Data>`)))).toMatchObject([{ code: 'ING2005' }]);
    const deep = xml(`<Data Name="A">${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</Data>`);
    expect(rejects(text(deep))).toMatchObject([{ code: 'ING2005' }]);
  });

  it('an event without EventID is a reject that says so', () => {
    expect(rejects(text('<Event><System><Computer>a</Computer></System></Event>'))).toMatchObject([
      { code: 'ING2004', reason: 'System has no numeric EventID' },
    ]);
  });

  it('text between events is a reject of its own', () => {
    const outcomes = text(`${xml('')}garbage${xml('')}`);
    expect(rows(outcomes)).toHaveLength(2);
    expect(rejects(outcomes)).toMatchObject([{ reason: 'text between events', raw: 'garbage' }]);
  });
});

describe('files whose records span lines', () => {
  it('script text with blank lines stays in its event', async () => {
    const script = 'function a {\n\n  <# no tag #>\n}';
    const event = xml(`<Data Name="ScriptBlockText">${script.replaceAll('<', '&lt;')}</Data>`);
    const { result, tables } = await file(`${event}\n${event}\n`);
    expect(result).toMatchObject({ read: 2, rejected: 0 });
    expect(tables.WindowsEvent?.[1]?.EventData).toEqual({ ScriptBlockText: script });
  });

  it('output of evtx_dump as XML and as JSON, each record under its own line', async () => {
    const declared = (id: number) =>
      `Record ${id}\n<?xml version="1.0" encoding="utf-8"?>\n${xml('', id).replaceAll('><', '>\n  <')}`;
    expect((await file(`${declared(1)}\n${declared(2)}\n`)).result).toMatchObject({ read: 2, rejected: 0 });
    const dumped = (id: number) => `Record ${id}\n${JSON.stringify({ Event: { System: { EventID: id } } }, null, 2)}`;
    const { result, tables } = await file(`${dumped(1)}\n${dumped(2)}\n`);
    expect(result).toMatchObject({ read: 2, rejected: 0 });
    expect(tables.WindowsEvent?.map((row) => row.EventID)).toEqual([1, 2]);
  });

  it('a cut event in a file of lines costs one reject', async () => {
    const { result } = await file(`${xml('', 1)}\n${xml('', 2).slice(0, 200)}\n${xml('', 3)}\n`);
    expect(result).toMatchObject({ read: 3, rejected: 1, tables: { WindowsEvent: 2 } });
  });

  it('key=value text of Splunk: the message runs over blank lines to the next time', async () => {
    const one = (id: number) =>
      `03/04/2026 09:12:31 AM\nLogName=Security\nEventCode=${id}\nEventType=0\nComputerName=pc7.example.com\nSourceName=Microsoft Windows security auditing.\nType=Information\nRecordNumber=5\nKeywords=Audit Success\nTaskCategory=Logoff\nOpCode=Info\nMessage=An account was logged off.\n\nSubject:\n\tAccount Name:\tana\n`;
    const { result, tables } = await file(one(4634) + one(4647), securityEvents);
    expect(result).toMatchObject({ read: 2, rejected: 0 });
    expect(tables.SecurityEvent?.[0]).toMatchObject({
      TimeGenerated: '2026-03-04T09:12:31Z',
      EventID: 4634,
      Task: 12545,
      Computer: 'pc7.example.com',
      EventRecordId: '5',
      Keywords: '0x8020000000000000',
      TargetUserName: 'ana',
    });
  });
});

describe('JSON of forwarders', () => {
  const wanted = {
    EventID: 4624,
    Provider: 'Microsoft-Windows-Security-Auditing',
    Channel: 'Security',
    Computer: 'pc7.example.com',
    TimeGenerated: '2026-03-04T09:12:31.123Z',
    EventRecordId: '77',
    EventData: { SubjectUserSid: 'S-1-5-18', TargetUserName: 'ana', LogonType: '3' },
  };
  const data = { TargetUserName: 'ana', LogonType: '3', SubjectUserSid: 'S-1-5-18' };
  const provider = wanted.Provider;
  const time = wanted.TimeGenerated;
  const system = {
    Provider: { '#attributes': { Name: provider, Guid: '54849625-5478-4994-A5BA-3E3B0328C30D' } },
    EventID: 4624,
    TimeCreated: { '#attributes': { SystemTime: time } },
    EventRecordID: 77,
    Channel: 'Security',
    Computer: wanted.Computer,
    Security: null,
  };
  const attributes = { Name: provider };
  const shapes: Record<string, unknown> = {
    evtx_dump: { Event: { '#attributes': { xmlns: 'x' }, System: system, EventData: data } },
    'evtx_dump with separate attributes': {
      Event: {
        System: {
          ...system,
          Provider: null,
          Provider_attributes: attributes,
          TimeCreated: null,
          TimeCreated_attributes: { SystemTime: time },
        },
        EventData: data,
      },
    },
    'XML converter with @ and #text': {
      Event: {
        System: {
          Provider: { '@Name': provider },
          EventID: { '@Qualifiers': '', '#text': '4624' },
          TimeCreated: { '@SystemTime': time },
          EventRecordID: '77',
          Channel: 'Security',
          Computer: wanted.Computer,
        },
        EventData: { Data: Object.entries(data).map(([name, value]) => ({ '@Name': name, '#text': value })) },
      },
    },
    'Winlogbeat 7 and later': {
      '@timestamp': time,
      winlog: {
        event_id: 4624,
        provider_name: provider,
        channel: 'Security',
        computer_name: wanted.Computer,
        record_id: 77,
        event_data: data,
      },
    },
    'Winlogbeat 6': {
      '@timestamp': time,
      event_id: 4624,
      source_name: provider,
      log_name: 'Security',
      computer_name: wanted.Computer,
      record_number: '77',
      event_data: data,
    },
    'Elastic export with dotted names inside _source': {
      _index: 'a',
      _source: {
        '@timestamp': time,
        'winlog.event_id': '4624',
        'winlog.provider_name': provider,
        'winlog.channel': 'Security',
        'winlog.computer_name': wanted.Computer,
        'winlog.record_id': '77',
        ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`winlog.event_data.${name}`, value])),
      },
    },
    Wazuh: {
      timestamp: '2026-03-04T09:12:40Z',
      data: {
        win: {
          system: {
            providerName: provider,
            eventID: '4624',
            systemTime: time,
            eventRecordID: '77',
            channel: 'Security',
            computer: wanted.Computer,
          },
          eventdata: { targetUserName: 'ana', logonType: '3', subjectUserSid: 'S-1-5-18' },
        },
      },
    },
    'flattened by a pipeline': {
      '@timestamp': '2026-03-04T09:12:40Z',
      TimeCreated: time,
      EventID: 4624,
      SourceName: provider,
      Channel: 'Security',
      Hostname: wanted.Computer,
      RecordNumber: 77,
      ProviderGuid: '{x}',
      ...data,
    },
    'Splunk HEC around a flat event': {
      time: 1_772_615_551.123,
      host: wanted.Computer,
      sourcetype: 'WinEventLog',
      event: {
        EventCode: 4624,
        LogName: 'Security',
        SourceName: provider,
        RecordNumber: 77,
        TimeCreated: time,
        ...data,
      },
    },
    'Vector with nested event_data': {
      timestamp: time,
      event_id: 4624,
      provider_name: provider,
      channel: 'Security',
      computer: wanted.Computer,
      record_id: 77,
      event_data: data,
    },
    'diagnostics of Azure with the XML beside it': {
      time,
      category: 'WindowsEventLogsTable',
      properties: {
        EventId: 4624,
        RawXml: `<Event><System><Provider Name="${provider}"/><EventID>4624</EventID><TimeCreated SystemTime="${time}"/><EventRecordID>77</EventRecordID><Channel>Security</Channel><Computer>${wanted.Computer}</Computer></System><EventData>${Object.entries(
          data,
        )
          .map(([name, value]) => `<Data Name="${name}">${value}</Data>`)
          .join('')}</EventData></Event>`,
      },
    },
    EvtxECmd: {
      ChunkNumber: 0,
      EventId: 4624,
      Provider: provider,
      Channel: 'Security',
      Computer: wanted.Computer,
      EventRecordId: '77',
      TimeCreated: '2026-03-04 09:12:31.123',
      MapDescription: 'Successful logon',
      PayloadData1: 'Target: ana',
      Payload: JSON.stringify({
        EventData: { Data: Object.entries(data).map(([name, value]) => ({ '@Name': name, '#text': value })) },
      }),
    },
    'NXLog as GELF': {
      version: '1.1',
      host: wanted.Computer,
      short_message: 'An account was',
      timestamp: 1_772_615_551.123,
      _EventID: 4624,
      _SourceName: provider,
      _Channel: 'Security',
      _RecordNumber: 77,
      ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`_${name}`, value])),
    },
    'row of WindowsEvent': {
      TimeGenerated: time,
      Provider: provider,
      Channel: 'Security',
      Computer: wanted.Computer,
      EventID: 4624,
      EventLevelName: 'LogAlways',
      EventRecordId: '77',
      EventData: data,
    },
  };
  it.each(Object.entries(shapes))('%s', (_name, value) => {
    const outcomes = json(value);
    expect(rejects(outcomes)).toEqual([]);
    expect(rows(outcomes)).toMatchObject([wanted]);
  });

  it('Fluent Bit: strings without names get those of the manifest, ProcessID is the writer', () => {
    const [row] = rows(
      json({
        ProviderName: provider,
        EventID: 4634,
        TimeCreated: '2026-03-04 10:12:31 +0100',
        Channel: 'Security',
        Computer: wanted.Computer,
        ProcessID: 740,
        ThreadID: 9,
        StringInserts: ['S-1-5-18', 'ana', 'EXAMPLE', '0x3e7', '3'],
      }),
    );
    expect(row).toMatchObject({
      TimeGenerated: '2026-03-04T09:12:31Z',
      SystemProcessId: 740,
      SystemThreadId: 9,
      EventData: {
        TargetUserSid: 'S-1-5-18',
        TargetUserName: 'ana',
        TargetDomainName: 'EXAMPLE',
        TargetLogonId: '0x3e7',
        LogonType: '3',
      },
    });
  });

  it('Get-WinEvent: Properties and a /Date()/ time', () => {
    const [row] = rows(
      json({
        Id: 4634,
        ProviderName: provider,
        LogName: 'Security',
        MachineName: wanted.Computer,
        RecordId: 77,
        ProcessId: 740,
        ThreadId: 9,
        Level: 0,
        LevelDisplayName: 'Information',
        TimeCreated: `/Date(${Date.parse(time)})/`,
        Properties: [{ Value: 'S-1-5-18' }, { Value: 'ana' }, { Value: 'EXAMPLE' }, { Value: 999 }, { Value: 3 }],
      }),
    );
    expect(row).toMatchObject({
      ...wanted,
      EventID: 4634,
      SystemProcessId: 740,
      EventData: { TargetUserName: 'ana', LogonType: '3' },
    });
  });

  it('a flattened 5156 gets its manifest order and spelling in SecurityEvent.EventData', () => {
    const flat = {
      EventID: 5156, SourceName: provider, Channel: 'security', Hostname: 'pc7', TimeCreated: time, DestPort: '443',
      RemoteMachineID: 'S-1-0-0', RemoteUserID: 'S-1-0-0', LayerRTID: '48', LayerName: '%%14611', FilterRTID: '1', Protocol: '6',
      SourcePort: '5', SourceAddress: '192.0.2.3', DestAddress: '203.0.113.9', Direction: '%%14593', Application: 'System', ProcessId: '4',
    }; // biome-ignore format: as a shipper orders them
    const [row] = rows(json(flat, securityEvents));
    const names = [...String(row?.EventData).matchAll(/\r\n {2}<Data Name="(\w+)">/g)].map((match) => match[1]);
    expect(names.join(' ')).toBe(
      'ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID RemoteUserID RemoteMachineID',
    );
  });

  it('CSV of Get-WinEvent', async () => {
    const exported =
      '"Message","Id","Version","Level","Task","RecordId","ProviderName","LogName","ProcessId","ThreadId","MachineName","UserId","TimeCreated","Properties"\n"Text","7036","0","4","0","77","Service Control Manager","System","700","9","pc7.example.com","","3/4/2026 9:12:31 AM","System.Collections.Generic.List`1[System.Diagnostics.Eventing.Reader.EventProperty]"\n';
    const { result, tables } = await file(exported, securityEvents);
    expect(result).toMatchObject({ read: 1, rejected: 0 });
    expect(tables.Event?.[0]).toMatchObject({
      TimeGenerated: '2026-03-04T09:12:31Z',
      EventID: 7036,
      Source: 'Service Control Manager',
      EventLog: 'System',
      Computer: 'pc7.example.com',
      EventLevelName: 'Information',
      RenderedDescription: 'Text',
    });
  });

  it('what is no event is a reject with its raw text', () => {
    expect(rejects(json({ a: 1 }))).toEqual([
      { code: 'ING2004', reason: 'no event id in any form that is known', raw: '{"a":1}' },
    ]);
    expect(rejects(json(7))).toMatchObject([{ code: 'ING2001' }]);
    expect(rejects(text('just words'))).toMatchObject([{ code: 'ING2001', raw: 'just words' }]);
  });

  it('wrappers inside wrappers end', () => {
    let nested: unknown = { EventID: 1 };
    for (let depth = 0; depth < 50; depth++) nested = { event: nested };
    expect(rejects(json(nested))).toMatchObject([{ code: 'ING2004' }]);
  });
});

describe('damaged input', () => {
  const samples = ['windows-forwarded-events', 'security-events', 'windows-security-events', 'sysmon-linux'].flatMap(
    (folder) => {
      const path = join(fileURLToPath(new URL('.', import.meta.url)), '..', folder, 'samples');
      return readdirSync(path)
        .filter((name) => !name.endsWith('.expected.json'))
        .map((name) => readFileSync(join(path, name), 'utf8'));
    },
  );

  it('600 texts with random changes: every one ends as rows or rejects, none throws', () => {
    let seed = 4711;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 600; round++) {
      const original = samples[round % samples.length]!;
      const characters = [...original];
      for (let changes = 1 + random(6); changes > 0; changes--)
        characters.splice(random(characters.length), random(30), ['<', '>', '"', '{', '\0', '&', '\n', ''][random(8)]!);
      const changed = characters.join('');
      for (const connector of [windowsForwardedEvents, securityEvents]) {
        expect(text(changed, connector).length).toBeGreaterThan(0);
        expect(text(changed.slice(0, random(changed.length) + 1), connector)).toBeInstanceOf(Array);
      }
    }
  });

  it('text made to slow down patterns is done in time', () => {
    const long = (piece: string) => piece.repeat(Math.ceil(400_000 / piece.length));
    const event = xml('', 1);
    const hostile = [
      long('<Event> <!--'),
      event + long('<!--'),
      event + long('<![CDATA['),
      event + long('<?'),
      long('<Event><System>'),
      `<?xml ${long(' ')}`,
      `<14>x${long(' ')}{`,
      `MSWinEventLog\t1\tSecurity\t1\tWed Mar 04 09:12:31 2026\t4624\tSecurity\tN/A\tN/A\tSuccess Audit\tpc7\tLogon\t\tA:${long(' ')}B${long('A ')}`,
    ];
    for (const one of hostile) expect(text(one).length).toBeGreaterThan(0);
    expect(json({ EventID: 1, [long('a.')]: 1 })).toHaveLength(1);
    expect(text(`<14>x {"EventID":1,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)).toMatchObject([
      { reject: {} },
    ]);
  }, 30_000);

  it('fields of unexpected JSON types do not throw', () => {
    const odd: readonly unknown[] = [null, true, 1.5, [], [[]], {}, { a: { b: 1 } }, '', '-1', '1e999'];
    for (const value of odd) {
      for (const key of [
        'System',
        'EventData',
        'UserData',
        'Keywords',
        'TimeCreated',
        'Computer',
        'Level',
        'host',
        'source',
      ])
        expect(json({ EventID: 1, Channel: 'C', [key]: value })).toHaveLength(1);
      for (const key of ['Provider', 'TimeCreated', 'Security', 'Execution', 'Correlation', 'Keywords'])
        expect(
          json({ Event: { System: { EventID: 1, [key]: value }, EventData: value, UserData: value } }),
        ).toHaveLength(1);
      for (const key of ['event_id', 'event_data', 'user_data', 'user', 'process', 'keywords', 'task'])
        expect(json({ winlog: { event_id: 1, [key]: value } })).toHaveLength(1);
    }
  });
});
