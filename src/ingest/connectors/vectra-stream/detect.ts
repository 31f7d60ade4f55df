import type { Row, Value } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { isoUtc, parseTime } from '../../times.js';

/** Keys of the JSON syslog format, version 2 → the column that the CEF format of the same product fills. */
const columns: Record<string, string> = {
  version: 'DeviceVersion',
  category: 'DeviceEventCategory',
  d_type: 'DeviceEventClassID',
  d_type_vname: 'Activity',
  severity: 'LogSeverity',
  headend_addr: 'DeviceAddress',
  dvchost: 'DeviceName',
  detection_id: 'ExtID',
  host_id: 'ExtID',
  account_id: 'ExtID',
  host_name: 'SourceHostName',
  src_name: 'SourceHostName',
  host_ip: 'SourceIP',
  src_ip: 'SourceIP',
  source_ip: 'SourceIP',
  account_uid: 'SourceUserName',
  user: 'SourceUserName',
  dd_dst_ip: 'DestinationIP',
  dest_ip: 'DestinationIP',
  dd_dst_port: 'DestinationPort',
  dd_dst_dns: 'DestinationHostName',
  dest_name: 'DestinationHostName',
  dd_proto: 'Protocol',
  dd_bytes_sent: 'SentBytes',
  dd_bytes_rcvd: 'ReceivedBytes',
  action: 'DeviceAction',
  message: 'Message',
  reason: 'Reason',
  result: 'EventOutcome',
  success: 'EventOutcome',
  vectra_timestamp: 'ReceiptTime',
};

/** Custom slots with the labels of the CEF format. */
const labelled: Record<string, readonly [string, string]> = {
  threat: ['FlexNumber1', 'threat'],
  certainty: ['FlexNumber2', 'certainty'],
  src_key_asset: ['DeviceCustomString1', 'sourceKeyAsset'],
  dst_key_asset: ['DeviceCustomString2', 'destKeyAsset'],
  score_decreases: ['DeviceCustomString3', 'scoreDecreases'],
  href: ['DeviceCustomString4', 'Vectra Event URL'],
  triaged: ['DeviceCustomString5', 'triaged'],
};

export const isDetect = (record: JsonObject): boolean =>
  'vectra_timestamp' in record && ('headend_addr' in record || 'category' in record || 'dvchost' in record);

/**
 * Turns a Vectra Detect event of the JSON syslog format into a CommonSecurityLog row, as its CEF form would be.
 *
 * Shape   keys → columns of the CEF keys of the same meaning; the intake keeps the others in AdditionalExtensions
 * Time    vectra_timestamp, else the syslog header, else reception
 * Errors  ING2004 vectra_timestamp is no time, and there is no header
 */
export function detectRow(
  record: JsonObject,
  header: { readonly time?: string | undefined; readonly host: string },
  receivedAt: number,
): Outcome {
  const stamp = record.vectra_timestamp;
  const time = parseTime(asText(stamp)) ?? header.time ?? (isBlank(stamp) ? isoUtc(receivedAt) : undefined);
  if (time === undefined) return reject('ING2004', 'vectra_timestamp is no time', textOf(record));
  const row: Row = {
    TimeGenerated: time,
    DeviceVendor: 'Vectra Networks',
    DeviceProduct: 'X Series',
  };
  if (header.host !== '') row.Computer = header.host;
  for (const [key, value] of Object.entries(record)) {
    if (isBlank(value)) continue;
    const slot = Object.hasOwn(labelled, key) ? labelled[key] : undefined;
    if (slot) {
      row[slot[0]] = value as Value;
      row[`${slot[0]}Label`] = slot[1];
    } else {
      const column = Object.hasOwn(columns, key) ? columns[key]! : key;
      row[row[column] === undefined ? column : key] = value as Value;
    }
  }
  return { table: 'CommonSecurityLog', row };
}
