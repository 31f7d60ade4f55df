import { fail } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Context, unsupported } from './context.js';
import { callTabularFunction } from './functions.js';
import { operators } from './operators/index.js';
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
    case 'MaterializeExpression':
    case 'ToTableExpression': {
      const input = lowerRel(node.get('Expression'), cx);
      return input.kind === 'Shared'
        ? input
        : { kind: 'Shared', name: 'materialized', input, columns: input.columns, span: node.span };
    }
  }
  return fail('KQL4001', `${node.text.split(/\s/)[0]} is not supported here (${node.kind})`, { span: node.span });
}

/** Applies one operator to the rows that reach it. */
export function lowerOperator(node: Node, input: Rel, cx: Context): Rel {
  const operator = operators[node.kind];
  if (!operator) {
    fail('KQL4001', `the operator ${operatorName(node)} is not supported`, { span: node.span });
  }
  const rel = operator(node, input, cx);
  const spanned = rel.span || rel === input ? rel : { ...rel, span: node.span };
  if (cx.pipeline !== undefined) {
    const prefix = `${cx.pipeline || 'query'}/`;
    const number = cx.session.steps.filter((s) => s.id.startsWith(prefix)).length + 1;
    cx.session.steps.push({
      id: `${prefix}${number}-${operatorName(node)}`,
      operator: operatorName(node),
      span: node.span,
      rel: spanned,
      input,
    });
  }
  return spanned;
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
  for (const stage of stages.reverse()) rel = lowerOperator(stage, rel, cx);
  return rel;
}

function named(node: Node, name: string, cx: Context): Rel {
  const binding = cx.scope.find(name);
  if (binding?.kind === 'rel') return binding.get();
  if (binding?.kind === 'function') return callTabularFunction(node, name, cx)!;
  if (binding) return fail('KQL1002', `'${name}' is a value, not a table`, { span: node.span });
  const stored = callTabularFunction(node, name, cx);
  return stored ?? scanTable(node, name, cx);
}

function called(node: Node, cx: Context): Rel {
  const name = node.get('Name').name;
  if (isOperator(name)) return sources[name]!(node, cx);
  const rel = callTabularFunction(node, name, cx);
  if (rel) return rel;
  if (!node.get('Name').reference) return fail('KQL1001', `there is no function '${name}'`, { span: node.span });
  return unsupported(node, `the tabular function ${name} is not supported`);
}
