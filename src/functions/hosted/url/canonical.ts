import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parse as parseDomain } from 'tldts';
import { unwrapped } from './wrappers.js';

/** What a URL means, however it was written. */
export interface CanonicalUrl {
  /** The target, past all wrappers, without user, fragment and default port. */
  readonly url: string;
  /** Empty when the text had none: proxies leave it out. */
  readonly scheme: string;
  /** In lower case and Punycode, without a final dot; an address in its shortest form, without brackets. */
  readonly host: string;
  /** Null for the default one. */
  readonly port: number | null;
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Equal for URLs that lead to the same place: `url` without the scheme, and without port 80 and 443. */
  readonly key: string;
  /** Host and path without a final slash. */
  readonly place: string;
  /** Empty for addresses and for names that have none. */
  readonly registrableDomain: string;
  /** The registrable domain, or the host when there is none. */
  readonly site: string;
  readonly isAddress: boolean;
  /** Names of the services that had wrapped it, the outermost first. */
  readonly unwrapped: readonly string[];
}

/** Wrappers around wrappers; a real link has two or three. */
const maxDepth = 8;
/** Browsers and proxies give up much earlier. */
const maxLength = 16_384;

/**
 * Reads a URL as people, mail filters and proxies write it.
 *
 * Shape   text → CanonicalUrl; null when it names no host
 * Source  https://url.spec.whatwg.org, and RFC 3986 section 6.2.2 for what that leaves apart: escapes
 */
export function canonicalUrl(written: string): CanonicalUrl | null {
  let found = parsed(written);
  const names: string[] = [];
  while (found && names.length < maxDepth) {
    const inner = unwrapped(found.link, found.canonical.host, found.name);
    const next = inner && parsed(inner.target);
    if (!next) break;
    names.push(inner.name);
    found = next;
  }
  return found ? { ...found.canonical, unwrapped: names } : null;
}

function parsed(written: string) {
  if (written.length > maxLength) return undefined;
  const text = refanged(bare(written));
  const scheme = /^(https?|ftp|wss?):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  // Anything else before a colon is a host with a port, or a scheme that names no host, such as javascript:
  if (!scheme && /^[a-z][a-z0-9+.-]*:(?!\d+(?:[/?#]|$))/i.test(text)) return undefined;
  const url = urlOf(scheme ? text : `http://${bracketed(text.replace(/^\/\//, ''))}`);
  if (!url) return undefined;
  const host = hostOf(url);
  if (!host || (!scheme && !isSpelled(host, text))) return undefined;
  const { domain, domainWithoutSuffix, isIp } = parseDomain(host, {
    allowPrivateDomains: true,
    validateHostname: false,
  });
  const path = escaped(url.pathname);
  const query = escaped(url.search.replace(/^\?/, ''));
  const port = Number(url.port) || null;
  const isTunnel = !scheme && port === 443;
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  const rest = query ? `${path}?${query}` : path;
  const canonical: Omit<CanonicalUrl, 'unwrapped'> = {
    url: `${scheme || (isTunnel ? 'https' : 'http')}://${shown}${port && !isTunnel ? `:${port}` : ''}${rest}`,
    scheme,
    host,
    port: isTunnel ? null : port,
    path,
    query,
    // A proxy that does not look into the connection writes the port, and with which scheme is anybody's guess.
    key: `${shown}${port && port !== 443 && port !== 80 ? `:${port}` : ''}${rest}`,
    place: `${shown}${path}`.replace(/\/+$/, ''),
    registrableDomain: isIp ? '' : (domain ?? ''),
    site: isIp ? host : (domain ?? host),
    isAddress: isIP(host) !== 0,
  };
  return { canonical, link: { url, text }, name: domainWithoutSuffix };
}

/** The text without what surrounds it in reports and evidence: quotes, brackets, `uri=`. */
function bare(written: string): string {
  let text = written.trim();
  for (let before = ''; text !== before; ) {
    before = text;
    text = text
      .replace(/^(?:ur[il])\s*[=:]\s*/i, '')
      .replace(/^<(.*)>$/s, '$1')
      .replace(/^(["'`])(.*)\1$/s, '$2')
      .replace(/^[“‘«„](.*)[”’»“]$/s, '$1')
      .trim();
  }
  return text;
}

const dot = /\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}/gi;

/** Undoes what keeps a URL in a report from being clicked. */
function refanged(text: string): string {
  const [, scheme = '', colon = '', rest = ''] =
    /^(h(?:tt|xx|\*\*)ps?|fxp|ftp|meows?)?(\[:\/\/\]|\[?:\]?(?:\/\/|\[\/\/\]))?(.*)$/is.exec(text)!;
  if (scheme && !colon) return text;
  const [authority = ''] = /^[^/?#]*/.exec(rest)!;
  const isDefanged = /^(h(xx|\*\*)|fxp|meow)/i.test(scheme) || colon.includes('[') || authority.search(dot) >= 0;
  // In a URL that is whole such brackets are part of its path.
  if (!isDefanged) return text;
  const real = scheme
    .toLowerCase()
    .replace(/xx|\*\*/, 'tt')
    .replace('meow', 'http')
    .replace('fxp', 'ftp');
  return `${real}${colon ? '://' : ''}${rest.replace(dot, '.').replace(/^([^/?#]*)\[:\]/, '$1:')}`;
}

/** An address of version 6 without brackets, as logs have it. */
const bracketed = (text: string): string => (isIP(text) === 6 ? `[${text}]` : text);

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function hostOf(url: URL): string {
  const host = url.hostname.replace(/\.$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(host) ? ipaddr.process(host).toString() : host;
}

/** Without a scheme a word or a number is no URL: it takes a name with a dot, or an address written as one. */
function isSpelled(host: string, text: string): boolean {
  if (isIP(host) === 4) return text.replace(/^\/\//, '').startsWith(host) || text.includes(':');
  return isIP(host) === 6 || host.includes('.');
}

const unreserved = /^[A-Za-z0-9\-._~]$/;

/** Escapes as RFC 3986 compares them: of unreserved characters gone, of others in upper case, and of all that needs one. */
function escaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})|%|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/gi, (whole, hex?: string) => {
    if (hex === undefined) return whole === '%' ? '%25' : encodeURIComponent(whole);
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return unreserved.test(character) ? character : `%${hex.toUpperCase()}`;
  });
}
