import { type Expr, expressionsOf, inputsOf, type Rel, type Shared } from '../ir/index.js';
import type { Column } from '../tables/index.js';
import { Emission, type EmitOptions } from './context.js';
import { emitRel } from './relation.js';
import { renderSelect, type Select, wrap } from './select.js';

export type { EmitOptions } from './context.js';
export { engineTypes, nullableType } from './types.js';

/** A statement for ClickHouse and the columns it returns. */
export interface Statement {
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** Emits a relation as one SELECT statement; relations used twice become materialised common table expressions. */
export function emit(rel: Rel, options: EmitOptions): Statement {
  const e = new Emission(options, countUses(rel));
  const hidden = new Set(rel.columns.filter((c) => c.hidden).map((c) => c.name));
  const emitted = emitRel(rel, e);
  const whole = emitted.union && hidden.size > 0 ? wrap(emitted, e.alias()) : emitted;
  const select: Select = { ...whole, items: whole.items.filter((i) => !hidden.has(i.name)) };
  const main = renderSelect(select);
  const ctes = [...e.shared.values()].map(
    (s) => `${s.name.text} AS MATERIALIZED (\n${renderSelect(s.select, '  ')}\n)`,
  );
  const columns = rel.columns.filter((c) => !c.hidden);
  return { sql: ctes.length ? `WITH ${ctes.join(',\n')}\n${main}` : main, columns };
}

/** How many places refer to each shared relation, inside expressions too. */
function countUses(root: Rel): Map<Shared, number> {
  const uses = new Map<Shared, number>();
  const visitExpr = (x: Expr): void => {
    if (x.kind === 'Call') x.args.forEach(visitExpr);
    else if (x.kind === 'ScalarSubquery') visit(x.rel);
    else if (x.kind === 'InSubquery') {
      visitExpr(x.value);
      visit(x.rel);
    }
  };
  const visit = (rel: Rel): void => {
    if (rel.kind === 'Shared') {
      const seen = uses.get(rel) ?? 0;
      uses.set(rel, seen + 1);
      if (seen > 0) return;
    }
    for (const x of expressionsOf(rel)) visitExpr(x);
    inputsOf(rel).forEach(visit);
  };
  visit(root);
  return uses;
}
