import {
  type Column,
  type KqlType,
  kqlTypes,
  type Row,
  type TableSchema,
  tableSchema,
  type Value,
} from '../../tables/index.js';
import { hostileName, hostileText } from './hostile.js';
import { Random } from './random.js';

/** A table with a row's number in `Id`, and columns of every type under hostile names. */
export interface FuzzTable {
  readonly schema: TableSchema;
  /** The columns that queries use: without those that every table has, TimeGenerated excepted. */
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

let made: readonly FuzzTable[] | undefined;

/** The tables of all queries: the same at every call. */
export function fuzzTables(): readonly FuzzTable[] {
  made ??= makeTables();
  return made;
}

function makeTables(): readonly FuzzTable[] {
  const r = new Random(20260304);
  return ['Alpha_CL', 'Beta_CL', 'Gamma_CL'].map((name, t): FuzzTable => {
    const types: KqlType[] =
      t === 2 ? ['string', 'long', 'datetime', 'dynamic'] : [...kqlTypes, 'string', 'string', 'dynamic', 'long'];
    const columns: Column[] = [
      { name: 'Id', type: 'long' },
      { name: 'Key', type: 'string' },
      ...types.map((type, i): Column => ({ name: reservedNames[t]?.[i] ?? hostileName(r, 100 * t + i), type })),
    ];
    const rows = r.times([14, 9, 0][t]!, (i): Row => {
      const row: Row = { TimeGenerated: `2026-03-04T${String(i % 24).padStart(2, '0')}:15:00.1234567Z` };
      for (const c of columns) row[c.name] = c.name === 'Id' ? i : c.name === 'Key' ? `k${i % 4}` : cellFor(c.type, r);
      return row;
    });
    return {
      schema: tableSchema(name, columns),
      columns: [{ name: 'TimeGenerated', type: 'datetime' }, ...columns],
      rows,
    };
  });
}

/** Words of KQL and of SQL, and names of the compiler's own, as names of columns. */
const reservedNames: readonly (readonly string[])[] = [
  ['select', 'where', 'number', 't1'],
  ['from', 'v', 'Type_s', 'arg_0', 'value', 'list_0'],
];

/** Reals are multiples of an eighth: sums are exact in any order. */
export function cellFor(type: KqlType, r: Random): Value {
  if (r.chance(0.15)) return type === 'string' ? '' : null;
  switch (type) {
    case 'string':
      return hostileText(r);
    case 'int':
      return r.pick([0, 1, -1, 7, 42, 2147483647, -2147483648]);
    case 'long':
      return r.pick([
        0n,
        1n,
        -3n,
        5n,
        100n,
        4294967296n,
        9007199254740993n,
        9223372036854775807n,
        -9223372036854775807n,
      ]);
    case 'real':
      return r.pick([0, 0.5, -1.25, 3, 1024.125, -7, 65536]);
    case 'decimal':
      return r.pick(['0', '1.5', '-2.25', '1000', '12345.678']);
    case 'bool':
      return r.chance(0.5);
    case 'datetime':
      return r.pick([
        '2024-02-29T23:59:59.9999999Z',
        '2026-03-04T05:06:07Z',
        '1970-01-01T00:00:00Z',
        '1999-12-31T12:00:00.5Z',
      ]);
    case 'timespan':
      return r.pick([0n, 1n, 36000000000n, -864000000000n, 123456789n]);
    case 'guid':
      return r.pick(['74be27de-1e4e-49d9-b579-fe0b331d3642', '00000000-0000-0000-0000-000000000000']);
    case 'dynamic':
      return dynamicValue(r, 2);
  }
}

export function dynamicValue(r: Random, depth: number): Value {
  const inner = () => dynamicValue(r, depth - 1) ?? null;
  if (depth > 0 && r.chance(0.6)) {
    if (r.chance(0.5)) return r.times(r.int(0, 3), inner);
    return Object.fromEntries(r.times(r.int(0, 3), (i) => [r.pick(['a', 'b', 'c', hostileName(r, 900 + i)]), inner()]));
  }
  return r.pick<() => Value>([
    () => r.int(-3, 9),
    () => r.int(0, 9) / 4,
    () => hostileText(r),
    () => r.chance(0.5),
    () => null,
    () => '2024-02-29T00:00:00Z',
  ])();
}
