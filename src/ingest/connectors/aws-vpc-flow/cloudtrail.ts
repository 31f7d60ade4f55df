import type { Row } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { asArray, asObject, asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { parseTime } from '../../times.js';

export const isCloudTrail = (event: JsonObject): boolean =>
  'eventVersion' in event && 'eventSource' in event && 'eventName' in event && 'eventTime' in event && !('s3' in event);

/** Objects and lists stand in string columns as JSON text. */
const json = (value: unknown): string => (isBlank(value) ? '' : textOf(value));

/**
 * Turns one CloudTrail event into an AWSCloudTrail row.
 *
 * Shape   event → row; requestParameters, responseElements, resources and the like as JSON text
 * Errors  ING2004 no usable eventTime
 * Source  https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function cloudTrailRow(event: JsonObject): Outcome {
  const time = parseTime(asText(event.eventTime));
  if (time === undefined) return reject('ING2004', 'the CloudTrail event has no usable eventTime', textOf(event));
  const identity = asObject(event.userIdentity);
  const session = asObject(identity.sessionContext);
  const issuer = asObject(session.sessionIssuer);
  const attributes = asObject(session.attributes);
  const tls = asObject(event.tlsDetails);
  // The address range of a change to a security group; the first permission speaks for the event.
  const permission = asObject(asArray(asObject(asObject(event.requestParameters).ipPermissions).items)[0]);
  const row = {
    TimeGenerated: time,
    OperationName: 'CloudTrail',
    EventVersion: event.eventVersion,
    EventSource: event.eventSource,
    EventName: event.eventName,
    EventTypeName: event.eventType,
    Category: event.eventCategory,
    AwsEventId: event.eventID,
    AwsRequestId: event.requestID,
    AwsRequestId_: event.requestID,
    SharedEventId: event.sharedEventID,
    AWSRegion: event.awsRegion,
    APIVersion: event.apiVersion,
    SourceIpAddress: event.sourceIPAddress,
    UserAgent: event.userAgent,
    ErrorCode: event.errorCode,
    ErrorMessage: event.errorMessage,
    ReadOnly: event.readOnly,
    ManagementEvent: event.managementEvent,
    RecipientAccountId: event.recipientAccountId,
    VpcEndpointId: event.vpcEndpointId,
    RequestParameters: json(event.requestParameters),
    ResponseElements: json(event.responseElements),
    Resources: json(event.resources),
    AdditionalEventData: json(event.additionalEventData),
    ServiceEventDetails: json(event.serviceEventDetails),
    CidrIp: asObject(asArray(asObject(permission.ipRanges).items)[0]).cidrIp,
    IpProtocol: permission.ipProtocol,
    SourcePort: permission.fromPort,
    DestinationPort: permission.toPort,
    TlsVersion: tls.tlsVersion,
    CipherSuite: tls.cipherSuite,
    ClientProvidedHostHeader: tls.clientProvidedHostHeader,
    EC2RoleDelivery: session.ec2RoleDelivery,
    SessionCreationDate: attributes.creationDate,
    SessionMfaAuthenticated: attributes.mfaAuthenticated,
    SessionIssuerAccountId: issuer.accountId,
    SessionIssuerArn: issuer.arn,
    SessionIssuerPrincipalId: issuer.principalId,
    SessionIssuerType: issuer.type,
    SessionIssuerUserName: issuer.userName,
    UserIdentityAccessKeyId: identity.accessKeyId,
    UserIdentityAccountId: identity.accountId,
    UserIdentityArn: identity.arn,
    UserIdentityInvokedBy: identity.invokedBy,
    UserIdentityPrincipalid: identity.principalId,
    UserIdentityStoreArn: asObject(identity.onBehalfOf).identityStoreArn,
    UserIdentityType: identity.type,
    UserIdentityUserId: asObject(identity.onBehalfOf).userId,
    UserIdentityUserName: identity.userName,
  } as Row;
  return { table: 'AWSCloudTrail', row };
}
