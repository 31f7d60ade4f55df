import { DiagnosticError, fail } from '../base/index.js';
import { type Expr, literalValue, type Rel } from '../ir/index.js';
import type { Node, StoredFunction, StoredParameter } from '../kql/index.js';
import { type Binding, type Context, deeper, Scope, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { lowerRel } from './relation.js';
import { lowerStatements } from './statements.js';

/** Runs the body of a stored or let-declared function; undefined when the name is neither. */
export function callScalarFunction(node: Node, name: string, cx: Context): Expr | undefined {
  const target = resolve(node, name, cx);
  if (!target) return undefined;
  const body = lowerBody(node, target, cx);
  if (isRel(body)) return { kind: 'ScalarSubquery', type: body.columns[0]!.type, rel: body, span: node.span };
  return body;
}

export function callTabularFunction(node: Node, name: string, cx: Context, piped?: Rel): Rel | undefined {
  const target = resolve(node, name, cx);
  if (!target) return undefined;
  const body = lowerBody(node, target, cx, piped);
  if (!isRel(body)) return fail('KQL1002', `${name} gives a value, not a table`, { span: node.span });
  return body;
}

const isRel = (body: Expr | Rel): body is Rel => 'columns' in body;

type Target =
  | { readonly kind: 'let'; readonly declaration: Node; readonly scope: Scope }
  | { readonly kind: 'stored'; readonly stored: StoredFunction };

function resolve(node: Node, name: string, cx: Context): Target | undefined {
  const binding = cx.scope.find(name);
  if (binding)
    return binding.kind === 'function'
      ? { kind: 'let', declaration: binding.declaration, scope: binding.scope }
      : undefined;
  const bound = cx.session.binder.function(name);
  if (!bound) return undefined;
  const error = bound.bound.diagnostics.find((d) => d.severity === 'error');
  if (error && !bound.stored.parameters.some((p) => p.type.startsWith('('))) {
    fail(error.code, `function ${name}: ${error.message}`, { span: node.span });
  }
  cx.session.functions.add(name);
  return { kind: 'stored', stored: bound.stored };
}

function lowerBody(node: Node, target: Target, cx: Context, piped?: Rel): Expr | Rel {
  const inner = deeper(cx, node);
  if (target.kind === 'let') return letBody(node, target, inner, piped);
  try {
    return storedBody(node, target.stored, inner, piped);
  } catch (error) {
    throw error instanceof DiagnosticError ? inSource(error, target.stored, node) : error;
  }
}

/** Scalar arguments that are literal texts. */
function textArguments(stored: StoredFunction, scope: Scope): Map<string, string> {
  const texts = new Map<string, string>();
  for (const p of stored.parameters) {
    const binding = scope.find(p.name);
    const value = binding?.kind === 'scalar' ? literalValue(binding.get()) : undefined;
    if (typeof value === 'string' && p.type === 'string') texts.set(p.name, value);
  }
  return texts;
}

/** Spans found inside a stored body point into that body's own file. */
function inSource(error: DiagnosticError, stored: StoredFunction, node: Node): DiagnosticError {
  return new DiagnosticError(
    error.diagnostics.map((d) => {
      if (d.source || !d.span) return d;
      if (!stored.source) return { ...d, message: `function ${stored.name}: ${d.message}`, span: node.span };
      const { name, text, map } = stored.source;
      return { ...d, source: { name, text }, span: { start: map(d.span.start), end: map(d.span.end) } };
    }),
  );
}

/** Arguments by parameter: named ones by name, the rest by position; a piped relation (`invoke`) goes first. */
function bindArguments(
  node: Node,
  parameters: readonly { name: string; tabular: boolean }[],
  scope: Scope,
  cx: Context,
  piped: Rel | undefined,
): Set<string> {
  const given = new Set<string>();
  const bind = (parameter: { name: string; tabular: boolean }, binding: Binding) => {
    given.add(parameter.name);
    scope.set(parameter.name, binding);
  };
  const queue = [...parameters];
  if (piped) {
    const first = queue.shift();
    if (!first) fail('KQL1002', 'invoke wants a function whose first parameter is a table', { span: node.span });
    bind(first, { kind: 'rel', get: () => piped });
  }
  for (const argument of node.child('ArgumentList')?.list('Expressions') ?? []) {
    const named = argument.kind === 'SimpleNamedExpression' ? argument.get('Name').name : undefined;
    const index = named ? queue.findIndex((p) => p.name === named) : 0;
    const parameter = index >= 0 ? queue.splice(index, 1)[0] : undefined;
    if (!parameter) fail('KQL1002', `there is no parameter for this argument`, { span: argument.span });
    const value = named ? argument.get('Expression') : argument;
    bind(parameter, parameter.tabular ? tabularArgument(value, cx) : scalarArgument(value, cx));
  }
  return given;
}

function scalarArgument(value: Node, cx: Context): Binding {
  const expr = lowerExpr(value, cx);
  return { kind: 'scalar', get: () => expr };
}

function tabularArgument(value: Node, cx: Context): Binding {
  const { row: _, ...outside } = cx;
  const rel = lowerRel(value, { ...outside, steps: undefined });
  return { kind: 'rel', get: () => rel };
}

function letBody(node: Node, target: { declaration: Node; scope: Scope }, cx: Context, piped?: Rel): Expr | Rel {
  const declared = target.declaration.get('Parameters').list('Parameters');
  const scope = new Scope(target.scope);
  const parameters = declared.map((p) => {
    const nameAndType = p.get('NameAndType');
    return {
      name: nameAndType.get('Name').name,
      tabular: nameAndType.get('Type').kind === 'SchemaTypeExpression',
      node: p,
    };
  });
  const given = bindArguments(node, parameters, scope, cx, piped);
  for (const p of parameters) {
    const value = p.node.child('DefaultValue')?.child('Value');
    if (given.has(p.name)) continue;
    if (!value) fail('KQL1002', `the argument '${p.name}' is missing`, { span: node.span });
    const expr = lowerExpr(value, { ...cx, row: undefined });
    scope.set(p.name, { kind: 'scalar', get: () => expr });
  }
  const body = node.calledBody ?? target.declaration.get('Body');
  return lowerStatements(body, { ...cx, scope, row: undefined });
}

function storedBody(node: Node, stored: StoredFunction, cx: Context, piped?: Rel): Expr | Rel {
  const scope = new Scope();
  const tabular = (p: StoredParameter) => p.type.startsWith('(');
  const parameters = stored.parameters.map((p) => ({ name: p.name, tabular: tabular(p) }));
  const given = bindArguments(node, parameters, scope, cx, piped);
  const missing = stored.parameters.find((p) => !given.has(p.name) && p.default === undefined);
  if (missing) fail('KQL1002', `the argument '${missing.name}' is missing`, { span: node.span });
  const tables = stored.parameters.filter(tabular).map((p) => {
    const binding = scope.find(p.name);
    if (binding?.kind !== 'rel') return unsupported(node, `the argument '${p.name}' must be a table`);
    return { name: p.name, columns: binding.get().columns };
  });
  const { bound } = tables.length
    ? cx.session.binder.bindFunction(stored, tables, textArguments(stored, scope))
    : cx.session.binder.function(stored.name)!;
  const error = bound.diagnostics.find((d) => d.severity === 'error');
  if (error) fail(error.code, `function ${stored.name}: ${error.message}`, { span: node.span });
  // Defaults that no argument replaced are read from the `declare query_parameters` in front of the body.
  return lowerStatements(bound.root, { ...cx, scope, steps: undefined, row: undefined });
}
