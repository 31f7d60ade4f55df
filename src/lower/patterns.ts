import { fail } from '../base/index.js';
import { type Expr, literalValue, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Context, Scope, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { lowerStatements } from './statements.js';

/** The body of the first case of a pattern that its arguments and path equal: `country("Canada").Alberta`. */
export function callPattern(call: Node, path: Node | undefined, cx: Context): Rel | undefined {
  const binding = cx.scope.find(call.child('Name')?.name ?? '');
  if (binding?.kind !== 'pattern') return undefined;
  const declared = binding.declaration.child('Pattern');
  if (!declared) return unsupported(call, 'the pattern has no cases: the application resolves it', 'declare its cases');
  const given = [
    ...call
      .get('ArgumentList')
      .list('Expressions')
      .map((a) => constant(a, cx)),
    ...(path ? [path.kind === 'NameReference' ? path.name : constant(path.child('Expression') ?? path, cx)] : []),
  ];
  const found = declared.list('Patterns').find((match) => {
    const own = match
      .get('ParameterValues')
      .list('Expressions')
      .map((v) => constant(v, cx));
    const value = match.child('PathValue')?.child('Value');
    const all = value ? [...own, constant(value, cx)] : own;
    return all.length === given.length && all.every((v, i) => v === given[i]);
  });
  if (!found) return fail('KQL1002', 'no case of the pattern has these arguments', { span: call.span });
  const inner: Context = { ...cx, scope: new Scope(binding.scope), steps: undefined, row: undefined };
  const body: Expr | Rel = lowerStatements(found.get('Body'), inner);
  return 'columns' in body ? body : unsupported(call, 'a pattern whose case is a value is not supported');
}

function constant(node: Node, cx: Context): unknown {
  const value = literalValue(lowerExpr(node, { ...cx, row: undefined }));
  return value === undefined ? unsupported(node, 'a pattern wants literals') : value;
}
