// A simulated month of rules on their schedules, twice over the same seeded events: once undisturbed, and once with two
// schedulers at a time, outages, and `kill -9` of schedulers and of the engine at random points. The alerts must be equal,
// each exactly once.
//
//   node bench/month.mjs [--days=30] [--kills=200] [--seed=1] [--fine-hours=48]
//
// In the last `fine-hours` the clock moves in steps of five minutes and not of thirty, and a five-minute rule runs; in the
// last eighth of them an NRT rule too. Exit status 1 when the worlds differ.
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const dist = process.env.VEDETTE_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const { openWorkspace } = await import(join(dist, 'index.js'));
const { catalogue } = await import(join(dist, 'tables/index.js'));
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 2, 1);
const tables = ['CommonSecurityLog', 'SigninLogs', 'Syslog'];
const iso = (ms) => new Date(ms).toISOString();

if (process.argv[2] === '--child') await child(process.argv[3]);
else process.exitCode = await main(process.argv.slice(2));

/** A scheduler that does what is due whenever it is told the time. */
async function child(dataDir) {
  let now = start;
  const workspace = await openWorkspace({ dataDir, clock: { now: () => now } });
  const watch = workspace.schedule.watch({ late: 'rerun' });
  process.on('message', async (message) => {
    if (message.end) {
      await workspace.close();
      process.exit(0);
    }
    now = message.now;
    try {
      await watch.once();
      process.send({ done: true });
    } catch (error) {
      process.send({ done: false, error: String(error.message ?? error) });
    }
  });
  process.send({ ready: true });
}

async function main(args) {
  const option = (name, value) => Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? value);
  const days = option('days', 30);
  const settings = { days, kills: option('kills', 200), seed: option('seed', 1), fineHours: option('fine-hours', 48) };
  const events = makeEvents(settings);
  const steps = makeSteps(settings);
  const folder = await mkdtemp(join(tmpdir(), 'vedette-month-'));
  try {
    console.log(
      `${days} days, ${events.length} events, ${events.filter((e) => e.isLate).length} of them late, ${steps.length} steps`,
    );
    const calm = await world(join(folder, 'calm'), settings, events, steps, undefined);
    const wild = await world(join(folder, 'wild'), settings, events, steps, random(settings.seed + 1));
    const missing = [...calm.alerts.keys()].filter((id) => !wild.alerts.has(id));
    const extra = [...wild.alerts.keys()].filter((id) => !calm.alerts.has(id));
    const doubles = [...wild.alerts.values()].filter((n) => n !== 1).length;
    for (const [name, it] of Object.entries({ undisturbed: calm, disturbed: wild })) {
      console.log(
        `${name}: ${it.alerts.size} alerts, ${it.incidents} incidents, ${it.runs} runs, ${it.lateRuns} with late rows, ${it.seconds} s` +
          (it.kills ? `, ${it.kills} kills (${it.engineKills} of the engine), ${it.outages} outages` : ''),
      );
      console.log(`  by rule: ${it.byRule.map(([rule, n]) => `${rule} ${n}`).join(', ')}`);
      console.log(
        `  alerts in no incident or in two: ${it.misplaced}; runs without exactly one row of health: ${it.healthless}`,
      );
    }
    console.log(`missing ${missing.length}, extra ${extra.length}, more than once ${doubles}`);
    const isGood =
      missing.length + extra.length + doubles === 0 && [calm, wild].every((it) => it.misplaced + it.healthless === 0);
    return isGood && calm.alerts.size > 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plays all steps in a workspace of its own; `chance` disturbs it. */
async function world(dataDir, settings, events, steps, chance) {
  const began = Date.now();
  await writeRules(join(dataDir, 'content'), settings);
  let now = start;
  const workspace = await openWorkspace({ dataDir, clock: { now: () => now } });
  for (const table of tables) await workspace.store.ensureTable(catalogue.table(table));
  const counts = { kills: 0, engineKills: 0, outages: 0 };
  const plan = chance && disturbances(settings, steps, chance);
  const watch = chance ? undefined : workspace.schedule.watch({ late: 'rerun' });
  const progress = (i) =>
    process.env.VERBOSE && console.log(`${chance ? 'disturbed' : 'undisturbed'} ${i}/${steps.length}`);
  const children = chance ? [undefined, undefined] : [];
  let sent = 0;
  let down = 0;
  const kills = [];
  for (const [i, time] of steps.entries()) {
    now = time;
    if (i % 20 === 0) progress(i);
    const from = sent;
    while (sent < events.length && events[sent].received <= time) sent++;
    for (const table of tables) {
      const rows = events.slice(from, sent).filter((event) => event.table === table);
      const token = `${table} ${i}`;
      await again(() =>
        workspace.store.insert(
          table,
          rows.map((event) => event.row),
          { receivedAt: time, token },
        ),
      );
    }
    if (watch) await watch.once();
    else {
      if (plan.outages.has(i)) {
        down = plan.outages.get(i);
        counts.outages++;
        for (const scheduler of children) scheduler?.kill();
        children.fill(undefined);
      }
      kills.push(...(plan.kills.get(i) ?? []));
      if (down > 0 && i < steps.length - 3) down--;
      // What was to be killed during an outage is killed after it.
      else await tick(dataDir, children, time, kills.splice(0), counts, chance);
    }
  }
  await Promise.all(children.map((scheduler) => scheduler?.end()));
  const result = await again(() => summary(workspace));
  await workspace.close();
  return { ...result, ...counts, seconds: Math.round((Date.now() - began) / 1000) };
}

/** Both schedulers work on the same step at once; the kills come while they do. */
async function tick(dataDir, children, time, kills, counts, chance) {
  for (const [i, scheduler] of children.entries())
    if (!scheduler?.isAlive()) children[i] = await spawnScheduler(dataDir);
  const work = children.map((scheduler) => scheduler.tick(time));
  for (const kill of kills) {
    await sleep(kill.afterMs);
    counts.kills++;
    if (kill.engine) {
      counts.engineKills++;
      const { pid } = JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8'));
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It had ended with its owner, which an earlier kill met.
      }
    } else children[Math.floor(chance() * children.length)].kill();
  }
  const results = await Promise.all(work);
  if (process.env.VERBOSE) for (const result of results) if (result?.error) console.log(iso(time), result.error);
}

