import { fail } from '../../base/index.js';
import { column, type Expr, type Join, type JoinKind, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, findColumn, unsupported } from '../context.js';
import { lowerExpr } from '../expression.js';
import { lowerRel } from '../relation.js';
import type { LowerOperator } from './index.js';
import { parametersOf } from './union.js';

const kinds: Record<string, JoinKind> = {
  innerunique: 'innerunique',
  inner: 'inner',
  left: 'leftouter',
  leftouter: 'leftouter',
  right: 'rightouter',
  rightouter: 'rightouter',
  full: 'fullouter',
  fullouter: 'fullouter',
  outer: 'fullouter',
  semi: 'leftsemi',
  leftsemi: 'leftsemi',
  rightsemi: 'rightsemi',
  anti: 'leftanti',
  leftanti: 'leftanti',
  leftantisemi: 'leftanti',
  rightanti: 'rightanti',
  rightantisemi: 'rightanti',
};

export interface JoinKey {
  readonly left: Expr;
  readonly right: Expr;
}

export const join: LowerOperator = (node, input, cx) => {
  const right = rightSide(node, cx);
  const kindText = parametersOf(node).get('kind')?.text.toLowerCase();
  const joinKind = kinds[kindText ?? 'innerunique'];
  if (!joinKind) return unsupported(node, `join kind=${kindText} is not known`);
  const keys = joinKeys(node, input, right, cx);
  return { ...joinOf(joinKind, input, right, keys), span: node.span };
};

export function rightSide(node: Node, cx: Context): Rel {
  const { per: _, ...outside } = cx;
  return lowerRel(node.get('Expression'), { ...outside, row: undefined });
}

/** The result columns of a join: left, then right; a right name that is taken gets the next free number. */
export function joinOf(joinKind: JoinKind, left: Rel, right: Rel, keys: readonly JoinKey[]): Join {
  const sides = {
    left: joinKind !== 'rightsemi' && joinKind !== 'rightanti',
    right: joinKind !== 'leftsemi' && joinKind !== 'leftanti',
  };
  const columns: Column[] = [];
  const output: { side: 'left' | 'right'; column: string }[] = [];
  const add = (side: 'left' | 'right', c: Column) => {
    let name = c.name;
    // Numbering goes on where the name itself leaves off: a second TimeGenerated1 becomes TimeGenerated2.
    for (let n = 1; columns.some((o) => o.name === name); n++) name = `${c.name}${n}`;
    columns.push({ ...c, name });
    output.push({ side, column: c.name });
  };
  if (sides.left) for (const c of left.columns) add('left', c);
  if (sides.right) for (const c of right.columns) add('right', c);
  return { kind: 'Join', joinKind, left, right, keys, columns, output };
}

/** Conditions of `on`: bare names are columns of both sides, the rest equalities of `$left` and `$right`. */
export function joinKeys(node: Node, left: Rel, right: Rel, cx: Context): JoinKey[] {
  const clause = node.child('ConditionClause') ?? node.child('LookupClause');
  if (!clause) return unsupported(node, 'a join without conditions is not supported');
  const conditions = clause.list('Expressions');
  if (conditions.length === 0) return unsupported(clause, 'the join has no condition');
  return conditions.flatMap((c) => keysOf(c, left, right, cx));
}

function keysOf(node: Node, left: Rel, right: Rel, cx: Context): JoinKey[] {
  if (node.kind === 'ParenthesizedExpression') return keysOf(node.get('Expression'), left, right, cx);
  if (node.kind === 'AndExpression') {
    return [...keysOf(node.get('Left'), left, right, cx), ...keysOf(node.get('Right'), left, right, cx)];
  }
  if (node.kind === 'NameReference') {
    const [l, r] = [findColumn(left.columns, node.name), findColumn(right.columns, node.name)];
    if (!l || !r) {
      fail('KQL1001', `the ${l ? 'right' : 'left'} side of the join has no column '${node.name}'`, { span: node.span });
    }
    return [matched({ left: column(l, node.span), right: column(r, node.span) }, node)];
  }
  if (node.kind !== 'EqualExpression') return unsupported(node, 'a join compares for equality only');
  const row = { ...cx, row: { columns: [], left: left.columns, right: right.columns } };
  const [a, b] = [node.get('Left'), node.get('Right')];
  const aIsRight = /^\s*\$right\b/.test(a.text);
  const one = lowerExpr(a, row);
  const other = lowerExpr(b, row);
  return [matched(aIsRight ? { left: other, right: one } : { left: one, right: other }, node)];
}

const numeric = new Set(['int', 'long', 'real', 'decimal']);

function matched(key: JoinKey, node: Node): JoinKey {
  const { left, right } = key;
  if (left.type !== right.type && !(numeric.has(left.type) && numeric.has(right.type))) {
    if (left.type === 'dynamic' || right.type === 'dynamic') {
      return unsupported(node, `a join key cannot be dynamic on one side only`, 'convert it with tostring()');
    }
    fail('KQL1002', `the join compares a ${left.type} with a ${right.type}`, { span: node.span });
  }
  return key;
}
