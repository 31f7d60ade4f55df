/**
 * Entity types of rule mappings with their identifiers.
 * Source  https://learn.microsoft.com/azure/sentinel/entities-reference
 */
export const entityIdentifiers = {
  Account:
    'Name FullName NTDomain DnsDomain UPNSuffix Sid AadTenantId AadUserId PUID IsDomainJoined DisplayName ObjectGuid',
  Host: 'DnsDomain NTDomain HostName FullName NetBiosName AzureID OMSAgentID OSFamily OSVersion IsDomainJoined',
  IP: 'Address AddressScope',
  URL: 'Url',
  AzureResource: 'ResourceId',
  CloudApplication: 'AppId Name InstanceName',
  DNS: 'DomainName',
  File: 'Directory Name',
  FileHash: 'Algorithm Value',
  Malware: 'Name Category',
  Process: 'ProcessId CommandLine ElevationToken CreationTimeUtc',
  RegistryKey: 'Hive Key',
  RegistryValue: 'Name Value ValueType',
  SecurityGroup: 'DistinguishedName SID ObjectGuid',
  Mailbox: 'MailboxPrimaryAddress DisplayName Upn ExternalDirectoryObjectId RiskLevel',
  MailCluster: `NetworkMessageIds CountByDeliveryStatus CountByThreatType CountByProtectionStatus Threats Query QueryTime
    MailCount IsVolumeAnomaly Source ClusterSourceIdentifier ClusterSourceType ClusterQueryStartTime ClusterQueryEndTime
    ClusterGroup`,
  MailMessage: `Recipient Urls Threats Sender P1Sender P1SenderDisplayName P1SenderDomain SenderIP P2Sender
    P2SenderDisplayName P2SenderDomain ReceivedDate NetworkMessageId InternetMessageId Subject BodyFingerprintBin1
    BodyFingerprintBin2 BodyFingerprintBin3 BodyFingerprintBin4 BodyFingerprintBin5 AntispamDirection DeliveryAction
    DeliveryLocation Language ThreatDetectionMethods`,
  SubmissionMail: `NetworkMessageId Timestamp Recipient Sender SenderIp Subject ReportType SubmissionId SubmissionDate
    Submitter`,
} as const satisfies Record<string, string>;

export type EntityType = keyof typeof entityIdentifiers;

const byLowerCase = <T extends string>(names: readonly T[]) => new Map(names.map((n) => [n.toLowerCase(), n]));
const types = byLowerCase(Object.keys(entityIdentifiers) as EntityType[]);
const identifiers = new Map(
  Object.entries(entityIdentifiers).map(([type, list]) => [type, byLowerCase(list.split(/\s+/))]),
);

/** The entity type in its own spelling; files differ in case and blanks (`Ip`, `File hash`). */
export const entityTypeOf = (name: string): EntityType | undefined =>
  types.get(name.replaceAll(/\s+/g, '').toLowerCase());

/** The identifier in its own spelling. */
export const identifierOf = (type: EntityType, name: string): string | undefined =>
  identifiers.get(type)?.get(name.trim().toLowerCase());

export const identifierNames = (type: EntityType): string[] => [...identifiers.get(type)!.values()];