function spawnScheduler(dataDir) {
  const child = fork(fileURLToPath(import.meta.url), ['--child', dataDir], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let waiting = () => {};
  const gone = new Promise((resolve) => child.once('exit', () => resolve({ gone: true })));
  child.on('message', (message) => waiting(message));
  const next = () => Promise.race([new Promise((resolve) => (waiting = resolve)), gone]);
  const scheduler = {
    isAlive: () => child.exitCode === null && child.signalCode === null && child.connected,
    kill: () => child.kill('SIGKILL'),
    async tick(now) {
      const answer = next();
      if (!scheduler.isAlive()) return { gone: true };
      child.send({ now }, () => {});
      return answer;
    },
    async end() {
      if (scheduler.isAlive()) child.send({ end: true }, () => {});
      await gone;
    },
  };
  return next().then(() => scheduler);
}

/** An engine that was killed a moment ago may be missing for more than the one try that the store makes by itself. */
async function again(action) {
  for (let left = 5; ; left--) {
    try {
      return await action();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(200);
    }
  }
}

async function summary({ store }) {
  const query = async (sql) => (await store.query(sql)).rows;
  const alerts = new Map(
    (await query('SELECT SystemAlertId, count() FROM SecurityAlert GROUP BY 1')).map(([id, n]) => [id, Number(n)]),
  );
  const byRule = await query('SELECT AlertName, uniqExact(SystemAlertId) FROM SecurityAlert GROUP BY 1 ORDER BY 1');
  const newest = `SELECT argMax(AlertIds, tuple(LastModifiedTime, _TimeReceived)) AS ids FROM SecurityIncident GROUP BY IncidentName`;
  const placed = new Map(
    (
      await query(
        `SELECT arrayJoin(JSONExtract(assumeNotNull(ids), 'Array(String)')) AS id, count() FROM (${newest}) GROUP BY id`,
      )
    ).map(([id, n]) => [id, Number(n)]),
  );
  const [[incidents]] = await query('SELECT uniqExact(IncidentNumber) FROM SecurityIncident');
  const [[runs, lateRuns]] = await query(
    `SELECT uniqExact(RunId), uniqExact(RunId) - uniqExact(tuple(RuleId, TimeGenerated)) FROM VedetteRun_CL`,
  );
  const [[healthless]] = await query(`SELECT count() FROM (
    SELECT RunId, countIf(RecordId != '') AS n FROM (SELECT DISTINCT RunId FROM VedetteRun_CL) AS r
    LEFT JOIN (SELECT RecordId FROM SentinelHealth WHERE Status != 'Failure') AS h ON h.RecordId = r.RunId GROUP BY RunId
  ) WHERE n != 1`);
  const misplaced = [...alerts.keys()].filter((id) => placed.get(id) !== 1).length;
  return {
    alerts,
    byRule,
    incidents: Number(incidents),
    runs: Number(runs),
    lateRuns: Number(lateRuns),
    healthless: Number(healthless),
    misplaced,
  };
}

/** Steps at which the world is disturbed: kills with their moment within the step, outages with their length in steps. */
function disturbances({ kills }, steps, chance) {
  const at = new Map();
  for (let i = 0; i < kills; i++) {
    const step = Math.floor(chance() * (steps.length - 4));
    at.set(step, [...(at.get(step) ?? []), { engine: chance() < 0.4, afterMs: Math.floor(chance() * 400) }]);
  }
  const outages = new Map();
  for (let i = 0; i < Math.max(2, steps.length / 200); i++)
    outages.set(Math.floor(chance() * (steps.length - 30)), 3 + Math.floor(chance() * 20));
  return { kills: at, outages };
}

function makeSteps({ days, fineHours }) {
  const end = start + days * day;
  const steps = [];
  for (let time = start + 5 * minute; time < end; time += time < end - fineHours * hour ? 30 * minute : 5 * minute)
    steps.push(time);
  // What came late and what is repeated after a failure has its turn.
  return [...steps, ...[10, 20, 30].map((minutes) => end + minutes * minute)];
}

/** mulberry32: the same numbers for the same seed everywhere. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makeEvents({ days, seed }) {
  const chance = random(seed);
  const address = () => `203.0.113.${1 + Math.floor(chance() * 60)}`;
  const events = [];
  const add = (time, table, row, lateMs = 0) =>
    events.push({
      received: time + 30_000 + lateMs,
      isLate: lateMs > 0,
      table,
      row: { TimeGenerated: iso(time), ...row },
    });
  for (let time = start - 6 * day; time < start + days * day; time += 5 * minute) {
    const moment = () => time + Math.floor(chance() * 5 * minute);
    if (chance() < 0.6)
      add(moment(), 'CommonSecurityLog', {
        DeviceVendor: 'Example',
        DeviceAction: chance() < 0.12 ? 'deny' : 'allow',
        SourceIP: address(),
      });
    if (chance() < 0.2)
      add(moment(), 'SigninLogs', {
        UserPrincipalName: `user${Math.floor(chance() * 9)}@example.com`,
        IPAddress: address(),
        ResultType: chance() < 0.3 ? '50126' : '0',
      });
    if (chance() < 0.15)
      add(
        moment(),
        'Syslog',
        {
          HostName: `host${Math.floor(chance() * 5)}.example.com`,
          SeverityLevel: 'err',
          SyslogMessage: `failure ${events.length}`,
        },
        chance() < 0.2 ? 10 * minute + chance() * 20 * hour : 0,
      );
  }
  return events.sort((a, b) => a.received - b.received);
}

async function writeRules(folder, { days, fineHours }) {
  await mkdir(folder, { recursive: true });
  // A rule of the workspace hides the shipped one of the same id.
  const shipped = join(dist, '../content/rules');
  for (const file of await readdir(shipped)) {
    if (!/(?<!\.test)\.yaml$/.test(file)) continue;
    await writeFile(join(folder, file), `${await readFile(join(shipped, file), 'utf8')}\nenabled: false\n`);
  }
  const end = start + days * day;
  const ip = 'entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: SourceIP }] }]';
  const grouping = (text) =>
    `incidentConfiguration: { createIncident: true, groupingConfiguration: { enabled: true, ${text} } }`;
  const schedule = (frequency, period, operator = 'gt', threshold = 0) =>
    `kind: Scheduled\nqueryFrequency: ${frequency}\nqueryPeriod: ${period}\ntriggerOperator: ${operator}\ntriggerThreshold: ${threshold}`;
  const denied = 'CommonSecurityLog | where DeviceAction == "deny"';
  const rules = {
    'One alert an hour': [
      start,
      schedule('1h', '1h'),
      `${denied} | project TimeGenerated, SourceIP`,
      ip,
      grouping('matchingMethod: AllEntities'),
    ],
    'Each result': [
      start,
      schedule('1h', '1h'),
      'Syslog | where SeverityLevel == "err" | project TimeGenerated, HostName, SyslogMessage',
      'eventGroupingSettings: { aggregationKind: AlertPerResult }',
      grouping('matchingMethod: AnyAlert, lookbackDuration: 6h'),
    ],
    'Counts, suppressed': [
      start,
      schedule('30m', '2h'),
      `${denied} | summarize Denied = count() by SourceIP`,
      'suppressionEnabled: true\nsuppressionDuration: 3h',
    ],
    Silence: [
      start,
      schedule('6h', '6h', 'eq', 0),
      'SigninLogs | where ResultType == "50126" | where UserPrincipalName startswith "user0"',
    ],
    'Join over a week': [
      start,
      schedule('1d', '7d'),
      `SigninLogs | where ResultType == "50126" | join kind=inner (${denied}) on $left.IPAddress == $right.SourceIP | summarize Times = count() by SourceIP`,
      ip,
    ],
    'Fewer than usual': [start, schedule('12h', '12h', 'lt', 8), denied],
    'Five minutes': [
      end - fineHours * hour,
      schedule('5m', '5m'),
      'Syslog | project TimeGenerated, HostName, SyslogMessage',
      'eventGroupingSettings: { aggregationKind: AlertPerResult }',
      'incidentConfiguration: { createIncident: true }',
    ],
    'Near real time': [end - (fineHours / 8) * hour, 'kind: NRT', `${denied} | project TimeGenerated, SourceIP`, ip],
  };
  for (const [i, [name, [from, kind, query, ...more]]] of Object.entries(rules).entries()) {
    const id = `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`;
    const text = `id: ${id}\nname: ${name}\ndescription: Simulated.\nseverity: Medium\nstartTimeUtc: ${iso(from)}\n${kind}\nquery: |\n  ${query}\n${more.join('\n')}\nversion: 1.0.0\n`;
    await writeFile(join(folder, `${id}.yaml`), text);
  }
}
