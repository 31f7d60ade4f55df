import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/index.js';
import { catalogue } from '../tables/index.js';
import { answer, temporaryFolder, temporaryWorkspace, vedette } from './testing/index.js';

let data: string[];
let store: Store;
let folder: string;
const at = '2026-03-04T10:00:00Z';
const id = '11111111-2222-4333-8444-555555555555';

const rule = (query: string, name = 'Blocked web requests', ruleId = id) => `id: ${ruleId}
name: ${name}
description: Somebody was blocked.
severity: High
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [InitialAccess]
relevantTechniques: [T1566]
entityMappings:
  - entityType: IP
    fieldMappings:
      - identifier: Address
        columnName: SourceIP
query: |
  ${query.replaceAll('\n', '\n  ')}
`;

const good = rule(`CommonSecurityLog
| where DeviceAction == "Blocked"
| project TimeGenerated, SourceIP`);

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  const made = await temporaryWorkspace();
  ({ store } = made);
  data = ['--data', made.dataDir];
  folder = await temporaryFolder();
  await store.ensureTable(catalogue.table('CommonSecurityLog')!);
  const row = (TimeGenerated: string, DeviceAction: string) => ({ TimeGenerated, DeviceAction, SourceIP: '10.1.2.3' });
  await store.insert('CommonSecurityLog', [
    row('2026-03-04T09:30:00Z', 'Blocked'),
    row('2026-03-04T09:40:00Z', 'Allowed'),
    // The nominal time is outside the window of its own run, and inside that of the next.
    row(at, 'Blocked'),
  ]);
});

interface Run {
  resultCount: number;
  triggered: boolean;
  repeated: boolean;
  window: { from: string; to: string };
  alerts: { SystemAlertId: string }[];
  incidents: { IncidentNumber: number }[];
}

/** The window as hours of the day, however many decimals its times have. */
const hours = ({ from, to }: Run['window']) => [from, to].map((time) => new Date(time).toISOString().slice(11, 16));

describe('rule run', () => {
  it('plans without writing, writes once, and returns the same when it is run again', async () => {
    const path = await file('blocked.yaml', good);
    const run = (...more: string[]) => answer<Run>(['rule', 'run', path, '--at', at, ...data, ...more]);
    const dry = await run('--dry-run');
    expect(dry).toMatchObject({ resultCount: 1, triggered: true, repeated: false });
    expect([dry.alerts.length, dry.incidents.length]).toEqual([1, 1]);
    expect((await answer<{ incidents: [] }>(['incident', 'list', ...data])).incidents).toEqual([]);

    const first = await run();
    expect(Object.keys(first)).toEqual(
      expect.arrayContaining(['rule', 'window', 'resultCount', 'columns', 'rows', 'triggered', 'alerts', 'incidents']),
    );
    expect(hours(first.window)).toEqual(['09:00', '10:00']);
    const again = await run();
    expect(again.repeated).toBe(true);
    expect(again.alerts).toEqual(first.alerts);
    expect(again.incidents).toEqual(first.incidents);
  });

  it('fails on a table that nobody knows and says where, but not in a fuzzy union', async () => {
    const strict = await file('strict.yaml', rule('Nobody_CL | project TimeGenerated, SourceIP', 'Strict'));
    const ended = await vedette(['rule', 'run', strict, '--at', at, '--json', ...data]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/strict\.yaml:17:3 KS204 .*Nobody_CL/);
    const fuzzy = await file('fuzzy.yaml', rule('union isfuzzy=true Nobody_CL, CommonSecurityLog', 'Fuzzy'));
    const run = await answer<{ resultCount: number; notices: { message: string }[] }>([
      'rule',
      'run',
      fuzzy,
      '--at',
      at,
      '--dry-run',
      ...data,
    ]);
    expect(run.resultCount).toBe(2);
    expect(run.notices.filter((n) => n.message.includes('Nobody_CL'))).toHaveLength(1);
  });

  it('refuses a rule that nobody knows', async () => {
    const ended = await vedette(['rule', 'run', 'No such rule', '--at', at, ...data]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/^RUL3005 /);
  });

  it('takes functions from --parsers before those of the workspace', async () => {
    const parsers = join(folder, 'parsers');
    await mkdir(parsers, { recursive: true });
    await writeFile(join(parsers, 'Blocked.kql'), 'CommonSecurityLog | where DeviceAction == "Allowed"');
    const path = await file('parser.yaml', rule('Blocked', 'By parser'));
    const args = ['rule', 'run', path, '--at', at, '--dry-run', '--parsers', parsers, ...data];
    expect((await answer<Run>(args)).resultCount).toBe(1);
  });
});

