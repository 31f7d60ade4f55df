import { call, column, type Expr, literal, type NamedExpr } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Column, standardColumns } from '../tables/index.js';
import { type Context, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { tupleItems, tupleNames } from './tuple-calls.js';

/** The expression under a name: `x = e` gives `e`. */
export const unnamed = (node: Node): Node =>
  node.kind === 'SimpleNamedExpression' || node.kind === 'CompoundNamedExpression'
    ? unnamed(node.get('Expression'))
    : node;

/** The name that the author gave: `x = e`, or a bare column. */
export function explicitName(node: Node): string | undefined {
  if (node.kind === 'SimpleNamedExpression') return node.get('Name').name;
  // A variable lends its value, not its name.
  if (node.kind === 'NameReference' && node.reference?.kind !== 'variable') return node.name;
  return undefined;
}

const hiddenNames = new Set(standardColumns.filter((c) => c.hidden).map((c) => c.name));

/**
 * The official binder's names of an operator's result columns that nothing explains. It knows no hidden columns: it carries
 * them on where `*` leaves them behind.
 */
export const freeNames = (operator: Node, explained: ReadonlySet<string>): string[] =>
  (operator.columns ?? []).map((c) => c.name).filter((n) => !explained.has(n) && !hiddenNames.has(n));

/** `extend tostring(x)` replaces x. */
export function replacedName(node: Node, existing: readonly Column[]): string | undefined {
  const name = node.lentName;
  return existing.some((c) => c.name === name) ? name : undefined;
}

/**
 * Names the expressions of a print, project, extend or summarize. Names that the author left out are the official
 * binder's (`count_`, `Column1`, `a_b`): among the operator's result columns, those that nothing else explains, in order.
 * @param existing columns that the result has anyway (extend)
 */
export function namedItems(
  operator: Node,
  expressions: readonly Node[],
  existing: readonly Column[],
  cx: Context,
): NamedExpr[] {
  const explained = new Set(existing.map((c) => c.name));
  for (const e of expressions) {
    const name = explicitName(e);
    if (name !== undefined) explained.add(name);
    for (const n of compoundNames(e)) explained.add(n);
  }
  const free = freeNames(operator, explained);
  const taken = new Set(explained);
  return expressions.flatMap((e) => {
    if (e.kind === 'StarExpression')
      return (cx.row?.columns ?? []).filter((c) => !c.hidden).map((c) => ({ name: c.name, expr: column(c) }));
    const compound = compoundNames(e);
    const named = explicitName(e) ?? compound[0];
    const value = lowerExpr(unnamed(e), cx);
    const parts = tupleItems(value);
    if (parts) {
      const own = compound.length > 0 ? compound : named === undefined ? undefined : [named];
      if (own && own.length > parts.length) return unsupported(e, `there are ${parts.length} columns to name`);
      // The binder gives names to the columns that are left out, too.
      const bound = free.splice(0, parts.length - (own?.length ?? 0));
      const names = own ?? tupleNames(parts, bound, taken);
      for (const n of names) taken.add(n);
      return names.map((name, i) => ({ name, expr: parts[i]!.expr }));
    }
    if (compound.length > 0) return spread(e, compound, value);
    const lent = named === undefined ? replacedName(e, existing) : undefined;
    const name = named ?? (lent !== undefined && !free.includes(lent) ? lent : free.shift());
    if (name === undefined) return unsupported(e, 'this expression has no name', 'give it one: name = …');
    return [{ name, expr: value }];
  });
}

/** The names of `(a, b) = e`. */
export const compoundNames = (e: Node): readonly string[] =>
  e.kind === 'CompoundNamedExpression'
    ? e
        .get('Names')
        .list('Names')
        .map((n) => n.name)
    : [];

/** `(a, b) = f()`: the elements of an array, in order. */
function spread(e: Node, names: readonly string[], value: Expr): NamedExpr[] {
  if (value.type !== 'dynamic') return unsupported(e, 'several names want a value with several parts');
  return names.map((name, i) => ({ name, expr: call('.', 'dynamic', [value, literal('long', BigInt(i))], e.span) }));
}
