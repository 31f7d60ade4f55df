import type { Envelope } from '../defender.js';
import { networkEvents } from '../defender.js';
import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { awsVpcFlow } from './aws-vpc-flow.js';
import { azureNsg } from './azure-nsg.js';
import { checkPoint, fortinet, paloAlto, zscaler } from './firewalls.js';
import { sysmonForLinux } from './sysmon-linux.js';
import { lines, type Teller, type Told } from './teller.js';
import { vectra } from './vectra.js';
import { vmInsights } from './vm-insights.js';
import { forwardedEvents, securityEvents } from './windows.js';

export type { Told } from './teller.js';

const firewall = (write: (sessions: readonly Session[], draw: Random) => string[]): Teller => ({
  rowsPerSession: 1,
  tell: (_plot, sessions, draw) => [lines('session.log', write(sessions, draw))],
});

/** The bodies of Event Hubs messages: up to eight envelopes each, one body a line. */
function eventHubBodies(envelopes: readonly Envelope[]): Told {
  const bodies = [];
  for (let i = 0; i < envelopes.length; i += 8) bodies.push(JSON.stringify({ records: envelopes.slice(i, i + 8) }));
  return { ...lines('session.jsonl', bodies), units: envelopes.length };
}

/** Every connector of the rule, by the id that the rule uses. */
export const tellers = {
  MicrosoftThreatProtection: {
    rowsPerSession: 1,
    tell: (plot, sessions, draw) => [eventHubBodies(networkEvents(plot, sessions, draw))],
  },
  Zscaler: firewall(zscaler),
  Fortinet: firewall(fortinet),
  CheckPoint: firewall(checkPoint),
  PaloAltoNetworks: firewall(paloAlto),
  AWSS3: { rowsPerSession: 1, tell: (_plot, sessions, draw) => awsVpcFlow(sessions, draw) },
  WindowsForwardedEvents: { rowsPerSession: 1, tell: forwardedEvents },
  SecurityEvents: { rowsPerSession: 1, tell: (plot, sessions, draw) => securityEvents(plot, sessions, draw, '"') },
  WindowsSecurityEvents: {
    rowsPerSession: 1,
    tell: (plot, sessions, draw) => securityEvents(plot, sessions, draw, "'"),
  },
  MicrosoftSysmonForLinux: { rowsPerSession: 1, tell: (_plot, sessions, draw) => sysmonForLinux(sessions, draw) },
  /** Each tuple is a row: a session's begin and its end. */
  AzureNSG: { rowsPerSession: 2, tell: azureNsg },
  'AzureMonitor(VMInsights)': { rowsPerSession: 1, tell: (_plot, sessions, draw) => vmInsights(sessions, draw) },
  AIVectraStream: { rowsPerSession: 1, tell: (_plot, sessions, draw) => vectra(sessions, draw) },
} satisfies Record<string, Teller>;

export type ConnectorId = keyof typeof tellers;
export const connectorIds = Object.keys(tellers) as ConnectorId[];
