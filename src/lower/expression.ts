import { fail } from '../base/index.js';
import { call, column, type Expr, isRepeatable, literal, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { KqlType } from '../tables/index.js';
import { starTest } from './any-column.js';
import { type Context, columnNamed, deeper, findColumn, unsupported } from './context.js';
import { callScalarFunction } from './functions.js';
import { lowerLiteral } from './literal.js';
import { stateOf } from './operators/scan.js';
import { project } from './rel-helpers.js';
import { lowerRel } from './relation.js';
import { oneRow } from './sources.js';
import { specialCalls } from './special-calls.js';
import { single } from './tuple-calls.js';

/** Lowers a scalar expression over the row in the context. */
export function lowerExpr(node: Node, cx: Context): Expr {
  const simple = lowerLiteral(node);
  if (simple) return simple;
  const form = forms[node.kind];
  if (form) return form(node, cx);
  const operator = node.child('Operator');
  if (operator && node.child('Left') && node.child('Right')) return binary(node, operator.text, cx);
  return unsupported(node, `this expression (${node.kind}) is not supported`);
}

const forms: Record<string, (node: Node, cx: Context) => Expr> = {
  ParenthesizedExpression: (n, cx) => lowerExpr(n.get('Expression'), cx),
  SimpleNamedExpression: (n, cx) => lowerExpr(n.get('Expression'), cx),
  NameReference: nameReference,
  FunctionCallExpression: functionCall,
  UnaryMinusExpression: (n, cx) => {
    const inner = lowerExpr(n.get('Expression'), cx);
    if (inner.kind === 'Literal' && typeof inner.value === 'bigint') return literal(inner.type, -inner.value, n.span);
    if (inner.kind === 'Literal' && inner.type === 'real' && typeof inner.value === 'number') {
      return literal('real', -inner.value, n.span);
    }
    return call('unary-', n.type ?? inner.type, [inner], n.span);
  },
  UnaryPlusExpression: (n, cx) => lowerExpr(n.get('Expression'), cx),
  PathExpression: path,
  ElementExpression: element,
  BetweenExpression: (n, cx) => between(n, cx, 'between'),
  NotBetweenExpression: (n, cx) => between(n, cx, '!between'),
  ToScalarExpression: (n, cx) => toscalar(n, cx),
};

function nameReference(node: Node, cx: Context): Expr {
  const name = node.name;
  const reference = node.reference;
  if (findColumn(cx.row?.columns ?? [], name)) return columnNamed(cx, node, name);
  const binding = cx.scope.find(name);
  // A partition over a source of its own names the column as if it stood in the row.
  if (binding?.kind === 'scalar') return binding.get();
  if (reference?.kind === 'column') return columnNamed(cx, node, name);
  if (binding?.kind === 'rel') return scalarOf(binding.get(), node);
  if (reference?.kind === 'function') return functionCall(node, cx);
  return fail('KQL1001', `'${name}' is not a column, variable or function here`, { span: node.span });
}

/** A relation in the place of a scalar: Kusto takes it for the value of its only cell. */
function scalarOf(rel: Rel, node: Node): Expr {
  const first = rel.columns[0];
  if (!first) return unsupported(node, 'a relation without columns cannot be a value');
  return { kind: 'ScalarSubquery', type: first.type, rel, span: node.span };
}

function toscalar(node: Node, cx: Context): Expr {
  const inner = node.get('Expression');
  if (!inner.isTabular) {
    const value = lowerExpr(inner, cx);
    // A random value is drawn once, not for each row.
    return isRepeatable(value) ? value : scalarOf(project(oneRow, [{ name: 'value', expr: value }]), node);
  }
  const { row: _, ...outside } = cx;
  return scalarOf(lowerRel(inner, { ...outside, steps: undefined }), node);
}

function path(node: Node, cx: Context): Expr {
  const base = node.get('Expression');
  const step = cx.states?.get(base.text);
  if (step !== undefined) return stateOf(node, step, cx);
  const selector = node.get('Selector');
  const property = base.kind === 'NameReference' && cx.elements?.property(base.name, selector.name, node);
  if (property) return property;
  const side = base.text === '$left' ? cx.row?.left : base.text === '$right' ? cx.row?.right : undefined;
  if (side) {
    const found = findColumn(side, selector.name);
    if (!found)
      fail('KQL1001', `there is no column '${selector.name}' on this side of the join`, { span: selector.span });
    return column(found, node.span);
  }
  const from = lowerExpr(base, cx);
  if (from.type !== 'dynamic') unsupported(node, `a ${from.type} has no properties`);
  return call('.', 'dynamic', [from, literal('string', selector.name)], node.span);
}

function element(node: Node, cx: Context): Expr {
  const from = lowerExpr(node.get('Expression'), cx);
  if (from.type !== 'dynamic') unsupported(node, `a ${from.type} has no elements`);
  const selector = node.get('Selector');
  const key = lowerExpr(selector.child('Expression') ?? selector, cx);
  return call('.', 'dynamic', [from, key], node.span);
}

function between(node: Node, cx: Context, name: string): Expr {
  const couple = node.get('Right');
  const low = lowerExpr(couple.get('First'), cx);
  let high = lowerExpr(couple.get('Second'), cx);
  const value = lowerExpr(node.get('Left'), cx);
  // `datetime between (from .. 1d)` means from .. from + 1d.
  if (high.type === 'timespan' && low.type === 'datetime') high = call('+', 'datetime', [low, high], node.span);
  return call(name, 'bool', [value, low, high], node.span);
}

const listOperators = new Set(['in', '!in', 'in~', '!in~', 'has_any', 'has_all']);

function binary(node: Node, operatorText: string, cx: Context): Expr {
  const name = operatorText.trim().toLowerCase().replace(/\s+/g, ' ').replace('<>', '!=');
  const right = node.get('Right');
  if (node.get('Left').kind === 'StarExpression') return starTest(node, name, lowerExpr(right, cx), cx);
  const left = lowerExpr(node.get('Left'), cx);
  if (listOperators.has(name)) return membership(node, name, left, right, cx);
  const [a, b] = name === '==' || name === '!=' ? readAs(left, lowerExpr(right, cx)) : [left, lowerExpr(right, cx)];
  return call(name, node.type ?? left.type, [a, b], node.span);
}

const readable = new Set<KqlType>(['bool', 'datetime', 'timespan', 'real', 'decimal']);

/** `IsAdmin == "True"`: a text beside a value of another type is read as one of that type. */
function readAs(a: Expr, b: Expr): [Expr, Expr] {
  if (a.type === 'string' && readable.has(b.type)) return [call(`to${b.type}`, b.type, [a], a.span), b];
  if (b.type === 'string' && readable.has(a.type)) return [a, call(`to${a.type}`, a.type, [b], b.span)];
  return [a, b];
}

function membership(node: Node, name: string, value: Expr, list: Node, cx: Context): Expr {
  const elements = list.list('Expressions');
  const only = elements.length === 1 ? elements[0]! : undefined;
  const rel = only ? tabularOperand(only, cx) : undefined;
  if (!rel) return call(name, 'bool', [value, ...elements.map((e) => lowerExpr(e, cx))], node.span);
  if (!name.includes('in')) return call(name, 'bool', [value, setOf(rel, node)], node.span);
  const test: Expr = { kind: 'InSubquery', type: 'bool', value, rel, ignoreCase: name.endsWith('~'), span: node.span };
  return name.startsWith('!') ? call('not', 'bool', [test], node.span) : test;
}

/** The values of the first column as an array. */
function setOf(rel: Rel, node: Node): Expr {
  const first = rel.columns[0];
  if (!first) return unsupported(node, 'a relation without columns has no values');
  const columns = [{ name: 'values', type: 'dynamic' as const }];
  const args = [column(first)];
  const calls = [{ name: 'values', call: { name: 'make_set', type: 'dynamic' as const, args } }];
  const set: Rel = { kind: 'Aggregate', input: rel, keys: [], calls, columns };
  return { kind: 'ScalarSubquery', type: 'dynamic', rel: set, span: node.span };
}

function tabularOperand(node: Node, cx: Context): Rel | undefined {
  if (node.kind === 'NameReference') {
    if (findColumn(cx.row?.columns ?? [], node.name)) return undefined;
    const binding = cx.scope.find(node.name);
    if (binding) return binding.kind === 'rel' ? binding.get() : undefined;
  }
  if (!node.isTabular) return undefined;
  const { row: _, ...outside } = cx;
  return lowerRel(node, { ...outside, steps: undefined });
}

function functionCall(node: Node, cx: Context): Expr {
  const name = node.kind === 'NameReference' ? node.name : node.get('Name').name;
  const ofGraph = cx.elements?.call(name, node.child('ArgumentList')?.list('Expressions') ?? [], node, cx);
  if (ofGraph) return ofGraph;
  const special = specialCalls[name];
  if (special) return special(node, cx);
  const called = callScalarFunction(node, name, deeper(cx, node));
  if (called) return called;
  const args = (node.child('ArgumentList')?.list('Expressions') ?? []).map((a) => single(lowerExpr(a, cx), a));
  // The older form of todatetime.
  if (name === 'make_datetime' && args.length === 1) return call('todatetime', 'datetime', args, node.span);
  return call(name, typeOfCall(node, name, args), args, node.span);
}

/** The binder takes `column_ifexists("x", int(null))` for an int, whatever the column is. */
function typeOfCall(node: Node, name: string, args: readonly Expr[]): KqlType {
  // prev(x) has x's type, which the binder does not always know: it takes ColumnOrdinal of getschema for a long.
  if (/^(prev|next)$/.test(name) && !args[2]) return args[0]!.type;
  const type = node.type ?? fallbackType(name, args);
  const isWider = type === 'int' && /^(coalesce|iff|iif|case)$/.test(name) && args.some((a) => a.type === 'long');
  return isWider ? 'long' : type;
}

/** The binder leaves some results open (`iff` over an open column): the arguments then decide. */
function fallbackType(name: string, args: readonly Expr[]): KqlType {
  if (name === 'iff' || name === 'iif') return args[1]?.type ?? 'dynamic';
  if (name === 'coalesce') return args.find((a) => a.type !== 'dynamic')?.type ?? 'dynamic';
  if (name === 'case') return args[1]?.type ?? 'dynamic';
  return 'dynamic';
}
