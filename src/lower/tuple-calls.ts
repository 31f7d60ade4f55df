import { hostedFunction } from '../functions/index.js';
import { call, type Expr, literal, type NamedExpr } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { unsupported } from './context.js';

/** The columns that a call gives, when its function gives several. */
function partsOf(e: Expr) {
  return e.kind === 'Call' ? hostedFunction(e.name)?.parts : undefined;
}

/** Several arrays sorted in step come back as one array of them; inside an expression that is what it is. */
function sortedArrays(e: Expr): number {
  if (e.kind !== 'Call' || !/^array_sort_(asc|desc)$/.test(e.name)) return 0;
  const arrays = e.args.filter((a) => a.type === 'dynamic').length;
  return arrays > 1 ? arrays : 0;
}

/** The values of a call that gives several columns, by the last part of their names; undefined for any other expression. */
export function tupleItems(e: Expr): NamedExpr[] | undefined {
  const sorted = sortedArrays(e);
  if (sorted > 0) {
    return Array.from({ length: sorted }, (_, i) => ({
      name: 'sorted',
      expr: call('.', 'dynamic', [e, literal('long', BigInt(i))], e.span),
    }));
  }
  return partsOf(e)?.map(({ name, type }) => {
    const part = call('.', 'dynamic', [e, literal('string', name)], e.span);
    return { name, expr: type === 'dynamic' ? part : call(`to${type}`, type, [part], e.span) };
  });
}

/** A value of several columns can only become columns: it is no argument. */
export function single(e: Expr, node: Node): Expr {
  if (!partsOf(e)) return e;
  return unsupported(
    node,
    'a function of several columns cannot stand inside an expression',
    'name its columns first: extend (a, b) = …',
  );
}

/**
 * Names for the columns of a call that was not named: those of the binder, without the number that it adds to tell them
 * from columns of named calls, which never come to be.
 */
export function tupleNames(
  parts: readonly NamedExpr[],
  bound: readonly string[],
  taken: ReadonlySet<string>,
): string[] {
  return parts.map((part, i) => {
    const name = bound[i]?.replace(new RegExp(`(_${part.name})\\d*$`), '$1') ?? part.name;
    for (let n = 0; ; n++) if (!taken.has(n === 0 ? name : `${name}${n}`)) return n === 0 ? name : `${name}${n}`;
  });
}
