import { describe, expect, it } from 'vitest';
import { detectLimits } from '../index.js';
import { testRows, testRule } from '../testing/index.js';
import { collectEntities, displayName, type Entity, entitiesJson, isStrong, listedEntities } from './index.js';

const mapping = (type: string, identifiers: Record<string, string>) =>
  `  - entityType: ${type}\n    fieldMappings:\n${Object.entries(identifiers)
    .map(([identifier, column]) => `      - { identifier: ${identifier}, columnName: ${column} }\n`)
    .join('')}`;
const ruleWith = (...mappings: string[]) => testRule(`entityMappings:\n${mappings.join('')}`);
const one = (type: string, identifiers: Record<string, string>, row: Record<string, unknown>) =>
  collectEntities(ruleWith(mapping(type, identifiers)), testRows([row]))[0];

describe('accounts', () => {
  const account = (fullName: string) => one('Account', { FullName: 'U' }, { U: fullName });

  it('split a full name', () => {
    expect(account('ana@corp.example.com')).toEqual({ Type: 'account', Name: 'ana', UPNSuffix: 'corp.example.com' });
    expect(account('CORP\\ana')).toEqual({ Type: 'account', Name: 'ana', NTDomain: 'CORP' });
    expect(account(' ana ')).toEqual({ Type: 'account', Name: 'ana' });
    expect(account('ana@')).toEqual({ Type: 'account', Name: 'ana@' });
  });

  it('prefer identifiers of their own, and fill empty ones from the full name', () => {
    const identifiers = { FullName: 'U', Name: 'N', UPNSuffix: 'S' };
    expect(one('Account', identifiers, { U: 'ana@example.com', N: 'a.lopez', S: 'CORP' })).toEqual({
      Type: 'account',
      Name: 'a.lopez',
      UPNSuffix: 'CORP',
    });
    expect(one('Account', identifiers, { U: 'ana@example.com', N: '', S: null })).toEqual({
      Type: 'account',
      Name: 'ana',
      UPNSuffix: 'example.com',
    });
  });

  it.each([
    ...['ADMIN', 'Administrator', 'system', 'ROOT', 'ANONYMOUS', 'Authenticated User', 'NETWORK', 'null'],
    ...['Local System', 'LOCALSYSTEM', 'NETWORK SERVICE'],
  ])('named %s alone name nobody', (name) => expect(account(name)).toBeUndefined());

  it('with a generic name and a domain are somebody', () => {
    expect(account('CORP\\Administrator')).toMatchObject({ Name: 'Administrator' });
    expect(account('rooty')).toMatchObject({ Name: 'rooty' });
  });
});

describe('hosts', () => {
  const host = (fullName: string) => one('Host', { FullName: 'H' }, { H: fullName });

  it('split a full name at its first dot', () => {
    expect(host('pc7.corp.example.com')).toEqual({ Type: 'host', HostName: 'pc7', DnsDomain: 'corp.example.com' });
    expect(host('pc7')).toEqual({ Type: 'host', HostName: 'pc7' });
  });

  it('do not take an address apart', () => expect(host('192.0.2.7')).toEqual({ Type: 'host', HostName: '192.0.2.7' }));
});

describe('other types', () => {
  it('keep the names of the schema and the type in lower case', () => {
    expect(one('IP', { Address: 'A' }, { A: '203.0.113.9' })).toEqual({ Type: 'ip', Address: '203.0.113.9' });
    expect(one('FileHash', { Algorithm: 'G', Value: 'V' }, { G: 'SHA256', V: 'ab' })?.Type).toBe('filehash');
    expect(one('RegistryKey', { Hive: 'G', Key: 'V' }, { G: 'HKLM', V: 'x' })?.Type).toBe('registry-key');
  });

  it('give values the type of the schema', () => {
    expect(one('Process', { ProcessId: 'P' }, { P: 4711 })).toEqual({ Type: 'process', ProcessId: '4711' });
    expect(one('CloudApplication', { AppId: 'P' }, { P: '20893' })).toMatchObject({ AppId: 20893 });
    expect(one('Host', { HostName: 'H', IsDomainJoined: 'J' }, { H: 'h', J: true })).toMatchObject({
      IsDomainJoined: true,
    });
    expect(one('MailMessage', { Urls: 'U' }, { U: ['https://example.com/'] })).toMatchObject({
      Urls: ['https://example.com/'],
    });
  });

  it('are not created from nothing', () => {
    for (const empty of ['', '  ', null]) expect(one('IP', { Address: 'A' }, { A: empty })).toBeUndefined();
    expect(one('IP', { Address: 'Missing' }, { A: 'x' })).toBeUndefined();
  });
});

