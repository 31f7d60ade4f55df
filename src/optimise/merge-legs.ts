import {
  call,
  column,
  conjunction,
  conjunctsOf,
  type Expr,
  type Filter,
  literalValue,
  mapExpr,
  type NamedExpr,
  type Rel,
  rewriteRels,
  type Scan,
  type Union,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/**
 * Legs of a union that read the same columns of the same table become one scan with their conditions joined by `or`. A row
 * that satisfies two legs would count twice in the union and once here, so legs merge only where a column that each
 * compares with literals of its own proves that no row is in two of them.
 */
export const mergeLegs: Rewrite = {
  name: 'merge-legs',
  reason: 'four of the parsers behind a view read CommonSecurityLog: one scan instead of four',
  apply: (root) => rewriteRels(root, (rel) => (rel.kind === 'Union' ? merged(rel) : rel)),
};

/** A leg that projects and filters one table. */
interface Leg {
  readonly scan: Scan;
  readonly conjuncts: readonly Expr[];
  readonly items: readonly NamedExpr[];
  readonly rel: Rel;
}

function merged(rel: Union): Rel {
  const groups: (Leg[] | Rel)[] = [];
  for (const input of rel.inputs) {
    const leg = legOf(input);
    const host = leg && groups.find((g): g is Leg[] => Array.isArray(g) && g.every((other) => joins(leg, other)));
    if (host) host.push(leg);
    else groups.push(leg ? [leg] : input);
  }
  if (groups.length === rel.inputs.length) return rel;
  return { ...rel, inputs: groups.map((g) => (Array.isArray(g) ? oneScan(g) : g)) };
}

/** Looks through renamings, which the views stack several deep, and through filters above and below them. */
function legOf(rel: Rel): Leg | undefined {
  let items: readonly NamedExpr[] = rel.columns.map((c) => ({ name: c.name, expr: column(c) }));
  let conjuncts: Expr[] = [];
  for (let inner = rel; ; inner = inner.input) {
    if (inner.kind === 'Scan' && !inner.windowless)
      return conjuncts.length > 0 ? { scan: inner, conjuncts, items, rel } : undefined;
    if (inner.kind === 'Filter') {
      conjuncts = [...conjunctsOf(inner.predicate), ...conjuncts];
    } else if (inner.kind === 'Project') {
      const origin = new Map(inner.items.map((i) => [i.name, i.expr]));
      const onlyRenames = inner.items.every((i) => i.expr.kind === 'Column');
      const onlyRenamed = conjuncts.length === 0 && items.every((i) => i.expr.kind === 'Column');
      if (!onlyRenames && !onlyRenamed) return undefined;
      const below = (e: Expr): Expr => mapExpr(e, (x) => (x.kind === 'Column' ? origin.get(x.name)! : x));
      items = items.map((i) => ({ name: i.name, expr: below(i.expr) }));
      conjuncts = conjuncts.map(below);
    } else return undefined;
  }
}

const joins = (a: Leg, b: Leg): boolean =>
  a.scan.table === b.scan.table && sameItems(a.items, b.items) && disjoint(a.conjuncts, b.conjuncts);

const sameItems = (a: readonly NamedExpr[], b: readonly NamedExpr[]): boolean =>
  a.length === b.length && a.every((x, i) => x.name === b[i]!.name && same(x.expr, b[i]!.expr));

/** Whether two expressions are the same computation; a subquery is the same only as the same object. */
function same(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  if (a.kind === 'Column') return b.kind === 'Column' && a.name === b.name;
  if (a.kind === 'Literal') return b.kind === 'Literal' && a.type === b.type && Object.is(a.value, b.value);
  if (a.kind === 'RunTime') return b.kind === 'RunTime' && a.name === b.name;
  if (a.kind === 'InSubquery') {
    return b.kind === 'InSubquery' && a.rel === b.rel && a.ignoreCase === b.ignoreCase && same(a.value, b.value);
  }
  if (a.kind === 'ScalarSubquery') return b.kind === 'ScalarSubquery' && a.rel === b.rel;
  return (
    b.kind === 'Call' &&
    a.name === b.name &&
    a.type === b.type &&
    // The same call with other results each time must not become one.
    !/^(rand|new_guid)$/.test(a.name) &&
    a.args.length === b.args.length &&
    a.args.every((x, i) => same(x, b.args[i]!))
  );
}

/** Whether some column that both compare with literals has none in common. */
function disjoint(a: readonly Expr[], b: readonly Expr[]): boolean {
  const others = b.flatMap((e) => wantedValues(e) ?? []);
  return a
    .flatMap((e) => wantedValues(e) ?? [])
    .some((x) => others.some((y) => x.column === y.column && ![...x.values].some((v) => y.values.has(v))));
}

/** The only texts that the condition lets a column have: `c == "x"`, `c in ("x", "y")`. */
function wantedValues(e: Expr): { readonly column: string; readonly values: ReadonlySet<string> } | undefined {
  if (e.kind !== 'Call' || (e.name !== '==' && e.name !== 'in')) return undefined;
  const [first, ...rest] = e.args;
  if (first?.kind !== 'Column' || first.type !== 'string') return undefined;
  const values = rest.map(literalValue);
  const texts = values.filter((v): v is string => typeof v === 'string');
  return texts.length === rest.length && rest.every((r) => r.type === 'string')
    ? { column: first.name, values: new Set(texts) }
    : undefined;
}

/**
 * What all legs ask stays outside the `or`, where keys find their index; a set of keys comes first, because few rows are
 * left for the rest.
 */
function oneScan(legs: readonly Leg[]): Rel {
  const [first, ...others] = legs;
  if (!first || others.length === 0) return first!.rel;
  const shared = first.conjuncts.filter((c) => others.every((o) => o.conjuncts.some((x) => same(x, c))));
  const own = legs.map((l) => conjunction(l.conjuncts.filter((c) => !shared.some((s) => same(s, c)))));
  const [keys, rest] = [shared.filter((c) => c.kind === 'InSubquery'), shared.filter((c) => c.kind !== 'InSubquery')];
  const columns = [...new Map(legs.flatMap((l) => l.scan.columns).map((c) => [c.name, c])).values()];
  const predicate = conjunction([...keys, call('or', 'bool', own), ...rest]);
  const input: Filter = { kind: 'Filter', input: { ...first.scan, columns }, predicate, columns };
  return { kind: 'Project', input, items: first.items, columns: first.rel.columns };
}
