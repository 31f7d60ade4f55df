/**
 * Flow log fields in the order of their versions 2 to 8 → AWSVPCFlow columns. ECS fields (version 7) included.
 * Source https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
const columns: Record<string, string> = {
  version: 'Version',
  'account-id': 'AccountId',
  'interface-id': 'InterfaceId',
  srcaddr: 'SrcAddr',
  dstaddr: 'DstAddr',
  srcport: 'SrcPort',
  dstport: 'DstPort',
  protocol: 'Protocol',
  packets: 'Packets',
  bytes: 'Bytes',
  start: 'Start',
  end: 'End',
  action: 'Action',
  'log-status': 'LogStatus',
  'vpc-id': 'VpcId',
  'subnet-id': 'SubnetId',
  'instance-id': 'InstanceId',
  'tcp-flags': 'TcpFlags',
  type: 'TrafficType',
  'pkt-srcaddr': 'PktSrcAddr',
  'pkt-dstaddr': 'PktDstAddr',
  region: 'Region',
  'az-id': 'AzId',
  'sublocation-type': 'SublocationType',
  'sublocation-id': 'SublocationId',
  'pkt-src-aws-service': 'PktSrcAwsService',
  'pkt-dst-aws-service': 'PktDstAwsService',
  'flow-direction': 'FlowDirection',
  'traffic-path': 'TrafficPath',
  'ecs-cluster-arn': 'EcsClusterArn',
  'ecs-cluster-name': 'EcsClusterName',
  'ecs-container-instance-arn': 'EcsContainerInstanceArn',
  'ecs-container-instance-id': 'EcsContainerInstanceId',
  'ecs-container-id': 'EcsContainerId',
  'ecs-second-container-id': 'EcsSecondContainerId',
  'ecs-service-name': 'EcsServiceName',
  'ecs-task-definition-arn': 'EcsTaskDefinitionArn',
  'ecs-task-arn': 'EcsTaskArn',
  'ecs-task-id': 'EcsTaskId',
  // Version 8. The table has no column for it: the intake counts its values.
  'reject-reason': 'RejectReason',
};

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const byPlainName = new Map(Object.entries(columns).map(([field, column]) => [plain(field), column]));
// `start` and `end` are reserved words in Athena, so its tables rename them.
byPlainName.set('starttime', 'Start').set('endtime', 'End').set('traffictype', 'TrafficType');

const remembered = new Map<string, string | undefined>();

/** The column of a field by its name with hyphens, underscores or neither, also as `${field}` of a format string. */
export function columnOfField(field: string): string | undefined {
  if (remembered.has(field)) return remembered.get(field);
  if (remembered.size >= 1000) remembered.clear();
  const column = byPlainName.get(plain(field));
  remembered.set(field, column);
  return column;
}

/** The fields of the default format (version 2), which has 14. */
export const defaultFields: readonly string[] = Object.keys(columns).slice(0, 14);

export const numberColumns: ReadonlySet<string> = new Set([
  'Version',
  'SrcPort',
  'DstPort',
  'Protocol',
  'Packets',
  'Bytes',
  'TcpFlags',
]);
export const timeColumns: ReadonlySet<string> = new Set(['Start', 'End']);
