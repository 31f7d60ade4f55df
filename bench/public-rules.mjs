// Ten public rules of an Azure-Sentinel checkout, unmodified, each with rows and cases written here: `rule test` over cases
// that must and must not alert, `rule backtest` against a version that is changed in one place, and `rule explain` of a
// silent run. Nothing of the checkout is kept.
//   npm run build && node bench/public-rules.mjs CHECKOUT [--show]     (CHECKOUT has Detections/SigninLogs and so on)
// Exit status 1 when a case fails or a comparison is not the expected one.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [checkout, show] = process.argv.slice(2);
if (!checkout) throw new Error('name the folder of a checkout of Azure-Sentinel');
const dist = process.env.VEDETTE_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const { openWorkspace } = await import(join(dist, 'index.js'));
const { catalogue } = await import(join(dist, 'tables/index.js'));
const run = promisify(execFile);

const at = Date.UTC(2026, 2, 4, 12);
const minute = 60_000;
const day = 24 * 60 * minute;
const times = (n, row) => Array.from({ length: n }, (_, i) => row(i));
const json = JSON.stringify;

/**
 * `rows`: what alerts, with `minutes` before the run. `quiet`: rows that come close and must not. `change`: the other version,
 * a text and its replacement; `expected`: alerts that are new, lost and the same when this version is compared with that.
 */
