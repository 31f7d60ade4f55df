import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectorIds } from '../simulate/index.js';
import { answer, temporaryFolder, temporaryWorkspace, vedette } from './testing/index.js';

let data: string[];
let file: string;
const lines = [
  '<134>Mar  4 09:12:31 gw CEF:0|Zscaler|NSSWeblog|6.2|1|web|3|src=10.1.2.3 dst=203.0.113.9 request=http://a.example.com/x act=Allowed',
  'this is no CEF',
];

beforeAll(async () => {
  data = ['--data', (await temporaryWorkspace()).dataDir];
  file = join(await temporaryFolder(), 'proxy.log');
  await writeFile(file, `${lines.join('\n')}\n`);
});

describe('ingest', () => {
  it('prints exactly what was read, where it went and what was rejected', async () => {
    const args = ['ingest', 'zscaler', file, '--received', '2026-03-04T10:00:00Z', ...data];
    const result = await answer<{ rejects: { reason: string }[] }>(args);
    expect(result).toEqual({
      connector: 'Zscaler',
      read: 2,
      rejected: 1,
      tables: { CommonSecurityLog: 1 },
      rejects: [{ reason: expect.any(String), count: 1, sample: lines[1] }],
    });
    const { rows } = await answer<{ rows: unknown[] }>([
      'query',
      'CommonSecurityLog | project TimeGenerated, RequestURL',
      ...data,
    ]);
    // The header has no year: it takes the one of the reception.
    expect(rows).toEqual([['2026-03-04T09:12:31Z', 'http://a.example.com/x']]);
    const kept = await answer<{ rows: unknown[] }>(['query', 'VedetteReject_CL | project RawData', ...data]);
    expect(kept.rows).toEqual([[lines[1]]]);
  });

  it('reads standard input, and with --strict a reject is a finding', async () => {
    const ended = await vedette(['ingest', 'CEF', '-', '--strict', '--json', ...data], `${lines[1]}\n`);
    expect(ended.status).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ connector: 'CEF', read: 1, rejected: 1 });
  });

  it('refuses a connector or path that is not there', async () => {
    expect(await vedette(['ingest', 'Nope', file, ...data])).toMatchObject({ status: 2, stdout: '' });
    const ended = await vedette(['ingest', 'CEF', `${file}.no`, ...data]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/^CLI6002 /);
  });
});

describe('connector list', () => {
  it('tells what each expects and when it last brought records', async () => {
    interface Listed {
      connectors: { id: string; tables: string[]; formats: string[]; lastHeard: { records: number } | null }[];
    }
    const { connectors } = await answer<Listed>(['connector', 'list', ...data]);
    expect(connectors.map((c) => c.id)).toEqual(expect.arrayContaining([...connectorIds, 'CEF', 'Syslog']));
    expect(connectors.every((c) => c.tables.length > 0 && c.formats.length > 0)).toBe(true);
    const heard = (id: string) => connectors.find((c) => c.id === id)?.lastHeard;
    expect(heard('Zscaler')).toMatchObject({ records: 2, rejected: 1 });
    expect(heard('Fortinet')).toBeNull();
  });
});
