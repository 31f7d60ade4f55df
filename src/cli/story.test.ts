import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectorIds, variantNames } from '../simulate/index.js';
import { answer, temporaryFolder, vedette } from './testing/index.js';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});

const at = '2026-03-04T10:00:00Z';

describe('simulate phish', () => {
  interface Written {
    at: string;
    files: { connector: string; path: string; role: string }[];
    truth: { columns: { name: string }[]; rows: unknown[][]; stoppedAt?: string };
  }

  it('writes the story as files of one connector and role each, the same for the same seed', async () => {
    const write = (out: string, ...more: string[]) =>
      answer<Written>(['simulate', 'phish', '--connector', 'vminsights', '--out', out, '--at', at, ...more]);
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    const story = await write(one, '--seed', '7', '--proxy', 'Fortinet');
    expect(story.at).toBe(at);
    expect(new Set(story.files.map((file) => file.role))).toEqual(new Set(['evidence', 'proxy', 'session']));
    expect(story.files.find((file) => file.role === 'session')?.connector).toBe('AzureMonitor(VMInsights)');
    expect(story.files.find((file) => file.role === 'proxy')?.connector).toBe('Fortinet');
    expect([story.truth.columns.length, story.truth.rows.length]).toEqual([19, 1]);
    await write(two, '--seed', '7', '--proxy', 'Fortinet');
    for (const { path } of story.files)
      expect(await readFile(join(one, path))).toEqual(await readFile(join(two, path)));
  });

  it('says at which step a miss ends', async () => {
    const args = [
      'simulate',
      'phish',
      '--connector',
      'Zscaler',
      '--out',
      join(folder, 'miss'),
      '--variant',
      'url-slash',
    ];
    const { truth } = await answer<Written>(args);
    expect([truth.rows, truth.stoppedAt]).toEqual([[], 'join:CommonSecurityLog']);
  });

  it('refuses what it does not know, and names what it does', async () => {
    const args = ['simulate', 'phish', '--out', join(folder, 'no'), '--connector'];
    for (const more of [
      ['Nope'],
      ['Zscaler', '--variant', 'nope'],
      ['Zscaler', '--seed', 'x'],
      ['Zscaler', '--at', 'noon'],
    ])
      expect((await vedette([...args, ...more])).status).toBe(2);
    const { stderr } = await vedette([...args, 'Zscaler', '--variant', 'nope']);
    for (const variant of variantNames) expect(stderr).toContain(variant);
  });
});

describe('demo', () => {
  it('goes from raw records of thirteen connectors to one incident', async () => {
    const data = ['--data', join(folder, 'demo')];
    const demo = await answer<{
      connectors: Record<string, { read: number; rejected: number }>;
      tables: Record<string, number>;
      incidents: { Title: string; entities: { entity: { Type: string } }[]; AdditionalData: object }[];
    }>(['demo', '--at', at, ...data]);
    expect(Object.keys(demo)).toEqual(['connectors', 'tables', 'incidents']);
    expect(Object.keys(demo.connectors).sort()).toEqual([...connectorIds].sort());
    for (const { read, rejected } of Object.values(demo.connectors)) {
      expect(read).toBeGreaterThan(0);
      expect(rejected).toBe(0);
    }
    const read = Object.values(demo.connectors).reduce((sum, c) => sum + c.read, 0);
    expect(Object.values(demo.tables).reduce((sum, rows) => sum + rows, 0)).toBe(read);
    expect(demo.incidents).toMatchObject([
      {
        Title: 'Possible Phishing with CSL and Network Sessions',
        Severity: 'Medium',
        AdditionalData: { tactics: ['InitialAccess', 'CommandAndControl'], techniques: ['T1566', 'T1102'] },
      },
    ]);
    const types = demo.incidents[0]?.entities.map((e) => e.entity.Type).sort();
    expect(types).toEqual(['account', 'account', 'host', 'ip', 'ip']);

    const { stdout, status } = await vedette(['incident', 'show', '1', ...data]);
    expect(status).toBe(0);
    for (const part of ['RecipientEmailAddress', 'DeviceAction', 'outlook.exe', 'Initial Access, Command and Control'])
      expect(stdout).toContain(part);
  });
});
