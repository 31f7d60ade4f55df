/**
 * The Data names of common events in the order of their manifest. Forwarders that flatten events lose the order, and some send
 * values without names. Longer lists are newer versions of the same event: a prefix is an older one.
 */
const connection =
  'ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID' +
  ' RemoteUserID RemoteMachineID FilterOrigin OriginalProfile CurrentProfile InterfaceIndex';
const packet =
  'ProcessId Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID' +
  ' FilterOrigin OriginalProfile CurrentProfile InterfaceIndex';
const bind =
  'ProcessId Application SourceAddress SourcePort Protocol FilterRTID LayerName LayerRTID FilterOrigin OriginalProfile' +
  ' CurrentProfile InterfaceIndex';
const mac =
  'Direction SourceAddress DestAddress EtherType MediaType InterfaceType VlanTag FilterRTID LayerName LayerRTID';
const subject = 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId';
const target = 'TargetUserSid TargetUserName TargetDomainName TargetLogonId';
const handle = `${subject} ObjectServer ObjectType ObjectName HandleId`;
const process = 'ProcessId ProcessName';
const targetAccount = 'TargetUserName TargetDomainName TargetSid';
const member = `MemberName MemberSid ${targetAccount} ${subject} PrivilegeList`;
const task = `${subject} TaskName TaskContent`;

const security: Readonly<Record<number, string>> = {
  4624:
    `${subject} ${target} LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid` +
    ` TransmittedServices LmPackageName KeyLength ${process} IpAddress IpPort ImpersonationLevel RestrictedAdminMode` +
    ' TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken',
  4625:
    `${subject} TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType` +
    ' LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength' +
    ` ${process} IpAddress IpPort`,
  4627: `${subject} ${target} LogonType EventIdx EventCountTotal GroupMembership`,
  4634: `${target} LogonType`,
  4647: target,
  4648:
    `${subject} LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo ${process}` +
    ' IpAddress IpPort',
  4656:
    `${handle} TransactionId AccessList AccessReason AccessMask PrivilegeList RestrictedSidCount ${process}` +
    ' ResourceAttributes',
  4657: `${subject} ObjectName ObjectValueName HandleId OperationType OldValueType OldValue NewValueType NewValue ${process}`,
  4658: `${subject} ObjectServer HandleId ${process}`,
  4660: `${subject} ObjectServer HandleId ${process} TransactionId`,
  4662: `${subject} ObjectServer ObjectType ObjectName OperationType HandleId AccessList AccessMask Properties AdditionalInfo AdditionalInfo2`,
  4663: `${handle} AccessList AccessMask ${process} ResourceAttributes`,
  4670: `${handle} OldSd NewSd ${process}`,
  4672: `${subject} PrivilegeList`,
  4673: `${subject} ObjectServer Service PrivilegeList ${process}`,
  4674: `${handle} AccessMask PrivilegeList ${process}`,
  4688:
    `${subject} NewProcessId NewProcessName TokenElevationType ProcessId CommandLine ${target} ParentProcessName` +
    ' MandatoryLabel',
  4689: `${subject} Status ${process}`,
  4690: `${subject} SourceHandleId SourceProcessId TargetHandleId TargetProcessId`,
  4697: `${subject} ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount`,
  4698: task,
  4699: task,
  4700: task,
  4701: task,
  4702: `${subject} TaskName TaskContentNew`,
  4703: `${subject} ${target} ProcessName ProcessId EnabledPrivilegeList DisabledPrivilegeList`,
  4719: `${subject} CategoryId SubcategoryId SubcategoryGuid AuditPolicyChanges`,
  4720:
    `${targetAccount} ${subject} PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath` +
    ' ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo' +
    ' OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours',
  4722: `${targetAccount} ${subject}`,
  4723: `${targetAccount} ${subject} PrivilegeList`,
  4724: `${targetAccount} ${subject}`,
  4725: `${targetAccount} ${subject}`,
  4726: `${targetAccount} ${subject} PrivilegeList`,
  4728: member,
  4729: member,
  4732: member,
  4733: member,
  4738:
    `Dummy ${targetAccount} ${subject} PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory` +
    ' HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId' +
    ' AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours',
  4740: `${targetAccount} ${subject}`,
  4756: member,
  4757: member,
  4768:
    'TargetUserName TargetDomainName TargetSid ServiceName ServiceSid TicketOptions Status TicketEncryptionType' +
    ' PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint',
  4769:
    'TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress IpPort Status' +
    ' LogonGuid TransmittedServices',
  4771:
    'TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort CertIssuerName' +
    ' CertSerialNumber CertThumbprint',
  4776: 'PackageName TargetUserName Workstation Status',
  4778: 'AccountName AccountDomain LogonID SessionName ClientName ClientAddress',
  4779: 'AccountName AccountDomain LogonID SessionName ClientName ClientAddress',
  4798: `${targetAccount} ${subject} CallerProcessId CallerProcessName`,
  4799: `${targetAccount} ${subject} CallerProcessId CallerProcessName`,
  5136:
    `OpCorrelationID AppCorrelationID ${subject} DSName DSType ObjectDN ObjectGUID ObjectClass` +
    ' AttributeLDAPDisplayName AttributeSyntaxOID AttributeValue OperationType',
  5140: `${subject} ObjectType IpAddress IpPort ShareName ShareLocalPath AccessMask AccessList`,
  5145: `${subject} ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask AccessList AccessReason`,
  5150: mac,
  5151: mac,
  5152: packet,
  5153: packet,
  5154: bind,
  5155: bind,
  5156: connection,
  5157: connection,
  5158: bind,
  5159: bind,
};

const sysmon: Readonly<Record<number, string>> = {
  1:
    'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine' +
    ' CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId' +
    ' ParentImage ParentCommandLine ParentUser',
  2: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime User',
  3:
    'RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname' +
    ' SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName',
  5: 'RuleName UtcTime ProcessGuid ProcessId Image User',
  7:
    'RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company OriginalFileName' +
    ' Hashes Signed Signature SignatureStatus User',
  8:
    'RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage' +
    ' NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser',
  10:
    'RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId' +
    ' TargetImage GrantedAccess CallTrace SourceUser TargetUser',
  11: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User',
  12: 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject User',
  13: 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details User',
  22: 'RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image User',
  23: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable Archived',
};

/** Rendered names of providers, as Splunk and old forwarders show them. */
const displayNames: Readonly<Record<string, string>> = {
  'microsoft windows security auditing.': 'Microsoft-Windows-Security-Auditing',
  'microsoft windows security auditing': 'Microsoft-Windows-Security-Auditing',
  security: 'Microsoft-Windows-Security-Auditing',
};

export function providerName(name: string | undefined): string | undefined {
  const key = name?.toLowerCase() ?? '';
  return Object.hasOwn(displayNames, key) ? displayNames[key] : name;
}

/** Data names of an event in manifest order; undefined when the event is not listed. */
export function dataOrder(provider: string | undefined, eventId: number): readonly string[] | undefined {
  const events = provider === 'Microsoft-Windows-Sysmon' ? sysmon : isAuditing(provider) ? security : undefined;
  const names = events && Object.hasOwn(events, eventId) ? events[eventId] : undefined;
  return names?.split(' ');
}

export const isAuditing = (provider: string | undefined): boolean => provider === 'Microsoft-Windows-Security-Auditing';
