import { catalogue, type Row } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { columnTypes } from '../../mapping/table-by-columns.js';
import { asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { parseTime } from '../../times.js';

/** A time column comes as `_t`; some properties also exist as `_s` of an older form. */
const suffixes = ['', '_t', '_d', '_b', '_g', '_s'];

/** Names that published notebooks give to columns when they strip the suffixes. */
const renamed: Record<string, string> = { VMIPAddress: 'VMIP_s', RemoteRegion: 'AzureRegion_s', VMRegion: 'Region_s' };

/** `['192.0.2.1', '192.0.2.2']`, `["192.0.2.1"]` or packed items → addresses. */
const addresses = (text: string): string[] => text.match(/[0-9a-f.:]*[.:][0-9a-f.:]*(?=[^0-9a-f.:]|$)/gi) ?? [];

/** Whether a record is a row of AzureNetworkAnalytics_CL whose columns lost their suffixes. */
export const isStrippedExport = (record: JsonObject): boolean =>
  ['FlowType', 'FlowDirection', 'FlowStartTime', 'L4Protocol'].every((name) => name in record) &&
  !('FlowStatus' in record && 'SubType' in record);

/**
 * Restores an AzureNetworkAnalytics_CL row from an export whose column names lost their suffixes.
 *
 * Shape   FlowType → FlowType_s, DestPort → DestPort_d, FlowStartTime → FlowStartTime_t; ResourceGroup and VMName → VM_s
 *         `group/name`; PublicIPs → the public side by direction; other names are kept for the intake to count
 * Errors  ING2004 no usable TimeGenerated
 */
export function strippedExport(record: JsonObject, zone: { readonly zoneOffsetMinutes: number }): Outcome {
  const time = parseTime(asText(record.TimeGenerated) || asText(record.FlowEndTime), zone);
  if (time === undefined) return reject('ING2004', 'the exported flow has no usable TimeGenerated', textOf(record));
  const columns = columnTypes(catalogue.table('AzureNetworkAnalytics_CL')!);
  const { PublicIPs, AllExtIPs, ResourceGroup, VMName, ...others } = record;
  const row: Row = { TimeGenerated: time, SubType_s: 'FlowLog' };
  for (const [name, value] of Object.entries(others)) {
    if (name === 'TimeGenerated' || isBlank(value)) continue;
    const column =
      renamed[name] ?? suffixes.map((suffix) => `${name}${suffix}`).find((each) => columns.has(each)) ?? name;
    row[column] = asText(value);
  }
  if (!isBlank(VMName)) row.VM_s = [asText(ResourceGroup), asText(VMName)].filter(Boolean).join('/');
  const all = addresses(asText(PublicIPs));
  // Where the export made one row of each address, this row stands for that one.
  const own = asText(AllExtIPs);
  const peers = all.includes(own) ? [own] : all;
  if (peers.length > 0) {
    row.PublicIPs_s = all.join(' ');
    // Packed as in the table; the counters of each address are lost.
    const packed = peers.map((address) => `${address}||||||`).join(' ');
    row[row.FlowDirection_s === 'I' ? 'SrcPublicIPs_s' : 'DestPublicIPs_s'] = packed;
  }
  return { table: 'AzureNetworkAnalytics_CL', row };
}
