import { realpath } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { fail } from '../../../base/index.js';

/** A place that a query may read from: a file, or an address with the access that its host was allowed by. */
export type Place =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'web'; readonly url: URL; readonly byAddress: boolean };

const hint = (entry: string) => `allow it with --allow-external ${entry}`;

/** What a diagnostic may show of an address: what follows the path can be a key. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

/**
 * Lets an address or path through that the list allows.
 * @param allowed hosts (`example.com`, `example.com:8443`, addresses) and files or folders, which hold a slash
 */
export async function placeOf(uri: string, allowed: readonly string[]): Promise<Place> {
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(uri);
  if (!isUrl || /^file:/i.test(uri)) return filePlace(uri, allowed);
  if (!URL.canParse(uri)) return fail('KQL1002', 'an address of external data cannot be read');
  return webPlace(new URL(uri), allowed);
}

export function webPlace(url: URL, allowed: readonly string[]): Place {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    fail('KQL4006', `external data over ${url.protocol}// cannot be read`, {
      hint: 'use its https address, or a file',
    });
  if (url.username || url.password) fail('KQL4006', 'an address of external data must not hold a password');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const names = new Set([host, `${host}:${port}`, url.host.toLowerCase()]);
  if (!allowed.some((a) => names.has(a.toLowerCase())))
    fail('KQL4006', `the query wants to read ${shown(url)}`, { hint: hint(url.host) });
  const byAddress = isIP(host) !== 0;
  if (url.protocol === 'http:' && !(byAddress && ipaddr.process(host).range() === 'loopback'))
    fail('KQL4006', `${shown(url)} would be read without encryption`, { hint: 'use https' });
  return { kind: 'web', url, byAddress };
}

/** Whether an address that a name stands for is one of the open internet. */
export const isPublic = (address: string): boolean => ipaddr.process(address).range() === 'unicast';

async function filePlace(uri: string, allowed: readonly string[]): Promise<Place> {
  let path: string;
  try {
    path = await realpath(uri.startsWith('file:') ? fileURLToPath(uri) : resolve(uri));
  } catch {
    // Whether a file exists is told only of files that may be read.
    path = resolve(uri.replace(/^file:\/\//i, ''));
  }
  for (const entry of allowed.filter((a) => a.includes('/') || a.includes(sep))) {
    const root = await realpath(resolve(entry)).catch(() => resolve(entry));
    const below = relative(root, path);
    if (below === '' || !(below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)))
      return { kind: 'file', path };
  }
  return fail('KQL4006', `the query wants to read the file ${path}`, { hint: hint(path) });
}
