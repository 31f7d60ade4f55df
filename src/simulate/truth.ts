import type { Column } from '../tables/index.js';
import type { Plot } from './plot.js';
import type { ProxyProduct } from './proxies.js';
import { isoSeconds } from './time.js';
import { variants } from './variants.js';

/** What the rule must answer over a story. Values as in Kusto's JSON. */
export interface Truth {
  /** The nineteen result columns of the rule, in its order. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** For a story that the rule must not find: the id of the step of `rule explain` at which the last row dies. */
  readonly stoppedAt?: string;
}

const column = (name: string, type: Column['type'] = 'string'): Column => ({ name, type });

export const resultColumns: readonly Column[] = [
  column('TimeGenerated', 'datetime'),
  column('RecipientEmailAddress'),
  column('UrlClickedByUserSid'),
  column('InitiatingProcessAccountUpn'),
  column('InitiatingProcessAccountName'),
  column('InitiatingProcessAccountDomain'),
  column('DeviceName'),
  column('InitiatingProcessFileName'),
  column('DeviceProduct'),
  column('DeviceAction'),
  column('SourceIP'),
  column('DestinationIP'),
  column('RequestClientApplication'),
  column('count_', 'long'),
  column('HostName'),
  column('DomainIndex', 'int'),
  column('HostNameDomain'),
  column('RecipientEmailName'),
  column('RecipientEmailUPNSuffix'),
];

/** `sessionRows` is the number of rows of the session view that go to the address the proxy logged. */
export function truthOf(plot: Plot, proxy: ProxyProduct, sessionRows: number): Truth {
  const stoppedAt = variants[plot.variant];
  if (stoppedAt !== null) return { columns: resultColumns, rows: [], stoppedAt };
  const { victim } = plot;
  const dot = victim.device.indexOf('.');
  const [name, suffix] = victim.mail.split('@');
  const row = {
    // The time in the syslog header of the proxy's record, which has no fraction.
    TimeGenerated: isoSeconds(plot.requested),
    RecipientEmailAddress: victim.mail,
    UrlClickedByUserSid: plot.url,
    InitiatingProcessAccountUpn: victim.upn,
    InitiatingProcessAccountName: victim.account,
    InitiatingProcessAccountDomain: victim.domain,
    DeviceName: victim.device,
    InitiatingProcessFileName: 'outlook.exe',
    DeviceProduct: proxy.deviceProduct,
    DeviceAction: proxy.deviceAction,
    SourceIP: victim.address,
    DestinationIP: plot.destination,
    RequestClientApplication: plot.userAgent,
    count_: sessionRows,
    HostName: victim.device.slice(0, dot),
    DomainIndex: dot,
    HostNameDomain: victim.device.slice(dot + 1),
    RecipientEmailName: name,
    RecipientEmailUPNSuffix: suffix,
  };
  return { columns: resultColumns, rows: [Object.values(row)] };
}
