/**
 * The advanced-hunting tables that the service streams, as far as the Log Analytics catalogue documents them.
 * Source https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables
 */
export const huntingTables = [
  'AlertInfo',
  'AlertEvidence',
  'BehaviorEntities',
  'BehaviorInfo',
  'CampaignInfo',
  'CloudAppEvents',
  'DeviceEvents',
  'DeviceFileCertificateInfo',
  'DeviceFileEvents',
  'DeviceImageLoadEvents',
  'DeviceInfo',
  'DeviceLogonEvents',
  'DeviceNetworkEvents',
  'DeviceNetworkInfo',
  'DeviceProcessEvents',
  'DeviceRegistryEvents',
  'DeviceTvmSecureConfigurationAssessment',
  'DeviceTvmSecureConfigurationAssessmentKB',
  'DeviceTvmSoftwareInventory',
  'DeviceTvmSoftwareVulnerabilities',
  'DeviceTvmSoftwareVulnerabilitiesKB',
  'EmailAttachmentInfo',
  'EmailEvents',
  'EmailPostDeliveryEvents',
  'EmailUrlInfo',
  'FileMaliciousContentInfo',
  'IdentityAccountInfo',
  'IdentityDirectoryEvents',
  'IdentityEvents',
  'IdentityInfo',
  'IdentityLogonEvents',
  'IdentityQueryEvents',
  'MessageEvents',
  'MessagePostDeliveryEvents',
  'MessageUrlInfo',
  'OAuthAppInfo',
  'UrlClickEvents',
] as const;

/** Copies of other tables for custom collection: told by name only, never by their columns. */
export const customTables = [
  'DeviceCustomFileEvents',
  'DeviceCustomImageLoadEvents',
  'DeviceCustomNetworkEvents',
  'DeviceCustomProcessEvents',
  'DeviceCustomRegistryEvents',
  'DeviceCustomScriptEvents',
] as const;

const byLowerName = new Map<string, string>(
  [...huntingTables, ...customTables].map((table) => [table.toLowerCase(), table]),
);

/** The table of an event category such as `AdvancedHunting-EmailEvents`; undefined for a category of something else. */
export const tableOfCategory = (category: string): string | undefined =>
  byLowerName.get(category.replace(/^AdvancedHunting-/i, '').toLowerCase());

const actionTables: Record<string, readonly string[]> = {
  DeviceNetworkEvents: [
    'ConnectionSuccess',
    'ConnectionFailed',
    'ConnectionRequest',
    'ConnectionFound',
    'ConnectionAttempt',
    'ConnectionAcknowledged',
    'InboundConnectionAccepted',
    'ListeningConnectionCreated',
  ],
  DeviceProcessEvents: ['ProcessCreated'],
  DeviceFileEvents: ['FileCreated', 'FileModified', 'FileDeleted', 'FileRenamed'],
  DeviceRegistryEvents: ['RegistryValueSet', 'RegistryValueDeleted', 'RegistryKeyCreated', 'RegistryKeyDeleted'],
  DeviceImageLoadEvents: ['ImageLoaded'],
  DeviceEvents: ['BrowserLaunchedToOpenUrl', 'LdapSearch', 'AntivirusDetection', 'PowerShellCommand'],
  IdentityDirectoryEvents: [
    'Directory Services replication',
    'Group Membership changed',
    'Account Password changed',
    'Account Password expired',
    'Account disabled',
    'Account Display Name changed',
    'Account Name changed',
    'Device Account Created',
    'Device Operating System changed',
    'Potential lateral movement path identified',
    'PowerShell execution',
    'SAM Account Name changed',
    'Security Principal created',
    'Service creation',
    'SID-History changed',
    'SMB file copy',
    'Task scheduling',
    'User Account Control changed',
    'WMI execution',
  ],
  IdentityQueryEvents: ['LDAP query', 'SAMR query', 'DNS query'],
  UrlClickEvents: ['ClickAllowed', 'ClickBlocked'],
};

/** ActionType values that belong to one table, for rows whose columns leave a doubt. */
export const tableOfAction: ReadonlyMap<string, string> = new Map(
  Object.entries(actionTables).flatMap(([table, actions]) => actions.map((action) => [action, table] as const)),
);

/** Hunting names that the Log Analytics table of the same name spells differently. */
export const renames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  IdentityInfo: {
    AccountUpn: 'AccountUPN',
    OnPremSid: 'AccountSID',
    AccountSid: 'AccountSID',
    CloudSid: 'AccountCloudSID',
    EmailAddress: 'MailAddress',
    DistinguishedName: 'OnPremisesDistinguishedName',
    CreatedDateTime: 'AccountCreationTime',
  },
};
