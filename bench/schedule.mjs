// Hundreds of rules every five minutes over millions of rows: do they keep their schedule, and what does it cost?
//
//   node bench/schedule.mjs [--rows=10000000] [--rules=500] [--rounds=4]
//
// The clock runs as it does, but jumps over the time in which nothing is due; CPU is counted against all of the time. The
// first round compiles the queries and is reported by itself. Delay is from the moment that a run is due to its end.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = process.env.VEDETTE_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const { openWorkspace } = await import(join(dist, 'index.js'));
const { catalogue } = await import(join(dist, 'tables/index.js'));
const option = (name, value) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? value);
const [rows, rules, rounds] = [option('rows', 10_000_000), option('rules', 500), option('rounds', 4)];
const minute = 60_000;
const period = 5 * minute;
const start = Date.UTC(2026, 2, 4, 10);
/** Rows lie evenly over a day, the rounds at its end. */
const span = 24 * 60 * minute;
const iso = (ms) => new Date(ms).toISOString();

// What triggers names address 203.0.113.7 or a count that is reached; what does not names what never happens.
const log = 'CommonSecurityLog';
const shapes = [
  (on) =>
    `${log} | where SourceIP == "${on ? '203.0.113.7' : '192.0.2.200'}" | project TimeGenerated, SourceIP, DestinationIP`,
  (on) => `${log} | where Message has "${on ? 'denied' : 'exploded'}" | summarize Events = count() by SourceIP`,
  (on) => `${log} | summarize Events = count() by SourceIP | where Events > ${on ? 10 : 100_000_000}`,
  (on) =>
    `${log} | summarize Targets = dcount(DestinationIP), First = min(TimeGenerated) by SourceIP | where Targets > ${on ? 5 : 100_000_000}`,
  (on) =>
    `let bad = dynamic(["${on ? '203.0.113.7' : '192.0.2.201'}", "192.0.2.250"]); ${log} | where SourceIP in (bad) | summarize make_set(DestinationIP, 10) by SourceIP`,
  (on) => `${log} | where Message matches regex @"port=${on ? '44[0-9]' : '9{5}'}" | summarize count() by DeviceVendor`,
  (on) =>
    `${log} | where DeviceAction == "deny" | summarize Denied = count() by SourceIP, bin(TimeGenerated, 1m) | where Denied > ${on ? 0 : 100_000_000}`,
  (on) =>
    `${log} | where DeviceAction == "deny" | parse Message with * "user=" User " " * | summarize Hosts = dcount(DestinationIP) by User | where Hosts > ${on ? 1 : 100_000_000}`,
  (on) =>
    `${log} | where DeviceAction == "deny" and SourceIP == "203.0.113.7" | join kind=inner (SigninLogs | where ResultType == "${on ? '50126' : '99999'}") on $left.SourceIP == $right.IPAddress | summarize count() by UserPrincipalName`,
  (on) =>
    `SigninLogs | where ResultType == "${on ? '50126' : '99999'}" | summarize arg_max(TimeGenerated, IPAddress) by UserPrincipalName`,
  (on) =>
    `union (${log} | project TimeGenerated, Address = SourceIP), (SigninLogs | project TimeGenerated, Address = IPAddress) | where ipv4_is_in_range(Address, "${on ? '203.0.113.0/28' : '192.0.2.128/25'}") | summarize count() by Address`,
  (on) =>
    `${log} | extend Port = toint(extract(@"port=(\\d+)", 1, Message)) | where Port == ${on ? 443 : 70_000} | top 10 by TimeGenerated desc | project TimeGenerated, SourceIP, Port`,
];