const rules = [
  {
    file: 'CommonSecurityLog/PaloAlto-PortScanning',
    table: 'CommonSecurityLog',
    rows: (n = 10) =>
      times(n, () => ({
        ...{ DeviceVendor: 'Palo Alto Networks', DeviceProduct: 'PAN-OS', DeviceName: 'fw1', Computer: 'fw1' },
        ...{
          SourceIP: '10.0.0.5',
          SourceUserID: 'ana',
          DestinationIP: '203.0.113.7',
          DestinationPort: 22,
          Protocol: 'tcp',
        },
        ...{ ApplicationProtocol: 'incomplete', DeviceAction: 'allow', Reason: 'tcp-rst-from-client', minutes: 20 },
      })),
    quiet: (rows) => rows.slice(1),
    change: ['count_ >= 10', 'count_ >= 11'],
    expected: [1, 0, 0],
  },
  {
    file: 'SigninLogs/FailedLogonToAzurePortal',
    table: 'SigninLogs',
    rows: () =>
      times(6, (i) => ({
        ...{
          AppDisplayName: 'Azure Portal',
          ResultType: '50126',
          ResultDescription: 'Invalid password',
          Identity: 'Ana',
        },
        ...{
          UserPrincipalName: 'ana@example.com',
          UserId: 'u1',
          UserDisplayName: 'Ana',
          IPAddress: `203.0.113.${i + 1}`,
        },
        minutes: 30 + i,
      })),
    // One address only, and fewer than twenty failures.
    quiet: (rows) => rows.map((row) => ({ ...row, IPAddress: '203.0.113.1' })),
    change: ['threshold_Failed = 5', 'threshold_Failed = 7'],
    expected: [1, 0, 0],
  },
  {
    file: 'SecurityEvent/ExcessiveLogonFailures',
    table: 'SecurityEvent',
    rows: () =>
      times(50, () => ({
        ...{
          EventID: 4625,
          AccountType: 'User',
          Account: 'CORP\\ana',
          Computer: 'dc1.corp.example',
          IpAddress: '10.0.0.9',
        },
        ...{ SubStatus: '0xC000006A', WorkstationName: 'pc7', LogonTypeName: '3 - Network', Process: '-', minutes: 60 },
      })),
    quiet: (rows) => rows.slice(1),
    change: ['countlimit = 50', 'countlimit = 40'],
    expected: [0, 0, 1],
  },
  {
    file: 'SecurityEvent/MultipleFailedFollowedBySuccess',
    table: 'SecurityEvent',
    rows: () => {
      const row = { Account: 'CORP\\ben', IpAddress: '10.0.0.19', Computer: 'dc1.corp.example' };
      return [...times(5, () => ({ ...row, EventID: 4625, minutes: 20 })), { ...row, EventID: 4624, minutes: 10 }];
    },
    // No success after the failures.
    quiet: (rows) => rows.slice(0, 5),
    change: ['authenticationThreshold = 5', 'authenticationThreshold = 6'],
    expected: [1, 0, 0],
  },
  {
    file: 'AuditLogs/AccountCreatedandDeletedinShortTimeframe',
    table: 'AuditLogs',
    rows: () => {
      const InitiatedBy = { user: { userPrincipalName: 'admin@example.com', ipAddress: '203.0.113.9' } };
      const TargetResources = [{ userPrincipalName: 'temp@example.com' }];
      return [
        { OperationName: 'Add user', InitiatedBy, TargetResources, minutes: 180 },
        { OperationName: 'Delete user', InitiatedBy, TargetResources, minutes: 15 },
      ];
    },
    quiet: (rows) => [rows[1]],
    change: ['=~ "Delete user"', '=~ "Hard Delete user"'],
    expected: [1, 0, 0],
  },
  {
    file: 'OfficeActivity/ExternalUserAddedRemovedInTeams',
    table: 'OfficeActivity',
    rows: () => {
      const Members = [{ UPN: 'guest_example.net#EXT#@example.com' }, { UPN: 'ana@example.com' }];
      const row = {
        OfficeWorkload: 'MicrosoftTeams',
        TeamName: 'Finance',
        UserId: 'admin@example.com',
        Members,
      };
      return [
        { ...row, Operation: 'MemberAdded', minutes: 40 },
        { ...row, Operation: 'MemberRemoved', minutes: 10 },
      ];
    },
    // Removed before added.
    quiet: ([added, removed]) => [
      { ...added, minutes: 10 },
      { ...removed, minutes: 40 },
    ],
    change: ['TimeDeleted > TimeAdded', 'TimeDeleted > TimeAdded and TimeDeleted - TimeAdded < 20m'],
    expected: [1, 0, 0],
  },
  {
    file: 'Syslog/FailedLogonAttempts_UnknownUser',
    table: 'Syslog',
    rows: () => {
      const row = { Facility: 'authpriv', Computer: 'web1', HostIP: '10.0.0.20', ProcessName: 'sshd' };
      const failure =
        'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.50';
      return times(15, (i) => ({ ...row, ProcessID: 100 + i, minutes: 60 + i })).flatMap((each) => [
        { ...each, SyslogMessage: failure },
        { ...each, SyslogMessage: 'pam_unix(sshd:auth): check pass; user unknown' },
      ]);
    },
    quiet: (rows) => rows.slice(2),
    change: ['threshold = 15', 'threshold = 10'],
    expected: [0, 0, 1],
  },
  {
    file: 'AWSCloudTrail/AWS_ConsoleLogonWithoutMFA',
    table: 'AWSCloudTrail',
    rows: () => [
      {
        ...{ EventName: 'ConsoleLogin', EventTypeName: 'AwsConsoleSignIn', UserIdentityUserName: 'ana' },
        ...{ AdditionalEventData: json({ MFAUsed: 'No' }), ResponseElements: json({ ConsoleLogin: 'Success' }) },
        ...{ SourceIpAddress: '203.0.113.9', AWSRegion: 'eu-west-1', minutes: 25 },
      },
    ],
    quiet: (rows) => rows.map((row) => ({ ...row, AdditionalEventData: json({ MFAUsed: 'Yes' }) })),
    change: ['MFAUsed !~ "Yes"', 'MFAUsed =~ "Yes"'],
    expected: [1, 0, 0],
  },
  {
    file: 'DnsEvents/DNS_TorProxies',
    table: 'DnsEvents',
    rows: () => [{ Name: 'abcdefgh.onion.to', ClientIP: '10.0.0.31', Computer: 'dns1.corp.example', minutes: 5 }],
    quiet: (rows) => rows.map((row) => ({ ...row, Name: 'onion.example.com' })),
    change: ['"onion.to", ', ''],
    expected: [1, 0, 0],
  },
  {
    file: 'W3CIISLog/HighFailedLogonCountByClientIP',
    table: 'W3CIISLog',
    rows: () =>
      times(20, (i) => ({
        ...{ scStatus: '401', scSubStatus: '1', scWin32Status: '1326', csUserName: `user${i}`, cIP: '203.0.113.80' },
        ...{
          Computer: 'web2',
          sIP: '10.0.0.40',
          sSiteName: 'Default',
          sPort: '443',
          csMethod: 'GET',
          csUriQuery: 'a%20b',
        },
        minutes: 45,
      })),
    quiet: (rows) => rows.map((row, i) => (i === 0 ? { ...row, scStatus: '200' } : row)),
    change: ['failedThreshold = 20', 'failedThreshold = 5'],
    expected: [0, 0, 1],
  },
];

