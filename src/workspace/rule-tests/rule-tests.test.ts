import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairs } from './compare.js';
import { openRuleTester, type RuleTester, type RuleTestReport, ruleTestJsonSchema } from './index.js';

const rule = `id: 11111111-2222-4333-8444-555555555555
name: Denied by two firewalls
description: An address that two firewalls denied.
severity: Low
kind: Scheduled
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [Discovery]
query: |
  let Ignored = _GetWatchlist('Scanners') | project Address = tostring(SearchKey);
  CommonSecurityLog
  | where DeviceAction == "deny" and SourceIP !in (Ignored)
  | join kind=inner (Denials_CL | where Count > 1) on $left.SourceIP == $right.Address
  | project TimeGenerated, SourceIP, Count, Level = case(Count > 100, "High", Count > 10, iff(Seen, "Medium", "Low"), "Low")
entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }]
customDetails: { Times: Count }
alertDetailsOverride: { alertDisplayNameFormat: 'Denied: {{SourceIP}}', alertSeverityColumnName: Level }
`;

const head = `at: 2026-03-04T10:00:00Z
schemas: { Denials_CL: { Address: string, Count: long, Seen: bool } }
rows:
  CommonSecurityLog:
    log: { TimeGenerated: -20m, DeviceAction: deny, SourceIP: 192.0.2.7, DeviceVersion: 1.10 }
  Denials_CL:
    denial: { Address: 192.0.2.7, Count: 20, Seen: true }
cases:
`;

