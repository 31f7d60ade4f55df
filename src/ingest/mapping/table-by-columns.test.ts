import { describe, expect, test } from 'vitest';
import { catalogue } from '../../tables/index.js';
import { tableByColumns } from './table-by-columns.js';

const tables = ['DeviceFileEvents', 'DeviceProcessEvents', 'DeviceRegistryEvents', 'EmailUrlInfo', 'UrlClickEvents'];

/** A row of an export: every column of the table, most of them blank. */
const wholeRow = (table: string, values: Record<string, unknown>) => ({
  ...Object.fromEntries(catalogue.table(table)!.columns.map((column) => [column.name, ''])),
  ...values,
});

const shared = { DeviceId: 'd', DeviceName: 'pc7', ActionType: 'New', InitiatingProcessFileName: 'x.exe' };
const nameOf = (properties: Record<string, unknown>, hint?: string) => {
  const told = tableByColumns(tables, properties, { hint });
  return 'schema' in told ? told.schema.name : told.reason;
};

describe('the table of a row', () => {
  test.each(['DeviceFileEvents', 'DeviceProcessEvents', 'DeviceRegistryEvents'])(
    'a whole row of %s is told by its blank columns',
    (table) => expect(nameOf(wholeRow(table, shared))).toBe(table),
  );
  test('a column with a value counts more than blank ones', () => {
    expect(nameOf({ ...shared, RegistryKey: 'HKLM', FolderPath: '' })).toBe('DeviceRegistryEvents');
  });
  test('a projection that fits several tables is a doubt, unless a value speaks for one', () => {
    expect(nameOf(shared)).toBe('its columns fit several tables alike');
    expect(nameOf(shared, 'DeviceFileEvents')).toBe('DeviceFileEvents');
  });
  test('the hint does not overrule the columns', () => {
    expect(nameOf({ NetworkMessageId: 'm', Url: 'u', UrlDomain: 'd', UrlLocation: 'Body' }, 'DeviceFileEvents')).toBe(
      'EmailUrlInfo',
    );
  });
  test('columns of nothing here, or too few, give no table', () => {
    const reason = 'its columns are those of no table of this connector';
    expect(nameOf({ a: 1, b: 2, Url: 'u' })).toBe(reason);
    expect(nameOf({ Url: 'u' })).toBe(reason);
    expect(nameOf({})).toBe(reason);
  });
});
