// Tests of rules: a folder of 50 rules with 200 cases, and how long `rule test` takes over it in a process of its own.
// node bench/rule-test.mjs [rules] [cases of each]

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [rules = 50, casesEach = 4] = process.argv.slice(2).map(Number);
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const limitSeconds = 60;

/** Query, rows that it fires on, and the step that stops it when the first row is another's. */
const shapes = [
  {
    query: `CommonSecurityLog
  | where DeviceAction == "deny"
  | summarize Count = count(), TimeGenerated = max(TimeGenerated) by SourceIP
  | where Count >= 2`,
    rows: { CommonSecurityLog: { first: log('deny'), second: log('deny') } },
    near: { change: { first: { DeviceAction: 'allow' } }, stoppedAt: 'where:CommonSecurityLog:2' },
  },
  {
    query: `let Failed = SigninLogs | where ResultType != "0" | summarize Failures = count() by IPAddress;
  SigninLogs
  | where ResultType == "0"
  | join kind=inner Failed on IPAddress
  | extend Level = case(Failures > 10, "High", Failures > 3, "Medium", "Low")`,
    rows: {
      SigninLogs: {
        first: { ResultType: '0', IPAddress: '203.0.113.9', UserPrincipalName: 'ana@example.com' },
        second: { ResultType: '50126', IPAddress: '203.0.113.9', UserPrincipalName: 'ana@example.com' },
      },
    },
    near: { change: { first: { IPAddress: '198.51.100.7' } }, stoppedAt: 'join:SigninLogs' },
  },
  {
    query: `DeviceProcessEvents
  | where FileName in~ ("powershell.exe", "pwsh.exe") and ProcessCommandLine has "-enc"
  | extend Host = tostring(split(DeviceName, ".")[0]), Kind = iff(AccountName endswith "$", "machine", "person")
  | project TimeGenerated, Host, AccountName, ProcessCommandLine, Kind`,
    rows: { DeviceProcessEvents: { first: process_('powershell -enc AAAA') } },
    near: {
      change: { first: { ProcessCommandLine: 'powershell -file a.ps1' } },
      stoppedAt: 'where:DeviceProcessEvents',
    },
  },
  {
    query: `let Allowed = _GetWatchlist('Scanners') | project Address = tostring(SearchKey);
  union CommonSecurityLog, (SecurityEvent | where EventID == 5157 | extend SourceIP = IpAddress)
  | where SourceIP !in (Allowed) and isnotempty(SourceIP)
  | summarize Ports = dcount(DestinationPort), TimeGenerated = min(TimeGenerated) by SourceIP, bin(TimeGenerated, 1h)`,
    rows: { CommonSecurityLog: { first: log('deny') } },
    near: { change: { first: { SourceIP: '' } }, stoppedAt: 'where:CommonSecurityLog' },
  },
  {
    query: `AzureActivity
  | where OperationNameValue has "delete" and ActivityStatusValue == "Success"
  | extend Resource = tostring(parse_json(Properties).resource)
  | join kind=leftanti (AzureActivity | where OperationNameValue has "lock" | project Caller) on Caller
  | project TimeGenerated, Caller, OperationNameValue, Resource`,
    rows: { AzureActivity: { first: activity('Microsoft.Compute/virtualMachines/delete') } },
    near: { change: { first: { ActivityStatusValue: 'Failure' } }, stoppedAt: 'where:AzureActivity' },
  },
];

function log(DeviceAction) {
  return { DeviceAction, SourceIP: '192.0.2.7', DestinationIP: '203.0.113.9', DestinationPort: 443 };
}
function process_(ProcessCommandLine) {
  return { FileName: 'powershell.exe', DeviceName: 'pc7.example.com', AccountName: 'ana', ProcessCommandLine };
}
function activity(OperationNameValue) {
  return { OperationNameValue, ActivityStatusValue: 'Success', Caller: 'ana@example.com' };
}

function write(folder, n) {
  const { query, rows, near } = shapes[n % shapes.length];
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  // Every rule is another text: none is bound for another.
  const text = `${query}\n  | extend Rule = ${n}`;
  writeFileSync(
    join(folder, `rule-${n}.yaml`),
    `id: ${id}\nname: Rule ${n}\ndescription: Made for the benchmark.\nseverity: Low\nkind: Scheduled\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\nquery: |\n  ${text}\n`,
  );
  const cases = Array.from({ length: casesEach }, (_, i) =>
    i % 2 === 0
      ? { name: `fires ${i}`, expect: { rows: [{ Rule: n }], alerts: 1 } }
      : { name: `stays silent ${i}`, change: near.change, expect: { stoppedAt: near.stoppedAt } },
  );
  // JSON is YAML.
  writeFileSync(join(folder, `rule-${n}.test.yaml`), JSON.stringify({ at: '2026-03-04T10:00:00Z', rows, cases }));
}

const home = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
const folder = join(home, 'rules');
mkdirSync(folder);
for (let n = 0; n < rules; n++) write(folder, n);

const startedAt = performance.now();
const run = spawnSync(process.execPath, [cli, 'rule', 'test', folder, '--json', '--data', join(home, 'none')], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
const seconds = (performance.now() - startedAt) / 1000;
rmSync(home, { recursive: true });
if (!run.stdout) throw new Error(run.stderr);
const { passed, failed, tests } = JSON.parse(run.stdout);
for (const test of tests.filter((test) => !test.passed).slice(0, 5)) console.log(test.name, test.file, test.failures);
console.log(
  `${rules} rules, ${passed + failed} cases, ${failed} failed: ${seconds.toFixed(1)} s (limit ${limitSeconds} s)`,
);
process.exitCode = failed === 0 && seconds < limitSeconds ? 0 : 1;
