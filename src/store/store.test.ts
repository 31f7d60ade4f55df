import { beforeAll, describe, expect, it } from 'vitest';
import { type Column, catalogue, type KqlType, kqlTypes, tableSchema, type Value } from '../tables/index.js';
import type { Store } from './index.js';
import { openTestStore } from './testing/index.js';

let store: Store;
beforeAll(async () => {
  store = await openTestStore();
});

const at = '2026-03-04T09:12:31.1234567Z';
const column = (name: string, type: KqlType): Column => ({ name, type });

describe('tables', () => {
  it('creates a documented table once, and finds it again', async () => {
    const schema = catalogue.table('CommonSecurityLog')!;
    await Promise.all([store.ensureTable(schema), store.ensureTable(schema)]);
    expect(await store.tables()).toContain('CommonSecurityLog');
    const { columns, rows } = await store.query('SELECT * FROM CommonSecurityLog');
    expect(columns.map(({ name }) => name)).toEqual(schema.columns.map(({ name }) => name));
    expect(rows).toEqual([]);
  });

  it('adds columns that an older table lacks and keeps its rows', async () => {
    await store.ensureTable(tableSchema('Grows_CL', [column('a_s', 'string')]));
    await store.insert('Grows_CL', [{ TimeGenerated: at, a_s: 'old' }]);
    await store.ensureTable(tableSchema('Grows_CL', [column('a_s', 'string'), column('DeviceId', 'string')]));
    await store.insert('Grows_CL', [{ TimeGenerated: at, a_s: 'new', DeviceId: 'd' }]);
    const { rows } = await store.query('SELECT a_s, DeviceId FROM Grows_CL ORDER BY a_s');
    expect(rows).toEqual([
      ['new', 'd'],
      ['old', ''],
    ]);
  });

  it('reads the schema of a custom table back, timespan and long apart', async () => {
    const schema = tableSchema(
      'Schema_CL',
      kqlTypes.map((type) => column(`c_${type}`, type)),
    );
    await store.ensureTable(schema);
    expect(await store.schemas(['Schema_CL', 'NoSuch_CL'])).toEqual([schema]);
  });

  it('takes any name, hostile ones too', async () => {
    const name = "T`'\\; DROP--";
    await store.ensureTable(tableSchema(name, [column("c`'\\", 'string')]));
    await store.insert(name, [{ TimeGenerated: at, "c`'\\": 'x' }]);
    expect(await store.tables()).toContain(name);
  });

  it('says which table or column does not exist', async () => {
    await expect(store.insert('Nowhere', [{}])).rejects.toThrow(/ENG5003.*Nowhere/);
    await store.ensureTable(tableSchema('Narrow_CL', []));
    await expect(store.insert('Narrow_CL', [{ nope: 1 }])).rejects.toThrow(/ENG5006.*nope/);
  });
});

