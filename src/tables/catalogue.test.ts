import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, kqlTypes, standardColumns, type TableSchema, tableSchema, visibleColumns } from './index.js';

const typeOf = (table: string, column: string) =>
  catalogue.table(table)?.columns.find(({ name }) => name === column)?.type;

/** Counts of documented columns, the standard ones that a table's own page leaves out not counted. */
const documented: Record<string, number> = {
  AlertEvidence: 47,
  EmailEvents: 55,
  IdentityInfo: 57,
  DeviceEvents: 71,
  DeviceNetworkEvents: 51,
  CommonSecurityLog: 163,
  AWSVPCFlow: 45,
  WindowsEvent: 26,
  SecurityEvent: 228,
  Syslog: 17,
  AzureNetworkAnalytics_CL: 178,
  NTANetAnalytics: 93,
  VMConnection: 44,
  VectraStream_CL: 214,
  ASimNetworkSessionLogs: 156,
  SecurityAlert: 35,
};

/** Columns that only Defender's own table of this name has. */
const ofDefender: Readonly<Record<string, number>> = { IdentityInfo: 12 };

describe('catalogue', () => {
  it('knows the documented tables by exact name and nothing else', () => {
    expect(catalogue.names().length).toBeGreaterThan(895);
    expect(catalogue.table('CommonSecurityLog')?.name).toBe('CommonSecurityLog');
    expect(catalogue.table('commonsecuritylog')).toBeUndefined();
    expect(catalogue.table('constructor')).toBeUndefined();
    expect(catalogue.table('')).toBeUndefined();
  });

  it.each(Object.entries(documented))('%s has all its documented columns', (name, count) => {
    const columns = catalogue.table(name)!.columns;
    expect(columns.length).toBeGreaterThanOrEqual(count);
    expect(columns.length).toBeLessThanOrEqual(count + standardColumns.length + (ofDefender[name] ?? 0));
  });

  it('types columns as Log Analytics does', () => {
    expect(typeOf('CommonSecurityLog', 'FieldDeviceCustomNumber1')).toBe('long');
    expect(typeOf('CommonSecurityLog', 'DestinationPort')).toBe('int');
    expect(typeOf('CommonSecurityLog', 'MaliciousIPLatitude')).toBe('real');
    expect(typeOf('WindowsEvent', 'EventData')).toBe('dynamic');
    expect(typeOf('Event', 'EventData')).toBe('string');
    expect(typeOf('AzureDiagnostics', 'ActivityId_g')).toBe('guid');
    expect(typeOf('AzureNetworkAnalytics_CL', 'BGPEnabled_b')).toBe('bool');
    expect(typeOf('SigninLogs', 'UserPrincipalName')).toBe('string');
    expect(typeOf('OfficeActivity', 'Operation')).toBe('string');
  });

  it('has the columns that published parsers name although the lists lack them', () => {
    expect(typeOf('DeviceNetworkEvents', 'Timestamp')).toBe('datetime');
    expect(typeOf('VMConnection', 'AdditionalInformation')).toBe('string');
    expect(typeOf('WindowsEvent', 'Data')).toBe('dynamic');
    expect(typeOf('Event', 'MG')).toBe('string');
    expect(typeOf('SecurityEvent', 'EventOriginId')).toBe('string');
    expect(typeOf('DnsEvents', 'ReportReferenceLink')).toBe('string');
    expect(typeOf('SecurityAlert', 'SourceSystem')).toBe('string');
  });

  it('gives every table distinct columns, known types and the standard columns', () => {
    for (const name of catalogue.names()) {
      const { columns } = catalogue.table(name) as TableSchema;
      expect(new Set(columns.map((column) => column.name)).size, name).toBe(columns.length);
      for (const column of columns) expect(kqlTypes).toContain(column.type);
      for (const column of standardColumns) expect(columns, name).toContainEqual(column);
    }
  });

  it('hides the record keeping columns from wildcards, but no column of the table itself', () => {
    const visible = visibleColumns(catalogue.table('Watchlist')!).map(({ name }) => name);
    expect(visible).toContain('_DTItemId');
    expect(visible).toContain('TenantId');
    expect(visible.filter((name) => name.startsWith('_') && !name.startsWith('_DT'))).toEqual([]);
  });

  it('returns the time first and keeps hidden columns last', () => {
    const names = catalogue.table('Syslog')!.columns.map(({ name }) => name);
    expect(names[0]).toBe('TimeGenerated');
    expect(names.slice(-6).every((name) => name.startsWith('_'))).toBe(true);
  });

  it('lets a custom table keep its order and not redefine a standard column', () => {
    const schema = tableSchema('Own_CL', [
      { name: 'b_s', type: 'string' },
      { name: 'TimeGenerated', type: 'string' },
      { name: 'a_d', type: 'real' },
    ]);
    expect(schema.columns.slice(0, 5).map(({ name }) => name)).toEqual([
      'TimeGenerated',
      'TenantId',
      'b_s',
      'a_d',
      'Type',
    ]);
    expect(schema.columns[0]?.type).toBe('datetime');
  });
});

const reference = new URL('../../../shared/reference/la_table_schemas.csv', import.meta.url);
describe.skipIf(!existsSync(reference))('against the reference, when it lies beside the repository', () => {
  it('lacks no table of the list', () => {
    const listed = new Set([...readFileSync(reference, 'utf8').matchAll(/^"(\w+)","/gm)].map((match) => match[1]!));
    listed.delete('table_name');
    expect([...listed].filter((name) => !catalogue.table(name))).toEqual([]);
  });
});
