import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkContent } from './check.js';

async function checked(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-check-'));
  try {
    await writeFile(join(folder, 'q.kql'), text);
    const [file] = await checkContent([folder]);
    return { verdict: file?.verdict, found: file?.diagnostics.map((d) => `${d.code} ${d.span?.start}`) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const list = "(a:string)['https://example.com/a.csv'] with (format=csv)";

it('a query over external data is right, and it is said that it needs leave to run', async () => {
  expect(await checked(`let T = externaldata ${list};\nT | count`)).toEqual({ verdict: 'ok', found: ['RUL3009 8'] });
});

it('a comment reads nothing', async () => {
  expect(await checked('// externaldata (a:string)\nprint 1')).toEqual({ verdict: 'ok', found: [] });
});

it('columns of a resource that logs to AzureDiagnostics are not taken for mistakes', async () => {
  const query =
    'AzureDiagnostics | project-rename Name = properties_networkAcls_defaultAction_s | where Name == "Deny"';
  expect((await checked(query)).verdict).toBe('incomplete');
});

it("a column that is dynamic here and text in Defender's own tables groups, with a warning", async () => {
  expect(await checked('DeviceEvents | summarize count() by AdditionalFields')).toEqual({
    verdict: 'ok',
    found: ['KS116 36'],
  });
  expect((await checked('SecurityAlert | extend x = parse_json(Entities) | distinct x')).verdict).toBe('failed');
});

it('a search over all tables is right, although a check has none', async () => {
  const query = 'search "192.0.2.1" | where TimeGenerated > ago(90d) | summarize count() by Type';
  expect((await checked(query)).verdict).toBe('ok');
});

it('a union passes over tables that are not here, and what is left is compiled', async () => {
  expect((await checked('union isfuzzy=true Absent_CL, Syslog | where Computer == "x" | count')).verdict).toBe('ok');
  expect((await checked('union isfuzzy=true Absent_CL, Other_CL | where a == 1')).verdict).toBe('incomplete');
  // Of the tables that are here nothing is missing, and this is not supported with or without the others.
  const refused = 'union isfuzzy=true Absent_CL, Syslog | evaluate python(typeof(*), "x")';
  expect((await checked(refused)).verdict).toBe('failed');
});
