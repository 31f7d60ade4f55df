import type { Plot, Session } from '../plot.js';
import type { Random } from '../random.js';
import { epochSeconds, hour, iso, minute } from '../time.js';
import type { Told } from './teller.js';

const resourceId = (plot: Plot) =>
  `/SUBSCRIPTIONS/${plot.tenantId.toUpperCase()}/RESOURCEGROUPS/DESKTOPS/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/DESKTOPS-NSG`;

interface Tuple {
  readonly time: number;
  readonly rule: string;
  readonly text: string;
}

/**
 * The network security group of a virtual desktop on which everybody works: hourly flow log blobs of version 2 (a begin and
 * an end tuple for each session, a lone begin tuple for a denied one), and the two diagnostic categories.
 */
export function azureNsg(plot: Plot, sessions: readonly Session[], draw: Random): Told[] {
  const mac = `000D3A${draw.hex(6).toUpperCase()}`;
  const systemId = draw.guid();
  const tuples = sessions.flatMap((session) => tuplesOf(plot, session)).sort((a, b) => a.time - b.time);

  const folder = `session/resourceId=${resourceId(plot)}`;
  const blobs = grouped(tuples, (tuple) => Math.floor(tuple.time / hour)).map(([at, ofHour]) => {
    const records = grouped(ofHour, (tuple) => Math.floor(tuple.time / minute)).map(([at, ofMinute]) => ({
      time: iso((at + 1) * minute),
      systemId,
      macAddress: mac,
      category: 'NetworkSecurityGroupFlowEvent',
      resourceId: resourceId(plot),
      operationName: 'NetworkSecurityGroupFlowEvents',
      properties: {
        Version: 2,
        flows: grouped(ofMinute, (tuple) => tuple.rule).map(([rule, ofRule]) => ({
          rule,
          flows: [{ mac, flowTuples: ofRule.map((tuple) => tuple.text) }],
        })),
      },
    }));
    const [year, month, day, h] = iso(at * hour).split(/[-T:]/);
    const path = `${folder}/y=${year}/m=${month}/d=${day}/h=${h}/m=00/macAddress=${mac}/PT1H.json`;
    return { path, content: JSON.stringify({ records }), units: ofHour.length };
  });
  return [...blobs, diagnostics(plot, systemId, mac)];
}

function grouped<T, K>(items: readonly T[], key: (item: T) => K): [K, T[]][] {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}

function tuplesOf(plot: Plot, session: Session): Tuple[] {
  const inbound = session.direction === 'inbound';
  const rule = {
    outbound: 'DefaultRule_AllowInternetOutBound',
    internal: 'DefaultRule_AllowVnetOutBound',
    inbound: 'DefaultRule_DenyAllInBound',
  }[session.direction];
  const desktop = plot.victim.address;
  const ends = inbound ? [session.source, desktop] : [desktop, session.destination];
  const tuple = (time: number, state: string, counters: readonly (number | string)[]): Tuple => ({
    time,
    rule,
    text: [
      epochSeconds(time),
      ...ends,
      session.sourcePort,
      session.destinationPort,
      'T',
      inbound ? 'I' : 'O',
      inbound ? 'D' : 'A',
      state,
      ...counters,
    ].join(','),
  });
  const begin = tuple(session.start, 'B', ['', '', '', '']);
  if (inbound) return [begin];
  const counters = [session.sentPackets, session.sentBytes, session.receivedPackets, session.receivedBytes];
  return [begin, tuple(session.end, 'E', counters)];
}

/** Rules applied to the desktop, and how often they matched: these land in AzureDiagnostics and name no peer. */
function diagnostics(plot: Plot, systemId: string, mac: string): Told {
  const time = Math.ceil(plot.requested / (5 * minute)) * 5 * minute;
  const common = {
    vnetResourceGuid: `{${plot.tenantId.toUpperCase()}}`,
    subnetPrefix: '10.1.2.0/24',
    macAddress: mac.match(/../g)!.join('-'),
    primaryIPv4Address: plot.victim.address,
  };
  const record = (category: string, operationName: string, properties: object) => ({
    time: iso(time),
    systemId,
    category,
    resourceId: resourceId(plot),
    operationName,
    properties: { ...common, ...properties },
  });
  const rules = [
    { ruleName: 'DefaultRule_AllowInternetOutBound', direction: 'Out', type: 'allow', priority: 65001, matched: 41 },
    { ruleName: 'DefaultRule_AllowVnetOutBound', direction: 'Out', type: 'allow', priority: 65000, matched: 17 },
    { ruleName: 'DefaultRule_DenyAllInBound', direction: 'In', type: 'block', priority: 65500, matched: 2 },
  ];
  const records = rules.flatMap(({ ruleName, direction, type, priority, matched }) => [
    record('NetworkSecurityGroupEvent', 'NetworkSecurityGroupEvents', {
      ruleName,
      direction,
      priority,
      type,
      conditions: {
        protocols: '6',
        destinationPortRange: '0-65535',
        sourcePortRange: '0-65535',
        destinationIP: '0.0.0.0/0',
        sourceIP: '0.0.0.0/0',
      },
    }),
    record('NetworkSecurityGroupRuleCounter', 'NetworkSecurityGroupCounters', {
      ruleName,
      direction,
      type,
      matchedConnections: matched,
    }),
  ]);
  return { path: 'session/diagnostics.json', content: JSON.stringify({ records }), units: records.length };
}