let folder: string;
let tester: RuleTester;
const testFile = () => join(folder, 'denied.test.yaml');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-rule-tests-'));
  await writeFile(join(folder, 'denied.yaml'), rule);
  tester = await openRuleTester([folder]);
});
afterAll(async () => {
  await tester.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(cases: string, options: Parameters<RuleTester['run']>[0] = {}): Promise<RuleTestReport> {
  await writeFile(testFile(), head + cases);
  return tester.run(options);
}
/** The messages of the one case. */
const failuresOf = async (cases: string) =>
  (await run(cases)).tests.flatMap((test) => test.failures.map((f) => f.message));

describe('a case that holds', () => {
  it('compares rows, alerts and the incident', async () => {
    const report = await run(`
  - name: denied by both
    expect:
      count: 1
      rows: [{ TimeGenerated: 2026-03-04T09:40:00Z, SourceIP: 192.0.2.7, Count: 20, Level: '*' }]
      alerts:
        - title: 'Denied: 192.0.2.7'
          severity: Medium
          tactics: [Discovery]
          entities: [{ type: IP, Address: 192.0.2.7 }]
          customDetails: { Times: 20 }
          columns: { ProductName: Azure Sentinel }
      incident: { severity: Medium, alerts: 1, title: 'Denied: 192.0.2.7' }
`);
    expect(report.tests).toEqual([
      expect.objectContaining({ rule: 'Denied by two firewalls', name: 'denied by both', line: 10, failures: [] }),
    ]);
    expect(report).toMatchObject({ passed: 1, failed: 0 });
  });

  it('has data of its own: changes, left-out rows, watchlists and times', async () => {
    const report = await run(`
  - { name: other address, change: { denial: { Address: 192.0.2.8 } }, expect: { stoppedAt: 'join:Denials_CL' } }
  - { name: no log, without: [log], expect: { silence: true } }
  - { name: as before, expect: { alerts: 1, incidents: 1 } }
  - { name: later, at: 2026-03-04T12:00:00Z, change: { log: { TimeGenerated: 2026-03-04T09:40:00Z } }, expect: { silence: true } }
  - name: a scanner
    watchlists: { Scanners: { searchKey: Ip, rows: [{ Ip: 192.0.2.7, Owner: ana }] } }
    expect: { stoppedAt: 'where:CommonSecurityLog' }
  - name: one row more
    rows: { Denials_CL: [{ Address: 192.0.2.7, Count: 500 }] }
    expect: { rows: [{ Level: High }, { Level: Medium }], alerts: [{ severity: High }] }
`);
    expect(report.tests.flatMap((test) => test.failures)).toEqual([]);
    expect(report.passed).toBe(6);
  });

  it('sends raw records through their connector', async () => {
    await writeFile(join(folder, 'fw.log'), '<134>Mar  4 09:30:00 fw CEF:0|Acme|Wall|1|1|x|3|act=deny src=192.0.2.7\n');
    const report = await run(`
  - { name: from a file, without: [log], records: [{ connector: Zscaler, file: fw.log }], expect: { rows: [{ TimeGenerated: 2026-03-04T09:30:00Z }] } }
  - name: refused
    records: [{ connector: AWSS3, text: "no flow\\n" }]
    expect: { count: 1 }
`);
    expect(report.tests.map((test) => test.passed)).toEqual([true, false]);
    expect(report.tests[1]?.failures[0]).toMatchObject({
      what: 'data',
      message: expect.stringContaining('1 of 1 records rejected'),
    });
  });
});

describe('a case that fails', () => {
  it('shows the rows that are missing beside those that came', async () => {
    const { tests } = await run(`
  - name: x
    expect: { rows: [{ SourceIP: 192.0.2.7, Count: 21 }, { SourceIP: 192.0.2.7 }] }
`);
    expect(tests[0]?.failures).toEqual([
      {
        what: 'rows',
        message: '1 expected row missing',
        diff: {
          columns: ['SourceIP', 'Count'],
          rows: [
            { mark: '=', cells: ['192.0.2.7', 20] },
            { mark: '-', cells: ['192.0.2.7', 21] },
          ],
        },
      },
    ]);
  });

  it('says what else came, and which alert differs', async () => {
    expect(
      await failuresOf('  - { name: x, expect: { rows: [], alerts: [{ severity: High }], incidents: 2 } }'),
    ).toEqual(['1 row not expected', '1 expected alert missing, 1 alert not expected', '1 incident instead of 2']);
    for (const wrong of [
      'entities: [{ type: IP, Address: 192.0.2.8 }]',
      'entities: []',
      'tactics: [Impact]',
      'customDetails: { Times: [20, 21] }',
    ]) {
      expect([wrong, await failuresOf(`  - { name: x, expect: { alerts: [{ ${wrong} }] } }`)]).toEqual([
        wrong,
        ['1 expected alert missing, 1 alert not expected'],
      ]);
    }
  });

  it('follows the rows of a case that stayed silent', async () => {
    const { tests } = await run('  - { name: x, change: { denial: { Count: 1 } }, expect: { alerts: 1 } }');
    expect(tests[0]?.failures[0]?.message).toBe('0 alerts instead of 1: the rule does not trigger on 0 rows');
    expect(tests[0]?.funnel?.stoppedAt).toBe('where:Denials_CL');
  });

  it('that speaks or stops elsewhere', async () => {
    expect(await failuresOf('  - { name: x, expect: { silence: true } }')).toEqual(['the rule alerts on 1 row']);
    expect(
      await failuresOf("  - { name: x, without: [denial], expect: { stoppedAt: 'where:CommonSecurityLog' } }"),
    ).toEqual(['stopped at join:Denials_CL instead of where:CommonSecurityLog']);
    expect(await failuresOf("  - { name: x, without: [denial], expect: { stoppedAt: 'join:Nothing' } }")).toEqual([
      expect.stringMatching(/^there is no step join:Nothing; the steps are .*where:CommonSecurityLog/),
    ]);
  });

  it('because its rule is wrong', async () => {
    await writeFile(join(folder, 'broken.yaml'), rule.replace('DeviceAction ==', 'NoSuchColumn =='));
    await writeFile(join(folder, 'broken.test.yaml'), `${head}  - { name: x, expect: { count: 1 } }`);
    const { tests } = await run('  - { name: x, expect: { count: 1 } }');
    await rm(join(folder, 'broken.test.yaml'));
    expect(tests.map((test) => test.passed)).toEqual([false, true]);
    expect(tests[0]?.failures[0]?.message).toMatch(/broken\.yaml:\d+:\d+ .*NoSuchColumn/);
  });
});

describe('a test file with mistakes', () => {
  const problems = async (text: string) => {
    await writeFile(testFile(), text);
    const { tests, failed } = await tester.run();
    expect(failed).toBe(1);
    return tests[0]!.failures.map(({ message }) => message.split('\n')[0]!.replace(/^.*\.test\.yaml:/, ''));
  };
  const one = '  - { name: x, expect: { count: 1 } }\n';

  it.each([
    ['at: [', /^1:\d+ RUL3001/],
    [`${head}  - { name: x, expects: { count: 1 } }`, /^9:16 RUL3002 there is no key expects here/],
    [`${head}  - { name: x, expect: {} }`, /^9:24 RUL3002 .*says nothing/],
    [`${head}  - { name: x, expect: { count: many } }`, /^9:33 RUL3002 cases\.0\.expect\.count/],
    [`${head}${one}${one}`, /^10:13 RUL3002 there is a case of this name in line 9/],
    [`${head}  - { name: x, without: [nobody], expect: { count: 1 } }`, /^9:26 RUL3002 no shared row is named nobody/],
    [
      `${head}  - { name: x, change: { nobody: {} }, expect: { count: 1 } }`,
      /^9:3\d RUL3002 no shared row is named nobody/,
    ],
    [`${head}  - { name: x, rows: { Nowhere: [] }, expect: { count: 1 } }`, /^9:\d+ RUL3002 there is no table Nowhere/],
    [
      `${head}  - { name: x, rows: { Denials_CL: [{ count: 1 }] }, expect: { count: 1 } }`,
      /^9:\d+ RUL3002 Denials_CL has no column count/,
    ],
    [
      `${head}  - { name: x, rows: { Denials_CL: [{ Count: lots }] }, expect: { count: 1 } }`,
      /^9:\d+ RUL3002 "lots" is no long/,
    ],
    [
      `${head}  - { name: x, records: [{ connector: Fax, text: a }], expect: { count: 1 } }`,
      /^9:\d+ RUL3002 there is no connector 'Fax'/,
    ],
    [
      `${head}  - { name: x, records: [{ connector: AWSS3 }], expect: { count: 1 } }`,
      /^9:\d+ RUL3002 records have a text or a file/,
    ],
    [`${head}  - { name: x, at: noon, expect: { count: 1 } }`, /^9:20 RUL3002 'noon' is not a time/],
    [
      `${head}  - { name: x, expect: { silence: true, alerts: 1 } }`,
      /^9:\d+ RUL3002 a case that stays silent has none/,
    ],
    [head.replace(/^at.*\n/, '') + one, /^8:5 RUL3002 there is no time of the run/],
    [`${head}  - name: x\n    name: y\n    expect: { count: 1 }`, /^10:5 RUL3002 the key name stands twice/],
  ])('%#', async (text, wanted) => {
    expect(await problems(text)).toContainEqual(expect.stringMatching(wanted));
  });
});

it('coverage tells the steps and branches that no case went through', async () => {
  const { coverage } = await run(
    `
  - { name: some, change: { denial: { Count: 11, Seen: false } }, expect: { count: 1 } }
  - { name: few, change: { denial: { Count: 2 } }, expect: { count: 1 } }
  - { name: none, change: { denial: { Count: 1 } }, expect: { stoppedAt: 'where:Denials_CL' } }
`,
    { coverage: true },
  );
  const [covered] = coverage ?? [];
  expect(covered?.steps.filter((step) => step.canStop).map(({ id, passed, stopped }) => [id, passed, stopped])).toEqual(
    [
      ['where:CommonSecurityLog', 3, 0],
      ['where:Denials_CL', 2, 1],
      // No rows on the right side: those on the left end here.
      ['join:Denials_CL', 2, 1],
    ],
  );
  expect(covered?.branches.map(({ branch, taken }) => [branch, taken])).toEqual([
    ['Count > 100', 0],
    ['Count > 10', 1],
    ['Seen', 0],
    ['else', 1],
    ['else', 1],
  ]);
});

it('after a change of a test or rule only its tests run', async () => {
  await writeFile(join(folder, 'other.yaml'), rule);
  await writeFile(join(folder, 'other.test.yaml'), `${head}  - { name: x, expect: { count: 1 } }`);
  const all = await run('  - { name: x, expect: { count: 1 } }');
  const filesOf = async (...changed: string[]) =>
    (await tester.run({ changed: changed.map((file) => join(folder, file)) })).tests.map((test) => test.file);
  expect(all.tests).toHaveLength(2);
  expect(await filesOf('other.yaml')).toEqual([join(folder, 'other.test.yaml')]);
  expect(await filesOf('denied.test.yaml')).toEqual([testFile()]);
  expect(await filesOf('vimThing.yaml')).toHaveLength(2);
  await rm(join(folder, 'other.test.yaml'));
});

describe('pairs', () => {
  it('give a narrow expectation the only row that fits it', () => {
    expect(
      pairs(
        [{ a: 1 }, { a: 1, b: 2 }],
        [
          { a: 1, b: 2 },
          { a: 1, b: 3 },
        ],
      ),
    ).toEqual([1, 0]);
    expect(pairs([{ a: 1 }, { a: 1 }], [{ a: 1 }])).toEqual([0, undefined]);
  });
});

it('the schema for editors is the one that is checked', async () => {
  const file = fileURLToPath(new URL('../../../docs/schemas/rule-test.schema.json', import.meta.url));
  expect(ruleTestJsonSchema()).toMatchObject({ required: ['cases'], additionalProperties: false });
  await expect(`${JSON.stringify(ruleTestJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});
