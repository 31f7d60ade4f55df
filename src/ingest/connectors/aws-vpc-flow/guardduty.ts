import type { Row } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { asText, type JsonObject, textOf } from '../../mapping/values.js';
import { parseTime } from '../../times.js';

/** The API writes `AccountId`, exports and events write `accountId`. */
const lowerFirst = (finding: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(finding).map(([key, value]) => [`${key[0]?.toLowerCase() ?? ''}${key.slice(1)}`, value]),
  );

export function isGuardDuty(value: JsonObject): boolean {
  const finding = lowerFirst(value);
  return 'schemaVersion' in finding && 'service' in finding && 'resource' in finding && 'severity' in finding;
}

/**
 * Turns one GuardDuty finding into an AWSGuardDuty row.
 *
 * Shape   finding of an S3 export, an EventBridge event or GetFindings → row; resource and service stay objects
 * Units   severity: the table counts whole steps, so decimals are cut off
 * Errors  ING2004 no usable updatedAt
 * Source  https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html
 */
export function guardDutyRow(value: JsonObject): Outcome {
  const finding = lowerFirst(value);
  const time = parseTime(asText(finding.updatedAt));
  if (time === undefined) return reject('ING2004', 'the GuardDuty finding has no usable updatedAt', textOf(value));
  const row = {
    TimeGenerated: time,
    TimeCreated: finding.createdAt,
    AccountId: finding.accountId,
    ActivityType: finding.type,
    Arn: finding.arn,
    Description: finding.description,
    Id: finding.id,
    Partition: finding.partition,
    Region: finding.region,
    ResourceDetails: finding.resource,
    SchemaVersion: finding.schemaVersion,
    ServiceDetails: finding.service,
    Severity: typeof finding.severity === 'number' ? Math.trunc(finding.severity) : finding.severity,
    Title: finding.title,
  } as Row;
  return { table: 'AWSGuardDuty', row };
}
