import {
  type AutomationCondition,
  changeableProperties,
  growingArrays,
  type PropertyCondition,
} from './automation-model.js';
import { automationOperators, automationProperties } from './automation-properties.js';
import type { Fields } from './fields.js';

interface Trigger {
  readonly triggersOn: 'Incidents' | 'Alerts';
  readonly triggersWhen: 'Created' | 'Updated';
}

/** The product nests groups one deep; a few more do no harm. */
const deepest = 5;
const mostConditions = 50;

/** The conditions of a rule; what stands under `key` must all hold or, in a group, be joined by its operator. */
export function readConditions(fields: Fields, trigger: Trigger, key = 'conditions', depth = 0): AutomationCondition[] {
  const all = fields.children(key);
  if (all.length > mostConditions) fields.problem(key, `a rule can have ${mostConditions} conditions`);
  if (depth > deepest) {
    fields.problem(key, `conditions are nested deeper than ${deepest}`);
    return [];
  }
  return all.flatMap((condition) => readCondition(condition, trigger, depth) ?? []);
}

const kinds = ['Property', 'PropertyChanged', 'PropertyArrayChanged', 'PropertyArray', 'Boolean'] as const;

function readCondition(condition: Fields, trigger: Trigger, depth: number): AutomationCondition | undefined {
  const kind = condition.require('conditionType', condition.oneOf('conditionType', kinds));
  const fields = condition.require('conditionProperties', condition.child('conditionProperties'));
  if (!kind || !fields) return undefined;
  const isChange = kind === 'PropertyChanged' || kind === 'PropertyArrayChanged';
  if (isChange && trigger.triggersWhen !== 'Updated') {
    condition.problem('conditionType', `${kind} goes with triggersWhen: Updated`);
  }
  switch (kind) {
    case 'Property':
      return readProperty(fields);
    case 'PropertyChanged':
      return readChange(fields);
    case 'PropertyArrayChanged': {
      const arrayType = fields.require('arrayType', fields.oneOf('arrayType', growingArrays));
      fields.oneOf('changeType', ['Added']);
      return arrayType && { kind, arrayType };
    }
    case 'PropertyArray': {
      fields.oneOf('arrayType', ['CustomDetails', 'CustomDetailValues']);
      fields.oneOf('arrayConditionType', ['AnyItem']);
      const items = readConditions(fields, trigger, 'itemConditions', depth + 1);
      const conditions = items.filter((item): item is PropertyCondition => item.kind === 'Property');
      const areDetails = conditions.every((item) => item.property.startsWith('IncidentCustomDetails'));
      if (conditions.length === 0 || conditions.length < items.length || !areDetails) {
        fields.problem('itemConditions', 'itemConditions ask about keys and values of custom details');
      }
      return { kind, conditions };
    }
    case 'Boolean': {
      const operator = fields.require('operator', fields.oneOf('operator', ['And', 'Or'] as const));
      const conditions = readConditions(fields, trigger, 'innerConditions', depth + 1);
      if (conditions.length === 0) fields.problem('innerConditions', 'a group needs conditions');
      return operator && { kind, operator, conditions };
    }
  }
}

function readProperty(fields: Fields): PropertyCondition | undefined {
  const text = fields.require('propertyName', fields.text('propertyName'));
  const property = automationProperties.find((name) => name.toLowerCase() === text?.toLowerCase());
  if (text && !property) {
    fields.problem('propertyName', `'${text}' is no property of incidents`, {
      hint: `known: ${automationProperties.join(', ')}`,
    });
  }
  const operator = fields.require('operator', fields.oneOf('operator', automationOperators));
  const values = fields.texts('propertyValues');
  if (values.length === 0) fields.problem('propertyValues', 'propertyValues is missing');
  return property && operator && { kind: 'Property', property, operator, values };
}

function readChange(fields: Fields): AutomationCondition | undefined {
  const property = fields.require('propertyName', fields.oneOf('propertyName', changeableProperties));
  const changeType = fields.oneOf('changeType', ['ChangedFrom', 'ChangedTo']) ?? 'ChangedTo';
  const operator = fields.oneOf('operator', automationOperators) ?? 'Equals';
  return (
    property && { kind: 'PropertyChanged', property, changeType, operator, values: fields.texts('propertyValues') }
  );
}