describe('incident', () => {
  it('shows who, what, when, ATT&CK and the evidence', async () => {
    const { incidents } = await answer<{ incidents: { IncidentNumber: number; Title: string }[] }>([
      'incident',
      'list',
      ...data,
    ]);
    expect(incidents.map((i) => [i.IncidentNumber, i.Title])).toEqual([[1, 'Blocked web requests']]);
    const shown = await answer<Record<string, unknown>>(['incident', 'show', '1', ...data]);
    expect(shown).toMatchObject({
      Severity: 'High',
      alerts: [{ AlertName: 'Blocked web requests' }],
      entities: [{ name: '10.1.2.3' }],
      events: [{ rows: [['2026-03-04T09:30:00Z', '10.1.2.3']] }],
    });
    const { stdout } = await vedette(['incident', 'show', '1', ...data]);
    for (const part of ['High', 'Initial Access: T1566', '10.1.2.3', '2026-03-04 09:30:00', 'Timeline', 'Evidence'])
      expect(stdout).toContain(part);
  });

  it('refuses a number that is none, or not there', async () => {
    expect((await vedette(['incident', 'show', 'one', ...data])).status).toBe(2);
    expect((await vedette(['incident', 'show', '99', ...data])).status).toBe(2);
  });
});

describe('rule explain', () => {
  it('counts the rows through every step and names the one that stops them', async () => {
    const path = await file('silent.yaml', rule('CommonSecurityLog\n| where DeviceAction == "Dropped"', 'Silent'));
    const args = ['rule', 'explain', path, '--at', at, ...data];
    const { steps, stoppedAt } = await answer<{ steps: object[]; stoppedAt: string }>(args);
    expect(stoppedAt).toBe('where:CommonSecurityLog');
    expect(steps).toMatchObject([{ id: 'where:CommonSecurityLog', operator: 'where', rowsIn: 2, rowsOut: 0 }]);
    expect((await vedette(args)).stdout).toContain('No row passed where:CommonSecurityLog.');
  });

  it('follows the functions of the rule and the legs of a union, of which one may be empty', async () => {
    const kql = (action: string) => `let logged = (name: string) { table(name)
| where DeviceAction == "${action}" };
union (logged("CommonSecurityLog") | project TimeGenerated), (SigninLogs
| where ResultType == "1")`;
    const told = async (action: string) => {
      const path = await file(`legs-${action}.yaml`, rule(kql(action), 'Legs'));
      const args = ['rule', 'explain', path, '--at', at, ...data];
      const { steps, stoppedAt } = await answer<{ steps: { id: string }[]; stoppedAt?: string }>(args);
      return { ids: steps.map((step) => step.id), stoppedAt };
    };
    const ids = ['where:CommonSecurityLog', 'project:logged', 'where:SigninLogs'];
    expect(await told('Dropped')).toEqual({ ids, stoppedAt: 'where:CommonSecurityLog' });
    expect(await told('Allowed')).toEqual({ ids, stoppedAt: undefined });
  });

  it('measures every step, and tells the sources without rows in the window', async () => {
    const kql =
      'union (CommonSecurityLog | project Actor = SourceIP), (SigninLogs | project Actor = UserPrincipalName)';
    const path = await file('sources.yaml', rule(`${kql}\n| where isnotempty(Actor)`, 'Sources'));
    interface Told {
      steps: { rowsIn: number; cost: { ms: number; rowsRead: number } }[];
      silent: { table: string; lastRow?: string; connectors: string[] }[];
    }
    const told = (time: string) => answer<Told>(['rule', 'explain', path, '--at', time, ...data]);
    const { steps, silent } = await told(at);
    expect(silent).toEqual([{ table: 'SigninLogs', connectors: [] }]);
    for (const { cost } of steps) expect(cost.ms).toBeGreaterThan(0);
    // The engine reads whole granules, so the rows just outside the window too.
    expect(steps.at(-1)?.cost.rowsRead).toBeGreaterThanOrEqual(steps.at(-1)!.rowsIn);

    const later = await told('2026-03-06T11:00:00Z');
    expect(later.silent[0]).toMatchObject({
      table: 'CommonSecurityLog',
      lastRow: expect.stringMatching(/^2026-03-04T/),
    });
    expect(later.silent[0]!.connectors).toEqual(expect.arrayContaining(['Fortinet', 'Zscaler']));
    expect((await vedette(['rule', 'explain', path, '--at', at, ...data])).stdout).toMatch(
      /1 source silent in the window:\n {2}SigninLogs {2}no rows at all/,
    );
  });
});