const folder = await mkdtemp(join(tmpdir(), 'vedette-public-'));
const dataDir = join(folder, 'data');
const cli = (...args) =>
  run(process.execPath, [join(dist, 'cli/main.js'), ...args, '--data', dataDir], { maxBuffer: 1 << 26 });
const timed = ({ minutes, ...row }, end) => ({ TimeGenerated: new Date(end - minutes * minute).toISOString(), ...row });
const problems = [];
try {
  await mkdir(join(folder, 'rules'));
  const workspace = await openWorkspace({ dataDir });
  for (const rule of rules) {
    rule.name = rule.file.replace(/.*\//, '');
    rule.path = join(folder, 'rules', `${rule.name}.yaml`);
    rule.other = join(folder, `${rule.name}.other.yaml`);
    await copyFile(join(checkout, 'Detections', `${rule.file}.yaml`), rule.path);
    const text = await readFile(rule.path, 'utf8');
    if (!text.includes(rule.change[0])) throw new Error(`${rule.file} has no '${rule.change[0]}'`);
    await writeFile(rule.other, text.replace(...rule.change));
    const rows = rule.rows();
    const caseOf = (name, some, expect) => ({
      name,
      rows: { [rule.table]: some.map((row) => timed(row, at)) },
      expect,
    });
    const cases = [
      caseOf('what it is for', rows, { alerts: 1, incident: { alerts: 1 } }),
      caseOf('close, but not that', rule.quiet(rows), { silence: true }),
      caseOf(
        'outside the window',
        rows.map((row) => ({ ...row, minutes: row.minutes + 30 * 1440 })),
        { silence: true },
      ),
    ];
    // JSON is YAML.
    await writeFile(rule.path.replace('.yaml', '.test.yaml'), json({ at: new Date(at).toISOString(), cases }));
    await workspace.store.ensureTable(catalogue.table(rule.table));
    await workspace.store.insert(
      rule.table,
      rows.map((row) => timed(row, at)),
    );
  }
  await workspace.close();

  const tested = await cli('rule', 'test', join(folder, 'rules')).catch((error) => error);
  console.log(tested.stdout.trim());
  if (tested.code) problems.push('rule test failed');

  const to = new Date(at).toISOString();
  const from = new Date(at - 2 * day).toISOString();
  for (const { name, path, other, expected } of rules) {
    console.log(`\n── ${name}`);
    // The range ends at the run that alerts; of rules that run every hour, only that last run is compared.
    const range = [
      '--from',
      /1h|6h/.test(/queryFrequency: (\S+)/.exec(await readFile(path, 'utf8'))[1]) ? to : from,
      '--to',
      to,
    ];
    const text = await cli('rule', 'backtest', path, '--against', other, ...range);
    console.log(text.stdout.trim());
    const { against } = JSON.parse(
      (await cli('rule', 'backtest', path, '--against', other, ...range, '--json')).stdout,
    );
    const found = [against.alerts.new, against.alerts.lost, against.alerts.same].map((rows) => rows.length);
    if (`${found}` !== `${expected}`) problems.push(`${name}: new, lost, same ${found}, not ${expected}`);
    const explained = await cli('rule', 'explain', path, '--at', new Date(at + 10 * day).toISOString());
    if (show) console.log(explained.stdout.trim());
    else console.log(explained.stdout.trim().split('\n').slice(-3).join('\n'));
  }
  console.log(problems.length === 0 ? `\n${rules.length} public rules behave as expected` : `\n${problems.join('\n')}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
