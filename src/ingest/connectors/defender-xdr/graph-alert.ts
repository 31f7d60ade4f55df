import type { Row, Value } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { asArray, asObject, asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { parseTime } from '../../times.js';

const services: Record<string, string> = {
  microsoftDefenderForEndpoint: 'Microsoft Defender for Endpoint',
  microsoftDefenderForIdentity: 'Microsoft Defender for Identity',
  microsoftDefenderForCloudApps: 'Microsoft Defender for Cloud Apps',
  microsoftDefenderForOffice365: 'Microsoft Defender for Office 365',
  microsoft365Defender: 'Microsoft 365 Defender',
  azureAdIdentityProtection: 'Microsoft Entra ID Protection',
  microsoftAppGovernance: 'App Governance',
  dataLossPrevention: 'Data Loss Prevention',
  microsoftDefenderForCloud: 'Microsoft Defender for Cloud',
};

const detections: Record<string, string> = {
  ...services,
  microsoftDefenderForEndpoint: 'EDR',
  antivirus: 'Antivirus',
  smartScreen: 'SmartScreen',
  customTi: 'Custom TI',
  customDetection: 'Custom detection',
  automatedInvestigation: 'Automated investigation',
};

const severities: Record<string, string> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
};

/** A name that is not in the list stays as it was sent. */
const named = (list: Record<string, string>, value: unknown): string => {
  const text = asText(value);
  return Object.hasOwn(list, text) ? list[text]! : text;
};

/** What an alert shares with every piece of its evidence. */
const shared = (alert: JsonObject): JsonObject => ({
  AlertId: alert.id,
  Title: alert.title,
  ServiceSource: named(services, alert.serviceSource),
  DetectionSource: named(detections, alert.detectionSource),
  Severity: named(severities, alert.severity),
  AttackTechniques: asArray(alert.mitreTechniques).length > 0 ? textOf(alert.mitreTechniques) : '',
});

/** Properties that have a column, or rows of their own. */
const mapped = new Set([
  ...['id', 'title', 'serviceSource', 'detectionSource', 'severity', 'category', 'mitreTechniques'],
  ...['createdDateTime', 'threatFamilyName', 'evidence', '@odata.type'],
]);

const file = (details: JsonObject): JsonObject => ({
  SHA1: details.sha1,
  SHA256: details.sha256,
  FileName: details.fileName,
  FolderPath: details.filePath,
  FileSize: details.fileSize,
});

const account = (user: JsonObject): JsonObject => ({
  AccountName: user.accountName,
  AccountDomain: user.domainName,
  AccountSid: user.userSid,
  AccountObjectId: user.azureAdUserId,
  AccountUpn: user.userPrincipalName,
});

const registryKey = (e: JsonObject): string =>
  [asText(e.registryHive), asText(e.registryKey)].filter(Boolean).join('\\');

interface EvidenceKind {
  readonly type: string;
  readonly columns?: (evidence: JsonObject) => JsonObject;
}

/** `@odata.type` of the evidence without prefix and `Evidence` → EntityType and its columns of AlertEvidence. */
const kinds: Record<string, EvidenceKind> = {
  device: { type: 'Machine', columns: (e) => ({ DeviceId: e.mdeDeviceId, DeviceName: e.deviceDnsName }) },
  file: { type: 'File', columns: (e) => ({ DeviceId: e.mdeDeviceId, ...file(asObject(e.fileDetails)) }) },
  process: {
    type: 'Process',
    columns: (e) => ({
      DeviceId: e.mdeDeviceId,
      ProcessCommandLine: e.processCommandLine,
      ...file(asObject(e.imageFile)),
      ...account(asObject(e.userAccount)),
    }),
  },
  registryKey: { type: 'RegistryKey', columns: (e) => ({ RegistryKey: registryKey(e) }) },
  registryValue: {
    type: 'RegistryValue',
    columns: (e) => ({
      RegistryKey: registryKey(e),
      RegistryValueName: e.registryValueName,
      RegistryValueData: e.registryValue,
    }),
  },
  user: { type: 'User', columns: (e) => account(asObject(e.userAccount)) },
  ip: { type: 'Ip', columns: (e) => ({ RemoteIP: e.ipAddress }) },
  url: { type: 'Url', columns: (e) => ({ RemoteUrl: e.url }) },
  analyzedMessage: {
    type: 'MailMessage',
    columns: (e) => ({ NetworkMessageId: e.networkMessageId, EmailSubject: e.subject }),
  },
  mailCluster: { type: 'MailCluster' },
  mailbox: { type: 'Mailbox', columns: (e) => account(asObject(e.userAccount)) },
  oauthApplication: {
    type: 'OAuthApplication',
    columns: (e) => ({ OAuthApplicationId: e.appId, Application: e.displayName }),
  },
  cloudApplication: {
    type: 'CloudApplication',
    columns: (e) => ({ ApplicationId: e.appId, Application: e.displayName }),
  },
  securityGroup: { type: 'SecurityGroup' },
  azureResource: { type: 'CloudResource', columns: (e) => ({ CloudResource: e.resourceName, CloudPlatform: 'Azure' }) },
  amazonResource: {
    type: 'CloudResource',
    columns: (e) => ({ CloudResource: e.resourceName, CloudPlatform: 'Amazon Web Services' }),
  },
  googleCloudResource: {
    type: 'CloudResource',
    columns: (e) => ({ CloudResource: e.resourceName, CloudPlatform: 'Google Cloud Platform' }),
  },
};

