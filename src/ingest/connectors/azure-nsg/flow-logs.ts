import type { Row } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { asArray, asObject, asText, type JsonObject, textOf } from '../../mapping/values.js';
import { hyphenated, parseResourceId } from './addresses.js';
import { type BadTuple, flowCounts, nsgTuple, packedPeer, type Tuple, vnetTuple } from './tuple.js';

type Reader = (text: string) => Tuple | BadTuple;

/** Every tuple of a list is a unit of its own: a row, or a reject with its text. */
function tuples(list: unknown, read: Reader, toRow: (tuple: Tuple) => { table: string; row: Row }): Outcome[] {
  if (!Array.isArray(list)) return [reject('ING2001', 'the flow tuples are no list', textOf(list))];
  return list.map((item) => {
    if (typeof item !== 'string') return reject('ING2001', 'a flow tuple is no text', textOf(item));
    const tuple = read(item);
    return 'problem' in tuple ? reject(tuple.code, tuple.problem, item) : toRow(tuple);
  });
}

const nothing = (record: JsonObject) => reject('ING2001', 'the flow log record holds no flows', textOf(record));

/**
 * Turns a record of an NSG flow log (versions 1 and 2) into AzureNetworkAnalytics_CL rows, as Traffic Analytics would
 * show single flows. The table has no source port.
 *
 * Shape   record → one row a tuple; a private end is SrcIP_s or DestIP_s, a public one is packed in SrcPublicIPs_s or
 *         DestPublicIPs_s
 * Units   Outbound…_d = source to destination, Inbound…_d = back, whatever the direction
 * Errors  ING2003 number of fields, ING2004 a field that is none, ING2001 no tuples
 */
export function nsgFlows(record: JsonObject): readonly Outcome[] {
  const resourceId = asText(record.resourceId);
  const { subscription, group, name } = parseResourceId(resourceId);
  const place = {
    list: [subscription, group, name].filter(Boolean).join('/'),
    subscription: subscription.toLowerCase(),
    resourceId: resourceId.toLowerCase(),
  };
  const outcomes = asArray(asObject(record.properties).flows).flatMap((item) => {
    const rule = asText(asObject(item).rule);
    return asArray(asObject(item).flows).flatMap((inner) => {
      const mac = hyphenated(asText(asObject(inner).mac) || asText(record.macAddress));
      return tuples(asObject(inner).flowTuples, nsgTuple, (tuple) => ({
        table: 'AzureNetworkAnalytics_CL',
        row: analyticsRow(tuple, { ...place, rule, mac }),
      }));
    });
  });
  return outcomes.length > 0 ? outcomes : [nothing(record)];
}

interface Place {
  readonly list: string;
  readonly subscription: string;
  readonly resourceId: string;
  readonly rule: string;
  readonly mac: string;
}

/** In one literal: a row that grows key by key, or is copied, costs several times as much. */
function analyticsRow(tuple: Tuple, place: Place): Row {
  const counts = flowCounts(tuple);
  const isPublic = tuple.sourceIsPublic || tuple.destinationIsPublic;
  return {
    TimeGenerated: tuple.time,
    Type: undefined,
    SubType_s: 'FlowLog',
    FASchemaVersion_s: '2',
    FlowType_s: isPublic ? 'ExternalPublic' : 'IntraVNet',
    FlowDirection_s: tuple.direction,
    FlowStatus_s: tuple.isAllowed ? 'A' : 'D',
    L4Protocol_s: tuple.protocol,
    SrcIP_s: tuple.sourceIsPublic ? '' : tuple.source,
    DestIP_s: tuple.destinationIsPublic ? '' : tuple.destination,
    SrcPublicIPs_s: tuple.sourceIsPublic ? packedPeer(tuple.source, tuple) : '',
    DestPublicIPs_s: tuple.destinationIsPublic ? packedPeer(tuple.destination, tuple) : '',
    DestPort_d: tuple.destinationPort,
    FlowStartTime_t: tuple.time,
    FlowEndTime_t: tuple.time,
    AllowedInFlows_d: counts.allowedIn,
    DeniedInFlows_d: counts.deniedIn,
    AllowedOutFlows_d: counts.allowedOut,
    DeniedOutFlows_d: counts.deniedOut,
    OutboundPackets_d: tuple.packetsOut,
    OutboundBytes_d: tuple.bytesOut,
    InboundPackets_d: tuple.packetsIn,
    InboundBytes_d: tuple.bytesIn,
    NSGRule_s: place.rule,
    NSGList_s: place.list,
    MACAddress_s: place.mac,
    Subscription_g: place.subscription,
    _ResourceId: place.resourceId,
  };
}

