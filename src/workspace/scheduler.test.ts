import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtInContent } from '../content/index.js';
import { catalogue } from '../tables/index.js';
import { openWorkspace, type RunReport, type WatchOptions, type Workspace } from './index.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 2, 4, 10);
const iso = (ms: number) => new Date(ms).toISOString();

let folder: string;
let workspace: Workspace;
let now = start;
let serial = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-schedule-'));
  workspace = await openWorkspace({ dataDir: folder, clock: { now: () => now } });
  await workspace.store.ensureTable(catalogue.table('CommonSecurityLog')!);
  // Shipped rules would only take time: a file of the workspace hides the one of the same id.
  await mkdir(join(folder, 'content'), { recursive: true });
  const shipped = join(builtInContent(), 'rules');
  for (const file of await readdir(shipped)) {
    if (file.endsWith('.test.yaml')) continue;
    const text = await readFile(join(shipped, file), 'utf8');
    await writeFile(join(folder, 'content', file), `${text}\nenabled: false\n`);
  }
});
afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

const perResult = 'eventGroupingSettings: { aggregationKind: AlertPerResult }';
const scheduled = 'kind: Scheduled\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0';

/** A rule file that stands alone, over events of a vendor of its own. Runs are told by hours from `start`. */
async function ruleOf(more: { kind?: string; query?: string; keys?: string } = {}) {
  serial++;
  const vendor = `vendor${serial}`;
  const id = `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`;
  const query = more.query ?? `CommonSecurityLog | where DeviceVendor == "${vendor}" | project TimeGenerated, SourceIP`;
  const file = join(folder, 'content', 'rule.yaml');
  const write = async (text: string) => {
    await writeFile(
      file,
      `id: ${id}\nname: Rule ${serial}\ndescription: d\nseverity: Low\nversion: 1.0.0\n${more.kind ?? scheduled}\nquery: |\n  ${text}\n${more.keys ?? ''}\n`,
    );
  };
  await write(query);
  const log = (time: number, SourceIP: string, receivedAt = time) =>
    workspace.store.insert('CommonSecurityLog', [{ TimeGenerated: iso(time), DeviceVendor: vendor, SourceIP }], {
      receivedAt,
    });
  const count = async (table: string, where: string) =>
    (await workspace.store.tables()).has(table)
      ? Number((await workspace.store.query(`SELECT count() FROM ${table} WHERE ${where}`)).rows[0]?.[0])
      : 0;
  const status = async () => (await workspace.schedule.status()).find((rule) => rule.ruleId === id)!;
  return { id, name: `Rule ${serial}`, write, query, log, count, status };
}

/** A scheduler that begins anew, and the reports on the one rule that matters. */
function schedulerOf(id: string, options: WatchOptions = {}) {
  const reports: RunReport[] = [];
  const watch = workspace.schedule.watch({ ...options, onRun: (r) => r.ruleId === id && reports.push(r) });
  return {
    /** Hours and results of the runs that were done at this time. */
    async at(time: number) {
      now = time;
      reports.length = 0;
      await watch.once();
      return reports.map(({ nominal, result }) => [(nominal - start) / hour, result]);
    },
    reports,
  };
}

