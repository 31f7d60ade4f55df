import { fail, parseDatetime, parseTimespan } from '../../base/index.js';
import { call, type Expr, type Literal, type LiteralValue, literal, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { KqlType } from '../../tables/index.js';
import { type Context, Scope, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { ask } from '../facts.js';
import { extend, filter, freshName, passOn, project } from '../rel-helpers.js';
import { lowerRel } from '../relation.js';
import { lowerSubquery } from '../subquery.js';
import type { LowerOperator } from './index.js';
import { parametersOf, unite } from './union.js';

/** Runs operators within the rows of each value of a column; a copy of it tells the groups apart to the end. */
export const partition: LowerOperator = (node, input, cx) => {
  const operand = node.get('Operand');
  const key = lowerExpr(node.get('ByExpression'), withRow(cx, input.columns));
  const strategy = parametersOf(node).get('hint.strategy')?.text.toLowerCase() ?? 'legacy';
  if (operand.kind !== 'PartitionSubquery')
    return eachValue(node, input, key, cx, (_rows, inner) => lowerRel(operand.get('Query'), inner));
  const subquery = operand.get('Subquery');
  if (readsMore(subquery)) {
    if (strategy !== 'legacy')
      return unsupported(
        subquery,
        `hint.strategy=${strategy} works on the rows of the partition only`,
        'hint.strategy=legacy',
      );
    return eachValue(node, input, key, cx, (rows, inner) => lowerSubquery(subquery, rows, inner));
  }
  const per = { name: freshName('partition_id', input.columns, node.columns ?? []), type: key.type };
  const rows = extend(input, [{ name: per.name, expr: key }]);
  const outer = cx.per ?? [];
  const inner: Context = { ...cx, per: [...outer, per], scope: new Scope(cx.scope), steps: undefined };
  const result = lowerSubquery(subquery, rows, inner);
  return project(result, passOn(result.columns.filter((c) => c.name !== per.name)), node.span, true);
};

/** Operators that look at more than the rows of the partition, or name them: these run once for each value. */
const reading = new Set([
  'AsOperator',
  'EvaluateOperator',
  'InvokeOperator',
  'JoinOperator',
  'LookupOperator',
  'ReduceByOperator',
  'UnionOperator',
]);

function readsMore(subquery: Node): boolean {
  if (subquery.kind !== 'PipeExpression') return reading.has(subquery.kind);
  return reading.has(subquery.get('Operator').kind) || readsMore(subquery.get('Expression'));
}

const mostValues = 64;

/** One query for each value of the column, which it may name: the values are asked for first. */
function eachValue(node: Node, input: Rel, key: Expr, cx: Context, query: (rows: Rel, inner: Context) => Rel): Rel {
  if (cx.per?.length) return unsupported(node, 'such a partition within groups is not supported');
  if (key.type === 'dynamic') return unsupported(node, 'a partition by a dynamic is not supported', 'tostring()');
  const source: Rel = input.kind === 'Shared' ? input : { kind: 'Shared', name: 'rows', input, columns: input.columns };
  const texts: Rel = {
    kind: 'Aggregate',
    input: source,
    keys: [
      { name: 'value', expr: key.type === 'string' ? key : call('tostring', 'string', [key]) },
      { name: 'empty', expr: call('isnull', 'bool', [key]) },
    ],
    calls: [],
    columns: [
      { name: 'value', type: 'string' },
      { name: 'empty', type: 'bool' },
    ],
  };
  const values = ask(cx, texts).map(([text, isNull]) =>
    literal(key.type, isNull ? null : read(String(text), key.type)),
  );
  if (values.length > mostValues)
    fail(
      'KQL1002',
      `the column of the partition has ${values.length} values; without a strategy it takes ${mostValues}`,
      {
        span: node.span,
        hint: 'hint.strategy=native',
      },
    );
  values.sort((a, b) => (String(a.value) < String(b.value) ? -1 : 1));
  const name = node.get('ByExpression').name;
  const legs = (values.length ? values : [literal(key.type, null)]).map((value) => {
    const scope = new Scope(cx.scope);
    scope.set(name, { kind: 'scalar', get: () => value });
    const rows = filter(source, values.length ? equals(key, value) : literal('bool', false));
    const rel = query(rows, { ...cx, row: undefined, scope, steps: undefined });
    return { name, rel: values.length ? rel : filter(rel, literal('bool', false)) };
  });
  return legs.length === 1 ? legs[0]!.rel : unite(legs, undefined, false, node);
}

const equals = (key: Expr, value: Literal): Expr =>
  value.value === null ? call('isnull', 'bool', [key]) : call('==', 'bool', [key, value]);

/** A value from the text that tostring() makes of it. */
function read(text: string, type: KqlType): LiteralValue {
  switch (type) {
    case 'int':
    case 'long':
      return BigInt(text);
    case 'real':
      return Number(text);
    case 'bool':
      return text.toLowerCase() === 'true';
    case 'datetime':
      return parseDatetime(text) ?? null;
    case 'timespan':
      return parseTimespan(text) ?? null;
    default:
      return text;
  }
}
