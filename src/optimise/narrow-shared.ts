import {
  call,
  conjunction,
  conjunctsOf,
  type Expr,
  expressionsOf,
  inputsOf,
  isRepeatable,
  mapExpr,
  type Rel,
  rewriteRels,
  type Shared,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** Asks of a shared relation what any of its users asks; each goes on asking for its own rows. */
export const narrowShared: Rewrite = {
  name: 'narrow-shared',
  reason:
    'a let of which one place wants this hour and another the hour before is otherwise computed for the whole day',
  apply(root) {
    const asked = conditionsOn(root);
    return rewriteRels(root, (rel, original) => {
      const predicate = rel.kind === 'Shared' && original.kind === 'Shared' && anyOf(asked.get(original)!);
      if (!predicate) return rel;
      return { ...rel, input: { kind: 'Filter', input: rel.input, predicate, columns: rel.columns } };
    });
  },
};

/** What each user of a shared relation asks of its rows: conditions that all must hold, none when it takes every row. */
function conditionsOn(root: Rel): Map<Shared, (readonly Expr[])[]> {
  const asked = new Map<Shared, (readonly Expr[])[]>();
  const visitExpr = (e: Expr): void => {
    mapExpr(e, (x) => {
      if (x.kind === 'ScalarSubquery' || x.kind === 'InSubquery') visit(x.rel, []);
      return x;
    });
  };
  const visit = (rel: Rel, above: readonly Expr[]): void => {
    if (rel.kind === 'Shared') {
      const known = asked.get(rel);
      asked.set(rel, [...(known ?? []), above]);
      if (known) return;
    }
    expressionsOf(rel).forEach(visitExpr);
    const passed = rel.kind === 'Filter' ? [...above, ...conjunctsOf(rel.predicate).filter(isRepeatable)] : [];
    for (const input of inputsOf(rel)) visit(input, passed);
  };
  visit(root, []);
  return asked;
}

/** A longer condition costs more than the rows that it spares. */
const maxUsers = 8;

function anyOf(users: readonly (readonly Expr[])[]): Expr | undefined {
  const known = users.length > 1 && users.length <= maxUsers && users.every((conditions) => conditions.length > 0);
  return known ? call('or', 'bool', users.map(conjunction)) : undefined;
}
