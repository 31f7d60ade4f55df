import { number, type Sql, sql } from '../../sql/index.js';
import { datetimeOf, ticksOf, typed } from '../dynamic-sql.js';
import { type Arg, type EmitContext, windowFunction } from '../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** A value that can be NULL, or an empty string: what stands where there is no row. */
const nullable = (x: Arg): Sql => (x.type === 'string' ? x.sql : sql`toNullable(${x.sql})`);

/** The value some rows away, in a frame that ends or begins with the current row. */
function neighbour(f: Sql, [x, offset, otherwise]: readonly Arg[], over: Sql, cx: EmitContext): Sql {
  const away = offset ? offset.literal : 1n;
  if (typeof away !== 'bigint' || away < 0n) return cx.refuse('the offset must be a literal that is not negative');
  if (!otherwise) return sql`${f}(${nullable(x!)}, ${number(away)}) OVER ${over}`;
  if (otherwise.type !== x!.type && otherwise.literal !== null)
    return cx.refuse(`the default is a ${otherwise.type} where the column is a ${x!.type}`);
  return sql`${f}(${nullable(x!)}, ${number(away)}, ${nullable(otherwise)}) OVER ${over}`;
}

const rows = 'datatable(g:string, v:long)["a",10, "a",20, "b",5] | sort by g asc, v asc';

export const rowFunctions = [
  windowFunction({
    name: 'prev',
    docs: docs('prev'),
    emit: (args, over, cx) => neighbour(sql`lagInFrame`, args, over, cx),
    examples: [
      [
        `${rows} | extend p = prev(v) | project v, p`,
        [
          [10, null],
          [20, 10],
          [5, 20],
        ],
      ],
      [`${rows} | extend p = prev(g, 1, "none") | project p`, [['none'], ['a'], ['a']]],
      [`${rows} | where prev(v, 2) == 10 | project v`, [[5]]],
    ],
  }),
  windowFunction({
    name: 'next',
    frame: 'following',
    docs: docs('next'),
    emit: (args, over, cx) => neighbour(sql`leadInFrame`, args, over, cx),
    examples: [
      [
        `${rows} | extend n = next(v) | project v, n`,
        [
          [10, 20],
          [20, 5],
          [5, null],
        ],
      ],
    ],
  }),
  windowFunction({
    name: 'row_number',
    nulls: 'never',
    docs: docs('row_number'),
    emit: ([start], over) =>
      start ? sql`toInt64(row_number() OVER ${over}) + ${start.sql} - 1` : sql`toInt64(row_number() OVER ${over})`,
    examples: [
      [`${rows} | extend n = row_number(7) | project n`, [[7], [8], [9]]],
      [
        `${rows} | extend n = row_number(1, g != prev(g)) | project g, n`,
        [
          ['a', 1],
          ['a', 2],
          ['b', 1],
        ],
      ],
    ],
  }),
  windowFunction({
    name: 'row_cumsum',
    nulls: 'never',
    docs: docs('row_cumsum'),
    emit: ([x], over, cx) => {
      const term = x!.nullable ? sql`ifNull(${x!.sql}, ${cx.type === 'real' ? sql`0.` : sql`0`})` : x!.sql;
      const sum = sql`sum(${term}) OVER ${over}`;
      return typed(sum, cx);
    },
    examples: [
      [`${rows} | extend s = row_cumsum(v) | project s`, [[10], [30], [35]]],
      [`${rows} | extend s = row_cumsum(v, g != prev(g)) | project s`, [[10], [30], [5]]],
    ],
  }),
  // row_rank is the older name.
  ...['row_rank_dense', 'row_rank'].map((name) =>
    windowFunction({
      name,
      nulls: 'never',
      docs: docs('row_rank_dense'),
      trap: 'Its argument is the row_changed() of the term. Ranks count changes from row to row, whatever the order.',
      emit: ([changed], over) =>
        sql`toInt64(sum(${changed!.sql}) OVER ${over} - first_value(${changed!.sql}) OVER ${over} + 1)`,
      examples: [[`${rows} | extend r = ${name}(g) | project r`, [[1], [1], [2]]]],
    }),
  ),
  windowFunction({
    name: 'row_rank_min',
    nulls: 'never',
    docs: docs('row_rank_min'),
    trap: 'Its arguments are the row_changed() of the term and the row_number().',
    emit: ([changed, place], over) => sql`max(if(${changed!.sql} = 1, ${place!.sql}, toInt64(1))) OVER ${over}`,
    examples: [[`${rows} | extend r = row_rank_min(g) | project r`, [[1], [1], [3]]]],
  }),
  windowFunction({
    name: 'row_changed',
    nulls: 'never',
    trap: 'Not Kusto’s: 1 where a value differs from that of the row before, nulls being equal.',
    emit: ([x], over) =>
      sql`toInt64(row_number() OVER ${over} = 1 OR NOT (${nullable(x!)} <=> (lagInFrame(${nullable(x!)}) OVER ${over})))`,
  }),
  windowFunction({
    name: 'row_segment',
    nulls: 'never',
    trap: 'Not Kusto’s: how many rows up to this one asked for a restart.',
    emit: ([restart], over) =>
      sql`toInt64(sum(${restart!.nullable ? sql`ifNull(${restart!.sql}, false)` : restart!.sql}) OVER ${over})`,
  }),
  windowFunction({
    name: 'row_gap',
    nulls: 'never',
    trap: 'Not Kusto’s: whether a session ends before this row: a null here or before, or a distance of at least `gap`.',
    emit: ([x, gap], over) => {
      const t = sql`toNullable(${ticksOf(x!.sql)})`;
      return sql`ifNull(${t} - (lagInFrame(${t}) OVER ${over}) >= ${gap!.sql}, true)`;
    },
  }),
  windowFunction({
    name: 'row_window_session',
    docs: docs('row_window_session'),
    trap: 'Within rows that no gap parts, a session also ends at a distance from its own first row, so it is folded.',
    emit: ([x, length], over, cx) => {
      if (x!.type !== 'datetime') return cx.refuse(`a ${x!.type} has no sessions`);
      const ticks = sql`groupArray(${ticksOf(x!.sql)}) OVER ${over}`;
      const start = sql`arrayFold((start, t) -> if(t - start >= ${length!.sql}, t, start), ${ticks}, (${ticks})[1])`;
      return sql`if(isNull(${x!.sql}), NULL, ${datetimeOf(start)})`;
    },
    examples: [
      [
        'range t from datetime(2024-01-01) to datetime(2024-01-01 00:40) step 10m | sort by t asc | extend s = row_window_session(t, 25m, 15m) | project m = datetime_part("minute", s)',
        [[0], [0], [0], [30], [30]],
      ],
      [
        'datatable(t:datetime)[datetime(2024-01-01), datetime(2024-01-01 00:20), datetime(2024-01-01 00:24)] | sort by t asc | extend s = row_window_session(t, 1h, 5m) | project m = datetime_part("minute", s)',
        [[0], [20], [20]],
      ],
    ],
  }),
  windowFunction({
    name: 'row_id',
    nulls: 'never',
    trap: 'Not Kusto’s: a number that no other row has.',
    emit: () => sql`toInt64(rowNumberInAllBlocks())`,
  }),
];