/**
 * Turns a record of a virtual network flow log (version 4) into NTANetAnalytics rows.
 *
 * Shape   record → one row a tuple; public ends are packed in SrcPublicIps and DestPublicIps and SrcIp and DestIp stay
 *         empty for them, as Traffic Analytics does
 * Errors  as nsgFlows
 */
export function vnetFlows(record: JsonObject): readonly Outcome[] {
  const flowLog = asText(record.flowLogResourceID);
  const target = asText(record.targetResourceID);
  const mac = hyphenated(asText(record.macAddress));
  const outcomes = asArray(asObject(record.flowRecords).flows).flatMap((item) => {
    const acl = asText(asObject(item).aclID);
    return asArray(asObject(item).flowGroups).flatMap((inner) =>
      tuples(asObject(inner).flowTuples, vnetTuple, (tuple) => ({
        table: 'NTANetAnalytics',
        row: vnetRow(tuple, { acl, mac, flowLog, target, rule: asText(asObject(inner).rule) }),
      })),
    );
  });
  return outcomes.length > 0 ? outcomes : [nothing(record)];
}

function vnetRow(tuple: Tuple, place: Readonly<Record<'acl' | 'mac' | 'flowLog' | 'target' | 'rule', string>>): Row {
  const counts = flowCounts(tuple);
  const isPublic = tuple.sourceIsPublic || tuple.destinationIsPublic;
  return {
    TimeGenerated: tuple.time,
    Type: undefined,
    SubType: 'FlowLog',
    FlowType: isPublic ? 'ExternalPublic' : 'IntraVNet',
    FlowDirection: tuple.direction === 'I' ? 'Inbound' : 'Outbound',
    FlowStatus: tuple.isAllowed ? 'Allowed' : 'Denied',
    FlowEncryption: tuple.encryption,
    L4Protocol: tuple.protocol,
    SrcIp: tuple.sourceIsPublic ? '' : tuple.source,
    DestIp: tuple.destinationIsPublic ? '' : tuple.destination,
    SrcPublicIps: tuple.sourceIsPublic ? packedPeer(tuple.source, tuple) : '',
    DestPublicIps: tuple.destinationIsPublic ? packedPeer(tuple.destination, tuple) : '',
    SrcPorts: String(tuple.sourcePort),
    DestPort: tuple.destinationPort,
    FlowStartTime: tuple.time,
    FlowEndTime: tuple.time,
    AllowedInFlows: counts.allowedIn,
    DeniedInFlows: counts.deniedIn,
    AllowedOutFlows: counts.allowedOut,
    DeniedOutFlows: counts.deniedOut,
    CompletedFlows: tuple.state === 'E' ? 1 : null,
    PacketsSrcToDest: tuple.packetsOut,
    BytesSrcToDest: tuple.bytesOut,
    PacketsDestToSrc: tuple.packetsIn,
    BytesDestToSrc: tuple.bytesIn,
    AclRule: place.rule,
    AclGroup: place.acl,
    MacAddress: place.mac,
    FlowLogResourceId: place.flowLog,
    TargetResourceId: place.target,
    _ResourceId: place.flowLog.toLowerCase(),
  };
}
