import type { Code } from '../../../base/index.js';
import { isoUtc } from '../../times.js';
import { isPublic } from './addresses.js';

/** One flow tuple, read; counters are null where the tuple has none. */
export interface Tuple {
  /** ISO UTC. */
  readonly time: string;
  readonly source: string;
  readonly destination: string;
  readonly sourceIsPublic: boolean;
  readonly destinationIsPublic: boolean;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** T, U, or the name or number of another protocol. */
  readonly protocol: string;
  readonly direction: 'I' | 'O';
  readonly isAllowed: boolean;
  /** B begin, C continuing, E end, D denied; empty in version 1. */
  readonly state: string;
  readonly encryption: string;
  /** Packets and bytes, source to destination and back, whatever the direction. */
  readonly packetsOut: number | null;
  readonly bytesOut: number | null;
  readonly packetsIn: number | null;
  readonly bytesIn: number | null;
}

export interface BadTuple {
  readonly code: Code;
  readonly problem: string;
}

const port = (text: string): number | undefined =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;

/** An empty counter is null; undefined when the text is no count. */
const count = (text: string): number | null | undefined =>
  text === '' ? null : /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const bad = (problem: string, code: Code = 'ING2004'): BadTuple => ({ code, problem });

/** Versions 1 and 2 count seconds, version 4 milliseconds. */
const timeOf = (text: string): string | undefined =>
  /^\d{9,10}$/.test(text) ? isoUtc(Number(text) * 1000) : /^\d{12,13}$/.test(text) ? isoUtc(Number(text)) : undefined;

const names: Record<string, string> = { '1': 'ICMP', '6': 'T', '17': 'U' };

/**
 * Reads a tuple of an NSG flow log: version 1 has 8 fields, version 2 adds state and four counters.
 * Source https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview
 */
export function nsgTuple(text: string): Tuple | BadTuple {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length !== 8 && parts.length !== 13) return bad('a flow tuple has 8 or 13 fields', 'ING2003');
  const [time = '', source = '', destination = '', from = '', to = '', protocol = '', direction = '', decision = ''] =
    parts;
  const [state = '', ...counters] = parts.slice(8);
  if (protocol !== 'T' && protocol !== 'U') return bad('the protocol of the flow tuple is neither T nor U');
  if (decision !== 'A' && decision !== 'D') return bad('the decision of the flow tuple is neither A nor D');
  if (!/^[BCE]?$/.test(state)) return bad('the state of the flow tuple is none of B, C and E');
  return complete(
    { time, source, destination, from, to, direction, counters },
    { protocol, state },
    decision === 'A',
    '',
  );
}

/**
 * Reads a tuple of a virtual network flow log (version 4): 13 fields, the protocol as a number, the decision in the state.
 * Source https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
 */
export function vnetTuple(text: string): Tuple | BadTuple {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length !== 13) return bad('a flow tuple of version 4 has 13 fields', 'ING2003');
  const [time = '', source = '', destination = '', from = '', to = '', number = '', direction = '', state = ''] = parts;
  const [encryption = '', ...counters] = parts.slice(8);
  if (!/^\d{1,3}$/.test(number)) return bad('the protocol of the flow tuple is no number');
  if (!/^[BCED]$/.test(state)) return bad('the state of the flow tuple is none of B, C, E and D');
  const protocol = names[number] ?? number;
  return complete(
    { time, source, destination, from, to, direction, counters },
    { protocol, state },
    state !== 'D',
    encryption,
  );
}

function complete(
  raw: {
    readonly time: string;
    readonly source: string;
    readonly destination: string;
    readonly from: string;
    readonly to: string;
    readonly direction: string;
    readonly counters: readonly string[];
  },
  known: { readonly protocol: string; readonly state: string },
  isAllowed: boolean,
  encryption: string,
): Tuple | BadTuple {
  const time = timeOf(raw.time);
  if (time === undefined) return bad('the time of the flow tuple is no epoch time');
  const sourceIsPublic = isPublic(raw.source);
  const destinationIsPublic = isPublic(raw.destination);
  if (sourceIsPublic === undefined || destinationIsPublic === undefined)
    return bad('an address of the flow tuple is no IP address');
  const sourcePort = port(raw.from);
  const destinationPort = port(raw.to);
  if (sourcePort === undefined || destinationPort === undefined)
    return bad('a port of the flow tuple is no port number');
  if (raw.direction !== 'I' && raw.direction !== 'O') return bad('the direction of the flow tuple is neither I nor O');
  const [packetsOut, bytesOut, packetsIn, bytesIn] = [0, 1, 2, 3].map((i) => count(raw.counters[i] ?? ''));
  if (packetsOut === undefined || bytesOut === undefined || packetsIn === undefined || bytesIn === undefined)
    return bad('a counter of the flow tuple is no number');
  const { source, destination, direction } = raw;
  const counters = { packetsOut, bytesOut, packetsIn, bytesIn };
  const ends = { source, destination, sourceIsPublic, destinationIsPublic, sourcePort, destinationPort };
  return { time, ...ends, ...known, direction, isAllowed, encryption, ...counters };
}

/** How the tables pack a public peer: `address|flows begun|flows ended|packets out|packets in|bytes out|bytes in`. */
export function packedPeer(address: string, tuple: Tuple): string {
  const begun = tuple.state === 'C' || tuple.state === 'E' ? 0 : 1;
  const ended = tuple.state === 'E' ? 1 : 0;
  const { packetsOut, packetsIn, bytesOut, bytesIn } = tuple;
  return [address, begun, ended, ...[packetsOut, packetsIn, bytesOut, bytesIn].map((value) => value ?? 0)].join('|');
}

/** The four counters of flows by direction and decision: one is 1, the others 0 and not null, since rules add them up. */
export const flowCounts = ({ direction, isAllowed }: Tuple) => ({
  allowedIn: Number(direction === 'I' && isAllowed),
  deniedIn: Number(direction === 'I' && !isAllowed),
  allowedOut: Number(direction === 'O' && isAllowed),
  deniedOut: Number(direction === 'O' && !isAllowed),
});
