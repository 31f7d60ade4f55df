import type { DataItem } from './event.js';

/**
 * Reads Data out of the rendered English message of audit events, for forwarders that send nothing else. Sections and labels
 * are those of the message; a label that is not listed stays in the message alone.
 *
 * Source  https://learn.microsoft.com/windows/security/threat-protection/auditing (one page per event)
 */
const account = (prefix: string): Record<string, string> => ({
  'Security ID': `${prefix}UserSid`,
  'Account Name': `${prefix}UserName`,
  'Account Domain': `${prefix}DomainName`,
  'Domain Name': `${prefix}DomainName`,
  'Logon ID': `${prefix}LogonId`,
  'Logon GUID': 'LogonGuid',
  'Linked Logon ID': 'TargetLinkedLogonId',
});

const process: Record<string, string> = {
  'New Process ID': 'NewProcessId',
  'New Process Name': 'NewProcessName',
  'Token Elevation Type': 'TokenElevationType',
  'Mandatory Label': 'MandatoryLabel',
  'Creator Process ID': 'ProcessId',
  'Creator Process Name': 'ParentProcessName',
  'Process Command Line': 'CommandLine',
  'Process ID': 'ProcessId',
  'Process Name': 'ProcessName',
  'Caller Process ID': 'ProcessId',
  'Caller Process Name': 'ProcessName',
  'Exit Status': 'Status',
};

const sections: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Subject: account('Subject'),
  'Creator Subject': account('Subject'),
  'Target Subject': account('Target'),
  'New Logon': account('Target'),
  'Target Account': { ...account('Target'), 'Security ID': 'TargetSid' },
  'Account For Which Logon Failed': account('Target'),
  'Account Whose Credentials Were Used': { ...account('Target'), 'Logon GUID': 'TargetLogonGuid' },
  'Process Information': process,
  'Application Information': { 'Process ID': 'ProcessID', 'Application Name': 'Application' },
  'Failure Information': { 'Failure Reason': 'FailureReason', Status: 'Status', 'Sub Status': 'SubStatus' },
  Object: {
    'Object Server': 'ObjectServer',
    'Object Type': 'ObjectType',
    'Object Name': 'ObjectName',
    'Object Handle': 'HandleId',
    'Handle ID': 'HandleId',
  },
  'Requested Operation': { 'Desired Access': 'AccessMask', Privileges: 'PrivilegeList' },
  'Network Information': {
    'Workstation Name': 'WorkstationName',
    'Source Network Address': 'IpAddress',
    'Client Address': 'IpAddress',
    'Client Port': 'IpPort',
    Direction: 'Direction',
    'Source Address': 'SourceAddress',
    'Destination Address': 'DestAddress',
    'Destination Port': 'DestPort',
    Protocol: 'Protocol',
  },
  'Filter Information': {
    'Filter Run-Time ID': 'FilterRTID',
    'Layer Name': 'LayerName',
    'Layer Run-Time ID': 'LayerRTID',
  },
  'Detailed Authentication Information': {
    'Logon Process': 'LogonProcessName',
    'Authentication Package': 'AuthenticationPackageName',
    'Transited Services': 'TransmittedServices',
    'Package Name (NTLM only)': 'LmPackageName',
    'Key Length': 'KeyLength',
  },
};

/** Labels that stand outside any section, or at the end of one. */
const anywhere: Readonly<Record<string, string>> = {
  'Logon Type': 'LogonType',
  'Restricted Admin Mode': 'RestrictedAdminMode',
  'Virtual Account': 'VirtualAccount',
  'Elevated Token': 'ElevatedToken',
  Privileges: 'PrivilegeList',
};

/** Events whose only account is called Subject in the text and Target in the data. */
const subjectIsTarget = new Set([4634, 4647]);

/** What the text says in place of the code that the data has. */
const directions: Readonly<Record<string, string>> = { Inbound: '%%14592', Outbound: '%%14593' };

const isFirewall = (eventId: number): boolean => eventId >= 5150 && eventId <= 5159;

export function dataOfMessage(eventId: number, message: string): DataItem[] {
  const found = new Map<string, string>();
  let section = '';
  // Line breaks and tabs of the message reach some forwarders as runs of blanks: a label begins after two or more.
  const parts = message
    .replace(/[^\S\r\n]{2,}/g, '  ')
    .split(/[\r\n]+|[^\S\r\n]{2}(?=[A-Z][\w()-]*(?: [\w()-]+){0,5}:(?:\s|$))/);
  for (const part of parts) {
    const match = /^\s*([A-Z][\w()/ -]{1,40}?):(?:\s+([\s\S]*\S))?\s*$/.exec(part);
    if (!match) continue;
    const [, label, value] = match;
    if (value === undefined && Object.hasOwn(sections, label!)) {
      section = label!;
      continue;
    }
    const name = dataName(eventId, section, label!);
    // A run of blanks ends the value: what follows is the explanation.
    const text = value?.split(/\s{2,}/, label === 'Privileges' ? undefined : 1);
    if (name && !found.has(name)) found.set(name, text?.join('\n\t\t\t') ?? '');
  }
  return [...found].map(([name, value]) => ({
    name,
    value: name === 'Direction' ? (directions[value] ?? value) : value,
  }));
}

function dataName(eventId: number, section: string, label: string): string | undefined {
  const labels = section === 'Subject' && subjectIsTarget.has(eventId) ? account('Target') : sections[section];
  if (label === 'Source Port') return isFirewall(eventId) ? 'SourcePort' : 'IpPort';
  if (label === 'Process ID' && section === 'Application Information')
    return eventId === 5156 || eventId === 5157 ? 'ProcessID' : 'ProcessId';
  if (labels && Object.hasOwn(labels, label)) return labels[label];
  return Object.hasOwn(anywhere, label) ? anywhere[label] : undefined;
}
