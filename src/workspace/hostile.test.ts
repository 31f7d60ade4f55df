import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiagnosticError, renderDiagnostic } from '../base/index.js';
import { simulatePhish } from '../simulate/index.js';
import { openWorkspace, type Workspace } from './index.js';
import { ingestFiles } from './testing/index.js';

/* What a hostile or unlucky surrounding does to a workspace as a whole. */

let folder: string;
let workspace: Workspace;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-hostile-'));
  workspace = await openWorkspace({ dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

const at = '2026-03-05T00:00:00Z';
const receivedAt = Date.parse(at);
const send = (connector: string, content: string, path = 'file') =>
  ingestFiles(workspace, [{ connector, path, content }], receivedAt);
const enginePid = (): number => JSON.parse(readFileSync(join(folder, 'data', 'engine.json'), 'utf8')).pid;

describe('text of every connector comes back as it was sent', () => {
  const nasty = String.raw`it's "a" \ \n \\' ;-- | =b <c>&amp; ${'`'}d${'`'} $1 \x41 {{e}} %41 /*f*/ 日本 😀 \'\"`;
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const xml = (text: string) =>
    text.replace(/[&<>'"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;' })[c]!);
  const cefHead = (text: string) => text.replace(/[\\|]/g, '\\$&');
  const cefValue = (text: string) => text.replace(/[\\=]/g, '\\$&');
  const word = (text: string) => text.replaceAll(' ', '');

  /** The connector's own records, in which every text that matches is replaced. */
  const replaced = (connector: string, pattern: RegExp, text: string) => {
    const story = simulatePhish({ connector, seed: 3, at });
    const files = story.files.filter((file) => file.role === 'session' && pattern.test(String(file.content)));
    expect(files.length).toBeGreaterThan(0);
    return files.map((file) => String(file.content).replaceAll(pattern, () => text)).join('\n');
  };
  const flow = `2 123456789012 eni-${word(nasty)} 192.0.2.1 198.51.100.2 443 50000 6 10 840 1772600000 1772600060 ACCEPT OK`;

  it.each<[string, string, string, () => string, string?]>([
    [
      ...(['MicrosoftThreatProtection', 'DeviceNetworkEvents', 'InitiatingProcessFileName'] as const),
      () => replaced('MicrosoftThreatProtection', /(?<="InitiatingProcessFileName":")[^"]*/g, json(nasty)),
    ],
    [
      ...(['Zscaler', 'CommonSecurityLog', 'Activity'] as const),
      () => replaced('Zscaler', /(?<=\|Allow\|)[^|]*/g, cefHead(nasty)),
    ],
    [
      ...(['Zscaler', 'CommonSecurityLog', 'DeviceCustomString1'] as const),
      () => replaced('Zscaler', /(?<= cs1=).*?(?= cs1Label)/g, cefValue(nasty)),
    ],
    [
      ...(['Fortinet', 'CommonSecurityLog', 'ApplicationProtocol'] as const),
      () => replaced('Fortinet', /(?<= app=)\S*/g, cefValue(nasty)),
    ],
    [
      ...(['CheckPoint', 'CommonSecurityLog', 'DeviceCustomString2'] as const),
      () => replaced('CheckPoint', /(?<= cs2=).*?(?= layer_name)/g, cefValue(nasty)),
    ],
    [
      ...(['PaloAltoNetworks', 'CommonSecurityLog', 'SourceUserName'] as const),
      () => replaced('PaloAltoNetworks', /(?<= suser=)\S*(?= duser)/g, cefValue(nasty)),
    ],
    ['AWSS3', 'AWSVPCFlow', 'InterfaceId', () => flow, `eni-${word(nasty)}`],
    [
      ...(['WindowsForwardedEvents', 'WindowsEvent', 'tostring(EventData.Application)'] as const),
      () => replaced('WindowsForwardedEvents', /(?<='Application'>)[^<]*/g, xml(nasty)),
    ],
    [
      ...(['SecurityEvents', 'SecurityEvent', 'Computer'] as const),
      () => replaced('SecurityEvents', /(?<=<Computer>)[^<]*/g, xml(nasty)),
    ],
    [
      ...(['WindowsSecurityEvents', 'SecurityEvent', 'Computer'] as const),
      () => replaced('WindowsSecurityEvents', /(?<=<Computer>)[^<]*/g, xml(nasty)),
    ],
    [
      ...(['MicrosoftSysmonForLinux', 'Syslog', 'extract("User.>(.*?)</Data>", 1, SyslogMessage)'] as const),
      () => replaced('MicrosoftSysmonForLinux', /(?<="User">)[^<]*/g, xml(nasty)),
      xml(nasty),
    ],
    [
      ...(['AzureNSG', 'AzureDiagnostics', 'ruleName_s'] as const),
      () => replaced('AzureNSG', /(?<="ruleName":")[^"]*/g, json(nasty)),
    ],
    [
      ...(['AzureMonitor(VMInsights)', 'VMConnection', 'ProcessName'] as const),
      () => replaced('AzureMonitor(VMInsights)', /(?<="ProcessName":")[^"]*/g, json(nasty)),
    ],
    [
      ...(['AIVectraStream', 'VectraStream_CL', 'service_s'] as const),
      () => replaced('AIVectraStream', /(?<="service":")[^"]*/g, json(nasty)),
    ],
    ['Syslog', 'Syslog', 'SyslogMessage', () => `<134>Mar  4 09:12:31 h app: ${nasty}`],
  ])('%s: %s.%s', async (connector, table, expression, content, expected = nasty) => {
    const before = await countOf(table, expression, expected);
    await send(connector, content());
    expect(await countOf(table, expression, expected)).toBeGreaterThan(before);
  });

  /** Rows with exactly the text, asked for with each kind of KQL literal; the text itself comes back too. */
  async function countOf(table: string, expression: string, text: string): Promise<number> {
    const escaped = (quote: string) => `${quote}${text.replace(/[\\"']/g, '\\$&')}${quote}`;
    const literals = [
      escaped('"'),
      escaped("'"),
      `@'${text.replaceAll("'", "''")}'`,
      `@"${text.replaceAll('"', '""')}"`,
    ];
    const counts = [];
    for (const literal of literals) {
      const kql = `${table} | where ${expression} == ${literal} | summarize n = count(), x = take_any(${expression})`;
      const [[n, x] = []] = (await workspace.query(kql)).rows;
      if (Number(n) > 0) expect(x).toBe(text);
      counts.push(Number(n));
    }
    expect(new Set(counts).size).toBe(1);
    return counts[0]!;
  }
});

describe('a rule file that is broken', () => {
  const messageOf = async (text: string) => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, text);
    const error = await workspace.rules.run(file, { at, dryRun: true }).catch((e: unknown) => e);
    if (!(error instanceof DiagnosticError)) throw error;
    return renderDiagnostic(error.diagnostics[0]!).replace(file, 'broken.yaml');
  };

  it('is told with its place when it is no YAML', async () => {
    expect(await messageOf('id: x\nquery: [unclosed\nkind: Scheduled\n')).toMatch(/^broken\.yaml:\d+:\d+ RUL3001 /);
  });

  it('is told with the place in the file when its query has a syntax error', async () => {
    const text = `id: 6c3a1258-bcdd-4fcd-b753-1a9bc826ce99
name: Broken
description: d
severity: Low
kind: Scheduled
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [Execution]
relevantTechniques: [T1059]
query: |
  SecurityEvent
  | where EventID = = 1
version: 1.0.0
`;
    expect(await messageOf(text)).toMatch(/^broken\.yaml:14:\d+ KS\d+ /);
  });
});

