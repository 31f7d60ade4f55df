import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Source } from '../ingest/index.js';
import { catalogue } from '../tables/index.js';
import { openTestWorkspace } from './testing/index.js';
import type { Workspace } from './workspace.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const day = 86_400_000;
const start = Date.UTC(2026, 2, 4, 10);
let now = start;
let workspace: Workspace;
let folder: string;

beforeAll(async () => {
  workspace = await openTestWorkspace({ clock: { now: () => now } });
  folder = await mkdtemp(join(tmpdir(), 'vedette-intelligence-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (content: string | Buffer | object, name = 'feed.json'): Source[] => [
  {
    name,
    stream: (async function* () {
      yield Buffer.from(typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    })(),
  },
];
const rows = async (kql: string, options = {}) => (await workspace.query(kql, { at: now, ...options })).rows;

let serial = 0;
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const indicator = (more: object) => ({
  ...{ type: 'indicator', spec_version: '2.1', id: `indicator--${uuid(++serial)}`, pattern_type: 'stix' },
  ...{ created: '2026-02-01T00:00:00.000Z', modified: '2026-02-01T00:00:00.000Z', valid_from: '2026-02-01T00:00:00Z' },
  ...more,
});
const bundle = (...objects: unknown[]) => ({ type: 'bundle', id: `bundle--${uuid(99)}`, objects });

describe('STIX', () => {
  const first = indicator({
    ...{ pattern: "[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'c2.example.com']", confidence: 80 },
    ...{ valid_until: '2026-06-01T00:00:00Z', labels: ['botnet'], indicator_types: ['malicious-activity'], name: 'C2' },
    object_marking_refs: ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'],
    kill_chain_phases: [{ kill_chain_name: 'lockheed-martin-cyber-kill-chain', phase_name: 'command-and-control' }],
  });

  it('fills both tables of indicators, a row for each observable, and the table of other objects', async () => {
    const actor = {
      type: 'threat-actor',
      id: `threat-actor--${uuid(1)}`,
      modified: '2026-02-01T00:00:00Z',
      name: 'Actor',
    };
    const result = await workspace.intelligence.import(file(bundle(first, actor)), { from: 'Sector' });
    expect(result).toMatchObject({ read: 2, written: 2, unchanged: 0, outdated: 0, rejected: 0 });
    expect(result.tables).toEqual({ ThreatIntelIndicators: 2, ThreatIntelligenceIndicator: 2, ThreatIntelObjects: 1 });
    const id = `${Buffer.from('Sector').toString('base64')}---${first.id}`;
    const kql = `ThreatIntelIndicators | project Id, ObservableKey, ObservableValue, IsActive, IsDeleted, Revoked, Confidence,
      ValidUntil, tlp = tostring(AdditionalFields.TLPLevel), name = tostring(Data.name), parts = split(Id, '--')[2] | order by ObservableKey`;
    const common = [true, false, false, 80, '2026-06-01T00:00:00Z', 'amber', 'C2', first.id.slice(-36)];
    expect(await rows(kql)).toEqual([
      [id, 'ipv4-addr:value', '198.51.100.7', ...common],
      [id, 'domain-name:value', 'c2.example.com', ...common],
    ]);
    const legacy = `ThreatIntelligenceIndicator | project NetworkIP, DomainName, Active, ConfidenceScore, ExpirationDateTime,
      TrafficLightProtocolLevel, ThreatType, KillChainC2, KillChainDelivery, ExternalIndicatorId | order by NetworkIP`;
    const rest = [true, 80, '2026-06-01T00:00:00Z', 'amber', 'malicious-activity', true, false, first.id];
    expect(await rows(legacy)).toEqual([
      ['198.51.100.7', '', ...rest],
      ['', 'c2.example.com', ...rest],
    ]);
    expect(await rows('ThreatIntelObjects | project StixType, tostring(Data.name)')).toEqual([
      ['threat-actor', 'Actor'],
    ]);
  });

  it('of a newer modified wins; what the newer version no longer names is taken back', async () => {
    now += 1_000;
    const again = await workspace.intelligence.import(file(bundle(first)), { from: 'Sector' });
    expect(again).toMatchObject({ written: 0, unchanged: 1 });
    const newer = { ...first, modified: '2026-02-02T00:00:00Z', pattern: "[ipv4-addr:value = '198.51.100.7']" };
    expect(await workspace.intelligence.import(file([newer]), { from: 'Sector' })).toMatchObject({ written: 1 });
    expect(await workspace.intelligence.import(file([first]), { from: 'Sector' })).toMatchObject({
      written: 0,
      outdated: 1,
    });
    const newest = `ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id, ObservableValue
      | project ObservableValue, IsActive, IsDeleted | order by ObservableValue asc`;
    expect(await rows(newest)).toEqual([
      ['198.51.100.7', true, false],
      ['c2.example.com', false, true],
    ]);
    // The same id of another source is another object.
    expect(await workspace.intelligence.import(file([first]), { from: 'Other' })).toMatchObject({ written: 1 });
    const collision = await workspace.intelligence.import(file([{ ...newer, name: 'lie' }]), { from: 'Sector' });
    expect(collision).toMatchObject({ read: 1, rejected: 1 });
    expect(collision.rejects[0]!.reason).toBe('another object has the same id and the same modified');
  });

  it('is listed in its present state, revoked, and stays revoked when the feed comes again', async () => {
    const one = indicator({ pattern: "[url:value = 'http://r.example.com/']" });
    const expired = indicator({
      pattern: "[url:value = 'http://e.example.com/']",
      valid_until: '2026-03-01T00:00:00Z',
    });
    const later = indicator({ pattern: "[url:value = 'http://l.example.com/']", valid_from: '2026-04-01T00:00:00Z' });
    await workspace.intelligence.import(file(bundle(one, expired, later)));
    const state = async (value: string) => (await workspace.intelligence.list({ value }))[0]?.state;
    expect(await state('http://r.example.com/')).toBe('active');
    expect(await state('http://e.example.com/')).toBe('expired');
    expect(await state('http://l.example.com/')).toBe('not yet valid');
    expect(
      await rows(
        "ThreatIntelIndicators | where ObservableKey == 'url:value' and IsActive | project ObservableValue, ValidUntil",
      ),
    ).toEqual([['http://r.example.com/', '9999-12-31T23:59:59.9999999Z']]);
    await workspace.intelligence.revoke([one.id]);
    expect(await workspace.intelligence.import(file([one]))).toMatchObject({ outdated: 1 });
    expect(await state('http://r.example.com/')).toBe('revoked');
    expect(await workspace.intelligence.list({ state: 'revoked' })).toMatchObject([
      { stixId: one.id, source: 'Vedette' },
    ]);
    await expect(workspace.intelligence.revoke(['indicator--none'])).rejects.toThrow(
      'there is no indicator indicator--none',
    );
  });

  it.each([
    ['a TAXII answer', { more: false, objects: [indicator({ pattern: "[file:name = 'taxii']" })] }],
    ['the upload API', { sourcesystem: 'x', stixobjects: [indicator({ pattern: "[file:name = 'api']" })] }],
    ['one object', indicator({ pattern: "[file:name = 'alone']" })],
    ['gzip', gzipSync(JSON.stringify(bundle(indicator({ pattern: "[file:name = 'packed']" }))))],
    ['lines', [1, 2].map((n) => JSON.stringify(indicator({ pattern: `[file:name = 'line ${n}']` }))).join('\n')],
  ])('comes as %s', async (_, content) => {
    const result = await workspace.intelligence.import(file(content));
    expect(result.rejected).toBe(0);
    expect(result.written).toBeGreaterThan(0);
  });
});

describe('objects that lie', () => {
  it.each([
    ['no object', 5, 'ING2004', 'it is no object'],
    ['no type', { id: 'x' }, 'ING2004', 'it has no type'],
    [
      'an id of another type',
      indicator({ id: `malware--${uuid(7)}` }),
      'ING2004',
      'its id is no identifier of its type',
    ],
    ['a bundle', bundle(indicator({ pattern: "[file:name='in']" })), 'ING2004', 'a bundle cannot be part of a bundle'],
    [
      'a pattern of garbage',
      indicator({ pattern: '[[[' }),
      'ING2004',
      'its pattern is malformed: an object path is missing',
    ],
    ['a pattern that is a number', indicator({ pattern: 5 }), 'ING2004', 'its pattern is no text'],
    ['no pattern', indicator({}), 'ING2004', 'it has no pattern'],
    [
      'a time that is none',
      indicator({ pattern: "[file:name='a']", modified: 'soon' }),
      'ING2004',
      'its modified is no time',
    ],
    [
      'an end before its start',
      indicator({ pattern: "[file:name='a']", valid_until: '2020-01-01T00:00:00Z' }),
      'ING2004',
      'its valid_until is not after its valid_from',
    ],
    [
      'a confidence of 900',
      indicator({ pattern: "[file:name='a']", confidence: 900 }),
      'ING2004',
      'its confidence is no whole number from 0 to 100',
    ],
    [
      'labels that are an object',
      indicator({ pattern: "[file:name='a']", labels: { a: 1 } }),
      'ING2004',
      'its labels is no list of texts',
    ],
    [
      'revoked as text',
      indicator({ pattern: "[file:name='a']", revoked: 'no' }),
      'ING2004',
      'its revoked is neither true nor false',
    ],
  ])('are kept as rejects with the reason: %s', async (_, object, code, reason) => {
    const good = indicator({ pattern: `[file:name = 'beside ${serial}']` });
    const result = await workspace.intelligence.import(file(bundle(object, good), `lie ${serial}.json`));
    expect(result).toMatchObject({ read: 2, written: 1, rejected: 1 });
    expect(result.rejects[0]).toMatchObject({ code, reason, count: 1 });
    const kept = await rows(
      `VedetteReject_CL | where Connector_s == 'ThreatIntelligence' | top 1 by ingestion_time() | project Code_s, Reason_s, RawData`,
    );
    expect(kept.length).toBe(1);
    const [[raw]] = (await rows(
      `VedetteReject_CL | where Reason_s == "${reason.replace(/"/g, '')}" | project RawData | take 1`,
    )) as [[string]];
    expect(JSON.parse(raw)).toEqual(JSON.parse(JSON.stringify(object)));
  });

  it('do no harm by their keys or their depth', async () => {
    const id = `indicator--${uuid(++serial)}`;
    const hostile = `{"type":"indicator","id":"${id}","__proto__":{"revoked":true,"isAdmin":1},"constructor":{"x":1},"created":"2026-02-01T00:00:00Z","modified":"2026-02-01T00:00:00Z","valid_from":"2026-02-01T00:00:00Z","pattern":"[file:name='proto']"}`;
    const deep = `{"type":"indicator","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const result = await workspace.intelligence.import(file(`{"type":"bundle","objects":[${hostile},${deep}]}`));
    expect(result).toMatchObject({ read: 2, written: 1, rejected: 1 });
    expect(result.rejects[0]).toMatchObject({ code: 'ING2005', reason: 'the object is nested too deep' });
    expect(({} as { isAdmin?: number }).isAdmin).toBeUndefined();
    expect(await rows(`ThreatIntelIndicators | where ObservableValue == 'proto' | project Revoked, IsActive`)).toEqual([
      [false, true],
    ]);
  });

  it.each([
    ['breaks off', '{"type":"bundle","objects":[{"type":"indicator","id":"', 'ING2001', 'the JSON is cut off'],
    ['only opens brackets', '['.repeat(1_000_000), 'ING2001', 'the JSON is cut off'],
    [
      'is a bundle of something else',
      { type: 'bundle', objects: { a: 1 } },
      'ING2004',
      'it is a bundle without objects',
    ],
    [
      'is a table of something else',
      'Name,Age\nana,5\n',
      'ING2007',
      'the file is neither STIX nor CSV with a column observableValue',
    ],
  ])('a file that %s', async (_, content, code, reason) => {
    const result = await workspace.intelligence.import(file(content));
    expect(result).toMatchObject({ read: 1, written: 0, rejected: 1 });
    expect(result.rejects[0]).toMatchObject({ code, reason });
  });
});

it("reads Sentinel's CSV template", async () => {
  const csv = `threatTypes,tags,name,description,confidence,revoked,validFrom,validUntil,tlpLevel,severity,observableType,observableValue
Phishing,"demo, csv",Site,Seen in mail,100,,2026-03-01T12:00:00.000Z,2026-09-01T00:00:00Z,white,5,domain-name,csv.example.com
,,,,,,2026-03-01T12:00:00.000Z,,,,ipv4-addr,300.1.2.3
,,,,,,,,,,ipv4-addr,198.51.100.20
,,,,150,,2026-03-01T12:00:00.000Z,,,,ipv4-addr,198.51.100.21
,,,,,,2026-03-01T12:00:00.000Z,,,,file,${'a'.repeat(64)}
`;
  const result = await workspace.intelligence.import(file(csv, 'ti.csv'), { from: 'Mail' });
  expect(result).toMatchObject({ read: 5, written: 2, rejected: 3 });
  expect(result.rejects.map((r) => r.reason).sort()).toEqual([
    'it has no validFrom',
    'its confidence is no whole number from 0 to 100',
    'its observableValue is no IPv4 address',
  ]);
  const kql = `ThreatIntelligenceIndicator | where IndicatorProvider == 'Mail' | project DomainName, FileHashType, FileHashValue,
    ConfidenceScore, ThreatSeverity, TrafficLightProtocolLevel, ThreatType, Tags, Description | order by DomainName`;
  expect(await rows(kql)).toEqual([
    ['csv.example.com', '', '', 100, 5, 'white', 'Phishing', '["demo","csv"]', 'Site: Seen in mail'],
    ['', 'SHA256', 'a'.repeat(64), null, null, '', '', '', ''],
  ]);
  now += day;
  expect(await workspace.intelligence.import(file(csv, 'ti.csv'), { from: 'Mail' })).toMatchObject({
    written: 0,
    unchanged: 2,
  });
  const revoked = csv.replace('100,,2026', '100,true,2026');
  expect(await workspace.intelligence.import(file(revoked, 'ti.csv'), { from: 'Mail' })).toMatchObject({
    written: 1,
    unchanged: 1,
  });
  expect((await workspace.intelligence.list({ value: 'csv.example.com' }))[0]?.state).toBe('revoked');
});

it('is matched by a rule that looks fourteen days back, also long after the import', async () => {
  const yaml = `id: ${uuid(500)}
name: Address of an indicator in firewall logs
description: d
severity: Medium
version: 1.0.0
kind: Scheduled
queryFrequency: 1h
queryPeriod: 14d
triggerOperator: gt
triggerThreshold: 0
entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: Address }] }]
query: |
  let indicators = ThreatIntelIndicators
    | extend IndicatorType = tostring(split(ObservableKey, ":")[0])
    | where IndicatorType in ("ipv4-addr", "ipv6-addr", "network-traffic")
    | where TimeGenerated >= ago(14d)
    | where ipv4_is_private(ObservableValue) == false
    | summarize arg_max(TimeGenerated, *) by Id, ObservableValue
    | where IsActive and (ValidUntil > now() or isempty(ValidUntil));
  indicators
    | join kind=innerunique (
        CommonSecurityLog
        | where TimeGenerated >= ago(1h)
        | extend Address = iff(ipv4_is_private(SourceIP), DestinationIP, SourceIP), SeenAt = TimeGenerated
      ) on $left.ObservableValue == $right.Address
    | where SeenAt < ValidUntil
    | summarize SeenAt = arg_max(SeenAt, *) by Id, Address
    | project SeenAt, Id, Address, Confidence, DestinationIP
`;
  const rule = join(folder, 'rule.yaml');
  await writeFile(rule, yaml);
  const one = indicator({ pattern: "[ipv4-addr:value = '203.0.113.9']", confidence: 70 });
  await workspace.intelligence.import(file(bundle(one)));
  await workspace.store.ensureTable(catalogue.table('CommonSecurityLog')!);
  const log = async () => {
    const TimeGenerated = new Date(now - 600_000).toISOString();
    await workspace.store.insert('CommonSecurityLog', [
      { TimeGenerated, SourceIP: '10.0.0.5', DestinationIP: '203.0.113.9' },
    ]);
  };
  await log();
  now += 1_000;
  const run = async () => (await workspace.rules.run(rule, { at: now })).resultCount;
  expect(await run()).toBe(1);
  // Twenty days later no row of the indicator is in the window, until it is published again.
  now += 20 * day;
  await log();
  expect(await run()).toBe(0);
  // The scheduler does so once a day.
  await workspace.schedule.watch().once();
  expect(
    await rows(
      "ThreatIntelIndicators | where LastUpdateMethod == 'Republisher' and ObservableValue == '203.0.113.9' | count",
    ),
  ).toEqual([[1]]);
  expect(await workspace.intelligence.republish()).toBe(0);
  now += 3_600_000;
  await log();
  expect(await run()).toBe(1);
  await workspace.intelligence.revoke([one.id]);
  now += 3_600_000;
  await log();
  expect(await run()).toBe(0);
});
