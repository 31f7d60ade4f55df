import { isMap } from 'yaml';
import type { AutomationAction } from './automation-model.js';
import type { Fields } from './fields.js';
import { severities } from './model.js';

const types = ['ModifyProperties', 'AddIncidentTask', 'RunWebhook', 'RunPlaybook'] as const;
const secretName = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

export function readAction(action: Fields, triggersOn: 'Incidents' | 'Alerts'): AutomationAction | undefined {
  const type = action.require('actionType', action.oneOf('actionType', types));
  const order = action.integer('order') ?? 1;
  if (!type) return undefined;
  if (type === 'RunPlaybook') {
    action.problem('actionType', 'playbooks are Logic Apps, which run in Azure alone', {
      hint: 'RunWebhook posts the incident to an address of yours',
    });
    return undefined;
  }
  if (triggersOn === 'Alerts' && type !== 'RunWebhook') {
    action.problem('actionType', `${type} changes an incident; a rule on alerts can only call a webhook`);
  }
  const fields = action.require('actionConfiguration', action.child('actionConfiguration'));
  if (!fields) return undefined;
  if (type === 'ModifyProperties') return readModify(fields, order);
  return type === 'AddIncidentTask' ? readTask(fields, order) : readWebhook(fields, order);
}

function readModify(fields: Fields, order: number): AutomationAction {
  const status = fields.oneOf('status', ['New', 'Active', 'Closed']);
  const classification = fields.oneOf('classification', [
    'TruePositive',
    'BenignPositive',
    'FalsePositive',
    'Undetermined',
  ]);
  if (status === 'Closed' && !classification) {
    fields.problem('status', 'an incident is closed with a classification', { hint: 'classification: BenignPositive' });
  }
  if (classification && status !== 'Closed') {
    fields.problem('classification', 'an incident is classified when it is closed', { hint: 'status: Closed' });
  }
  const read = {
    ...{ type: 'ModifyProperties' as const, order, status, classification },
    severity: fields.oneOf('severity', severities),
    classificationReason: fields.oneOf('classificationReason', [
      'SuspiciousActivity',
      'SuspiciousButExpected',
      'IncorrectAlertLogic',
      'InaccurateData',
    ]),
    classificationComment: fields.text('classificationComment'),
    owner: readOwner(fields),
    labels: readLabels(fields),
  };
  if (!status && !read.severity && read.owner === undefined && read.labels.length === 0) {
    fields.problem(undefined, 'the action changes nothing');
  }
  return read;
}

/** A name, or the product's object with several. */
function readOwner(fields: Fields): string | undefined {
  if (!isMap(fields.node('owner'))) return fields.text('owner');
  const owner = fields.child('owner')!;
  const keys = ['userPrincipalName', 'email', 'assignedTo', 'objectId'];
  const name = keys.map((key) => owner.text(key)).find((text) => text !== undefined);
  if (name === undefined) owner.problem(undefined, 'the owner has no name');
  return name;
}

/** Texts, or the product's objects. */
function readLabels(fields: Fields): string[] {
  const node = fields.node('labels');
  const isObjects = node && 'items' in node && node.items.some(isMap);
  if (!isObjects) return fields.texts('labels');
  return fields.children('labels').flatMap((label) => label.require('labelName', label.text('labelName')) ?? []);
}

function readTask(fields: Fields, order: number): AutomationAction | undefined {
  const title = fields.require('title', fields.text('title'));
  return title ? { type: 'AddIncidentTask', order, title, description: fields.text('description') ?? '' } : undefined;
}

function readWebhook(fields: Fields, order: number): AutomationAction | undefined {
  const url = fields.text('url');
  const urlSecret = fields.text('urlSecret');
  if ((url === undefined) === (urlSecret === undefined)) {
    fields.problem('url', 'a webhook has either a url or a urlSecret that holds it');
  }
  const secret = fields.require('secret', fields.text('secret'));
  const authorizationSecret = fields.text('authorizationSecret');
  for (const [key, name] of Object.entries({ urlSecret, secret, authorizationSecret })) {
    // It may be the secret itself, which must not get into a log.
    if (name !== undefined && !secretName.test(name)) {
      fields.problem(key, `${key} is the name of a secret: letters, digits, - and _`, { hideValue: true });
    }
  }
  return secret ? { type: 'RunWebhook', order, url, urlSecret, secret, authorizationSecret } : undefined;
}
