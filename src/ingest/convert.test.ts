import { describe, expect, test } from 'vitest';
import { type Row, tableSchema } from '../tables/index.js';
import { depthOver, RowConverter } from './convert.js';

const schema = tableSchema('T', [
  { name: 'S', type: 'string' },
  { name: 'I', type: 'int' },
  { name: 'L', type: 'long' },
  { name: 'R', type: 'real' },
  { name: 'B', type: 'bool' },
  { name: 'T1', type: 'datetime' },
  { name: 'Span', type: 'timespan' },
  { name: 'G', type: 'guid' },
  { name: 'D', type: 'dynamic' },
]);
const received = Date.UTC(2026, 2, 4);
const converted = (row: Row) => new RowConverter(schema).convert(row, received, () => {});

describe('a value that is not of the column type becomes null, never a failed batch', () => {
  test.each([
    ['S', 28704, '28704'],
    ['S', { a: 1 }, '{"a":1}'],
    ['I', '443', 443],
    ['I', ' 443 ', 443],
    ['I', '3.0', 3],
    ['I', '2147483648', undefined],
    ['I', 'abc', undefined],
    ['I', '0x1F', undefined],
    ['I', '', undefined],
    ['L', '9223372036854775807', '9223372036854775807'],
    ['L', '9223372036854775808', undefined],
    ['L', '-9223372036854775808', '-9223372036854775808'],
    ['L', 1e300, undefined],
    ['R', '1.5e3', 1500],
    ['R', '-Infinity', -Infinity],
    ['R', 'fast', undefined],
    ['B', 'True', true],
    ['B', 0, false],
    ['B', 'yes', undefined],
    ['T1', '3/30/2022, 10:52:35.857 AM', '2022-03-30T10:52:35.857Z'],
    ['T1', 'yesterday', undefined],
    ['Span', '-1.02:03:04.5', -(((26n * 60n + 3n) * 60n + 4n) * 10_000_000n + 5_000_000n)],
    ['G', '{54849625-5478-4994-A5BA-3E3B0328C30D}', '54849625-5478-4994-a5ba-3e3b0328c30d'],
    ['G', 'none', undefined],
    ['D', '{"a":[1]}', { a: [1] }],
    ['D', '{broken', '{broken'],
    ['D', 'text', 'text'],
  ] as const)('%s %j', (column, value, expected) => {
    expect(converted({ [column]: value } as Row)[column]).toStrictEqual(expected);
  });
});

test('a missing or unreadable TimeGenerated is the time of reception', () => {
  expect(converted({}).TimeGenerated).toBe('2026-03-04T00:00:00Z');
  expect(converted({ TimeGenerated: 'soon' }).TimeGenerated).toBe('2026-03-04T00:00:00Z');
});

describe('unknown columns', () => {
  const seen = (row: Row, extra: 'AdditionalExtensions' | 'AdditionalFields' | undefined) => {
    const columns = extra
      ? [{ name: extra, type: extra === 'AdditionalFields' ? ('dynamic' as const) : ('string' as const) }]
      : [];
    const names: string[] = [];
    const out = new RowConverter(tableSchema('U', columns)).convert(row, received, (name) => names.push(name));
    return { out, names };
  };
  test('join AdditionalExtensions behind the pairs that are there', () => {
    const { out, names } = seen({ AdditionalExtensions: 'a=1', MG: 'g', Empty: '' }, 'AdditionalExtensions');
    expect(out.AdditionalExtensions).toBe('a=1;MG=g');
    expect(names).toEqual(['MG']);
  });
  test('join a dynamic AdditionalFields', () => {
    expect(seen({ AdditionalFields: '{"a":1}', X: 2 }, 'AdditionalFields').out.AdditionalFields).toEqual({
      a: 1,
      X: 2,
    });
  });
  test('a value that is not of its column type is kept beside them, its column null', () => {
    const { out, names } = seen({ TimeGenerated: 'soon', AdditionalFields: { a: 1 } }, 'AdditionalFields');
    expect(out).toEqual({
      TimeGenerated: '2026-03-04T00:00:00Z',
      Type: 'U',
      AdditionalFields: { a: 1, TimeGenerated: 'soon' },
    });
    expect(names).toEqual(['TimeGenerated']);
  });
  test('are reported and dropped where the table has no place for them', () => {
    const { out, names } = seen({ X: 2 }, undefined);
    expect(names).toEqual(['X']);
    expect(out).not.toHaveProperty('X');
  });
});

test('depth is measured without recursion', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(depthOver(deep, 100)).toBe(true);
  expect(depthOver([[1]], 2)).toBe(false);
});
