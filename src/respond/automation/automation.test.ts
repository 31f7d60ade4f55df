import { beforeAll, describe, expect, it } from 'vitest';
import { type AutomationRule, readAutomation } from '../../content/index.js';
import { alertSchema, incidentSchema, incidents } from '../../detect/index.js';
import type { Store } from '../../store/index.js';
import { openTestStore } from '../../store/testing/index.js';
import type { Row } from '../../tables/index.js';
import { Outbox } from '../webhook/index.js';
import { Automation, automationAuthor, automationLimits } from './index.js';

const start = Date.UTC(2026, 2, 4, 10);
const minute = 60_000;
let store: Store;
let now = start;
const clock = { now: () => now };

const rule = (id: string, when: string, conditions: string, actions: string, more = ''): AutomationRule => {
  const text = `id: ${id}
displayName: Rule ${id}
triggeringLogic:
  triggersOn: ${when === 'Alert' ? 'Alerts' : 'Incidents'}
  triggersWhen: ${when === 'Alert' ? 'Created' : when}
  conditions: [${conditions}]
actions: [${actions}]
${more}`;
  const { rules, diagnostics } = readAutomation(text, `${id}.yaml`);
  if (!rules[0]) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return rules[0];
};
const is = (propertyName: string, ...values: string[]) =>
  `{ conditionType: Property, conditionProperties: { propertyName: ${propertyName}, operator: Equals, propertyValues: [${values.join(', ')}] } }`;
const modify = (config: string, order = 1) =>
  `{ order: ${order}, actionType: ModifyProperties, actionConfiguration: { ${config} } }`;
const task = (title: string, order = 1) =>
  `{ order: ${order}, actionType: AddIncidentTask, actionConfiguration: { title: ${title} } }`;
const webhook = (order = 1) =>
  `{ order: ${order}, actionType: RunWebhook, actionConfiguration: { url: 'https://soar.example.com/hook/KEY', secret: soar } }`;

async function automation(...rules: AutomationRule[]): Promise<Automation> {
  const made = new Automation({ store, clock, outbox: new Outbox(store, clock) });
  await made.load(rules, true);
  return made;
}

let numbers = 0;
/** An incident with one alert, as a rule opens it. */
async function opened(more: Row = {}, entities: Row[] = []): Promise<number> {
  now += minute;
  const incidentNumber = ++numbers;
  const time = new Date(now).toISOString();
  const id = `alert-${incidentNumber}`;
  await store.insert('SecurityAlert', [
    {
      ...{ TimeGenerated: time, SystemAlertId: id, AlertName: 'Phishing', AlertSeverity: 'Medium', Status: 'New' },
      ...{ AlertType: `${await store.workspaceId()}_rule-1`, ProductName: 'Azure Sentinel', Tactics: 'InitialAccess' },
      Entities: JSON.stringify(entities),
      ExtendedProperties: JSON.stringify({
        'Analytic Rule Name': 'Phishing rule',
        'Custom Details': JSON.stringify({ Verdict: ['blocked', 'allowed'] }),
      }),
    },
  ]);
  await store.insert('SecurityIncident', [
    {
      ...{ TimeGenerated: time, LastModifiedTime: time, CreatedTime: time, IncidentName: `incident-${incidentNumber}` },
      ...{ IncidentNumber: incidentNumber, Title: 'Phishing', Severity: 'Medium', Status: 'New', AlertIds: [id] },
      ...{
        Labels: [],
        Comments: [],
        Tasks: [],
        RelatedAnalyticRuleIds: ['rule-1'],
        ModifiedBy: 'Incident created from alert',
      },
      AdditionalData: { tactics: ['InitialAccess'] },
      ...more,
    },
  ]);
  now += 1000;
  return incidentNumber;
}

const incident = async (incidentNumber: number): Promise<Row> => {
  const shown = await incidents(store).show(incidentNumber);
  if (!shown.ok) throw new Error('no such incident');
  return shown.value.incident;
};
const rowsOf = async (incidentNumber: number): Promise<number> => {
  const { rows } = await store.query(`SELECT count() FROM SecurityIncident WHERE IncidentNumber = ${incidentNumber}`);
  return Number(rows[0]![0]);
};
const update = async (incidentNumber: number, change: Parameters<ReturnType<typeof incidents>['update']>[1]) => {
  now += minute;
  const changed = await incidents(store).update(incidentNumber, change, 'ana', now);
  if (!changed.ok) throw new Error(changed.diagnostics[0]!.message);
  now += 1000;
};

beforeAll(async () => {
  store = await openTestStore();
  await store.ensureTable(incidentSchema);
  await store.ensureTable(alertSchema);
});

