import type { Expr } from './expr.js';
import type { Rel, Shared } from './rel.js';
import { expressionsOf, inputsOf } from './rel.js';

/** Rebuilds an expression bottom-up. Unchanged parts stay the same objects. */
export function mapExpr(e: Expr, f: (e: Expr) => Expr): Expr {
  if (e.kind === 'Call') {
    const args = e.args.map((a) => mapExpr(a, f));
    return f(args.every((a, i) => a === e.args[i]) ? e : { ...e, args });
  }
  if (e.kind === 'InSubquery') {
    const value = mapExpr(e.value, f);
    return f(value === e.value ? e : { ...e, value });
  }
  return f(e);
}

/** Names of the columns that expressions read (not those inside subqueries, which see none of ours). */
export function columnsRead(exprs: readonly Expr[]): Set<string> {
  const names = new Set<string>();
  const visit = (e: Expr): Expr => {
    if (e.kind === 'Column') names.add(e.name);
    return e;
  };
  for (const e of exprs) mapExpr(e, visit);
  return names;
}

/** Replaces the relations that a node reads. */
export function mapInputs(rel: Rel, f: (rel: Rel) => Rel): Rel {
  switch (rel.kind) {
    case 'Scan':
    case 'Values':
    case 'Range':
      return rel;
    case 'Join': {
      const [left, right] = [f(rel.left), f(rel.right)];
      return left === rel.left && right === rel.right ? rel : { ...rel, left, right };
    }
    case 'Union': {
      const inputs = rel.inputs.map(f);
      return inputs.every((r, i) => r === rel.inputs[i]) ? rel : { ...rel, inputs };
    }
    default: {
      const input = f(rel.input);
      return input === rel.input ? rel : { ...rel, input };
    }
  }
}

/** Replaces the scalar expressions that stand in a node itself. */
export function mapExpressions(rel: Rel, f: (e: Expr) => Expr): Rel {
  switch (rel.kind) {
    case 'Filter':
      return { ...rel, predicate: f(rel.predicate) };
    case 'Project':
      return { ...rel, items: rel.items.map((i) => ({ ...i, expr: f(i.expr) })) };
    case 'Aggregate':
      return {
        ...rel,
        keys: rel.keys.map((k) => ({ ...k, expr: f(k.expr) })),
        calls: rel.calls.map((c) => ({ ...c, call: { ...c.call, args: c.call.args.map(f) } })),
      };
    case 'Join':
      return { ...rel, keys: rel.keys.map((k) => ({ left: f(k.left), right: f(k.right) })) };
    case 'Sort':
      return { ...rel, by: rel.by.map((b) => ({ ...b, expr: f(b.expr) })) };
    case 'Limit':
      return { ...rel, count: f(rel.count) };
    case 'Expand':
      return {
        ...rel,
        items: rel.items.map((i) => ({ ...i, expr: f(i.expr) })),
        ...(rel.limit ? { limit: f(rel.limit) } : {}),
      };
    case 'Window':
      return {
        ...rel,
        items: rel.items.map((i) => ({ ...i, call: { ...i.call, args: i.call.args.map(f) } })),
        partitionBy: rel.partitionBy?.map(f),
      };
    case 'Steps':
      return {
        ...rel,
        declared: rel.declared.map((d) => ({ ...d, otherwise: f(d.otherwise) })),
        steps: rel.steps.map((s) => ({
          ...s,
          condition: f(s.condition),
          assignments: s.assignments.map((a) => ({ ...a, expr: f(a.expr) })),
        })),
      };
    default:
      return rel;
  }
}

/**
 * Rebuilds a whole query bottom-up, relations inside expressions included. A shared relation is rebuilt once, so its users
 * go on sharing it.
 * @param f gets a node over rebuilt inputs, and the node that it was
 */
export function rewriteRels(root: Rel, f: (rel: Rel, original: Rel) => Rel): Rel {
  const done = new Map<Shared, Rel>();
  const subqueries = new Map<Rel, Rel>();
  const visitExpr = (e: Expr): Expr =>
    mapExpr(e, (x) => {
      if (x.kind !== 'ScalarSubquery' && x.kind !== 'InSubquery') return x;
      const rel = memoised(subqueries, x.rel, visit);
      return rel === x.rel ? x : { ...x, rel };
    });
  const visit = (rel: Rel): Rel => {
    if (rel.kind === 'Shared') {
      const known = done.get(rel);
      if (known) return known;
    }
    const inner = mapInputs(rel, visit);
    const hasSubquery = expressionsOf(inner).some(containsSubquery);
    const result = f(hasSubquery ? mapExpressions(inner, visitExpr) : inner, rel);
    if (rel.kind === 'Shared') done.set(rel, result);
    return result;
  };
  return visit(root);
}

/** A scalar let is one subquery in many places: it must stay one object, so that it is emitted once. */
export function memoised(known: Map<Rel, Rel>, rel: Rel, make: (rel: Rel) => Rel): Rel {
  const made = known.get(rel) ?? make(rel);
  known.set(rel, made);
  return made;
}

export function containsSubquery(e: Expr): boolean {
  if (e.kind === 'ScalarSubquery' || e.kind === 'InSubquery') return true;
  return e.kind === 'Call' && e.args.some(containsSubquery);
}

/** How many places refer to each shared relation, inside expressions too. */
export function countUses(root: Rel): Map<Shared, number> {
  const uses = new Map<Shared, number>();
  const visitExpr = (e: Expr): void => {
    if (e.kind === 'Call') e.args.forEach(visitExpr);
    else if (e.kind === 'ScalarSubquery') visit(e.rel);
    else if (e.kind === 'InSubquery') {
      visitExpr(e.value);
      visit(e.rel);
    }
  };
  const visit = (rel: Rel): void => {
    if (rel.kind === 'Shared') {
      const seen = uses.get(rel) ?? 0;
      uses.set(rel, seen + 1);
      if (seen > 0) return;
    }
    expressionsOf(rel).forEach(visitExpr);
    inputsOf(rel).forEach(visit);
  };
  visit(root);
  return uses;
}

/** The parts of a condition that must all hold. */
export function conjunctsOf(e: Expr): readonly Expr[] {
  return e.kind === 'Call' && e.name === 'and' ? e.args.flatMap(conjunctsOf) : [e];
}

export const conjunction = (parts: readonly Expr[]): Expr =>
  parts.length === 1 ? parts[0]! : { kind: 'Call', name: 'and', type: 'bool', args: parts };

/** Whether computing it twice gives the same, in one place as in the other. */
export const isRepeatable = (e: Expr): boolean =>
  e.kind === 'Call'
    ? e.name !== 'rand' && e.name !== 'new_guid' && e.args.every(isRepeatable)
    : e.kind !== 'InSubquery' && e.kind !== 'ScalarSubquery';
