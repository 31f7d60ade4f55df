import type { Span } from '../base/index.js';
import { column, type Expr, type Filter, type NamedExpr, type Project, type Rel } from '../ir/index.js';
import type { Column } from '../tables/index.js';

/** A projection; a column that is only passed on keeps its hidden mark when asked to. */
export function project(input: Rel, items: readonly NamedExpr[], span?: Span, keepHidden = false): Project {
  const columns = items.map(({ name, expr }): Column => {
    const passed =
      keepHidden && expr.kind === 'Column' && expr.name === name && input.columns.find((c) => c.name === name);
    return passed ? passed : { name, type: expr.type };
  });
  return { kind: 'Project', input, items, columns, span };
}

export const passOn = (columns: readonly Column[]): NamedExpr[] =>
  columns.map((c) => ({ name: c.name, expr: column(c) }));

export const filter = (input: Rel, predicate: Expr, span?: Span): Filter => ({
  kind: 'Filter',
  input,
  predicate,
  columns: input.columns,
  span,
});

/** Replaces or appends columns, as `extend` does; untouched ones keep place and hidden mark. */
export function extend(input: Rel, items: readonly NamedExpr[], span?: Span): Project {
  const replaced = new Map(items.map((i) => [i.name, i.expr]));
  const kept = input.columns.map((c): NamedExpr => ({ name: c.name, expr: replaced.get(c.name) ?? column(c) }));
  const known = new Set(input.columns.map((c) => c.name));
  const added = [...replaced].filter(([name]) => !known.has(name)).map(([name, expr]) => ({ name, expr }));
  return project(input, [...kept, ...added], span, true);
}

/** A name that none of the columns has. */
export function freshName(base: string, ...columns: readonly (readonly Column[])[]): string {
  const taken = new Set(columns.flat().map((c) => c.name));
  for (let i = 0; ; i++) {
    const name = i === 0 ? base : `${base}${i}`;
    if (!taken.has(name)) return name;
  }
}