describe('rule backtest', () => {
  it('runs at every nominal time, both ends included', async () => {
    const path = await file('again.yaml', good.replace(id, '22222222-2222-4333-8444-555555555555'));
    const args = ['rule', 'backtest', path, '--from', '2026-03-04T09:00:00Z', '--to', '2026-03-04T11:00:00Z', ...data];
    const { runs, alerts } = await answer<{ runs: Run[]; alerts: object[] }>(args);
    expect(runs.map((run) => [...hours(run.window), run.resultCount, run.triggered])).toEqual([
      ['08:00', '09:00', 0, false],
      ['09:00', '10:00', 1, true],
      ['10:00', '11:00', 1, true],
    ]);
    expect(alerts).toHaveLength(2);
    expect((await vedette(['rule', 'backtest', path, '--from', at, ...data])).status).toBe(2);
  });

  it('writes nothing into the workspace unless asked to', async () => {
    const own = '33333333-2222-4333-8444-555555555555';
    const path = await file('dry.yaml', good.replace(id, own));
    const args = ['rule', 'backtest', path, '--from', at, '--to', at, ...data];
    const stored = async () => {
      const kql = `union isfuzzy=true SecurityAlert, VedetteRun_CL | where * has "${own}" | count`;
      return (await answer<{ rows: [[number]] }>(['query', kql, ...data])).rows[0][0];
    };
    const dry = await answer<{ alerts: object[] }>(args);
    expect(dry.alerts).toHaveLength(1);
    expect(await stored()).toBe(0);
    const written = await answer<{ alerts: object[] }>([...args, '--write']);
    expect(await stored()).toBeGreaterThan(0);
    // The ids of alerts do not tell where they were computed, nor whose rows they are.
    expect(written.alerts).toMatchObject(
      dry.alerts.map((alert) => ({ ...alert, TimeGenerated: expect.anything(), ProcessingEndTime: expect.anything() })),
    );
  });

  it('compares with another version: new, lost and same alerts', async () => {
    const now = await file('now.yaml', good.replace(id, '44444444-2222-4333-8444-555555555555'));
    const silent = await file('silent-version.yaml', rule('CommonSecurityLog\n| where SourceIP == "none"', 'Silent'));
    const range = ['--from', '2026-03-04T09:00:00Z', '--to', '2026-03-04T11:00:00Z', ...data];
    const kinds = async (version: string, against: string) => {
      const report = await answer<{ against: { alerts: Record<'new' | 'lost' | 'same', object[]> } }>(
        ...[['rule', 'backtest', version, '--against', against, ...range]],
      );
      const { new: fresh, lost, same } = report.against.alerts;
      return [fresh.length, lost.length, same.length];
    };
    expect(await kinds(now, now)).toEqual([0, 0, 2]);
    expect(await kinds(now, silent)).toEqual([2, 0, 0]);
    expect(await kinds(silent, now)).toEqual([0, 2, 0]);
    const { stdout } = await vedette(['rule', 'backtest', now, '--against', silent, ...range]);
    expect(stdout).toMatch(/alerts +█ 0 same {2}\+ 2 new {2}- 0 lost/);
    expect(stdout).toMatch(/2026-03-04 10:00:00 +1 +\++ +\+1/);
  });
});

