import { literalValue } from '../../ir/index.js';
import { joinSql, sql } from '../../sql/index.js';
import { decimalOf, dynamicText, toDynamic } from '../dynamic-sql.js';
import { type Arg, type EmitContext, scalar } from '../entry.js';

/** `dynamic("")` and `todynamic('')`, which authors write for no value where the others are numbers. */
function holdsNothing({ type, literal, expr }: Arg): boolean {
  const parsed =
    expr.kind === 'Call' && /^(parse_?json|todynamic|toobject)$/.test(expr.name) ? expr.args[0] : undefined;
  return type === 'dynamic' && (literal === '""' || (parsed !== undefined && literalValue(parsed) === ''));
}

/** Branches in the result type: a bare null or an untyped dynamic among typed ones follows the rest. */
function branch(arg: Arg, cx: EmitContext) {
  if (arg.type === cx.type) return arg.sql;
  if (cx.type === 'dynamic') return toDynamic(arg);
  if (cx.type === 'real') return sql`toFloat64(${arg.sql})`;
  if (cx.type === 'long' && arg.type === 'int') return sql`toInt64(${arg.sql})`;
  if (cx.type === 'string' && arg.type === 'dynamic') return dynamicText(arg.sql);
  if (arg.literal === null || holdsNothing(arg)) return sql`NULL`;
  if (cx.type === 'decimal' && arg.type === 'dynamic') return sql`toDecimal128OrNull(${dynamicText(arg.sql)}, 18)`;
  if (cx.type === 'decimal') return decimalOf(arg.sql, arg.type);
  return cx.refuse(`a ${arg.type} stands where the others are ${cx.type}`);
}

const condition = (arg: Arg) =>
  arg.type === 'dynamic'
    ? sql`${dynamicText(arg.sql)} = 'true'`
    : arg.nullable
      ? sql`ifNull(${arg.sql}, false)`
      : arg.sql;

const iff = (name: string) =>
  scalar({
    name,
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/iff-function',
    trap: 'A null condition takes the else branch.',
    emit: ([test, yes, no], cx) => sql`if(${condition(test!)}, ${branch(yes!, cx)}, ${branch(no!, cx)})`,
    examples: [
      [`${name}(1 == 1, "yes", "no")`, 'yes'],
      [`${name}(bool(null), 1, 2)`, 2],
      [`${name}(1 == 2, tolong(3), todynamic(''))`, null],
    ],
  });

export const logic = [
  scalar({
    name: 'and',
    emit: (args) =>
      joinSql(
        args.map((a) => (a.type === 'dynamic' ? condition(a) : a.sql)),
        ' AND ',
      ),
    examples: [['true and false', false]],
  }),
  scalar({
    name: 'or',
    emit: (args) =>
      joinSql(
        args.map((a) => (a.type === 'dynamic' ? condition(a) : a.sql)),
        ' OR ',
      ),
    examples: [['true or false', true]],
  }),
  scalar({
    name: 'not',
    docs: 'https://learn.microsoft.com/kusto/query/not-function',
    emit: ([x]) => sql`NOT ${x!.sql}`,
    examples: [
      ['not(false)', true],
      ['isnull(not(bool(null)))', true],
    ],
  }),
  iff('iff'),
  iff('iif'),
  scalar({
    name: 'case',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/case-function',
    emit: (args, cx) => {
      const pairs = args.slice(0, -1).map((a, i) => (i % 2 === 0 ? condition(a) : branch(a, cx)));
      return sql`multiIf(${joinSql([...pairs, branch(args.at(-1)!, cx)], ', ')})`;
    },
    examples: [['case(1 > 2, "a", 2 > 1, "b", "c")', 'b']],
  }),
  scalar({
    name: 'coalesce',
    nulls: 'possible',
    docs: 'https://learn.microsoft.com/kusto/query/coalesce-function',
    trap: 'For strings the first that is not empty: a string is never null. A dynamic value among strings becomes one.',
    emit: (args, cx) => {
      if (cx.type !== 'string')
        return sql`coalesce(${joinSql(
          args.map((a) => branch(a, cx)),
          ', ',
        )})`;
      const texts = args.map((a) => branch(a, cx));
      return sql`coalesce(${joinSql([...texts.map((t) => sql`nullIf(${t}, '')`), sql`''`], ', ')})`;
    },
    examples: [
      ['coalesce(int(null), 3)', 3],
      ['coalesce("", "b")', 'b'],
      ['coalesce("", dynamic("b"))', 'b'],
      ['coalesce(dynamic(null), "", "c")', 'c'],
      ['coalesce("", split("a/b", "/")[-1], "c")', 'b'],
    ],
  }),
  scalar({
    name: 'isnull',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/isnull-function',
    emit: ([x]) => (x!.type === 'string' || !x!.nullable ? sql`false` : sql`isNull(${x!.sql})`),
    examples: [
      ['isnull(int(null))', true],
      ['isnull("")', false],
    ],
  }),
  ...['isnotnull', 'notnull'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      emit: ([x]) => (x!.type === 'string' || !x!.nullable ? sql`true` : sql`isNotNull(${x!.sql})`),
      examples: [[`${name}(int(null))`, false]],
    }),
  ),
  scalar({
    name: 'isempty',
    nulls: 'never',
    docs: 'https://learn.microsoft.com/kusto/query/isempty-function',
    emit: ([x]) => empty(x!),
    examples: [
      ['isempty("")', true],
      ['isempty(int(null))', true],
      ['isempty(dynamic(""))', true],
    ],
  }),
  ...['isnotempty', 'notempty'].map((name) =>
    scalar({
      name,
      nulls: 'never',
      emit: ([x]) => (x!.type === 'string' ? sql`${x!.sql} != ''` : sql`NOT ${empty(x!)}`),
      examples: [[`${name}("a")`, true]],
    }),
  ),
];

function empty(x: Arg) {
  if (x.type === 'string') return sql`${x.sql} = ''`;
  if (x.type === 'dynamic') return sql`${dynamicText(x.sql)} = ''`;
  return x.nullable ? sql`isNull(${x.sql})` : sql`false`;
}