describe('a new incident', () => {
  it('is changed by the rules whose conditions it meets, in their order, each seeing what came before', async () => {
    const worker = await automation(
      rule('a1', 'Created', is('IncidentSeverity', 'Medium'), `${modify('severity: High, labels: [first]')}`),
      rule('a2', 'Created', is('IncidentSeverity', 'High'), `${modify('owner: soc@example.com')}, ${task('Look', 2)}`),
      rule('a3', 'Created', is('IncidentSeverity', 'Medium'), modify('labels: [never]')),
    );
    const number = await opened();
    const runs = await worker.handle();
    expect(runs.map((run) => [run.rule.id, run.actions.map((action) => action.result)])).toEqual([
      ['a1', ['done']],
      ['a2', ['done', 'done']],
    ]);
    expect(await incident(number)).toMatchObject({
      Severity: 'High',
      Labels: [{ labelName: 'first' }],
      Owner: { assignedTo: 'soc@example.com' },
      Tasks: [{ title: 'Look', createdBy: { name: automationAuthor('Rule a2') } }],
    });
  });

  it('is handled once, whoever looks again', async () => {
    const rules = [rule('b1', 'Created', '', `${task('Once')}, ${webhook(2)}`)];
    const worker = await automation(...rules);
    const number = await opened();
    expect(await worker.handle()).toHaveLength(1);
    expect(await worker.handle()).toEqual([]);
    expect(await (await automation(...rules)).handle()).toEqual([]);
    expect((await incident(number)).Tasks).toHaveLength(1);
  });

  it('is not doubled by two workers at once', async () => {
    const rules = [rule('c1', 'Created', '', `${task('Once')}, ${webhook(2)}, ${modify('severity: Low', 3)}`)];
    const workers = [await automation(...rules), await automation(...rules)];
    const number = await opened();
    await Promise.all(workers.map((worker) => worker.handle()));
    expect((await incident(number)).Tasks).toHaveLength(1);
    const waiting = (await new Outbox(store, clock).waiting()).filter((one) => one.incidentNumber === number);
    expect(waiting).toHaveLength(1);
    const { rows } = await store.query(
      `SELECT count() FROM SentinelHealth WHERE SentinelResourceId = 'c1' AND OperationName = 'Automation rule run'`,
    );
    expect(rows).toEqual([['1']]);
  });

  it('is finished after a crash, without undoing what a person decided meanwhile', async () => {
    const rules = [rule('d1', 'Created', '', `${modify('severity: High')}, ${task('Call', 2)}`)];
    const worker = await automation(...rules);
    const number = await opened();
    // The process ends after the change and before the note that the event is done.
    const broken: Store = Object.create(store);
    broken.insert = (table, ...rest) =>
      table === 'VedetteAutomation_CL' ? Promise.reject(new Error('killed')) : store.insert(table, ...rest);
    const dying = new Automation({ store: broken, clock, outbox: new Outbox(broken, clock) });
    await dying.load(rules, true);
    await expect(dying.handle()).rejects.toThrow('killed');
    expect((await incident(number)).Severity).toBe('High');
    await update(number, { severity: 'Low' });
    await worker.handle();
    expect(await incident(number)).toMatchObject({ Severity: 'Low', Tasks: [{ title: 'Call' }] });
    expect((await incident(number)).Tasks).toHaveLength(1);
  });

  it('from before the rule was there is left alone, and so is one after it expired', async () => {
    const before = await opened();
    const worker = await automation(rule('e1', 'Created', '', modify('labels: [new]')), {
      ...rule('e2', 'Created', '', modify('labels: [expired]')),
      expiresAt: now + 30_000,
    });
    const after = await opened();
    await worker.handle();
    expect((await incident(before)).Labels).toEqual([]);
    expect((await incident(after)).Labels).toMatchObject([{ labelName: 'new' }]);
  });

  it('can be closed, as rules that suppress noise do', async () => {
    const closing = 'status: Closed, classification: BenignPositive, classificationReason: SuspiciousButExpected';
    const worker = await automation(rule('f1', 'Created', is('IPAddress', '192.0.2.7'), modify(closing)));
    const [noise, other] = [
      await opened({}, [{ Type: 'ip', Address: '192.0.2.7' }]),
      await opened({}, [{ Type: 'ip', Address: '192.0.2.8' }]),
    ];
    await worker.handle();
    expect(await incident(noise)).toMatchObject({ Status: 'Closed', Classification: 'BenignPositive' });
    expect((await incident(other)).Status).toBe('New');
  });

  it('leaves rows of health and audit that KQL reads', async () => {
    const worker = await automation(rule('g1', 'Created', '', `${modify('severity: High')}, ${webhook(2)}`));
    const number = await opened();
    await worker.handle();
    const health = await store.query(
      `SELECT OperationName, Status, JSONExtractInt(assumeNotNull(ExtendedProperties), 'ActionsTriggeredSuccessfully') FROM SentinelHealth WHERE SentinelResourceId = 'g1'`,
    );
    expect(health.rows).toEqual([['Automation rule run', 'Success', '2']]);
    const audit = await store.query(
      `SELECT Description FROM SentinelAudit WHERE JSONExtractString(assumeNotNull(ExtendedProperties), 'CallerName') = 'Automation rule - Rule g1'`,
    );
    expect(audit.rows).toEqual([[`Automation rule - Rule g1 changed Severity of incident ${number}`]]);
  });
});

