import ipaddr from 'ipaddr.js';
import { uuidOf } from '../../base/index.js';
import { catalogue, type Row } from '../../tables/index.js';
import type { Observable } from './pattern.js';
import type { Indicator, StixObject } from './stix.js';

export const indicatorsSchema = catalogue.table('ThreatIntelIndicators')!;
export const objectsSchema = catalogue.table('ThreatIntelObjects')!;
export const legacySchema = catalogue.table('ThreatIntelligenceIndicator')!;

/** What all rows of an import share. */
export interface WrittenBy {
  /** Who the intelligence comes from. */
  readonly source: string;
  /** ISO 8601 UTC. */
  readonly now: string;
  /** `LastUpdateMethod`: what wrote the row. */
  readonly method: string;
  readonly workspaceId: string;
}

/**
 * The end of an indicator that names none. Rules ask `ValidUntil > now()` and compare event times with it, so without a
 * value such an indicator would never match.
 */
export const NO_END = '9999-12-31T23:59:59.9999999Z';

/** The id of an object in the tables: its source, so that two sources may use one STIX id, and the STIX id. */
export const tableId = (source: string, stixId: string): string =>
  `${Buffer.from(source).toString('base64')}---${stixId}`;

export function isActive(indicator: Pick<Indicator, 'revoked' | 'validFrom' | 'validUntil'>, now: string): boolean {
  const { revoked, validFrom, validUntil = NO_END } = indicator;
  return !revoked && Date.parse(validFrom) <= Date.parse(now) && Date.parse(validUntil) > Date.parse(now);
}

/** A row of ThreatIntelIndicators for an observable of an indicator; `isDeleted` when the indicator no longer has it. */
export function indicatorRow(object: StixObject, observable: Observable, by: WrittenBy, isDeleted = false): Row {
  const indicator = object.indicator!;
  return {
    ...common(object, by),
    ...{ ObservableKey: observable.key, ObservableValue: observable.value, Pattern: indicator.pattern },
    ...{ Confidence: indicator.confidence, Created: indicator.created, Modified: object.modified },
    ...{ ValidFrom: indicator.validFrom, ValidUntil: indicator.validUntil ?? NO_END, Revoked: indicator.revoked },
    ...{ IsActive: !isDeleted && isActive(indicator, by.now), IsDeleted: isDeleted, Tags: tagsOf(indicator) },
  };
}

/** A row of ThreatIntelObjects. */
export const objectRow = (object: StixObject, by: WrittenBy): Row => ({
  ...common(object, by),
  ...{ StixType: object.type, IsDeleted: object.data.revoked === true },
});

const common = (object: StixObject, by: WrittenBy): Row => ({
  ...{ TimeGenerated: by.now, Id: tableId(by.source, object.id), SourceSystem: by.source, Data: object.data },
  ...{
    AdditionalFields: object.tlp ? { TLPLevel: object.tlp } : {},
    LastUpdateMethod: by.method,
    WorkspaceId: by.workspaceId,
  },
});

const tagsOf = ({ labels }: Indicator): string => (labels.length > 0 ? JSON.stringify(labels) : '');

/** A row of the older table, which has a column for each kind of observable. */
export function legacyRow(object: StixObject, observable: Observable, by: WrittenBy, isDeleted = false): Row {
  const indicator = object.indicator!;
  const text = [indicator.name, indicator.description].filter((part) => part !== '').join(': ');
  return {
    ...{ TimeGenerated: by.now, SourceSystem: by.source, IndicatorProvider: by.source, Action: 'alert' },
    // One row for each observable, each with an id of its own: rules take the newest row of an id.
    IndicatorId: uuidOf('indicator', tableId(by.source, object.id), observable.key, observable.value),
    ...{ ExternalIndicatorId: object.id, Active: !isDeleted && isActive(indicator, by.now) },
    ...{ ExpirationDateTime: indicator.validUntil ?? NO_END, ConfidenceScore: indicator.confidence, Description: text },
    ...{ Tags: tagsOf(indicator), ThreatType: indicator.types.join(', '), ThreatSeverity: indicator.severity },
    ...{ TrafficLightProtocolLevel: object.tlp, ...killChain(indicator.phases), ...legacyColumns(observable) },
  };
}

const phaseColumns: Readonly<Record<string, string>> = {
  reconnaissance: 'KillChainReconnaissance',
  weaponization: 'KillChainWeaponization',
  delivery: 'KillChainDelivery',
  exploitation: 'KillChainExploitation',
  'command-and-control': 'KillChainC2',
  c2: 'KillChainC2',
  'actions-on-objectives': 'KillChainActions',
  'actions-on-objective': 'KillChainActions',
};

function killChain(phases: readonly string[]): Row {
  const set = new Set(phases.map((phase) => phaseColumns[phase.toLowerCase().replace(/[ _]/g, '-')]));
  return Object.fromEntries([...new Set(Object.values(phaseColumns))].map((column) => [column, set.has(column)]));
}

/** The columns of the older table that an observable fills; what has none is told in AdditionalInformation. */
function legacyColumns({ key, value }: Observable): Row {
  const address = (one: string, block: string): Row => {
    const host = hostOf(value);
    return host === undefined ? { [block]: value } : { [one]: host };
  };
  switch (key) {
    case 'ipv4-addr:value':
    case 'ipv6-addr:value':
      return address('NetworkIP', 'NetworkCidrBlock');
    case 'network-traffic:src_ref.value':
      return address('NetworkSourceIP', 'NetworkSourceCidrBlock');
    case 'network-traffic:dst_ref.value':
      return address('NetworkDestinationIP', 'NetworkDestinationCidrBlock');
    case 'network-traffic:src_port':
      return { NetworkSourcePort: int(value) };
    case 'network-traffic:dst_port':
      return { NetworkDestinationPort: int(value) };
    case 'domain-name:value':
      return { DomainName: value };
    case 'url:value':
      return { Url: value };
    case 'email-addr:value':
    case 'email-message:from_ref.value':
    case 'email-message:sender_ref.value':
      return { EmailSenderAddress: value, EmailSourceDomain: value.slice(value.lastIndexOf('@') + 1) };
    case 'email-message:subject':
      return { EmailSubject: value };
    case 'file:name':
      return { FileName: value };
    case 'file:size':
      return { FileSize: int(value) };
    case 'file:parent_directory_ref.path':
    case 'directory:path':
      return { FilePath: value };
    case 'mutex:name':
      return { FileMutexName: value };
  }
  const algorithm = /^file:hashes\.'?([^']+)'?$/.exec(key)?.[1];
  if (algorithm) return { FileHashType: algorithm.replace('-', '').toUpperCase(), FileHashValue: value };
  return key === '' ? {} : { AdditionalInformation: `${key} = ${value}` };
}

/** The address itself, or of a network of one address; undefined for a larger network. */
function hostOf(value: string): string | undefined {
  if (!ipaddr.isValidCIDR(value)) return value;
  const [address, bits] = ipaddr.parseCIDR(value);
  return bits === (address.kind() === 'ipv4' ? 32 : 128) ? address.toString() : undefined;
}

const int = (value: string): number | undefined =>
  /^\d{1,10}$/.test(value) && Number(value) < 2 ** 31 ? Number(value) : undefined;
