import type { Person } from './cast.js';
import { cef } from './cef.js';
import type { Plot } from './plot.js';
import type { Random } from './random.js';
import { cefTime, second, syslogTime } from './time.js';

/** A request as a proxy sees it. `url` is what the record must yield as RequestURL, byte for byte. */
interface Request {
  readonly time: number;
  readonly person: Person;
  readonly url: string;
  readonly destination: string;
  readonly userAgent: string;
}

export interface ProxyProduct {
  /** What CommonSecurityLog shows for the record: the names and values are the product's. */
  readonly deviceProduct: string;
  readonly deviceAction: string;
  line(request: Request, draw: Random): string;
}

const targetPort = (url: string) => (url.startsWith('https:') ? 443 : 80);
const host = (url: string) => new URL(url).hostname;

/**
 * The CEF products that can log the link, each in a record that no session parser reads. All four feeds are configured to
 * write the scheme: by default NSS and PAN-OS leave it out, and the rule compares whole URLs.
 */
export const proxies = {
  Zscaler: {
    deviceProduct: 'NSSWeblog',
    deviceAction: 'Allowed',
    line: ({ time, person, url, destination, userAgent }, draw) =>
      `<134>${syslogTime(time)} zscaler-nss ${cef(
        {
          vendor: 'Zscaler',
          product: 'NSSWeblog',
          version: '5.7',
          signature: 'Allowed',
          name: 'Allowed',
          severity: 3,
          extension: [
            ['act', 'Allowed'],
            ['app', url.startsWith('https:') ? 'HTTPS' : 'HTTP'],
            ['cat', draw.pick(['Newly Registered Domains', 'Miscellaneous or Unknown', 'Professional Services'])],
            ['dhost', host(url)],
            ['dst', destination],
            ['src', person.address],
            ['in', draw.int(900, 90_000)],
            ['outcome', 200],
            ['out', draw.int(300, 2_000)],
            ['request', url],
            ['rt', cefTime(time - second)],
            ['sourceTranslatedAddress', person.address],
            ['requestClientApplication', userAgent],
            ['requestMethod', 'GET'],
            ['suser', person.upn],
            ['spriv', 'HQ'],
            ['externalId', draw.int(1e9, 9e9)],
            ['fileType', 'None'],
            ['reason', 'Allowed'],
            ['destinationServiceName', 'General Browsing'],
            ['deviceDirection', 1],
            ['cn1', draw.int(0, 90)],
            ['cn1Label', 'riskscore'],
            ['cs1', person.department],
            ['cs1Label', 'dept'],
            ['cs5', 'None'],
            ['cs5Label', 'threatname'],
            ['rulelabel', 'None'],
            ['ruletype', 'None'],
            ['urlclass', 'Business Use'],
            ['devicemodel', 'Virtual Machine'],
          ],
        },
        { escaped: false },
      )}`,
  },
  Fortinet: {
    deviceProduct: 'Fortigate',
    deviceAction: 'passthrough',
    line: ({ time, person, url, destination, userAgent }, draw) =>
      `<189>${syslogTime(time)} FGT-A ${cef(
        {
          vendor: 'Fortinet',
          product: 'Fortigate',
          version: 'v7.2.8',
          signature: '13312',
          name: 'utm:webfilter ftgd_allow passthrough',
          severity: 3,
          extension: [
            ['deviceExternalId', 'FGT60F0000000001'],
            ['FTNTFGTeventtime', `${time}000000`],
            ['FTNTFGTtz', '+0000'],
            ['FTNTFGTlogid', '0317013312'],
            ['cat', 'utm:webfilter'],
            ['FTNTFGTsubtype', 'webfilter'],
            ['FTNTFGTeventtype', 'ftgd_allow'],
            ['FTNTFGTlevel', 'notice'],
            ['FTNTFGTvd', 'root'],
            ['FTNTFGTpolicyid', 7],
            ['externalId', draw.int(1_000, 999_999)],
            ['duser', `CORP\\${person.account}`],
            ['src', person.address],
            ['spt', draw.int(49_152, 65_535)],
            ['deviceInboundInterface', 'port1'],
            ['FTNTFGTsrcintfrole', 'lan'],
            ['dst', destination],
            ['dpt', targetPort(url)],
            ['deviceOutboundInterface', 'wan1'],
            ['FTNTFGTdstintfrole', 'wan'],
            ['proto', 6],
            ['app', url.startsWith('https:') ? 'HTTPS' : 'HTTP'],
            ['dhost', host(url)],
            ['FTNTFGTprofile', 'default'],
            ['act', 'passthrough'],
            ['FTNTFGTreqtype', 'direct'],
            ['request', url],
            ['out', draw.int(300, 2_000)],
            ['in', draw.int(900, 90_000)],
            ['deviceDirection', 1],
            ['msg', 'URL belongs to an allowed category in policy'],
            ['FTNTFGTmethod', 'domain'],
            ['FTNTFGTcat', 52],
            ['requestContext', 'Information Technology'],
            ['requestClientApplication', userAgent],
          ],
        },
        { prefix: 'CEF: 0' },
      )}`,
  },
  CheckPoint: {
    deviceProduct: 'URL Filtering',
    deviceAction: 'Allow',
    line: ({ time, person, url, destination, userAgent }, draw) =>
      `<134>${syslogTime(time)} mgmt1 ${cef({
        vendor: 'Check Point',
        product: 'URL Filtering',
        version: 'Check Point',
        signature: 'Log',
        name: url.startsWith('https:') ? 'https' : 'http',
        severity: 'Unknown',
        extension: [
          ['act', 'Allow'],
          ['deviceDirection', 1],
          ['rt', time],
          ['spt', draw.int(49_152, 65_535)],
          ['dpt', targetPort(url)],
          ['cs2Label', 'Rule Name'],
          ['cs2', 'Web access'],
          ['cs5Label', 'Matched Category'],
          ['cs5', 'Computers / Internet'],
          ['cs6Label', 'Application Name'],
          ['cs6', 'Web Browsing'],
          ['layer_name', 'Application'],
          ['match_id', 4],
          ['parent_rule', 0],
          ['rule_action', 'Accept'],
          ['rule_uid', draw.guid()],
          ['conn_direction', 'Outgoing'],
          ['ifname', 'eth1'],
          ['loguid', `{0x${draw.hex(8)},0x${draw.hex(1)},0x${draw.hex(8)},0x${draw.hex(8)}}`],
          ['origin', '192.0.2.1'],
          ['originsicname', 'CN=gw1,O=mgmt1..abcdef'],
          ['sequencenum', draw.int(1, 99)],
          ['version', 5],
          ['dst', destination],
          ['inzone', 'Internal'],
          ['outzone', 'External'],
          ['product', 'URL Filtering'],
          ['proto', 6],
          ['src', person.address],
          ['suser', `${person.givenName} ${person.surname} (${person.account})`],
          ['requestMethod', 'GET'],
          ['request', url],
          ['requestClientApplication', userAgent],
        ],
      })}`,
  },
  PaloAltoNetworks: {
    deviceProduct: 'PAN-OS',
    deviceAction: 'alert',
    line: ({ time, person, url, destination, userAgent }, draw) =>
      `<14>${syslogTime(time)} fw1 ${cef({
        vendor: 'Palo Alto Networks',
        product: 'PAN-OS',
        version: '10.2.9',
        signature: 'url',
        name: 'THREAT',
        severity: 1,
        extension: [
          ['rt', `${cefTime(time)} GMT`],
          ['deviceExternalId', '007200001056'],
          ['src', person.address],
          ['dst', destination],
          ['sourceTranslatedAddress', '192.0.2.4'],
          ['destinationTranslatedAddress', destination],
          ['cs1Label', 'Rule'],
          ['cs1', 'Outbound'],
          ['suser', `corp\\${person.account}`],
          ['duser', ''],
          ['app', 'web-browsing'],
          ['cs3Label', 'Virtual System'],
          ['cs3', 'vsys1'],
          ['cs4Label', 'Source Zone'],
          ['cs4', 'trust'],
          ['cs5Label', 'Destination Zone'],
          ['cs5', 'untrust'],
          ['deviceInboundInterface', 'ethernet1/2'],
          ['deviceOutboundInterface', 'ethernet1/1'],
          ['cn1Label', 'SessionID'],
          ['cn1', draw.int(1_000, 99_999)],
          ['cnt', 1],
          ['spt', draw.int(49_152, 65_535)],
          ['dpt', targetPort(url)],
          ['proto', 'tcp'],
          ['act', 'alert'],
          ['request', url],
          ['cs2Label', 'URL Category'],
          ['cs2', 'newly-registered-domain'],
          ['flexString2Label', 'Direction'],
          ['flexString2', 'client-to-server'],
          ['externalId', draw.int(1e6, 9e6)],
          ['cat', '(9999)'],
          ['requestContext', 'text/html'],
          ['requestMethod', 'get'],
          ['requestClientApplication', userAgent],
          ['dvchost', 'fw1.corp.example.com'],
        ],
      })}`,
  },
} as const satisfies Record<string, ProxyProduct>;

export type ProxyId = keyof typeof proxies;
export const proxyIds = Object.keys(proxies) as ProxyId[];

/** The log of the proxy: the link once, the other pages around it. */
export function proxyLines(plot: Plot, product: ProxyProduct): string[] {
  const draw = plot.random.fork('proxy');
  const { requested: time, victim: person, proxyUrl: url, destination, userAgent } = plot;
  return [{ time, person, url, destination }, ...plot.visits]
    .sort((a, b) => a.time - b.time)
    .map((request) => product.line({ ...request, userAgent }, draw));
}
