import { describe, expect, it } from 'vitest';
import { readAutomation } from '../../content/index.js';
import { type Facts, sourceOf, unmet, withShortIds } from './conditions.js';

const facts: Facts = {
  incident: {
    ...{ Title: 'Phishing link followed', Severity: 'High', Status: 'Active', ModifiedBy: 'ana' },
    ...{ Labels: [{ labelName: 'VIP' }, { labelName: 'mail' }], Comments: [{}, {}], AlertIds: ['a1', 'a2'] },
    ...{ RelatedAnalyticRuleIds: ['6a1b2c3d-0000-4000-8000-000000000001'], Owner: { assignedTo: 'ana' } },
    AdditionalData: { tactics: ['InitialAccess', 'Execution'] },
  },
  before: {
    ...{ Severity: 'Medium', Status: 'Active', Labels: [{ labelName: 'vip' }], Comments: [{}, {}], AlertIds: ['a1'] },
    ...{ Owner: { assignedTo: null }, AdditionalData: { tactics: ['InitialAccess', 'Execution'] } },
  },
  alerts: [
    {
      ...{ SystemAlertId: 'a1', ProductName: 'Azure Sentinel' },
      Entities: JSON.stringify([
        { $id: '1', Type: 'account', Name: 'ana', UPNSuffix: 'example.com' },
        { $id: '2', Type: 'ip', Address: '192.0.2.7' },
        { $id: '3', Type: 'ip', Address: '192.0.2.8' },
      ]),
      ExtendedProperties: JSON.stringify({
        'Analytic Rule Name': 'Phishing rule',
        'Custom Details': JSON.stringify({ Verdict: ['blocked'], Action: ['allowed'] }),
      }),
    },
  ],
};

function holds(condition: string, when = 'Created'): boolean {
  const text = `id: x
displayName: X
triggeringLogic: { triggersOn: Incidents, triggersWhen: ${when}, conditions: [${condition}] }
actions: [{ actionType: AddIncidentTask, actionConfiguration: { title: x } }]`;
  const { rules, diagnostics } = readAutomation(text, 'x.yaml');
  if (!rules[0]) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return unmet(withShortIds(rules[0].conditions), facts) === undefined;
}
const property = (name: string, operator: string, ...values: string[]) =>
  `{ conditionType: Property, conditionProperties: { propertyName: ${name}, operator: ${operator}, propertyValues: ${JSON.stringify(values)} } }`;
const both = (operator: string, ...inner: string[]) =>
  `{ conditionType: Boolean, conditionProperties: { operator: ${operator}, innerConditions: [${inner.join(', ')}] } }`;
const changed = (name: string, more = '') =>
  `{ conditionType: PropertyChanged, conditionProperties: { propertyName: ${name}${more} } }`;
const grew = (arrayType: string) =>
  `{ conditionType: PropertyArrayChanged, conditionProperties: { arrayType: ${arrayType}, changeType: Added } }`;
const detail = (...inner: string[]) =>
  `{ conditionType: PropertyArray, conditionProperties: { arrayType: CustomDetails, arrayConditionType: AnyItem, itemConditions: [${inner.join(', ')}] } }`;

describe('a property', () => {
  it.each([
    ['IncidentTitle', 'Contains', ['LINK'], true],
    ['IncidentTitle', 'StartsWith', ['link', 'phish'], true],
    ['IncidentTitle', 'EndsWith', ['link'], false],
    ['IncidentSeverity', 'Equals', ['Low', 'High'], true],
    ['IncidentSeverity', 'NotEquals', ['Low', 'High'], false],
    ['IncidentLabel', 'Equals', ['vip'], true],
    // Of several values none may match, or "not" would hold for any incident with two tags.
    ['IncidentLabel', 'NotEquals', ['vip'], false],
    ['IncidentLabel', 'NotContains', ['phish'], true],
    ['IncidentTactics', 'Equals', ['Execution'], true],
    ['IPAddress', 'Equals', ['192.0.2.8'], true],
    ['IPAddress', 'StartsWith', ['198.51.100.'], false],
    ['AccountName', 'Equals', ['Ana'], true],
    ['AccountUPNSuffix', 'NotEndsWith', ['.example'], true],
    // There is no host, so that nothing equals, and nothing equals not.
    ['HostName', 'Equals', ['pc-1'], false],
    ['HostName', 'NotEquals', ['pc-1'], true],
    ['AlertProductNames', 'Equals', ['Azure Sentinel'], true],
    ['IncidentUpdatedBySource', 'Equals', ['User'], true],
    ['IncidentRelatedAnalyticRuleIds', 'Contains', ['6a1b2c3d-0000-4000-8000-000000000001'], true],
    ['IncidentRelatedAnalyticRuleIds', 'Equals', ['Phishing rule'], true],
    [
      'IncidentRelatedAnalyticRuleIds',
      'Contains',
      [
        '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/Microsoft.SecurityInsights/alertRules/6A1B2C3D-0000-4000-8000-000000000001',
      ],
      true,
    ],
    ['IncidentRelatedAnalyticRuleIds', 'Contains', ['Another rule'], false],
  ])('%s %s %j: %s', (name, operator, values, expected) => {
    expect(holds(property(name, operator, ...values))).toBe(expected);
  });
});

const high = property('IncidentSeverity', 'Equals', 'High');
const closed = property('IncidentStatus', 'Equals', 'Closed');

it.each([
  [`${high}, ${closed}`, false],
  [both('And', high, closed), false],
  [both('Or', high, closed), true],
  [both('Or', closed, both('And', high, property('IncidentTitle', 'Contains', 'link'))), true],
])('groups: %s', (condition, expected) => {
  expect(holds(condition)).toBe(expected);
});

it.each([
  [changed('IncidentSeverity'), true],
  [changed('IncidentSeverity', ', changeType: ChangedTo, operator: Equals, propertyValues: [High]'), true],
  [changed('IncidentSeverity', ', changeType: ChangedFrom, operator: Equals, propertyValues: [High]'), false],
  [changed('IncidentSeverity', ', changeType: ChangedFrom, operator: Equals, propertyValues: [Medium]'), true],
  [changed('IncidentStatus', ', changeType: ChangedTo, operator: Equals, propertyValues: [Active]'), false],
  [changed('IncidentOwner'), true],
  [grew('Alerts'), true],
  [grew('Labels'), true],
  [grew('Comments'), false],
  [grew('Tactics'), false],
])('changes: %s is %s', (condition, expected) => {
  expect(holds(condition, 'Updated')).toBe(expected);
});

it('asks of one custom detail at a time', () => {
  const key = (name: string) => property('IncidentCustomDetailsKey', 'Equals', name);
  const value = (text: string) => property('IncidentCustomDetailsValue', 'Equals', text);
  expect(holds(detail(key('Verdict'), value('blocked')))).toBe(true);
  // The value is that of another detail.
  expect(holds(detail(key('Verdict'), value('allowed')))).toBe(false);
  expect(holds(`${key('Verdict')}, ${value('allowed')}`)).toBe(true);
});

it.each([
  ['ana', 'User'],
  ['Alert updates', 'AlertGrouping'],
  ['Automation rule - X', 'AutomationRule'],
])('%s is %s', (by, source) => {
  expect(sourceOf(by)).toBe(source);
});