describe('an update', () => {
  it('is seen with what changed, and the message says so', async () => {
    const closed = `{ conditionType: PropertyChanged, conditionProperties: { propertyName: IncidentStatus, changeType: ChangedTo, operator: Equals, propertyValues: [Closed] } }`;
    const tagged = `{ conditionType: PropertyArrayChanged, conditionProperties: { arrayType: Labels, changeType: Added } }`;
    const worker = await automation(
      rule('h1', 'Updated', closed, webhook()),
      rule('h2', 'Updated', tagged, task('Tagged')),
    );
    const number = await opened();
    await update(number, { addLabels: ['vip'] });
    await update(number, { status: 'Closed', classification: 'TruePositive' });
    const runs = await worker.handle();
    expect(runs.map((run) => run.rule.id)).toEqual(['h2', 'h1']);
    const outbox = new Outbox(store, clock);
    const delivery = (await outbox.waiting()).find((one) => one.incidentNumber === number)!;
    expect(delivery).toMatchObject({
      ruleId: 'h1',
      destination: 'https://soar.example.com',
      eventType: 'incident.updated',
    });
    const body = JSON.parse(await outbox.payload(delivery.id));
    expect(body).toMatchObject({
      id: delivery.id,
      event: 'incident.updated',
      automationRule: { id: 'h1' },
      incident: { IncidentNumber: number, Status: 'Closed' },
      changes: { Status: { from: 'New', to: 'Closed' }, Classification: { from: '', to: 'TruePositive' } },
      alerts: [{ SystemAlertId: `alert-${number}` }],
    });
    // The address can be a key, and is nowhere in the table.
    const { rows } = await store.query(
      `SELECT countIf(position(toString(tuple(*)), 'KEY') > 0) FROM VedetteDelivery_CL`,
    );
    expect(rows).toEqual([['0']]);
  });

  it('by rules that answer each other ends', async () => {
    const worker = await automation(
      rule('i1', 'Updated', is('IncidentSeverity', 'Low'), modify('severity: High')),
      rule('i2', 'Updated', is('IncidentSeverity', 'High'), modify('severity: Low')),
    );
    const number = await opened();
    await update(number, { severity: 'Low' });
    await worker.handle();
    expect(await rowsOf(number)).toBe(2 + automationLimits.changesInARow);
    expect(await worker.handle()).toEqual([]);
    const { rows } = await store.query(
      `SELECT Reason FROM VedetteAutomation_CL WHERE Reason LIKE '%answer each other%'`,
    );
    expect(rows).toHaveLength(1);
    const health = await store.query(`SELECT Status FROM SentinelHealth WHERE Reason LIKE '%answer each other%'`);
    expect(health.rows).toEqual([['Failure']]);
  });

  it('by the rule itself does not start it again', async () => {
    const worker = await automation(rule('j1', 'Updated', '', modify('labels: [seen]')));
    const number = await opened();
    await update(number, { comment: 'Look.' });
    await worker.handle();
    expect(await rowsOf(number)).toBe(3);
  });
});

it('a new alert of a rule calls a webhook, one of another product does not', async () => {
  const worker = await automation(rule('k1', 'Alert', is('IncidentRelatedAnalyticRuleIds', 'rule-1'), webhook()));
  await store.insert('SecurityAlert', [
    { TimeGenerated: new Date(now).toISOString(), SystemAlertId: 'foreign', AlertType: 'MDE', AlertName: 'x' },
  ]);
  const number = await opened();
  const runs = await worker.handle();
  expect(runs).toHaveLength(1);
  const delivery = (await new Outbox(store, clock).waiting()).find((one) => one.ruleId === 'k1')!;
  expect(JSON.parse(await new Outbox(store, clock).payload(delivery.id))).toMatchObject({
    event: 'alert.created',
    alerts: [{ SystemAlertId: `alert-${number}` }],
  });
});

it('a rule that goes and comes back does not act on what happened meanwhile', async () => {
  const mine = rule('l1', 'Created', '', modify('labels: [l1]'));
  const other = rule('l2', 'Alert', '', webhook());
  await automation(mine, other);
  await automation(other);
  const meanwhile = await opened();
  const worker = await automation(mine, other);
  const after = await opened();
  await worker.handle();
  expect((await incident(meanwhile)).Labels).toEqual([]);
  expect((await incident(after)).Labels).toMatchObject([{ labelName: 'l1' }]);
});
