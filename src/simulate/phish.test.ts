import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../base/index.js';
import {
  connectorIds,
  demoStory,
  proxyIds,
  type Story,
  type StoryFile,
  simulatePhish,
  unitsByConnector,
  variantNames,
  writeStory,
} from './index.js';

const at = '2026-03-05T00:00:00Z';
const hour = 3_600_000;
const text = (file: StoryFile) =>
  file.path.endsWith('.gz') ? gunzipSync(file.content).toString() : file.content.toString();
const linesOf = (file: StoryFile) => text(file).split('\n').filter(Boolean);
const fileOf = (story: Story, role: StoryFile['role']) => story.files.find((file) => file.role === role)!;

/** Every time that a record states of itself, read off the text without knowing the format. */
function times(raw: string): number[] {
  const found: number[] = [];
  for (const [time] of raw.matchAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,3})?/g)) {
    found.push(Date.parse(`${time.replace(' ', 'T')}Z`));
  }
  for (const [, header] of raw.matchAll(/^<\d+>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)/gm)) {
    found.push(Date.parse(`${header} 2026 UTC`));
  }
  for (const [, date] of raw.matchAll(/(?:rt|start)=([A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d)/g)) {
    found.push(Date.parse(`${date} UTC`));
  }
  // Epoch seconds (AWS, NSG) and milliseconds (Check Point, Vectra).
  for (const [digits] of raw.matchAll(/(?<![\dA-Za-z.-])177\d{7}(\d{3})?(?![\dA-Za-z.-])/g)) {
    found.push(digits.length === 10 ? Number(digits) * 1000 : Number(digits));
  }
  return found;
}

const stories = connectorIds.flatMap((connector) =>
  variantNames.map((variant) => ({ connector, variant, story: simulatePhish({ connector, variant, at }) })),
);

