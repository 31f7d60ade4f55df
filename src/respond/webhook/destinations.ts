import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { fail } from '../../base/index.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Entry {
  /** Port that is allowed; the default one of https when left out. */
  readonly port: number | undefined;
}

interface HostEntry extends Entry {
  readonly host: string;
  /** `*.example.com`: every name below, but not `example.com` itself. */
  readonly below: boolean;
}

interface NetworkEntry extends Entry {
  readonly network: [Address, number];
}

/** Where webhooks may go. Nothing is allowed that is not listed. */
export interface Destinations {
  readonly hosts: readonly HostEntry[];
  readonly networks: readonly NetworkEntry[];
}

/** An address of a webhook that is well-formed and may be resolved. */
export interface Target {
  readonly url: URL;
  /** Without brackets, as it is resolved and compared. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

const httpsPort = 443;
const maxUrlChars = 2_048;

/**
 * Reads an allow-list. An entry is a host (`hooks.example.com`), all hosts below a name (`*.example.com`), an address or a
 * network (`192.0.2.7`, `10.1.0.0/16`, `fd00::/8`), each with a port if it is not 443 (`soar.example.com:8443`,
 * `[fd00::/8]:8443`). Errors CLI6001.
 */
export function readDestinations(entries: readonly string[]): Destinations {
  const hosts: HostEntry[] = [];
  const networks: NetworkEntry[] = [];
  for (const given of entries) {
    const { name, port } = withPort(given.trim());
    const network = networkOf(name);
    if (network) {
      networks.push({ network, port });
      continue;
    }
    const below = name.startsWith('*.');
    const host = canonicalHost(below ? name.slice(2) : name);
    if (host === undefined) {
      fail('CLI6001', `'${given}' is no destination of webhooks`, {
        hint: 'write hooks.example.com, *.example.com, 10.1.0.0/16, and a port behind a colon if it is not 443',
      });
    }
    hosts.push({ host, below, port });
  }
  return { hosts, networks };
}

function withPort(text: string): { name: string; port: number | undefined } {
  const bracketed = /^\[(.+)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) return { name: bracketed[1]!, port: bracketed[2] ? Number(bracketed[2]) : undefined };
  const plain = /^([^:]+):(\d{1,5})$/.exec(text);
  return plain ? { name: plain[1]!, port: Number(plain[2]) } : { name: text, port: undefined };
}

function networkOf(text: string): [Address, number] | undefined {
  const [address = '', bits, more] = text.split('/');
  if (more !== undefined || isIP(address) === 0) return undefined;
  const parsed = ipaddr.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [parsed, width];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= width ? [parsed, Number(bits)] : undefined;
}

function canonicalHost(name: string): string | undefined {
  // The function below cuts off whatever a URL may have behind the host.
  if (/[/\\?#@:]/.test(name)) return undefined;
  const host = domainToASCII(name.replace(/\.$/, '')).toLowerCase();
  const isName = /^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(host) && host.length <= 253;
  // `0x7f.1` and `2130706433` are addresses to whoever connects.
  return isName && !/^(?:\d+|0x[0-9a-f]*)$/.test(host.split('.').at(-1)!) ? host : undefined;
}

/** The target of an address, as far as it can be judged before its name is resolved. Errors AUT7001. */
export function targetOf(address: string): Target {
  const refuse = (message: string): never => fail('AUT7001', message);
  if (address.length > maxUrlChars) refuse(`the address of the webhook is longer than ${maxUrlChars} characters`);
  if (!URL.canParse(address)) refuse('the address of the webhook cannot be read');
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`webhooks do not go over ${url.protocol}//`);
  if (url.username || url.password) refuse('the address of a webhook must not hold a password');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '') refuse('the address of the webhook names no host');
  const isTls = url.protocol === 'https:';
  return { url, host, port: Number(url.port) || (isTls ? httpsPort : 80), isTls };
}

/** What may be shown of a target: what follows the host can be a key. */
export const shownTarget = ({ url }: Target): string => `${url.protocol}//${url.host}`;

/**
 * Whether a webhook may go to a host that stands for these addresses: the host, or a network around each address, is on the
 * list; and every address is one of the open internet or listed as such. A name on the list is not enough for an address
 * inside: whoever answers for the name could point it there.
 *
 * Errors  AUT7001
 */
export function checkAddresses(target: Target, addresses: readonly string[], allowed: Destinations): void {
  if (addresses.length === 0) fail('AUT7001', `${shownTarget(target)} stands for no address`);
  const named = isListed(target, allowed);
  for (const address of addresses) {
    if (!ipaddr.isValid(address)) fail('AUT7001', `${shownTarget(target)} stands for something that is no address`);
    const parsed = ipaddr.parse(address);
    const listed = allowed.networks.some((entry) => isWithin(parsed, entry.network) && isPort(entry, target));
    const range = rangeOf(parsed);
    if (range !== 'public' && !listed) {
      refuse(target, `stands for ${address}, an address that is ${range}`, address);
    }
    if (!named && !listed) refuse(target, 'is not on the list of destinations', target.host);
    if (!target.isTls && !(listed && range === 'loopback')) {
      fail('AUT7001', `${shownTarget(target)} would be reached without encryption`, { hint: 'use https' });
    }
  }
}

/** Refuses a host that is not allowed whatever it stands for, so that its name need not be asked for. Errors AUT7001. */
export function checkHost(target: Target, allowed: Destinations): void {
  const byNetwork = allowed.networks.some((entry) => isPort(entry, target));
  if (!byNetwork && !isListed(target, allowed)) refuse(target, 'is not on the list of destinations', target.host);
}

function refuse(target: Target, why: string, name: string): never {
  const port = target.port === httpsPort ? '' : `:${target.port}`;
  const entry = `${port && isIP(name) === 6 ? `[${name}]` : name}${port}`;
  return fail('AUT7001', `${shownTarget(target)} ${why}`, { hint: `allow it with --allow-webhook ${entry}` });
}

const isListed = (target: Target, { hosts }: Destinations): boolean =>
  hosts.some((entry) => isNamed(entry, target.host) && isPort(entry, target));

const isNamed = ({ host, below }: HostEntry, wanted: string): boolean =>
  below ? wanted.endsWith(`.${host}`) : wanted === host;

const isPort = ({ port }: Entry, target: Target): boolean => (port ?? httpsPort) === target.port;

const isWithin = (address: Address, network: [Address, number]): boolean =>
  address.kind() === network[0].kind() && address.match(network);

/** Answers metadata of Azure's machines from a public address. */
const platformAddresses = new Set(['168.63.129.16']);
/** Everything else of IPv6 is reserved, local, or holds an address of IPv4 inside. */
const globalIpv6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** `public`, or what keeps an address from being one of the open internet. */
function rangeOf(address: Address): string {
  const range = address.range();
  if (range !== 'unicast') return range;
  if (address.kind() === 'ipv6' && !(address as ipaddr.IPv6).match(globalIpv6)) return 'reserved';
  return platformAddresses.has(address.toString()) ? 'linkLocal' : 'public';
}
