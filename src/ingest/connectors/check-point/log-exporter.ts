import type { Row } from '../../../tables/index.js';
import { rowFromPairs } from '../../formats/cef.js';
import { firstValue, type Pairs } from '../../formats/key-value.js';
import type { SyslogContext } from '../../formats/syslog.js';
import { parseTime } from '../../times.js';

/**
 * Native field → CEF key and, for custom fields, their label, as Log Exporter's CEF format maps them.
 * Source: https://support.checkpoint.com/results/sk/sk122323 (Log Exporter, CEF field mapping)
 */
const cefKeys: Readonly<Record<string, string | readonly [key: string, label: string]>> = {
  action: 'act',
  time: 'rt',
  src: 'src',
  dst: 'dst',
  s_port: 'spt',
  service: 'dpt',
  proto: 'proto',
  user: 'suser',
  src_user_name: 'suser',
  dst_user_name: 'duser',
  src_machine_name: 'shost',
  dst_machine_name: 'dhost',
  resource: 'request',
  method: 'requestMethod',
  user_agent: 'requestClientApplication',
  message_info: 'msg',
  description: 'msg',
  received_bytes: 'in',
  sent_bytes: 'out',
  xlatesrc: 'sourceTranslatedAddress',
  xlatesport: 'sourceTranslatedPort',
  xlatedst: 'destinationTranslatedAddress',
  xlatedport: 'destinationTranslatedPort',
  file_name: 'fname',
  file_md5: 'fileHash',
  file_size: 'fsize',
  malware_rule_name: ['cs1', 'Threat Prevention Rule Name'],
  rule_name: ['cs2', 'Rule Name'],
  protection_type: ['cs3', 'Protection Type'],
  protection_name: ['cs4', 'Protection Name'],
  matched_category: ['cs5', 'Matched Category'],
  appi_name: ['cs6', 'Application Name'],
  icmp_type: ['cn2', 'ICMP Type'],
  icmp_code: ['cn3', 'ICMP Code'],
  confidence_level: ['flexNumber1', 'Confidence'],
  performance_impact: ['flexNumber2', 'Performance Impact'],
  app_sig_id: ['flexString1', 'Application Signature ID'],
  attack_info: ['flexString2', 'Attack Information'],
};

/** The firewall blade's name in exports of different age; CEF writes the last one. */
const firewallNames = new Set(['Firewall', 'FG VPN-1 & FireWall-1', 'VPN-1 & FireWall-1']);

/** Whether the fields are those of a Check Point log: a product and where it comes from. */
export const isCheckPoint = (pairs: Pairs): boolean => {
  const has = (...keys: string[]) => pairs.some(([name]) => keys.includes(name));
  return has('product') && has('origin', 'loguid', 'ifdir', 'originsicname', 'origin_sic_name', 'sequencenum');
};

/** A native Log Exporter record as the row that the same event in CEF mode would give. */
export function checkPointRow(pairs: Pairs, context: SyslogContext): Row {
  const get = (key: string) => firstValue(pairs, key) ?? '';
  const product = get('product');
  const head = {
    vendor: 'Check Point',
    product: firewallNames.has(product) ? 'VPN-1 & FireWall-1' : product,
    version: 'Check Point',
    signature: get('attack') || 'Log',
    name: get('protection_name') || get('service_id') || get('appi_name') || get('subject') || get('service') || 'Log',
    severity: get('severity') || 'Unknown',
  };
  const row = rowFromPairs(head, cefPairs(pairs), context);
  // A record that passed several exporters repeats its time; the first that is one counts.
  const times = pairs.filter(([key]) => key === 'time').map(([, value]) => parseTime(value, context));
  row.TimeGenerated = times.find((time) => time !== undefined);
  return row;
}

function* cefPairs(pairs: Pairs): Iterable<[string, string]> {
  for (const [key, value] of pairs) {
    const mapped = cefKeys[key];
    if (key === 'ifdir') {
      const digit = value === 'inbound' ? '0' : value === 'outbound' ? '1' : '';
      if (digit) yield ['deviceDirection', digit];
      yield [key, value];
    } else if (key === 'originsicname' || key === 'origin_sic_name') yield ['originsicname', sicName(value)];
    // A service that is a name, or a severity in words, stays readable beside its numeric column.
    else if (typeof mapped === 'string') yield [mapped, value];
    else if (mapped) {
      yield [`${mapped[0]}Label`, mapped[1]];
      yield [mapped[0], value];
    } else if (key === 'severity') continue;
    else yield [key, value];
  }
}

/** `CN\=gw1,O\=mgmt`: the form of CEF mode, which readers of AdditionalExtensions search for. */
const sicName = (value: string) =>
  value.replace(/(^|,)(cn|o)\\?=/gi, (_, before: string, name: string) => `${before}${name.toUpperCase()}\\=`);
