/**
 * What conditions of automation rules can ask about, by the names of the product's API.
 * Source  https://learn.microsoft.com/azure/templates/microsoft.securityinsights/automationrules
 */
export const incidentProperties = [
  'IncidentTitle',
  'IncidentDescription',
  'IncidentSeverity',
  'IncidentStatus',
  'IncidentLabel',
  'IncidentTactics',
  'IncidentRelatedAnalyticRuleIds',
  'IncidentProviderName',
  'IncidentUpdatedBySource',
  'IncidentCustomDetailsKey',
  'IncidentCustomDetailsValue',
  'AlertProductNames',
  'AlertAnalyticRuleIds',
] as const;

/** Property → type of the entity as alerts spell it, and its identifier. */
export const entityProperties = {
  AccountAadTenantId: ['account', 'AadTenantId'],
  AccountAadUserId: ['account', 'AadUserId'],
  AccountName: ['account', 'Name'],
  AccountNTDomain: ['account', 'NTDomain'],
  AccountObjectGuid: ['account', 'ObjectGuid'],
  AccountPUID: ['account', 'PUID'],
  AccountSid: ['account', 'Sid'],
  AccountUPNSuffix: ['account', 'UPNSuffix'],
  AzureResourceResourceId: ['azure-resource', 'ResourceId'],
  CloudApplicationAppId: ['cloud-application', 'AppId'],
  CloudApplicationAppName: ['cloud-application', 'Name'],
  DNSDomainName: ['dns', 'DomainName'],
  FileDirectory: ['file', 'Directory'],
  FileName: ['file', 'Name'],
  FileHashValue: ['filehash', 'Value'],
  HostAzureID: ['host', 'AzureID'],
  HostName: ['host', 'HostName'],
  HostNetBiosName: ['host', 'NetBiosName'],
  HostNTDomain: ['host', 'NTDomain'],
  HostOSVersion: ['host', 'OSVersion'],
  IPAddress: ['ip', 'Address'],
  MailboxDisplayName: ['mailbox', 'DisplayName'],
  MailboxPrimaryAddress: ['mailbox', 'MailboxPrimaryAddress'],
  MailboxUPN: ['mailbox', 'Upn'],
  MailMessageDeliveryAction: ['mail-message', 'DeliveryAction'],
  MailMessageDeliveryLocation: ['mail-message', 'DeliveryLocation'],
  MailMessageRecipient: ['mail-message', 'Recipient'],
  MailMessageSenderIP: ['mail-message', 'SenderIP'],
  MailMessageSubject: ['mail-message', 'Subject'],
  MailMessageP1Sender: ['mail-message', 'P1Sender'],
  MailMessageP2Sender: ['mail-message', 'P2Sender'],
  MalwareCategory: ['malware', 'Category'],
  MalwareName: ['malware', 'Name'],
  ProcessCommandLine: ['process', 'CommandLine'],
  ProcessId: ['process', 'ProcessId'],
  RegistryKey: ['registry-key', 'Key'],
  RegistryValueData: ['registry-value', 'Value'],
  Url: ['url', 'Url'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type AutomationProperty = (typeof incidentProperties)[number] | keyof typeof entityProperties;

export const automationProperties = [
  ...incidentProperties,
  ...(Object.keys(entityProperties) as (keyof typeof entityProperties)[]),
] as const;

export const automationOperators = [
  'Equals',
  'NotEquals',
  'Contains',
  'NotContains',
  'StartsWith',
  'NotStartsWith',
  'EndsWith',
  'NotEndsWith',
] as const;
export type AutomationOperator = (typeof automationOperators)[number];
