import {
  call,
  column,
  columnsRead,
  type Expr,
  literal,
  type NamedExpr,
  type ScanStep,
  type Steps,
} from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import type { LowerOperator } from './index.js';

/** Matches the ordered rows against steps, each of which remembers the rows that its sequence has matched. */
export const scan: LowerOperator = (node, input, cx) => {
  const declared = (node.child('DeclareClause')?.list('Declarations') ?? []).map((d) => {
    const nameAndType = d.get('NameAndType');
    const type = (nameAndType.type ?? nameAndType.get('Type').text.toLowerCase()) as KqlType;
    const value = d.child('DefaultValue')?.child('Value');
    const given = value && lowerExpr(value, { ...cx, row: undefined });
    const otherwise: Expr = given
      ? given.type === type
        ? given
        : call(`to${type}`, type, [given])
      : literal(type, type === 'string' ? '' : null);
    return { column: { name: nameAndType.get('Name').name, type } satisfies Column, otherwise };
  });
  const clash = declared.find((d) => input.columns.some((c) => c.name === d.column.name));
  if (clash)
    return unsupported(node, `scan declares '${clash.column.name}', which is a column already`, 'declare another name');
  const matchId = node
    .list('Parameters')
    .find((p) => p.get('Name').name.toLowerCase() === 'with_match_id')
    ?.get('Expression').name;
  const columns: Column[] = [
    ...input.columns,
    ...declared.map((d) => d.column),
    ...(matchId ? [{ name: matchId, type: 'long' as const }] : []),
  ];
  const nodes = node.list('Steps');
  const names = nodes.map((s) => s.get('Name').name);
  const steps = nodes.map((s, at): ScanStep => {
    const row: Context = {
      ...withRow(cx, [...input.columns, ...declared.map((d) => d.column)]),
      states: new Map(names.slice(0, at + 1).map((n, i) => [n, i])),
    };
    return {
      output: outputOf(s.child('ScanStepOutput') ?? s.child('Output')),
      condition: bool(s.get('Condition'), row),
      assignments: assignments(s.child('ComputationClause')?.list('Assignments') ?? [], row),
    };
  });
  const rel: Steps = {
    kind: 'Steps',
    input,
    declared,
    matchId,
    steps,
    per: (cx.per ?? []).map((p) => p.name),
    columns,
    span: node.span,
  };
  return rel;
};

function bool(node: Node, cx: Context): Expr {
  const condition = lowerExpr(node, cx);
  return condition.type === 'bool' ? condition : unsupported(node, `a step wants a bool, not a ${condition.type}`);
}

/** The order in which assignments of one step see each other is not documented, so none may read an earlier one. */
function assignments(nodes: readonly Node[], cx: Context): NamedExpr[] {
  const done = new Set<string>();
  return nodes.map((n) => {
    const name = n.get('Name').name;
    const value = lowerExpr(n.get('Expression'), cx);
    if ([...columnsRead([bare(value)])].some((c) => done.has(c)))
      return unsupported(n, 'an assignment that reads one of the same step is not supported', 'repeat its expression');
    done.add(name);
    const type = cx.row!.columns.find((c) => c.name === name)?.type ?? value.type;
    return { name, expr: value.type === type ? value : call(`to${type}`, type, [value]) };
  });
}

/** The expression without what it reads of states. */
const bare = (e: Expr): Expr =>
  e.kind !== 'Call' ? e : e.name === 'scan_state' ? literal(e.type, null) : { ...e, args: e.args.map(bare) };

function outputOf(clause: Node | undefined): ScanStep['output'] {
  const text = clause?.text.toLowerCase() ?? '';
  return text.endsWith('last') ? 'last' : text.endsWith('none') ? 'none' : 'all';
}

/** `s1.x` within a scan: the column in the row that last matched the step. */
export function stateOf(node: Node, step: number, cx: Context): Expr {
  const name = node.get('Selector').name;
  const found = cx.row?.columns.find((c) => c.name === name);
  if (!found) return unsupported(node, `a step has no column '${name}'`);
  return call('scan_state', found.type, [literal('long', BigInt(step)), column(found)], node.span);
}
