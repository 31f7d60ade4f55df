import type { Connector } from '../connector.js';
import { awsS3 } from './aws-vpc-flow/connector.js';
import { azureNsg } from './azure-nsg/connector.js';
import { cef } from './cef/connector.js';
import { checkPoint } from './check-point/connector.js';
import { defenderXdr } from './defender-xdr/connector.js';
import { fortinet } from './fortinet/connector.js';
import { paloAltoNetworks } from './palo-alto-networks/connector.js';
import { securityEvents } from './security-events/connector.js';
import { syslog } from './syslog/connector.js';
import { microsoftSysmonForLinux } from './sysmon-linux/connector.js';
import { vectraStream } from './vectra-stream/connector.js';
import { vmInsights } from './vm-insights/connector.js';
import { windowsForwardedEvents } from './windows-forwarded-events/connector.js';
import { windowsSecurityEvents } from './windows-security-events/connector.js';
import { zscaler } from './zscaler/connector.js';

/** Every connector, in the order in which `connector list` shows them. A new connector is one import and one entry. */
const all: readonly Connector[] = [
  defenderXdr,
  awsS3,
  azureNsg,
  vmInsights,
  vectraStream,
  windowsForwardedEvents,
  securityEvents,
  windowsSecurityEvents,
  microsoftSysmonForLinux,
  cef,
  fortinet,
  checkPoint,
  paloAltoNetworks,
  zscaler,
  syslog,
];

const key = (id: string) => id.toLowerCase();

const byId = new Map<string, Connector>();
for (const connector of all)
  for (const id of [connector.id, ...(connector.aliases ?? [])]) {
    if (byId.has(key(id))) throw new Error(`two connectors are called ${id}`);
    byId.set(key(id), connector);
  }

export const connectors = {
  all,
  /** A connector by its id or an alias, in any case. */
  find: (id: string): Connector | undefined => byId.get(key(id)),
};