describe('the scheduler', () => {
  it('runs a rule when it is first seen and then every frequency, five minutes after the nominal time', async () => {
    const { id, status } = await ruleOf();
    const { at, reports } = schedulerOf(id);
    expect(await at(start + 20_000)).toEqual([]);
    expect(await at(start + 5 * minute - 1)).toEqual([]);
    expect(await at(start + 5 * minute)).toEqual([[0, 'done']]);
    // A run that comes late moves nothing.
    expect(await at(start + hour + 40 * minute)).toEqual([[1, 'done']]);
    expect(reports[0]!.ranAt - reports[0]!.nominal).toBe(40 * minute);
    expect(await at(start + 2 * hour + 5 * minute)).toEqual([[2, 'done']]);
    expect(await status()).toMatchObject({
      status: 'Enabled',
      behind: 0,
      next: { nominal: start + 3 * hour, dueAt: start + 3 * hour + 5 * minute },
      last: { nominal: start + 2 * hour, delayMs: 5 * minute },
    });
  });

  it('begins at the start time of the rule', async () => {
    const { id } = await ruleOf({ keys: `startTimeUtc: ${iso(start + 2 * hour)}` });
    const { at } = schedulerOf(id);
    expect(await at(start + hour)).toEqual([]);
    expect(await at(start + 2 * hour + 5 * minute)).toEqual([[2, 'done']]);
  });

  it('runs NRT rules every minute, two minutes later, over what was received in the minute', async () => {
    const { id, log } = await ruleOf({ kind: 'kind: NRT' });
    const { at, reports } = schedulerOf(id);
    await at(start);
    await log(start - 5 * hour, '192.0.2.1', start + 30_000);
    expect(await at(start + 3 * minute)).toHaveLength(2);
    expect(reports.map((r) => [(r.nominal - start) / minute, r.resultCount])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('fills what was missed while it was off, the oldest first, each once, and no further back than told', async () => {
    const { id, log, count } = await ruleOf({ keys: perResult });
    for (const h of [0, 1, 2, 3, 4]) await log(start + h * hour - minute, `192.0.2.${h}`);
    await schedulerOf(id).at(start);
    expect(await schedulerOf(id).at(start + hour + 5 * minute)).toEqual([
      [0, 'done'],
      [1, 'done'],
    ]);
    expect(await schedulerOf(id, { catchUpMs: 1.5 * hour }).at(start + 4 * hour + 5 * minute)).toEqual([
      [3, 'done'],
      [4, 'done'],
    ]);
    // With a wider reach the gap in the ledger is seen and filled.
    expect(await schedulerOf(id).at(start + 4 * hour + 6 * minute)).toEqual([[2, 'done']]);
    expect(await schedulerOf(id).at(start + 4 * hour + 7 * minute)).toEqual([]);
    expect(await count('SecurityAlert', `endsWith(AlertType, '${id}')`)).toBe(5);
  });

  it('does not double when two work at once', async () => {
    const { id, log, count } = await ruleOf({ keys: perResult });
    for (const h of [0, 1, 2, 3]) await log(start + h * hour - minute, `192.0.2.${h}`);
    const other = await openWorkspace({ dataDir: folder, clock: { now: () => now } });
    try {
      now = start;
      await workspace.schedule.watch().once();
      now = start + 3 * hour + 5 * minute;
      await Promise.all([workspace.schedule.watch().once(), other.schedule.watch().once()]);
    } finally {
      await other.close();
    }
    const mine = `SentinelResourceId = '${id}' AND Status = 'Success'`;
    expect([
      await count('SecurityAlert', `endsWith(AlertType, '${id}')`),
      await count('VedetteRun_CL', `RuleId = '${id}'`),
      await count('SentinelHealth', mine),
    ]).toEqual([4, 4, 4]);
  });

  it('disables a rule after equal permanent failures and says why; new content and a command let it run again', async () => {
    const missing = 'NotThere_CL | where A == 1';
    const { id, name, query, write, status, count } = await ruleOf({ query: missing });
    const { at } = schedulerOf(id);
    await at(start);
    // Each failure is followed by a pause of the frequency: five come at 10:05, 11:05, …, 14:05.
    const seen: unknown[] = [];
    for (let h = 0; h < 7; h++) seen.push(...(await at(start + h * hour + 5 * minute)).map(([, result]) => result));
    expect(seen).toEqual(['failed', 'failed', 'failed', 'failed', 'disabled']);
    expect(await status()).toMatchObject({ status: 'AutoDisabled', failures: 5, next: undefined });
    expect((await status()).reason).toContain('NotThere_CL');
    expect(await count('VedetteRule_CL', `RuleId = '${id}' AND RuleName = 'AUTO DISABLED ${name}'`)).toBe(1);
    expect(await count('SentinelHealth', `SentinelResourceId = '${id}' AND Status = 'Failure'`)).toBe(5);
    expect(await schedulerOf(id).at(start + 8 * hour)).toEqual([]);

    expect(await workspace.schedule.enable(id)).toBe(true);
    expect(await workspace.schedule.enable(id)).toBe(false);
    expect(await at(start + 8 * hour + minute)).toEqual([[0, 'failed']]);

    await write(query.replace(missing, 'CommonSecurityLog | where DeviceVendor == "nobody"'));
    const done = await at(start + 9 * hour + 10 * minute);
    expect(done.map(([, result]) => result)).toEqual(Array(10).fill('done'));
  });

  it('tells how each run went in SentinelHealth', async () => {
    const { id, log } = await ruleOf({ keys: 'customDetails: { Nope: Nope }' });
    await log(start - minute, '192.0.2.1');
    const { at } = schedulerOf(id);
    await at(start);
    await at(start + 6 * minute);
    const { columns, rows } = await workspace.query(
      `SentinelHealth | where SentinelResourceId == "${id}" | project OperationName, SentinelResourceType, SentinelResourceKind, Status, Reason, Rows = tolong(ExtendedProperties.QueryResultAmount), Alerts = tolong(ExtendedProperties.AlertsGeneratedAmount), Delay = tolong(ExtendedProperties.DelayMs)`,
    );
    expect(columns).toHaveLength(8);
    const partial = ['Partial success', 'the query returns no column Nope (custom detail Nope)'];
    expect(rows).toEqual([
      ['Scheduled analytics rule run', 'Analytics Rule', 'Scheduled', ...partial, 1, 1, 6 * minute],
    ]);
  });
});

describe('rows that come after their run', () => {
  it('are counted for each rule, with how late they were', async () => {
    const { id, log, count } = await ruleOf({ keys: perResult });
    const { at } = schedulerOf(id);
    await at(start);
    await at(start + hour + 5 * minute);
    await log(start + 10 * minute, '192.0.2.1', start + 2 * hour);
    await log(start + 20 * minute, '192.0.2.2', start + 2 * hour);
    await log(start + hour + minute, '192.0.2.3', start + 2 * hour);
    await at(start + 2 * hour + 5 * minute);
    await at(start + 2 * hour + 15 * minute);
    const late = (await workspace.schedule.late(start - day)).filter((one) => one.ruleId === id);
    // The third is in time for the run of 12:00.
    expect(late).toMatchObject([{ runs: 1, rows: 2, maxDelayMs: 110 * minute, newAlerts: 0 }]);
    expect(await count('SecurityAlert', `endsWith(AlertType, '${id}')`)).toBe(1);
  });

  it('add only new results when their windows are run again', async () => {
    const { id, log, count } = await ruleOf({ keys: perResult });
    await log(start - 10 * minute, '192.0.2.1');
    const { at } = schedulerOf(id, { late: 'rerun' });
    await at(start);
    expect(await at(start + 5 * minute)).toEqual([[0, 'done']]);
    await log(start - 20 * minute, '192.0.2.2', start + 7 * minute);
    expect(await at(start + 11 * minute)).toEqual([[0, 'late results']]);
    expect(await at(start + 17 * minute)).toEqual([]);
    expect(await schedulerOf(id, { late: 'rerun' }).at(start + 18 * minute)).toEqual([]);
    expect(await count('SecurityAlert', `endsWith(AlertType, '${id}')`)).toBe(2);
    const late = (await workspace.schedule.late(start - day)).filter((one) => one.ruleId === id);
    expect(late).toMatchObject([{ runs: 1, rows: 1, maxDelayMs: 27 * minute, newAlerts: 1 }]);
  });

  it('stay hidden where an exclusion of the rule covers them', async () => {
    const { id, log, count } = await ruleOf({ keys: perResult });
    await log(start - 10 * minute, '192.0.2.1');
    const { at } = schedulerOf(id, { late: 'rerun' });
    await at(start);
    const where = 'ipv4_is_in_range(SourceIP, "192.0.2.8/30")';
    const file = join(folder, 'content', 'rule.yaml');
    await workspace.exclusions.add(file, { where, reason: 'scanners', author: 'ana', expires: 'never' });
    expect(await at(start + 5 * minute)).toEqual([[0, 'done']]);
    await log(start - 20 * minute, '192.0.2.9', start + 7 * minute);
    await log(start - 25 * minute, '192.0.2.2', start + 7 * minute);
    await at(start + 11 * minute);
    expect(await count('SecurityAlert', `endsWith(AlertType, '${id}')`)).toBe(2);
    expect(await count('VedetteHidden_CL', `RuleId = '${id}' AND HiddenRows = 1`)).toBe(1);
  });

  it('get one alert of their own where one alert stands for all rows', async () => {
    const { id, log } = await ruleOf();
    await log(start - 10 * minute, '192.0.2.1');
    const { at } = schedulerOf(id, { late: 'rerun' });
    await at(start);
    await at(start + 5 * minute);
    await log(start - 20 * minute, '192.0.2.2', start + 7 * minute);
    await at(start + 11 * minute);
    const { rows } = await workspace.query(
      `SecurityAlert | where AlertType endswith "${id}" | extend Rows = toint(parse_json(ExtendedProperties)["Search Query Results Overall Count"]) | project StartTime, EndTime, Rows | sort by StartTime asc`,
    );
    const shortIso = (ms: number) => iso(ms).replace('.000Z', 'Z');
    expect(rows).toEqual([
      [shortIso(start - 20 * minute), shortIso(start - 20 * minute), 1],
      [shortIso(start - 10 * minute), shortIso(start - 10 * minute), 1],
    ]);
  });
});
