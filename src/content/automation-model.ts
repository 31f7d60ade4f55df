import type { AutomationOperator, AutomationProperty } from './automation-properties.js';
import type { AlertSeverity } from './model.js';

export const changeableProperties = ['IncidentSeverity', 'IncidentStatus', 'IncidentOwner'] as const;
export const growingArrays = ['Alerts', 'Labels', 'Tactics', 'Comments'] as const;

export interface PropertyCondition {
  readonly kind: 'Property';
  readonly property: AutomationProperty;
  readonly operator: AutomationOperator;
  readonly values: readonly string[];
}

export type AutomationCondition =
  | PropertyCondition
  | {
      readonly kind: 'PropertyChanged';
      readonly property: (typeof changeableProperties)[number];
      /** Whether the value before or after is compared; without values any change will do. */
      readonly changeType: 'ChangedFrom' | 'ChangedTo';
      readonly operator: AutomationOperator;
      readonly values: readonly string[];
    }
  | { readonly kind: 'PropertyArrayChanged'; readonly arrayType: (typeof growingArrays)[number] }
  /** One custom detail of the alerts for which all hold. */
  | { readonly kind: 'PropertyArray'; readonly conditions: readonly PropertyCondition[] }
  | {
      readonly kind: 'Boolean';
      readonly operator: 'And' | 'Or';
      readonly conditions: readonly AutomationCondition[];
    };

export interface ModifyAction {
  readonly type: 'ModifyProperties';
  readonly order: number;
  readonly severity: AlertSeverity | undefined;
  readonly status: 'New' | 'Active' | 'Closed' | undefined;
  readonly classification: 'TruePositive' | 'BenignPositive' | 'FalsePositive' | 'Undetermined' | undefined;
  readonly classificationReason:
    | 'SuspiciousActivity'
    | 'SuspiciousButExpected'
    | 'IncorrectAlertLogic'
    | 'InaccurateData'
    | undefined;
  readonly classificationComment: string | undefined;
  readonly owner: string | undefined;
  /** Added to those that are there. */
  readonly labels: readonly string[];
}

export interface TaskAction {
  readonly type: 'AddIncidentTask';
  readonly order: number;
  readonly title: string;
  readonly description: string;
}

/** Vedette's own: posts the incident to an address. */
export interface WebhookAction {
  readonly type: 'RunWebhook';
  readonly order: number;
  readonly url: string | undefined;
  /** Names of secrets, never their values. */
  readonly urlSecret: string | undefined;
  readonly secret: string;
  readonly authorizationSecret: string | undefined;
}

export type AutomationAction = ModifyAction | TaskAction | WebhookAction;