const direction = (roles: readonly unknown[]): string =>
  roles.includes('source') ? 'Source' : roles.includes('destination') ? 'Destination' : '';

function evidenceRow(alert: JsonObject, evidence: unknown): Outcome {
  if (!isObject(evidence)) return reject('ING2001', 'a piece of evidence is not an object', textOf(evidence));
  const kind = /([A-Za-z0-9]+)Evidence$/.exec(asText(evidence['@odata.type']))?.[1];
  if (kind === undefined) return reject('ING2004', 'a piece of evidence without @odata.type', textOf(evidence));
  const { type, columns } = Object.hasOwn(kinds, kind)
    ? kinds[kind]!
    : { type: `${kind[0]!.toUpperCase()}${kind.slice(1)}`, columns: undefined };
  const time = parseTime(asText(isBlank(evidence.createdDateTime) ? alert.createdDateTime : evidence.createdDateTime));
  if (time === undefined) return reject('ING2004', 'createdDateTime of the evidence is no time', textOf(evidence));
  const row = {
    TimeGenerated: time,
    Timestamp: time,
    ...shared(alert),
    ...columns?.(evidence),
    Categories: isBlank(alert.category) ? '' : textOf([alert.category]),
    ThreatFamily: alert.threatFamilyName,
    EntityType: type,
    EvidenceDirection: direction(asArray(evidence.roles)),
    // The whole entity: what has no column of its own stays readable here.
    AdditionalFields: evidence,
  } as Row;
  return { table: 'AlertEvidence', row };
}

/** An alert of the Graph security API, version 2 (`/security/alerts_v2`). */
export const isGraphAlert = (value: JsonObject): boolean =>
  value['@odata.type'] === '#microsoft.graph.security.alert' ||
  ('serviceSource' in value && 'providerAlertId' in value && 'createdDateTime' in value);

/**
 * Maps a Graph security alert: one AlertInfo row, one AlertEvidence row a piece of evidence.
 *
 * Shape   alert with `evidence: […]`, or with `deviceEvidence: {…}`, `fileEvidence: {…}` beside its other properties
 * Errors  ING2004 no id or no usable createdDateTime
 * Source  https://learn.microsoft.com/graph/api/resources/security-alert
 */
export function graphAlert(alert: JsonObject): Outcome[] {
  const pieces = Object.entries(alert).filter(([name, value]) => /[a-z]Evidence$/.test(name) && isObject(value));
  const evidence = [...asArray(alert.evidence), ...pieces.map(([, value]) => value)];
  const time = parseTime(asText(alert.createdDateTime));
  if (isBlank(alert.id) || time === undefined)
    return [reject('ING2004', 'a Graph alert without id or usable createdDateTime', textOf(alert))];

  const row = { TimeGenerated: time, Timestamp: time, ...shared(alert), Category: alert.category } as Row;
  const own = new Set(pieces.map(([name]) => name));
  for (const [name, value] of Object.entries(alert))
    if (!mapped.has(name) && !own.has(name)) row[name] = value as Value;
  return [{ table: 'AlertInfo', row }, ...evidence.map((piece) => evidenceRow(alert, piece))];
}