describe('insert', () => {
  const all = kqlTypes.map((type) => column(`c_${type}`, type));
  const roundTrip = async (value: Record<string, Value>) => {
    const { rows } = await store.query(
      `SELECT ${all.map(({ name }) => name).join(', ')} FROM Types_CL ORDER BY _TimeReceived DESC LIMIT 1`,
    );
    expect(Object.fromEntries(all.map(({ name }, i) => [name, rows[0]?.[i]]))).toEqual(value);
  };
  beforeAll(() => store.ensureTable(tableSchema('Types_CL', all)));

  it('keeps every type exactly', async () => {
    await store.insert(
      'Types_CL',
      [
        {
          TimeGenerated: at,
          c_string: "né 'quoted' \\ \n\t\0 \u{1f600}",
          c_int: -2147483648,
          c_long: '9223372036854775807',
          c_real: 0.1,
          c_decimal: '-12345678901234567890.000000000000000001',
          c_bool: false,
          c_datetime: '0001-01-01T00:00:00Z',
          c_timespan: -864000000001n,
          c_guid: '01234567-89AB-cdef-0123-456789abcdef',
          c_dynamic: { a: [1, null, 'é', { b: 12345678901234567890n }] },
        },
      ],
      { receivedAt: 1_800_000_000_000 },
    );
    await roundTrip({
      c_string: "né 'quoted' \\ \n\t\0 \u{1f600}",
      c_int: -2147483648,
      c_long: '9223372036854775807',
      c_real: 0.1,
      c_decimal: '-12345678901234567890.000000000000000001',
      c_bool: false,
      c_datetime: '0001-01-01 00:00:00.0000000',
      c_timespan: '-864000000001',
      c_guid: '01234567-89ab-cdef-0123-456789abcdef',
      c_dynamic: '{"a":[1,null,"é",{"b":12345678901234567890}]}',
    });
  });

  it('keeps the other ends of the ranges', async () => {
    await store.insert(
      'Types_CL',
      [
        {
          TimeGenerated: at,
          c_string: 'x'.repeat(100_000),
          c_int: 2147483647,
          c_long: -9007199254740991,
          c_real: Number.NaN,
          c_bool: true,
          c_datetime: '9999-12-31T23:59:59.9999999Z',
          c_timespan: 0,
          c_dynamic: 'text',
        },
      ],
      { receivedAt: 1_800_000_001_000 },
    );
    await roundTrip({
      c_string: 'x'.repeat(100_000),
      c_int: 2147483647,
      c_long: '-9007199254740991',
      c_real: 'nan',
      c_decimal: null,
      c_bool: true,
      c_datetime: '9999-12-31 23:59:59.9999999',
      c_timespan: '0',
      c_guid: null,
      c_dynamic: '"text"',
    });
  });

  it('gives what is left out: null, empty text, and the defaults of the standard columns', async () => {
    await store.ensureTable(tableSchema('Defaults_CL', [column('s', 'string'), column('n', 'int')]));
    await store.insert('Defaults_CL', [{ TimeGenerated: at }, { n: 3, s: 'x' }, { TimeGenerated: at, n: null }], {
      receivedAt: Date.parse('2026-05-06T07:08:09.123Z'),
    });
    const { rows } = await store.query(
      'SELECT s, n, TimeGenerated, _TimeReceived, Type, TenantId FROM Defaults_CL ORDER BY n',
    );
    const received = '2026-05-06 07:08:09.1230000';
    const tenant = await store.workspaceId();
    expect(tenant).toMatch(/^[0-9a-f-]{36}$/);
    const time = '2026-03-04 09:12:31.1234567';
    expect(rows).toEqual([
      ['x', 3, received, received, 'Defaults_CL', tenant],
      ['', null, time, received, 'Defaults_CL', tenant],
      ['', null, time, received, 'Defaults_CL', tenant],
    ]);
    const ids = await store.query('SELECT uniqExact(_ItemId), min(length(_ItemId)) FROM Defaults_CL');
    expect(ids.rows).toEqual([['3', '36']]);
  });

  it.each<[KqlType, Value]>([
    ['int', 2147483648],
    ['int', 1.5],
    ['int', 'x'],
    ['int', ''],
    ['int', true],
    ['int', [5]],
    ['long', ''],
    ['real', ''],
    ['long', 2 ** 53],
    ['long', '9223372036854775808'],
    ['real', 'x'],
    ['bool', 'true'],
    ['datetime', '2026-02-29T00:00:00Z'],
    ['datetime', '2026-02-28T00:00:00'],
    ['datetime', 1700000000],
    ['guid', 'x'],
    ['decimal', '1e5'],
  ])('refuses a value that its column cannot hold: %s %s', async (type, value) => {
    await expect(store.insert('Types_CL', [{ TimeGenerated: at, [`c_${type}`]: value }])).rejects.toThrow(/ENG5006/);
  });

  it('loads rows of ten years in any order, as one part a month', async () => {
    await store.ensureTable(tableSchema('Decade_CL', [column('n', 'int')]));
    const start = Date.parse('2016-01-01T00:00:00Z');
    const rows = Array.from({ length: 7_300 }, (_, i) => {
      const day = (i * 1_861) % 3_650;
      return { TimeGenerated: new Date(start + day * 86_400_000 + i).toISOString(), n: i };
    });
    await store.insert('Decade_CL', rows);
    const { rows: answer } = await store.query(
      'SELECT count(), uniqExact(toDate32(TimeGenerated)), sum(n), uniqExact(_part) FROM Decade_CL',
    );
    expect(answer).toEqual([['7300', '3650', String((7_300 * 7_299) / 2), '120']]);
  });

  it('stores a batch once, however often it is sent under one token', async () => {
    await store.ensureTable(tableSchema('Once_CL', [column('n', 'int')]));
    const rows = Array.from({ length: 300 }, (_, i) => ({
      TimeGenerated: new Date(Date.parse('2026-01-01T00:00:00Z') + i * 43_200_000).toISOString(),
      n: i,
    }));
    await store.insert('Once_CL', rows, { token: 'batch-1' });
    await store.insert('Once_CL', rows, { token: 'batch-1' });
    expect((await store.query('SELECT count() FROM Once_CL')).rows).toEqual([['300']]);
    await store.insert('Once_CL', rows, { token: 'batch-2' });
    await store.insert('Once_CL', rows);
    await store.insert('Once_CL', rows);
    expect((await store.query('SELECT count() FROM Once_CL')).rows).toEqual([['1200']]);
  });
});
