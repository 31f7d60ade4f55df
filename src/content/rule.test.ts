import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../base/index.js';
import { type AnalyticRule, loadFile, ruleLimits } from './index.js';

const base = {
  id: '6c3a1258-bcdd-4fcd-b753-1a9bc826ce12',
  name: 'Name',
  severity: 'Medium',
  queryFrequency: '1h',
  queryPeriod: '1d',
  triggerOperator: 'gt',
  triggerThreshold: '0',
  query: 'T | take 1',
};

/** A rule file: `base` with some keys replaced (undefined leaves one out), and text after it. */
function load(changes: Partial<Record<keyof typeof base | string, string | undefined>> = {}, after = '') {
  const keys = { ...base, ...changes };
  const lines = Object.entries(keys).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
  return loadFile(`${lines.join('\n')}\n${after}`, 'rule.yaml');
}
const ruleOf = (...args: Parameters<typeof load>) => {
  const file = load(...args);
  expect(file.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return file.content as AnalyticRule;
};
const errorsOf = (...args: Parameters<typeof load>) =>
  load(...args)
    .diagnostics.filter((d) => d.severity === 'error')
    .map((d) => d.message);

describe('a scheduled rule', () => {
  it('takes the defaults of the product for what it does not say', () => {
    expect(ruleOf()).toMatchObject({
      kind: 'Scheduled',
      enabled: true,
      queryFrequencyMs: 3_600_000,
      queryPeriodMs: 86_400_000,
      triggerThreshold: 0,
      aggregationKind: 'SingleAlert',
      suppressionEnabled: false,
      suppressionMs: 18_000_000,
      incidentConfiguration: {
        createIncident: true,
        grouping: {
          enabled: false,
          reopenClosedIncident: false,
          lookbackMs: 18_000_000,
          matchingMethod: 'AllEntities',
        },
      },
    });
  });

  it('tolerates the spellings that occur in files', () => {
    const rule = ruleOf(
      {
        triggerOperator: 'GreaterThan',
        triggerThreshold: '"5"',
        queryFrequency: 'PT1H',
        severity: 'medium ',
        Tactics: '[ Initial Access, commandandcontrol ]',
        description: "|\n  'Quoted by habit.'",
        entityMappings: 'null',
        customDetails: '""',
        requiredDataConnectors: '[{ connectorId: AWSS3, datatypes: [AWSVPCFlow] }]',
      },
      'eventGroupingSettings:\n',
    );
    expect(rule).toMatchObject({
      triggerOperator: 'gt',
      triggerThreshold: 5,
      queryFrequencyMs: 3_600_000,
      severity: 'Medium',
      tactics: ['InitialAccess', 'CommandAndControl'],
      description: 'Quoted by habit.',
      entityMappings: [],
      customDetails: {},
      requiredDataConnectors: [{ connectorId: 'AWSS3', dataTypes: ['AWSVPCFlow'] }],
    });
  });

  it('keeps apostrophes that belong to the description', () => {
    expect(ruleOf({ description: "It's fine" }).description).toBe("It's fine");
  });

  it('trims blanks around mapped columns', () => {
    const rule = ruleOf(
      {},
      `entityMappings:
  - entityType: account
    fieldMappings:
      - identifier: fullname
        columnName: "UserPrincipalName "
      - identifier: Name
        columnName: ''
`.replace("''", 'UserName'),
    );
    expect(rule.entityMappings).toEqual([
      {
        entityType: 'Account',
        fieldMappings: [
          { identifier: 'FullName', columnName: 'UserPrincipalName' },
          { identifier: 'Name', columnName: 'UserName' },
        ],
      },
    ]);
  });

  it('reads every optional part', () => {
    const rule = ruleOf(
      {},
      `suppressionEnabled: true
suppressionDuration: 2h
eventGroupingSettings: { aggregationKind: alertPerResult }
sentinelEntitiesMappings: [{ columnName: Entities }]
customDetails: { Count: count_, 'Who ': Account }
alertDetailsOverride:
  alertDisplayNameFormat: "Logon of {{Account}}"
  alertDescriptionFormat: "From {{Ip}}"
  alertSeverityColumnName: Sev
  alertTacticsColumnName: Tac
  alertDynamicProperties: [{ alertProperty: productname, value: Product }]
incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: true
    reopenClosedIncident: true
    lookbackDuration: P1D
    matchingMethod: Selected
    groupByEntities: [Account, ip]
    groupByAlertDetails: [displayName]
    groupByCustomDetails: [Who]
relevantTechniques: [T1566.002, t1102]
`,
    );
    expect(rule).toMatchObject({
      suppressionEnabled: true,
      suppressionMs: 7_200_000,
      aggregationKind: 'AlertPerResult',
      sentinelEntitiesMappings: ['Entities'],
      customDetails: { Count: 'count_', Who: 'Account' },
      alertDetailsOverride: {
        alertDisplayNameFormat: 'Logon of {{Account}}',
        alertSeverityColumnName: 'Sev',
        alertDynamicProperties: [{ alertProperty: 'ProductName', value: 'Product' }],
      },
      incidentConfiguration: {
        grouping: {
          lookbackMs: 86_400_000,
          groupByEntities: ['Account', 'IP'],
          groupByAlertDetails: ['DisplayName'],
          groupByCustomDetails: ['Who'],
        },
      },
      relevantTechniques: ['T1566.002', 'T1102'],
    });
  });

  it('needs no schedule and no trigger when it is near real time', () => {
    const none = { queryFrequency: undefined, queryPeriod: undefined, triggerOperator: undefined };
    expect(ruleOf({ ...none, triggerThreshold: undefined, kind: 'NRT' })).toMatchObject({
      kind: 'NRT',
      queryFrequencyMs: 60_000,
      queryPeriodMs: 60_000,
      triggerOperator: 'gt',
      triggerThreshold: 0,
    });
    // The product has no such settings for it.
    expect(ruleOf({ kind: 'NRT' })).toMatchObject({ queryPeriodMs: 60_000, triggerOperator: 'gt' });
    expect(ruleOf({ kind: 'NRT', queryPeriod: '14d' }).queryPeriodMs).toBe(60_000);
  });

  it('leads from the query to the line of the author', () => {
    const { content, text } = load({ query: '|\n  T\n  | take 1' });
    const rule = content as AnalyticRule;
    expect(rule.source.map(rule.query.indexOf('take'))).toBe(text.indexOf('take'));
  });
});

describe('what a rule cannot have', () => {
  it.each([
    [{ id: undefined }, 'id is missing'],
    [{ name: undefined }, 'name is missing'],
    [{ severity: undefined }, 'severity is missing'],
    [{ severity: 'Critical' }, "severity must be one of Informational, Low, Medium, High, not 'Critical'"],
    [{ query: undefined, tactics: '[Impact]' }, 'query is missing'],
    [{ query: '""' }, 'query is missing'],
    [{ queryFrequency: undefined }, 'queryFrequency is missing'],
    [{ queryPeriod: 'soon' }, "queryPeriod must be a duration such as 1d, 5h, 30m or PT5H, not 'soon'"],
    [{ triggerOperator: 'gte' }, "triggerOperator must be one of gt, lt, eq, ne, not 'gte'"],
    [{ triggerThreshold: '-1' }, "triggerThreshold must be a whole number of at least 0, not '-1'"],
    [{ triggerThreshold: undefined }, 'triggerThreshold is missing'],
    [{ queryFrequency: '4m' }, 'queryFrequency must be between 5m and 14d'],
    [{ queryPeriod: '15d' }, 'queryPeriod must be between 5m and 14d'],
    [{ queryFrequency: '2d' }, 'queryFrequency is longer than queryPeriod: events in between would never be seen'],
    [{ queryPeriod: '2d', queryFrequency: '59m' }, 'a queryPeriod of 2d or more needs a queryFrequency of 1h or more'],
    [{ suppressionDuration: '25h' }, 'suppressionDuration can be 1d at most'],
    [{ query: 'search *' }, "'search *' is not allowed in a rule"],
    [{ query: 'union isfuzzy=true * | take 1' }, "'union *' is not allowed in a rule"],
    [{ query: '|\n  let a = T;\n  a | union *' }, "'union *' is not allowed in a rule"],
  ])('%j', (changes, message) => expect(errorsOf(changes)).toEqual([message]));

  it.each([
    'T | where A == "search *"',
    'T // union *',
    'search in (T) "x"',
    'union T*, U',
    'T | extend union_ = 2 * 3',
  ])('allows %s', (query) => expect(errorsOf({ query: `|\n  ${query}` })).toEqual([]));

  it('accepts the exact limits of the schedule', () => {
    expect(errorsOf({ queryFrequency: '5m', queryPeriod: '5m' })).toEqual([]);
    expect(errorsOf({ queryFrequency: '14d', queryPeriod: '14d' })).toEqual([]);
    expect(errorsOf({ queryFrequency: '1h', queryPeriod: '2d' })).toEqual([]);
    expect(ruleLimits.scheduleMs).toEqual({ min: 300_000, max: 1_209_600_000 });
  });

  const mapping = (identifiers: string[]) =>
    `  - entityType: Account\n    fieldMappings:\n${identifiers.map((i) => `      - { identifier: ${i}, columnName: C }\n`).join('')}`;

  it('more than ten mappings, more than three identifiers', () => {
    const list = (n: number) => `entityMappings:\n${mapping(['Name']).repeat(n)}`;
    expect(errorsOf({}, list(10))).toEqual([]);
    expect(errorsOf({}, list(11))).toEqual(['a rule can have 10 entity mappings, not 11']);
    expect(errorsOf({}, `entityMappings:\n${mapping(['Name', 'Sid', 'PUID'])}`)).toEqual([]);
    expect(errorsOf({}, `entityMappings:\n${mapping(['Name', 'Sid', 'PUID', 'UPNSuffix'])}`)).toEqual([
      'a mapping can have 3 identifiers',
    ]);
  });

  it('entity types and identifiers that do not exist', () => {
    const wrongType = 'entityMappings:\n  - entityType: Person\n    fieldMappings: []\n';
    expect(errorsOf({}, wrongType)).toEqual(["'Person' is not an entity type"]);
    expect(errorsOf({}, `entityMappings:\n${mapping(['Address'])}`)).toEqual(["Account has no identifier 'Address'"]);
  });

  it('more than twenty custom details', () => {
    const details = (n: number) => `customDetails:\n${Array.from({ length: n }, (_, i) => `  D${i}: C\n`).join('')}`;
    expect(errorsOf({}, details(20))).toEqual([]);
    expect(errorsOf({}, details(21))).toEqual(['a rule can have 20 custom details, not 21']);
  });

  it('more than three parameters in the name', () => {
    const name = (n: number) => `alertDetailsOverride: { alertDisplayNameFormat: "${'{{A}}'.repeat(n)}" }\n`;
    expect(errorsOf({}, name(3))).toEqual([]);
    expect(errorsOf({}, name(4))).toEqual(['an alert name can have 3 parameters']);
  });

  it('a lookback outside five minutes to seven days, or a selection of nothing', () => {
    const grouping = (text: string) => `incidentConfiguration: { groupingConfiguration: { enabled: true, ${text} } }\n`;
    const range = 'lookbackDuration must be between 5m and 7d';
    expect(errorsOf({}, grouping('lookbackDuration: 7d'))).toEqual([]);
    expect(errorsOf({}, grouping('lookbackDuration: 8d'))).toEqual([range]);
    expect(errorsOf({}, grouping('lookbackDuration: 4m'))).toEqual([range]);
    expect(errorsOf({}, grouping('matchingMethod: Selected'))).toEqual([
      'matchingMethod Selected needs something to group by',
    ]);
  });

  it('warns of a query that only Microsoft would refuse', () => {
    const file = load({ query: `T // ${'x'.repeat(10_000)}` });
    expect(file.content?.type).toBe('rule');
    expect(file.diagnostics.map((d) => d.severity)).toEqual(['warning']);
  });

  it('prints file, line and column', () => {
    const [diagnostic] = load({ triggerOperator: 'above' }).diagnostics;
    expect(renderDiagnostic(diagnostic!).split('\n')[0]).toBe(
      "rule.yaml:6:18 RUL3002 triggerOperator must be one of gt, lt, eq, ne, not 'above'",
    );
  });
});
