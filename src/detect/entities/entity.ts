import type { EntityType } from '../../content/index.js';
import { contentKey } from '../content-key.js';

/** An entity of an alert: its type in lower case and its identifiers. Nested entities (the host of an account) stand inline. */
export interface Entity {
  readonly Type: string;
  readonly [identifier: string]: unknown;
}

/** How the product spells entity types in the JSON of an alert. */
export const jsonTypes: Record<EntityType, string> = {
  Account: 'account',
  Host: 'host',
  IP: 'ip',
  URL: 'url',
  AzureResource: 'azure-resource',
  CloudApplication: 'cloud-application',
  DNS: 'dns',
  File: 'file',
  FileHash: 'filehash',
  Malware: 'malware',
  Process: 'process',
  RegistryKey: 'registry-key',
  RegistryValue: 'registry-value',
  SecurityGroup: 'security-group',
  Mailbox: 'mailbox',
  MailCluster: 'mail-cluster',
  MailMessage: 'mail-message',
  SubmissionMail: 'submission-mail',
};

/** Equal entities have equal keys, in whatever order their identifiers stand. */
export const entityKey = (entity: Entity): string => contentKey(entity);

/** What a person calls the entity. */
export function displayName(entity: Entity): string {
  const text = (key: string) => (typeof entity[key] === 'string' ? (entity[key] as string) : '');
  switch (entity.Type) {
    case 'account': {
      const suffix = text('UPNSuffix') || text('DnsDomain');
      const name = text('Name');
      if (name && suffix) return `${name}@${suffix}`;
      if (name && text('NTDomain')) return `${text('NTDomain')}\\${name}`;
      return name || text('DisplayName') || text('AadUserId') || text('Sid') || firstValue(entity);
    }
    case 'host': {
      const name = text('HostName') || text('NetBiosName');
      return name && text('DnsDomain') ? `${name}.${text('DnsDomain')}` : name || firstValue(entity);
    }
    case 'file':
      return text('Directory') && text('Name') ? joinPath(text('Directory'), text('Name')) : firstValue(entity);
    case 'registry-key':
      return [text('Hive'), text('Key')].filter(Boolean).join('\\') || firstValue(entity);
    case 'filehash':
      return text('Value') || firstValue(entity);
    case 'process':
      return text('CommandLine') || firstValue(entity);
    default:
      return firstValue(entity);
  }
}

function joinPath(directory: string, name: string): string {
  const separator = directory.includes('/') ? '/' : '\\';
  return directory.endsWith(separator) ? directory + name : directory + separator + name;
}

function firstValue(entity: Entity): string {
  for (const [key, value] of Object.entries(entity)) {
    if (key !== 'Type' && (typeof value === 'string' || typeof value === 'number')) return String(value);
  }
  return '';
}
