import type { EntityType } from '../../content/index.js';

type Identifiers = Record<string, unknown>;

/**
 * `FullName` is accepted in mappings but is no part of the schema: an account's is split into Name and UPNSuffix (`a@b`)
 * or NTDomain (`d\a`), a host's into HostName and DnsDomain. Identifiers that are mapped by themselves win over its parts.
 */
export function splitFullName(type: EntityType, identifiers: Identifiers): Identifiers {
  const { FullName: fullName, ...own } = identifiers;
  if (typeof fullName !== 'string') return own;
  return { ...(type === 'Host' ? hostParts(fullName) : accountParts(fullName)), ...own };
}

function accountParts(fullName: string): Identifiers {
  const at = fullName.lastIndexOf('@');
  if (at > 0 && at < fullName.length - 1) return { Name: fullName.slice(0, at), UPNSuffix: fullName.slice(at + 1) };
  const backslash = fullName.indexOf('\\');
  if (backslash > 0 && backslash < fullName.length - 1) {
    return { Name: fullName.slice(backslash + 1), NTDomain: fullName.slice(0, backslash) };
  }
  return { Name: fullName };
}

function hostParts(fullName: string): Identifiers {
  const dot = fullName.indexOf('.');
  const isAddress = /^[\d.]+$|:/.test(fullName);
  if (isAddress || dot <= 0 || dot === fullName.length - 1) return { HostName: fullName };
  return { HostName: fullName.slice(0, dot), DnsDomain: fullName.slice(dot + 1) };
}

/** Names that stand for nobody in particular. */
const genericAccounts = new Set([
  'ADMIN',
  'ADMINISTRATOR',
  'SYSTEM',
  'ROOT',
  'ANONYMOUS',
  'AUTHENTICATED USER',
  'NETWORK',
  'NULL',
  'LOCAL SYSTEM',
  'LOCALSYSTEM',
  'NETWORK SERVICE',
]);

/** An account known by a generic name alone identifies nobody and is dropped. */
export const isGenericAccount = (identifiers: Identifiers): boolean =>
  Object.keys(identifiers).every((key) => key === 'Name') &&
  genericAccounts.has(String(identifiers.Name).toUpperCase());
