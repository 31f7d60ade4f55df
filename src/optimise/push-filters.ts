import {
  columnsRead,
  conjunction,
  conjunctsOf,
  containsSubquery,
  type Expr,
  type Filter,
  isRepeatable,
  mapExpr,
  type Rel,
  rewriteRels,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** Moves conditions towards the scans; held ones wait until nobody holds them any more. */
export const pushFilters = (options: { readonly held: boolean }): Rewrite => ({
  name: 'push-filters',
  reason: 'a scan that can use an index or skip rows early reads a fraction of the table',
  apply: (root) =>
    rewriteRels(root, (rel) => (rel.kind === 'Filter' && (options.held || !rel.held) ? pushed(rel) : rel)),
});

/** Conjuncts that a node cannot take stay in a Filter above it. */
function pushed(rel: Filter): Rel {
  const stuck: Expr[] = [];
  let input = rel.input;
  for (const part of conjunctsOf(rel.predicate)) {
    const moved = into(input, part);
    if (moved) input = moved;
    else stuck.push(part);
  }
  return stuck.length === 0 ? input : { ...rel, input, predicate: conjunction(stuck) };
}

/** The relation with the condition inside it, or undefined when it must stay outside. */
function into(rel: Rel, predicate: Expr): Rel | undefined {
  switch (rel.kind) {
    case 'Filter': {
      const deeper = into(rel.input, predicate);
      return deeper ? { ...rel, input: deeper } : undefined;
    }
    case 'Project': {
      const inner = substituted(predicate, new Map(rel.items.map((i) => [i.name, i.expr])));
      return inner && { ...rel, input: filtered(rel.input, inner) };
    }
    case 'Union':
      return { ...rel, inputs: rel.inputs.map((i) => filtered(i, predicate)) };
    case 'Aggregate': {
      const keys = new Map(rel.keys.map((k) => [k.name, k.expr]));
      if (![...columnsRead([predicate])].every((n) => keys.has(n))) return undefined;
      const inner = rel.keys.length > 0 ? substituted(predicate, keys) : undefined;
      return inner && { ...rel, input: filtered(rel.input, inner) };
    }
    case 'Sort':
      return { ...rel, input: filtered(rel.input, predicate) };
    case 'Expand': {
      const own = new Set([...rel.items.map((i) => i.name), rel.indexName]);
      const free = ![...columnsRead([predicate])].some((n) => own.has(n));
      return free ? { ...rel, input: filtered(rel.input, predicate) } : undefined;
    }
    case 'Join':
      return intoJoin(rel, predicate);
    default:
      return undefined;
  }
}

/**
 * A condition on one side moves to it where that side's rows are not filled up with nulls. Of `innerunique`, which keeps
 * an arbitrary left row a key, it may take the left side too: Kusto does the same.
 */
function intoJoin(rel: Extract<Rel, { kind: 'Join' }>, predicate: Expr): Rel | undefined {
  const origin = new Map(rel.columns.map((c, i) => [c.name, rel.output[i]!]));
  const sides = new Set([...columnsRead([predicate])].map((n) => origin.get(n)!.side));
  if (sides.size !== 1) return undefined;
  const side = [...sides][0]!;
  const filled: Record<string, readonly string[]> = {
    leftouter: ['right'],
    rightouter: ['left'],
    fullouter: ['left', 'right'],
  };
  if (filled[rel.joinKind]?.includes(side)) return undefined;
  const inner = mapExpr(predicate, (x) => (x.kind === 'Column' ? { ...x, name: origin.get(x.name)!.column } : x));
  return side === 'left' ? { ...rel, left: filtered(rel.left, inner) } : { ...rel, right: filtered(rel.right, inner) };
}

const filtered = (input: Rel, predicate: Expr): Rel =>
  into(input, predicate) ?? { kind: 'Filter', input, predicate, columns: input.columns };

/**
 * The condition over the input of a projection. Computed columns move only when they are cheap to compute again: a
 * rename, a literal, or a conversion. A set of keys moves whatever its column costs: it keeps so few rows that nothing is
 * computed again, and beside the scan it comes behind the cheap conditions instead of before them.
 */
function substituted(predicate: Expr, items: ReadonlyMap<string, Expr>): Expr | undefined {
  let possible = true;
  const result = mapExpr(predicate, (x) => {
    if (x.kind !== 'Column') return x;
    const e = items.get(x.name);
    if (!e || !(predicate.kind === 'InSubquery' ? isRepeatable(e) : cheap(e))) {
      possible = false;
      return x;
    }
    return e;
  });
  return possible ? result : undefined;
}

const conversions = new Set([
  'bin',
  'tostring',
  'toint',
  'tolong',
  'coalesce',
  'iff',
  'iif',
  'isempty',
  'isnotempty',
  '==',
  '!=',
]);

function cheap(e: Expr, depth = 0): boolean {
  if (e.kind === 'Column' || e.kind === 'Literal') return true;
  if (e.kind !== 'Call' || depth > 2 || containsSubquery(e)) return false;
  return conversions.has(e.name) && e.args.every((a) => cheap(a, depth + 1));
}
