import type { Connector } from '../../connector.js';
import { decodeAws } from './map.js';

export const awsS3: Connector = {
  id: 'AWSS3',
  title: 'Amazon Web Services S3',
  tables: ['AWSVPCFlow', 'AWSCloudTrail', 'AWSGuardDuty', 'AWSCloudWatch'],
  transports: ['file', 's3', 'http'],
  formats: [
    'VPC flow logs, versions 2 to 8, plain text in any field order, or with named fields',
    'CloudTrail and GuardDuty JSON',
    'CloudWatch Logs subscription and Firehose deliveries',
  ],
  decode: decodeAws,
};