describe('unusual files', () => {
  const record = (vendor: string, time: number, id: number) =>
    `<134>1 ${new Date(time).toISOString()} s - - - - CEF:0|${vendor}|P|1|${id}|n|1|act=x`;

  it('whose records span ten years keep every time', async () => {
    const months = Array.from({ length: 120 }, (_, i) => Date.UTC(2016, i, 15, 12));
    await send(
      'CEF',
      months.flatMap((time, i) => [record('Decade', time, 2 * i), record('Decade', time + 1, 2 * i + 1)]).join('\n'),
    );
    const kql = `CommonSecurityLog | where DeviceVendor == 'Decade' | summarize n = count(), ids = dcount(DeviceEventClassID) by y = getyear(TimeGenerated) | sort by y asc`;
    const years = Array.from({ length: 10 }, (_, i) => [2016 + i, 24, 24]);
    expect((await workspace.query(kql)).rows).toEqual(years);
    const one = await workspace.query(`CommonSecurityLog | where DeviceVendor == 'Decade' | count`, {
      timespan: '2020-02-01/2020-03-01',
    });
    expect(one.rows).toEqual([[2]]);
  });

  it('survive the death of the engine while they are read: each record is there once', async () => {
    const total = 40_000;
    const first = enginePid();
    const stream = (async function* () {
      for (let from = 0; from < total; from += 4000) {
        if (from === 20_000) process.kill(enginePid(), 'SIGKILL');
        const lines = Array.from({ length: 4000 }, (_, i) => record('Killed', receivedAt - i, from + i));
        yield Buffer.from(`${lines.join('\n')}\n`);
        await sleep(20);
      }
    })();
    const result = await workspace.ingest('CEF', [{ name: 'killed.log', stream }], { receivedAt });
    expect(result).toMatchObject({ read: total, rejected: 0, tables: { CommonSecurityLog: total } });
    const kql = `CommonSecurityLog | where DeviceVendor == 'Killed' | summarize n = count() by DeviceEventClassID | summarize sum(n), count()`;
    expect((await workspace.query(kql)).rows).toEqual([[total, total]]);
    expect(enginePid()).not.toBe(first);
  });
});

it('a query is answered when the engine dies under it', async () => {
  const first = enginePid();
  const asked = workspace.query('range n from 1 to 60000000 step 1 | summarize dcount(hash(n) % 1000), count()');
  await sleep(400);
  process.kill(first, 'SIGKILL');
  expect((await asked).rows[0]?.[1]).toBe(60_000_000);
  expect((await workspace.query('print 1')).rows).toEqual([[1]]);
});