const dataDir = await mkdtemp(join(tmpdir(), 'vedette-schedule-'));
try {
  await writeRules(join(dataDir, 'content'));
  let offset = 0;
  let fixed = start;
  const clock = { now: () => (fixed === undefined ? Date.now() + offset : fixed) };
  const workspace = await openWorkspace({ dataDir, clock });
  await fill(workspace);
  const reports = [];
  const watch = workspace.schedule.watch({ onRun: (report) => reports.push({ ...report, endedAt: clock.now() }) });
  await watch.once();
  console.log(
    `${rules} rules of ${shapes.length} shapes, ${rows.toLocaleString('en-US')} rows, ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)} at the start`,
  );
  const later = [];
  for (let round = 0; round < rounds; round++) {
    // The rules are due; from here time runs.
    fixed = undefined;
    offset = start + round * period + 5 * minute - Date.now();
    reports.length = 0;
    const [began, cpu] = [performance.now(), await cpuSeconds()];
    await watch.once();
    const seconds = (performance.now() - began) / 1000;
    const used = (await cpuSeconds()) - cpu;
    const done = reports.filter((report) => report.result === 'done');
    const delays = done.map((report) => report.endedAt - report.nominal - 5 * minute).sort((a, b) => a - b);
    const line = {
      ...{ round, done: done.length, failed: reports.length - done.length },
      triggered: done.filter((report) => report.alertCount > 0).length,
      ...{ worst: delays.at(-1) / 1000, median: delays[Math.floor(delays.length / 2)] / 1000, seconds, used },
      share: used / ((period / 1000) * availableParallelism()),
    };
    for (const report of reports)
      if (report.result !== 'done') console.log(report.ruleName, report.result, report.reason);
    console.log(
      `${round === 0 ? 'first round, with compilation' : `round ${round}`}: ${line.done} runs, ${line.triggered} triggered, ${line.failed} failed; ` +
        `delay worst ${line.worst.toFixed(1)} s, median ${line.median.toFixed(1)} s; ${used.toFixed(1)} s of CPU, ${(100 * line.share).toFixed(1)} % of ${availableParallelism()} cores over five minutes`,
    );
    if (round > 0) later.push(line);
  }
  const worst = Math.max(...later.map((line) => line.worst));
  const share = later.reduce((sum, line) => sum + line.share, 0) / later.length;
  console.log(
    `worst delay ${worst.toFixed(1)} s, CPU share ${(100 * share).toFixed(1)} %, load ${loadavg()[0].toFixed(1)} at the end`,
  );
  await workspace.close();
  process.exitCode = worst * 1000 < period && later.every((line) => line.failed === 0 && line.done === rules) ? 0 : 1;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

/** User and system time of this process and its engine. */
async function cpuSeconds() {
  const { pid } = JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8'));
  const own = process.cpuUsage();
  const hertz = Number(execFileSync('getconf', ['CLK_TCK']));
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (own.user + own.system) / 1e6 + (Number(fields[11]) + Number(fields[12])) / hertz;
}

/** Rows are made inside the engine: reading them is what is measured here, not writing. */
async function fill({ store }) {
  for (const table of [log, 'SigninLogs']) await store.ensureTable(catalogue.table(table));
  await store.workspaceId();
  const { url, database, admin } = JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8'));
  const end = start + rounds * period;
  const insert = async (table, columns, count) => {
    const time = `toDateTime64(${(end - span) / 1000}, 7, 'UTC') + toIntervalMillisecond(intDiv(number * ${span}, ${count}))`;
    const names = ['TimeGenerated', '_TimeReceived', ...Object.keys(columns)];
    const values = ['t', 't + toIntervalSecond(10)', ...Object.values(columns)];
    const sql = `INSERT INTO ${database}.${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM (SELECT number, ${time} AS t FROM numbers(${count}))`;
    const answer = await fetch(url, {
      method: 'POST',
      body: sql,
      headers: { 'X-ClickHouse-User': admin.user, 'X-ClickHouse-Key': admin.password },
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const address = (n, salt) => `concat('203.0.113.', toString(cityHash64(number, ${salt}) % ${n}))`;
  await insert(
    log,
    {
      DeviceVendor: `['Fortinet', 'Palo Alto Networks', 'Check Point', 'Zscaler'][number % 4 + 1]`,
      DeviceAction: `if(cityHash64(number, 1) % 50 = 0, 'deny', 'allow')`,
      SourceIP: address(200, 2),
      DestinationIP: `concat('198.51.100.', toString(cityHash64(number, 3) % 250))`,
      Message: `concat('session ', toString(number), if(cityHash64(number, 1) % 50 = 0, ' denied', ' allowed'), ' user=u', toString(cityHash64(number, 4) % 500), ' port=', toString(440 + cityHash64(number, 5) % 20), ' end')`,
    },
    rows - Math.floor(rows / 10),
  );
  await insert(
    'SigninLogs',
    {
      UserPrincipalName: `concat('user', toString(cityHash64(number, 6) % 900), '@example.com')`,
      IPAddress: address(200, 7),
      ResultType: `if(cityHash64(number, 8) % 20 = 0, '50126', '0')`,
    },
    Math.floor(rows / 10),
  );
}

async function writeRules(folder) {
  await mkdir(folder, { recursive: true });
  const shipped = join(dist, '../content/rules');
  for (const file of await readdir(shipped)) {
    if (!/(?<!\.test)\.yaml$/.test(file)) continue;
    await writeFile(join(folder, file), `${await readFile(join(shipped, file), 'utf8')}\nenabled: false\n`);
  }
  for (let i = 0; i < rules; i++) {
    const id = `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`;
    // Every twentieth; the shapes take turns among them too.
    const triggers = i % 20 === 0;
    const query = `// rule ${i}\n  ${shapes[Math.floor(i + i / 20) % shapes.length](triggers)}`;
    const text = `id: ${id}\nname: Rule ${i}\ndescription: Measured.\nseverity: Low\nkind: Scheduled\nstartTimeUtc: ${iso(start)}\nqueryFrequency: 5m\nqueryPeriod: ${i % 5 === 0 ? '1h' : '5m'}\ntriggerOperator: gt\ntriggerThreshold: 0\nversion: 1.0.0\nquery: |\n  ${query}\n`;
    await writeFile(join(folder, `${id}.yaml`), text);
  }
}
