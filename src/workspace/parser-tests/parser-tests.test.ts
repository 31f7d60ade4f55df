import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInContent } from '../../content/index.js';
import { checkParsers, testParsers } from './index.js';

const shipped = join(builtInContent(), 'parsers');

describe('the shipped parsers', () => {
  it('pass all their cases', { timeout: 600_000 }, async () => {
    const results = await testParsers([shipped]);
    expect(results.flatMap((result) => result.failures)).toEqual([]);
    expect(results).toHaveLength(17);
    for (const { parser, checks } of results) expect([parser, checks > 200]).toEqual([parser, true]);
  });

  it('have the columns and values of the schema', { timeout: 600_000 }, async () => {
    const checked = await checkParsers([shipped]);
    const errors = checked.flatMap(({ parser, findings }) =>
      findings.filter((f) => f.severity === 'error').map((f) => `${parser} ${f.field} ${f.message} ${f.example}`),
    );
    expect(errors).toEqual([]);
    expect(checked).toHaveLength(37);
    for (const { parser, rows } of checked) {
      if (!/^(im|ASim)NetworkSession$|Empty$/.test(parser)) expect([parser, rows > 0]).toEqual([parser, true]);
    }
  });
});

describe('a test that should fail', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-parser-'));
    await writeFile(
      join(folder, 'vimThing.yaml'),
      `ParserName: vimThing
Normalization: { Schema: NetworkSession }
ParserParams: [{ Name: limit, Type: int, Default: 0 }]
ParserQuery: |
  CommonSecurityLog | where SourcePort >= limit
  | project TimeGenerated, Type, SrcIpAddr = SourceIP, SrcPortNumber = tostring(SourcePort), EventResult = DeviceAction
`,
    );
    await writeFile(
      join(folder, 'vimThing.test.yaml'),
      `parser: vimThing
rows:
  CommonSecurityLog:
    a: { SourceIP: 192.0.2.1, SourcePort: 10, DeviceAction: Success, Nope: 1 }
    b: { SourceIP: not an address, SourcePort: 20, DeviceAction: Perhaps }
cases:
  - { keeps: [a, b] }
  - { with: { limit: 15 }, keeps: [a] }
  - { with: { limit: 15 }, keeps: [b], fields: { b: { SrcIpAddr: 192.0.2.9 } } }
expect:
  a: { TimeGenerated: '2026-03-04T09:00:00Z', Type: CommonSecurityLog, SrcIpAddr: 192.0.2.1, SrcPortNumber: '10' }
`,
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says each thing that differs, and only those', async () => {
    const [result] = await testParsers([folder]);
    expect(result?.failures).toEqual([
      'a: CommonSecurityLog has no column Nope',
      'vimThing(limit=15) keeps b instead of a',
      'vimThing(limit=15) b.SrcIpAddr is "not an address" instead of "192.0.2.9"',
      'vimThing() a.EventResult is "Success" instead of undefined',
    ]);
  });

  it('finds wrong types, absent fields and bad values', async () => {
    const [checked] = await checkParsers([join(folder, 'vimThing.yaml')]);
    const errors = checked?.findings.filter((f) => f.severity === 'error').map((f) => `${f.field} ${f.message}`);
    expect(errors).toEqual(
      expect.arrayContaining([
        'EventType is mandatory and absent',
        'SrcPortNumber has the type string instead of int',
        'SrcIpAddr is no ip',
        'EventResult may be Success, Partial, Failure, NA',
      ]),
    );
    expect(checked?.rows).toBe(2);
  });
});
