import ipaddr from 'ipaddr.js';
import type { Entity } from './entity.js';

/** Sets of identifiers that tell an entity from all others. `Host` is a nested host. */
const strongSets: Record<string, readonly (readonly string[])[]> = {
  account: [
    ['Name', 'UPNSuffix'],
    ['AadUserId'],
    ['Name', 'NTDomain'],
    ['Name', 'DnsDomain'],
    ['PUID'],
    ['ObjectGuid'],
    ['Sid', 'Host'],
  ],
  host: [
    ['HostName', 'NTDomain'],
    ['HostName', 'DnsDomain'],
    ['NetBiosName', 'NTDomain'],
    ['NetBiosName', 'DnsDomain'],
    ['AzureID'],
    ['OMSAgentID'],
  ],
  ip: [['Address', 'AddressScope']],
  'azure-resource': [['ResourceId']],
  'cloud-application': [['AppId'], ['Name']],
  dns: [['DomainName', 'DnsServerIp', 'HostIpAddress']],
  file: [['Directory', 'Name']],
  filehash: [['Algorithm', 'Value']],
  malware: [['Name', 'Category']],
  process: [['Host', 'ProcessId', 'CreationTimeUtc']],
  'registry-key': [['Hive', 'Key']],
  'registry-value': [['Key', 'Name']],
  'security-group': [['DistinguishedName'], ['SID'], ['ObjectGuid']],
  mailbox: [['MailboxPrimaryAddress']],
  'mail-cluster': [['Query', 'Source']],
  'mail-message': [['NetworkMessageId', 'Recipient']],
  'submission-mail': [['SubmissionId', 'NetworkMessageId', 'Recipient', 'Submitter']],
};

/** Whether the identifiers are enough to recognise the entity elsewhere; otherwise they only hint at it. */
export function isStrong(entity: Entity): boolean {
  const has = (key: string) => entity[key] !== undefined;
  if (strongSets[entity.Type]?.some((set) => set.every(has))) return true;
  switch (entity.Type) {
    case 'account':
      // Built-in accounts (S-1-5-18, S-1-5-32-544) have the same SID everywhere.
      return /^S-1-(5-21|12-1)-/i.test(String(entity.Sid ?? ''));
    case 'ip':
      return has('Address') && isGlobalAddress(String(entity.Address));
    case 'url':
      return /^[a-z][a-z0-9+.-]*:\/\//i.test(String(entity.Url ?? ''));
    default:
      return false;
  }
}

const localRanges = new Set<string>([
  ...['private', 'loopback', 'linkLocal', 'carrierGradeNat', 'uniqueLocal', 'multicast', 'unspecified', 'broadcast'],
]);

function isGlobalAddress(text: string): boolean {
  try {
    return !localRanges.has(ipaddr.process(text).range());
  } catch {
    return false;
  }
}
