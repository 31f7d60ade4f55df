import { fail } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Context, unsupported } from './context.js';
import { callTabularFunction } from './functions.js';
import { operators } from './operators/index.js';
import { callPattern } from './patterns.js';
import { refusedOperators, refusedTables } from './refused.js';
import { scanTable } from './scan.js';
import { isOperator, sources } from './sources.js';

/** Lowers a tabular expression. */
export function lowerRel(node: Node, cx: Context): Rel {
  const source = sources[node.kind];
  if (source) return source(node, cx);
  switch (node.kind) {
    case 'PipeExpression':
      return pipe(node, cx);
    case 'ParenthesizedExpression':
      return lowerRel(node.get('Expression'), cx);
    case 'NameReference':
      return named(node, node.name, cx);
    case 'FunctionCallExpression':
      return called(node, cx);
    case 'PathExpression': {
      const rel = callPattern(node.get('Expression'), node.get('Selector'), cx);
      if (rel) return rel;
      break;
    }
    case 'MaterializeExpression':
    case 'ToTableExpression': {
      const input = lowerRel(node.get('Expression'), cx);
      return input.kind === 'Shared'
        ? input
        : { kind: 'Shared', name: 'materialized', input, columns: input.columns, span: node.span };
    }
  }
  const refusal = refusedTables[node.kind] ?? refusedOperators[node.kind];
  const name = node.kind.endsWith('Operator') ? operatorName(node) : /^\w+/.exec(node.text)?.[0];
  fail('KQL4001', `${name} is not supported${refusal ? `: ${refusal.reason}` : ` here (${node.kind})`}`, {
    span: node.span,
    hint: refusal?.instead,
  });
}

/** Applies one operator to the rows that reach it. */
export function lowerOperator(node: Node, input: Rel, cx: Context): Rel {
  const operator = operators[node.kind];
  if (!operator) {
    const refusal = refusedOperators[node.kind];
    const why = refusal ? `: ${refusal.reason}` : '';
    fail('KQL4001', `the operator ${operatorName(node)} is not supported${why}`, {
      span: node.span,
      hint: refusal?.instead,
    });
  }
  const rel = operator(node, input, cx);
  const spanned = rel.span || rel === input ? rel : { ...rel, span: node.span };
  if (cx.steps) record(node, spanned, input, cx);
  return spanned;
}

function record(node: Node, rel: Rel, input: Rel, cx: Context): void {
  const operator = operatorName(node);
  const right = node.kind === 'JoinOperator' || node.kind === 'LookupOperator' ? node.get('Expression') : undefined;
  const base = `${operator}:${(right ? sourceName(right, cx) : cx.source) ?? 'query'}`;
  const before = cx.session.steps.filter((s) => s.id === base || s.id.startsWith(`${base}:`)).length;
  cx.session.steps.push({ id: before ? `${base}:${before + 1}` : base, operator, span: node.span, rel, input });
}

/** The leftmost table or function that a relation reads; lets are looked through. */
export function sourceName(node: Node, cx: Context): string | undefined {
  switch (node.kind) {
    case 'PipeExpression':
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
      return sourceName(node.get('Expression'), cx);
    case 'NameReference': {
      const binding = cx.scope.find(node.name);
      return binding?.kind === 'rel' ? binding.source : node.name;
    }
    case 'FunctionCallExpression':
      return node.get('Name').name;
    case 'UnionOperator': {
      const first = node.list('Expressions')[0];
      return first && sourceName(first, cx);
    }
    default:
      return /^[a-z]+/i.exec(node.text)?.[0];
  }
}

/** The operator as people write it: `mv-expand`, `where`. */
export const operatorName = (node: Node): string => /^[a-z]+(-[a-z]+)*/i.exec(node.text)?.[0] ?? node.kind;

function pipe(node: Node, cx: Context): Rel {
  // A long pipeline nests to the left; walking it in a loop keeps the stack flat.
  const stages: Node[] = [];
  let head = node;
  while (head.kind === 'PipeExpression') {
    stages.push(head.get('Operator'));
    head = head.get('Expression');
  }
  let rel = lowerRel(head, cx);
  // `table(name)` says which table only now.
  const inner: Context = { ...cx, source: rel.kind === 'Scan' ? rel.table : sourceName(head, cx) };
  for (const stage of stages.reverse()) rel = lowerOperator(stage, rel, inner);
  return rel;
}

function named(node: Node, name: string, cx: Context): Rel {
  const binding = cx.scope.find(name);
  if (binding?.kind === 'rel') return binding.get();
  if (binding?.kind === 'function') return callTabularFunction(node, name, cx)!;
  if (binding) return fail('KQL1002', `'${name}' is a value, not a table`, { span: node.span });
  const stored = callTabularFunction(node, name, cx);
  if (stored) return stored;
  // A function without arguments may be called without parentheses.
  return name === '_GetWatchlistAlias' ? sources[name]!(node, cx) : scanTable(node, name, cx);
}

function called(node: Node, cx: Context): Rel {
  const name = node.get('Name').name;
  if (isOperator(name)) return sources[name]!(node, cx);
  const rel = callPattern(node, undefined, cx) ?? callTabularFunction(node, name, cx);
  if (rel) return rel;
  if (!node.get('Name').reference) return fail('KQL1001', `there is no function '${name}'`, { span: node.span });
  return unsupported(node, `the tabular function ${name} is not supported`);
}
