import { number, Sql, sql } from '../../sql/index.js';
import { type Arg, type EmitContext, type Example, scalar } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

const whole = (x: Arg, cx: EmitContext): Sql =>
  x.type === 'int' || x.type === 'long' ? sql`toInt64(${x.sql})` : cx.refuse(`a ${x.type} is no whole number`);

const binary = (name: string, engine: string, examples: readonly Example[]) =>
  scalar({
    name,
    docs: docs(name),
    emit: ([a, b], cx) => sql`${Sql.of(engine, true)}(${whole(a!, cx)}, ${whole(b!, cx)})`,
    examples,
  });

const shift = (name: string, engine: string, examples: readonly Example[]) =>
  scalar({
    name,
    nulls: 'possible',
    docs: docs(name),
    trap: 'By a negative number null; by 64 or more the remainder of 64 counts.',
    emit: ([x, by], cx) =>
      sql`if(${by!.sql} < 0, NULL, ${Sql.of(engine, true)}(${whole(x!, cx)}, positiveModulo(${whole(by!, cx)}, 64)))`,
    examples,
  });

/** Kusto's longest hexadecimal text. */
const maxHex = 16;

export const bitFunctions = [
  binary('binary_and', 'bitAnd', [['binary_and(12, 10)', 8]]),
  binary('binary_or', 'bitOr', [['binary_or(12, 10)', 14]]),
  binary('binary_xor', 'bitXor', [['binary_xor(12, 10)', 6]]),
  scalar({
    name: 'binary_not',
    docs: docs('binary_not'),
    emit: ([x], cx) => sql`bitNot(${whole(x!, cx)})`,
    examples: [['binary_not(100)', -101]],
  }),
  shift('binary_shift_left', 'bitShiftLeft', [
    ['binary_shift_left(1, 2)', 4],
    ['binary_shift_left(1, 65)', 2],
    ['binary_shift_left(1, -1)', null],
  ]),
  shift('binary_shift_right', 'bitShiftRight', [['binary_shift_right(8, 2)', 2]]),
  scalar({
    name: 'bitset_count_ones',
    docs: docs('bitset_count_ones'),
    emit: ([x], cx) => sql`toInt64(bitCount(${whole(x!, cx)}))`,
    examples: [['bitset_count_ones(42)', 3]],
  }),
  scalar({
    name: 'tohex',
    nulls: 'never',
    docs: docs('tohex'),
    trap: 'A negative number shows all the digits of its type.',
    emit: ([x, length], cx) => {
      whole(x!, cx);
      const digits = sql`replaceRegexpOne(lower(hex(${x!.sql})), '^0+(.)', '\\\\1')`;
      if (!length) return sql`ifNull(${digits}, '')`;
      const wanted = sql`greatest(length(${digits}), least(toUInt64(greatest(${length.sql}, 0)), ${number(maxHex)}))`;
      return sql`ifNull(leftPad(${digits}, ${wanted}, '0'), '')`;
    },
    examples: [
      ['tohex(256)', '100'],
      ['tohex(-256)', 'ffffffffffffff00'],
      ['tohex(toint(-256), 8)', 'ffffff00'],
      ['tohex(256, 8)', '00000100'],
      ['tohex(256, 2)', '100'],
      ['tohex(0)', '0'],
    ],
  }),
];
