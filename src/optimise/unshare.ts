import {
  countUses,
  type Expr,
  expressionsOf,
  mapExpr,
  mapExpressions,
  mapInputs,
  memoised,
  type Rel,
  type Shared,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** A relation that only one place uses needs no name of its own. */
export const unshare: Rewrite = {
  name: 'unshare',
  reason: 'most lets are used once, and a border around them would stop filters from moving in',
  apply(root) {
    const uses = countUses(root);
    const done = new Map<Shared, Rel>();
    const subqueries = new Map<Rel, Rel>();
    const visitExpr = (e: Expr): Expr =>
      mapExpr(e, (x) =>
        x.kind === 'ScalarSubquery' || x.kind === 'InSubquery' ? { ...x, rel: memoised(subqueries, x.rel, visit) } : x,
      );
    const visit = (rel: Rel): Rel => {
      if (rel.kind === 'Shared') {
        const known = done.get(rel);
        if (known) return known;
        const input = visit(rel.input);
        const result: Rel = uses.get(rel) === 1 ? input : { ...rel, input };
        done.set(rel, result);
        return result;
      }
      const inner = mapInputs(rel, visit);
      return expressionsOf(inner).length ? mapExpressions(inner, visitExpr) : inner;
    };
    return visit(root);
  },
};
