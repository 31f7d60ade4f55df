import { describe, expect, it } from 'vitest';
import { readAutomation } from './automation.js';

const yaml = `id: close-scanner
displayName: Close what the scanner does
order: 2
triggeringLogic:
  triggersOn: Incidents
  triggersWhen: Created
  expirationTimeUtc: 2026-12-31T00:00:00Z
  conditions:
    - conditionType: Property
      conditionProperties: { propertyName: ipaddress, operator: Equals, propertyValues: [192.0.2.7, 192.0.2.8] }
    - conditionType: Boolean
      conditionProperties:
        operator: Or
        innerConditions:
          - conditionType: Property
            conditionProperties: { propertyName: IncidentSeverity, operator: Equals, propertyValues: [Low] }
          - conditionType: Property
            conditionProperties: { propertyName: IncidentTactics, operator: Equals, propertyValues: Reconnaissance }
actions:
  - order: 2
    actionType: RunWebhook
    actionConfiguration: { url: https://soar.example.com/hook, secret: soar }
  - order: 1
    actionType: ModifyProperties
    actionConfiguration:
      status: Closed
      classification: BenignPositive
      classificationReason: SuspiciousButExpected
      owner: { userPrincipalName: ana@example.com, objectId: '1' }
      labels: [{ labelName: scanner }]
`;

const only = (text: string) => {
  const { rules, diagnostics } = readAutomation(text, 'rule.yaml');
  expect(diagnostics).toEqual([]);
  expect(rules).toHaveLength(1);
  return rules[0]!;
};
const messages = (text: string) => readAutomation(text, 'rule.yaml').diagnostics.map((d) => d.message);

describe('an automation rule', () => {
  it('reads from the shape that the product has', () => {
    expect(only(yaml)).toMatchObject({
      ...{ id: 'close-scanner', displayName: 'Close what the scanner does', order: 2, enabled: true },
      ...{ triggersOn: 'Incidents', triggersWhen: 'Created', expiresAt: Date.UTC(2026, 11, 31) },
      conditions: [
        { kind: 'Property', property: 'IPAddress', operator: 'Equals', values: ['192.0.2.7', '192.0.2.8'] },
        {
          kind: 'Boolean',
          operator: 'Or',
          conditions: [{ property: 'IncidentSeverity' }, { property: 'IncidentTactics', values: ['Reconnaissance'] }],
        },
      ],
      actions: [
        {
          ...{ type: 'ModifyProperties', order: 1, status: 'Closed', classification: 'BenignPositive' },
          ...{ owner: 'ana@example.com', labels: ['scanner'] },
        },
        { type: 'RunWebhook', order: 2, url: 'https://soar.example.com/hook', secret: 'soar' },
      ],
    });
  });

  it('reads from an exported template, known by the GUID in its name', () => {
    const template = {
      resources: [
        {
          type: 'Microsoft.OperationalInsights/workspaces/providers/automationRules',
          name: "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/6a1b2c3d-0000-4000-8000-000000000001')]",
          properties: {
            displayName: 'Tag',
            order: 1,
            triggeringLogic: { isEnabled: false, triggersOn: 'Incidents', triggersWhen: 'Updated', conditions: [] },
            actions: [
              { order: 1, actionType: 'ModifyProperties', actionConfiguration: { labels: [{ labelName: 'x' }] } },
            ],
          },
        },
        { type: 'Microsoft.OperationalInsights/workspaces/providers/alertRules', properties: {} },
      ],
    };
    expect(only(JSON.stringify(template, null, 2))).toMatchObject({
      ...{ id: '6a1b2c3d-0000-4000-8000-000000000001', enabled: false, triggersWhen: 'Updated' },
      actions: [{ labels: ['x'] }],
    });
  });

  it.each([
    ['propertyName: ipaddress', 'propertyName: IpAdres', "'IpAdres' is no property of incidents"],
    ['triggersWhen: Created', 'triggersWhen: Deleted', "triggersWhen must be one of Created, Updated, not 'Deleted'"],
    ['order: 2\n    actionType', 'order: 1\n    actionType', 'each action needs an order of its own'],
    ['classification: BenignPositive', 'classification: ', 'an incident is closed with a classification'],
    ['secret: soar', 'secret:', 'secret is missing'],
    ['url: https://soar.example.com/hook', 'url:', 'a webhook has either a url or a urlSecret that holds it'],
    ['actionType: RunWebhook', 'actionType: RunPlaybook', 'playbooks are Logic Apps, which run in Azure alone'],
    [
      'triggersOn: Incidents',
      'triggersOn: Alerts',
      'ModifyProperties changes an incident; a rule on alerts can only call a webhook',
    ],
    ['conditionType: Boolean', 'conditionType: PropertyChanged', 'PropertyChanged goes with triggersWhen: Updated'],
    ['2026-12-31T00:00:00Z', 'soon', "'soon' is not a time"],
    ['id: close-scanner', 'id: ../../x', "'../../x' is no id of an automation rule"],
  ])('with %j as %j is refused', (from, to, message) => {
    expect(yaml).toContain(from);
    expect(messages(yaml.replace(from, to))).toContain(message);
    expect(readAutomation(yaml.replace(from, to), 'rule.yaml').rules).toEqual([]);
  });

  it('that holds the secret itself is refused without a word of it', () => {
    const { rules, diagnostics } = readAutomation(
      yaml.replace('secret: soar', 'secret: "hunter2 hunter2!"'),
      'rule.yaml',
    );
    expect(rules).toEqual([]);
    expect(JSON.stringify(diagnostics)).toContain('secret is the name of a secret');
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });

  it('of another kind is told', () => {
    expect(messages('kind: Scheduled')).toContain('displayName is missing');
    expect(messages('[1]')).toEqual(['the file holds no automation rule']);
  });
});