describe('rule check', () => {
  it('tells good files from failed and unparsable ones, and points at the line', async () => {
    const checks = join(folder, 'checks');
    await mkdir(checks);
    const put = (name: string, text: string) => writeFile(join(checks, name), text);
    await put('good.yaml', good);
    // Its function stands in the next file, and an unknown table is assumed with whatever columns the rule names.
    await put(
      'assumed.yaml',
      rule('Helper()\n| where Foo_s == "x" and strlen(Bar_s) > 1 | project SourceIP', 'Assumed', id.replace('1', '3')),
    );
    await put('Helper.kql', 'Vendor_CL | where Kind_s == "y"');
    await put('failed.yaml', rule('CommonSecurityLog\n| where Nope == 1', 'Failed', id.replace('1', '4')));
    await put(
      'refused.yaml',
      rule('CommonSecurityLog\n| extend Both = hash_many(SourceIP, DestinationIP)', 'Refused', id.replace('1', '5')),
    );
    await put('kql.yaml', rule('CommonSecurityLog\n| where | where', 'Syntax', id.replace('1', '6')));
    await put('broken.yaml', 'name: [');
    await put('other.yaml', 'a: 1');

    interface Found {
      file: string;
      line: number;
      column: number;
      code: string;
      severity: string;
    }
    const ended = await vedette(['rule', 'check', checks, '--json', '--data', join(folder, 'none')]);
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    const { diagnostics, ...counts } = JSON.parse(ended.stdout) as { diagnostics: Found[] };
    expect(counts).toEqual({ files: 7, ok: 1, incomplete: 2, failed: 2, unparsable: 2 });
    const of = (name: string) => diagnostics.filter((d) => d.file.endsWith(name));
    expect(of('good.yaml')).toEqual([]);
    expect(of('Helper.kql')).toMatchObject([{ code: 'RUL3004', severity: 'warning', line: 1, column: 1 }]);
    expect(of('failed.yaml')[0]).toMatchObject({ code: 'KS142', severity: 'error', line: 18, column: 11 });
    expect(of('refused.yaml').some((d) => d.code.startsWith('KQL4'))).toBe(true);
    expect(await readdir(folder)).not.toContain('none');

    const text = await vedette(['rule', 'check', join(checks, 'failed.yaml'), '--data', join(folder, 'none')]);
    expect(text.stderr).toContain('   18 |   | where Nope == 1\n      |           ^^^^');
    const sarif = await vedette(['rule', 'check', checks, '--sarif', '--data', join(folder, 'none')]);
    const log = JSON.parse(sarif.stdout);
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0].results).toHaveLength(diagnostics.length);
  });

  it('finds nothing to complain about in what ships', async () => {
    const content = new URL('../../content', import.meta.url).pathname;
    const ended = await vedette(['rule', 'check', content, '--json', '--data', join(folder, 'none')]);
    const { diagnostics, ...counts } = JSON.parse(ended.stdout);
    expect(diagnostics).toEqual([]);
    expect(counts).toMatchObject({ failed: 0, unparsable: 0 });
  });
});

interface Imported {
  readonly files: readonly { file: string; outcome: string; diagnostics: readonly unknown[] }[];
}

describe('rule import', () => {
  it('copies what is good into the workspace, where rules are found by name', async () => {
    const source = join(folder, 'checkout');
    await mkdir(source);
    await cp(join(folder, 'blocked.yaml'), join(source, 'blocked.yaml'));
    await writeFile(join(source, 'Helper.kql'), 'CommonSecurityLog');
    await writeFile(join(source, 'broken.yaml'), 'name: [');
    const report = await answer<Imported>(['rule', 'import', source, ...data]);
    expect(report).toMatchObject({ rules: 1, huntingQueries: 0, parsers: 1, looseQueries: 0, failed: 1 });
    expect(report.files.map((f) => [f.file, f.outcome])).toEqual([
      ['Helper.kql', 'imported'],
      ['blocked.yaml', 'imported'],
      ['broken.yaml', 'failed'],
    ]);
    expect(report.files[2]?.diagnostics).toMatchObject([{ code: 'RUL3001', severity: 'error', line: 1 }]);
    const run = await answer<Run>(['rule', 'run', 'blocked WEB requests', '--at', at, ...data]);
    expect(run.repeated).toBe(true);
    expect((await vedette(['rule', 'import', join(folder, 'nowhere'), ...data])).status).toBe(2);
  });
});