describe('entities of an alert', () => {
  const two = ruleWith(mapping('IP', { Address: 'A' }), mapping('IP', { Address: 'B' }));

  it('merge equal ones, in whatever mapping or row they occur', () => {
    const rows = testRows([
      { A: '192.0.2.1', B: '192.0.2.2' },
      { A: '192.0.2.2', B: '192.0.2.1' },
      { A: '192.0.2.1', B: '192.0.2.3' },
    ]);
    expect(collectEntities(two, rows).map((e) => e.Address)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  });

  it('are 500 at most, shared equally among the mappings', () => {
    expect(detectLimits.entitiesPerAlert).toBe(500);
    const rows = testRows(Array.from({ length: 600 }, (_, i) => ({ A: `a${i}`, B: i < 10 ? `b${i}` : '' })));
    const found = collectEntities(two, rows).map((e) => String(e.Address));
    expect(found.filter((a) => a.startsWith('a'))).toHaveLength(250);
    expect(found.filter((a) => a.startsWith('b'))).toHaveLength(10);
  });

  it('are cut to the bytes that the alert has room for', () => {
    const entities: Entity[] = Array.from({ length: 500 }, (_, i) => ({ Type: 'url', Url: `é${i}${'x'.repeat(200)}` }));
    const json = entitiesJson(entities, detectLimits.entitiesBytes);
    expect(detectLimits.entitiesBytes).toBe(65_536);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(65_536);
    const kept = JSON.parse(json) as unknown[];
    const next = Buffer.byteLength(JSON.stringify({ $id: '300', ...entities[0] }));
    expect(65_536 - Buffer.byteLength(json)).toBeLessThan(next + 2);
    expect(kept.length).toBeGreaterThan(200);
    expect(entitiesJson(entities, 0)).toBe('');
  });
});

describe('lists of entities', () => {
  const host: Entity = { Type: 'host', HostName: 'pc7' };

  it('number every object and refer to those that stood before', () => {
    const account: Entity = { Type: 'account', Name: 'ana', Host: host };
    expect(JSON.parse(entitiesJson([host, account, account], 1_000))).toEqual([
      { $id: '3', HostName: 'pc7', Type: 'host' },
      { $id: '4', Name: 'ana', Host: { $ref: '3' }, Type: 'account' },
      { $ref: '4' },
    ]);
  });

  it('are read with their references resolved, as text or as JSON', () => {
    const list = [
      { $id: '2', Name: 'ana', Host: { $ref: '9' }, Sid: null, Type: 'Account' },
      { $id: '9', HostName: 'pc7', Type: 'host' },
      { $ref: '2' },
    ];
    const account = { Type: 'account', Name: 'ana', Host: host };
    expect(listedEntities(list)).toEqual([account, host, account]);
    expect(listedEntities(JSON.stringify(list))).toEqual([account, host, account]);
  });

  it('survive a round trip', () => {
    const entities: Entity[] = [{ Type: 'account', Name: 'ana', Host: host }, host];
    expect(listedEntities(entitiesJson(entities, 1_000))).toEqual(entities);
  });

  it('of any other shape hold nothing', () => {
    for (const cell of ['', 'x', '{}', null, 7, [1, null, {}, { $ref: '5' }]]) expect(listedEntities(cell)).toEqual([]);
  });

  it('that refer in circles end', () => {
    const circle = [
      { $id: '1', Type: 'account', Name: 'a', Host: { $ref: '2' } },
      { $id: '2', Type: 'host', HostName: 'h', Owner: { $ref: '1' } },
    ];
    expect(listedEntities(circle).map((e) => e.Type)).toEqual(['account', 'host']);
  });

  it('come into an alert through sentinelEntitiesMappings, merged with mapped ones', () => {
    const rule = testRule(
      `sentinelEntitiesMappings: [{ columnName: E }]\nentityMappings:\n${mapping('Host', { HostName: 'H' })}`,
    );
    const rows = testRows([
      { H: 'pc7', E: '[{"$id":"1","HostName":"pc7","Type":"host"},{"Address":"192.0.2.1","Type":"ip"}]' },
    ]);
    expect(collectEntities(rule, rows)).toEqual([
      { Type: 'host', HostName: 'pc7' },
      { Type: 'ip', Address: '192.0.2.1' },
    ]);
  });
});

describe('identification', () => {
  it.each([
    [{ Type: 'account', Name: 'a', UPNSuffix: 'example.com' }, true],
    [{ Type: 'account', Name: 'a' }, false],
    [{ Type: 'account', Sid: 'S-1-5-21-1-2-3-1104' }, true],
    [{ Type: 'account', Sid: 'S-1-5-18' }, false],
    [{ Type: 'account', Sid: 'S-1-5-18', Host: { Type: 'host', HostName: 'h' } }, true],
    [{ Type: 'host', HostName: 'h' }, false],
    [{ Type: 'host', HostName: 'h', DnsDomain: 'example.com' }, true],
    [{ Type: 'ip', Address: '203.0.113.9' }, true],
    [{ Type: 'ip', Address: '10.1.2.3' }, false],
    [{ Type: 'ip', Address: '10.1.2.3', AddressScope: 'site' }, true],
    [{ Type: 'ip', Address: 'fd00::1' }, false],
    [{ Type: 'url', Url: 'https://example.com/x' }, true],
    [{ Type: 'url', Url: '/x' }, false],
    [{ Type: 'file', Name: 'a.exe' }, false],
    [{ Type: 'file', Name: 'a.exe', Directory: 'C:\\' }, true],
  ] as [Entity, boolean][])('of %j is strong: %s', (entity, strong) => expect(isStrong(entity)).toBe(strong));

  it('has a name for people', () => {
    const names = [
      { Type: 'account', Name: 'ana', UPNSuffix: 'example.com' },
      { Type: 'account', Name: 'ana', NTDomain: 'CORP' },
      { Type: 'host', HostName: 'pc7', DnsDomain: 'example.com' },
      { Type: 'file', Name: 'a', Directory: '/tmp' },
      { Type: 'ip', Address: '192.0.2.1' },
    ].map((entity) => displayName(entity));
    expect(names).toEqual(['ana@example.com', 'CORP\\ana', 'pc7.example.com', '/tmp/a', '192.0.2.1']);
  });
});