describe('a story', () => {
  it('has the same bytes for the same seed and time, and other ones for another seed', () => {
    for (const connector of connectorIds) {
      const once = simulatePhish({ connector, seed: 7, at });
      expect(simulatePhish({ connector, seed: 7, at: new Date(at) })).toEqual(once);
      expect(simulatePhish({ connector, seed: 8, at }).truth.rows).not.toEqual(once.truth.rows);
    }
  });

  it('keeps every event inside [at − 6 h, at − 10 min], but for the launch of click-late', () => {
    const end = Date.parse(at);
    const seeds = Array.from({ length: 20 }, (_, seed) => demoStory({ seed, at }));
    for (const story of [...seeds, ...stories.map((each) => each.story)]) {
      const outside: string[] = [];
      for (const file of story.files) {
        for (const line of file.path.endsWith('.json') ? [text(file)] : linesOf(file)) {
          // The field list, and the idle window that follows the last flow, are no events.
          if (/^version /.test(line) || line.includes(' NODATA ')) continue;
          const stated = times(line.replace(/"InitiatingProcessCreationTime":"[^"]*"/g, ''));
          if (stated.length === 0) outside.push(`no time: ${line}`);
          if (stated.some((time) => time < end - 6 * hour || time > end - hour / 6)) outside.push(line);
        }
      }
      const late = stories.some((each) => each.story === story && each.variant === 'click-late') ? 1 : 0;
      expect(outside.slice(late)).toEqual([]);
      if (late) {
        const { properties } = JSON.parse(outside[0]!);
        expect(properties.ActionType).toBe('BrowserLaunchedToOpenUrl');
        expect(Date.parse(properties.Timestamp)).toBeGreaterThanOrEqual(end);
      }
    }
  });

  it('names documentation addresses and example.com only', () => {
    const foreign = new Set<string>();
    for (const { story } of stories) {
      for (const file of story.files) {
        const raw = text(file);
        for (const [address] of raw.matchAll(/(?<![\d.A-Za-z])\d{1,3}(\.\d{1,3}){3}(?![\d.])/g)) {
          if (!/^(10\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|\d+\.0\.0\.0$)/.test(address)) foreign.add(address);
        }
        for (const [, host] of raw.matchAll(/https?:\/\/([^/"'\s]+)/g)) {
          if (!/(^|\.)example\.com$|^schemas\.microsoft\.com$/.test(host!)) foreign.add(host!);
        }
      }
    }
    expect(foreign).toEqual(new Set());
  });

  it('gives nineteen columns and a row for a hit, and names the stop for a miss', () => {
    for (const { variant, story } of stories) {
      expect(story.truth.columns).toHaveLength(19);
      expect(story.truth.rows.map((row) => row.length)).toEqual(variant === 'hit' ? [19] : []);
      expect(story.truth.stoppedAt === undefined).toBe(variant === 'hit');
    }
  });

  it('has one evidence, one proxy and at least one session file, of the right connectors', () => {
    for (const proxy of proxyIds) {
      for (const connector of connectorIds) {
        const { files } = simulatePhish({ connector, proxy, at });
        expect(files.filter((file) => file.role === 'evidence').map((file) => file.connector)).toEqual([
          'MicrosoftThreatProtection',
        ]);
        expect(files.filter((file) => file.role === 'proxy').map((file) => file.connector)).toEqual([proxy]);
        const sessions = files.filter((file) => file.role === 'session');
        expect(new Set(sessions.map((file) => file.connector))).toEqual(new Set([connector]));
        expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
      }
    }
  });

  it('knows names in any case and refuses unknown ones', () => {
    expect(fileOf(simulatePhish({ connector: 'awss3', at }), 'session').connector).toBe('AWSS3');
    expect(fileOf(simulatePhish({ connector: 'AwsS3', at }), 'session').connector).toBe('AWSS3');
    expect(fileOf(simulatePhish({ connector: 'vminsights', at }), 'session').connector).toBe(
      'AzureMonitor(VMInsights)',
    );
    expect(() => simulatePhish({ connector: 'Netskope', at })).toThrow(DiagnosticError);
    expect(() => simulatePhish({ connector: 'Zscaler', proxy: 'AIVectraStream', at })).toThrow(DiagnosticError);
    expect(() => simulatePhish({ connector: 'Zscaler', variant: 'toString', at })).toThrow(DiagnosticError);
    expect(() => simulatePhish({ connector: 'Zscaler', seed: 1.5, at })).toThrow(DiagnosticError);
    expect(() => simulatePhish({ connector: 'Zscaler', at: 'yesterday' })).toThrow(DiagnosticError);
  });

  it('is written as it is, folders included', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'vedette-story-'));
    try {
      const story = demoStory({ at });
      await writeStory(dir, story);
      for (const file of story.files) {
        expect((await readFile(join(dir, file.path))).equals(Buffer.from(file.content))).toBe(true);
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('the demo', () => {
  it('holds the sessions of all thirteen connectors and counts the rows of each', () => {
    const story = demoStory({ at });
    expect(Object.keys(unitsByConnector(story)).sort()).toEqual([...connectorIds].sort());
    const count = (rows: Story['truth']['rows']) => rows[0]![13] as number;
    const alone = connectorIds.map((connector) => count(simulatePhish({ connector, at }).truth.rows));
    expect(count(story.truth.rows)).toBe(alone.reduce((sum, n) => sum + n, 0));
  });
});

describe('wire formats', () => {
  const hits = stories.filter(({ variant }) => variant === 'hit');
  const sessionsOf = (connector: string) =>
    hits.find((hit) => hit.connector === connector)!.story.files.filter((file) => file.role === 'session');

  it('every CEF record has seven header pipes and key=value pairs behind them', () => {
    const firewalls = ['Zscaler', 'Fortinet', 'CheckPoint', 'PaloAltoNetworks'].flatMap(sessionsOf);
    const proxies = proxyIds.map((proxy) => fileOf(simulatePhish({ connector: 'Zscaler', proxy, at }), 'proxy'));
    for (const line of [...firewalls, ...proxies].flatMap(linesOf)) {
      expect(line).toMatch(/^<\d+>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ CEF: ?0\|/);
      const fields = line.slice(line.indexOf('CEF:')).split(/(?<!\\)\|/);
      expect(fields).toHaveLength(8);
      expect(fields[7]).toMatch(/^[A-Za-z]\w*=/);
    }
  });

  it.each(proxyIds)('%s logs the very URL of the evidence, and the session parsers cannot read it', (proxy) => {
    const story = simulatePhish({ connector: 'AIVectraStream', proxy, at });
    const url = String(story.truth.rows[0]![2]);
    expect(linesOf(fileOf(story, 'proxy')).filter((line) => line.includes(` request=${url} `))).toHaveLength(1);
    expect(text(fileOf(story, 'proxy'))).not.toMatch(/NSSFWlog|cat=traffic|VPN-1|\|TRAFFIC\|/);
    const evidence = linesOf(fileOf(story, 'evidence')).map((line) => JSON.parse(line));
    expect(evidence.filter(({ properties }) => properties.RemoteUrl === url).length).toBeGreaterThanOrEqual(2);
  });

  it('a trailing slash is all that differs in url-slash', () => {
    const url = String(simulatePhish({ connector: 'Zscaler', at }).truth.rows[0]![2]);
    const story = simulatePhish({ connector: 'Zscaler', variant: 'url-slash', at });
    expect(text(fileOf(story, 'proxy'))).toContain(` request=${url}/ `);
    expect(text(fileOf(story, 'evidence'))).toContain(`"RemoteUrl":"${url}"`);
  });

  it.each(['MicrosoftThreatProtection', 'AzureMonitor(VMInsights)', 'AIVectraStream'])('%s writes JSON lines', (id) => {
    for (const line of sessionsOf(id).flatMap(linesOf)) expect(JSON.parse(line)).toBeTypeOf('object');
  });

  it('Defender records are envelopes, alone or as Event Hubs bodies', () => {
    const { story } = hits[0]!;
    const evidence = linesOf(fileOf(story, 'evidence')).map((line) => JSON.parse(line));
    const bodies = linesOf(fileOf(story, 'session')).flatMap((line) => JSON.parse(line).records);
    for (const record of [...evidence, ...bodies]) {
      expect(record).toMatchObject({ operationName: 'Publish', category: expect.stringMatching(/^AdvancedHunting-/) });
      expect(record.properties.Timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    }
    expect(new Set(evidence.map((record) => record.category.slice('AdvancedHunting-'.length)))).toEqual(
      new Set(['AlertInfo', 'AlertEvidence', 'EmailEvents', 'EmailUrlInfo', 'IdentityInfo', 'DeviceEvents']),
    );
  });

  it.each(['WindowsForwardedEvents', 'SecurityEvents', 'WindowsSecurityEvents', 'MicrosoftSysmonForLinux'])(
    '%s writes one well-formed event a line',
    (id) => {
      for (const line of sessionsOf(id).flatMap(linesOf)) {
        const names: string[] = [];
        const parser = new SaxesParser({ xmlns: true });
        parser.on('error', (error) => {
          throw error;
        });
        parser.on('opentag', (tag) => names.push(tag.name));
        parser.write(line.slice(line.indexOf('<Event'))).close();
        expect(names.slice(0, 3)).toEqual(['Event', 'System', 'Provider']);
        expect(names).toContain('EventData');
      }
    },
  );

  it('VPC flow records have as many fields as their header names', () => {
    const [header, ...records] = linesOf(sessionsOf('AWSS3')[0]!);
    const names = header!.split(' ');
    expect(names).toHaveLength(29);
    for (const record of records) expect(record.split(' ')).toHaveLength(names.length);
    expect(records.filter((record) => record.includes(' NODATA '))).toHaveLength(1);
  });

  it('NSG tuples have thirteen parts, and counters only where a flow has ended', () => {
    const blobs = sessionsOf('AzureNSG').map((file) => JSON.parse(text(file)).records);
    const records = blobs.flat();
    const flows = records.filter((record) => record.category === 'NetworkSecurityGroupFlowEvent');
    const tuples: string[] = flows.flatMap((record) =>
      record.properties.flows.flatMap((rule: { flows: { flowTuples: string[] }[] }) =>
        rule.flows.flatMap((flow) => flow.flowTuples),
      ),
    );
    expect(tuples.length).toBeGreaterThan(10);
    for (const tuple of tuples) {
      const parts = tuple.split(',');
      expect(parts).toHaveLength(13);
      expect(parts.slice(9).every((part) => part === '')).toBe(parts[8] === 'B');
    }
    expect(new Set(records.map((record) => record.category)).size).toBe(3);
  });
});
