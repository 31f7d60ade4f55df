import {
  type Aggregate,
  type AggregateCall,
  call,
  column,
  type Expr,
  type NamedExpr,
  type Rel,
} from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { compoundNames, explicitName, unnamed } from '../naming.js';
import { freshName, passOn, project } from '../rel-helpers.js';
import { tupleItems, tupleNames } from '../tuple-calls.js';
import { windowed } from '../window-calls.js';
import type { LowerOperator } from './index.js';

/** Columns that tell the groups of mv-apply or partition apart, as grouping keys. */
export const groupKeys = (cx: Context): NamedExpr[] => passOn(cx.per ?? []);

/**
 * Result columns come keys first, then aggregates. An aggregate may stand inside a larger expression
 * (`round(avg(x), 2)`): it is computed under a name of its own and the expression over it is projected afterwards.
 */
export const summarize: LowerOperator = (node, input, cx) => {
  const row = withRow(cx, input.columns);
  const names = (node.columns ?? []).map((c) => c.name);
  const byNodes = node.child('ByClause')?.list('Expressions') ?? [];
  const explicit = new Set<string>();
  for (const e of [...byNodes, ...node.list('Aggregates')]) {
    const name = explicitName(e);
    if (name !== undefined) explicit.add(name);
    for (const n of compoundNames(e)) explicit.add(n);
  }
  const byKeys = byNodes.map((e, i): NamedExpr => {
    const name = explicitName(e) ?? names[i];
    if (name === undefined) return unsupported(e, 'this expression has no name');
    return { name, expr: lowerExpr(unnamed(e), row) };
  });
  const keys = [...groupKeys(cx).filter((g) => !byKeys.some((k) => k.name === g.name)), ...byKeys];
  const collector = new AggregateCollector(node, input, row);
  let free = names.slice(byKeys.length).filter((n) => !explicit.has(n));
  const results: ResultColumn[] = [];
  for (const e of node.list('Aggregates')) {
    const compound = compoundNames(e);
    const own = explicitName(e) ?? compound[0];
    const many = collector.several(unnamed(e), own, byKeys);
    if (many) {
      const named = many.map((m, i) => (compound[i] ? { name: compound[i], expr: m.expr } : m));
      results.push(...named);
      free = free.filter((n) => !named.some((m) => m.name === n));
      continue;
    }
    const expr = collector.lower(unnamed(e));
    const parts = tupleItems(expr);
    if (parts) {
      const given = compound.length > 0 ? compound : own === undefined ? undefined : [own];
      const left = free.splice(0, parts.length - (given?.length ?? 0));
      const taken = new Set([...explicit, ...results.map((i) => i.name)]);
      const fresh = given ?? tupleNames(parts, left, taken);
      const naming = given ? undefined : 'bound';
      results.push(...fresh.slice(0, parts.length).map((name, i) => ({ name, expr: parts[i]!.expr, naming }) as const));
      continue;
    }
    const pair = own === undefined ? pairName(e, results) : undefined;
    if (own !== undefined) {
      results.push({ name: own, expr });
      continue;
    }
    const bound = free.shift();
    const name = pair ?? bound;
    if (name === undefined) return unsupported(e, 'this aggregate has no certain name', 'give it one: name = …');
    results.push({ name, expr, naming: pair === undefined ? 'bound' : 'ours' });
  }
  const items = namedByBinder(results, names.slice(byKeys.length), input.columns) ?? numbered(results, byKeys);
  const keyColumns = keys.map((k): Column => ({ name: k.name, type: k.expr.type }));
  const taken = new Set([...keys, ...items].map((r) => r.name));
  const carried = [...collector.carried].filter(([name]) => !taken.has(name)).map(([name, c]) => ({ name, call: c }));
  const carriedColumns = carried.map((c): Column => ({ name: c.name, type: c.call.type, hidden: true }));
  const aggregated: Aggregate = {
    kind: 'Aggregate',
    input,
    keys,
    calls: [...collector.calls, ...carried],
    columns: [...keyColumns, ...collector.calls.map((c) => ({ name: c.name, type: c.call.type })), ...carriedColumns],
    span: node.span,
  };
  const direct =
    items.length === collector.calls.length &&
    items.every((item, i) => item.expr.kind === 'Column' && item.expr.name === collector.calls[i]!.name);
  if (direct) {
    const calls = [...collector.calls.map((c, i) => ({ ...c, name: items[i]!.name })), ...carried];
    const columns = [...keyColumns, ...items.map((i) => ({ name: i.name, type: i.expr.type })), ...carriedColumns];
    return windowed({ ...aggregated, calls, columns }, cx);
  }
  return project(
    windowed(aggregated, cx),
    [...passOn(keyColumns), ...items, ...passOn(carriedColumns)],
    undefined,
    true,
  );
};

/** A result under the name that the query gives it; `bound`: the binder's name in its place is right; `ours`: it is not. */
interface ResultColumn extends NamedExpr {
  readonly naming?: 'bound' | 'ours' | undefined;
}

const base = (name: string) => name.replace(/\d+$/, '');

/**
 * The results under the binder's names, which are numbered where they would come twice: arg_max(v, w), arg_min(v, w) give
 * v, w, v1, w1. Undefined where its names are not those of the results. It knows no hidden columns: its `*` carries them on.
 */
function namedByBinder(
  results: readonly ResultColumn[],
  bound: readonly string[],
  existing: readonly Column[],
): NamedExpr[] | undefined {
  const hidden = new Set(existing.filter((c) => c.hidden).map((c) => c.name));
  const isHidden = (name: string | undefined) => name !== undefined && (hidden.has(name) || hidden.has(base(name)));
  const named: NamedExpr[] = [];
  let at = 0;
  for (const { name, expr, naming } of results) {
    const fits = () => bound[at] !== undefined && (naming ? !isHidden(bound[at]) : base(bound[at]!) === base(name));
    while (!fits() && isHidden(bound[at])) at++;
    if (!fits()) return undefined;
    named.push({ name: naming === 'ours' ? name : bound[at]!, expr });
    at++;
  }
  return bound.slice(at).every(isHidden) ? named : undefined;
}

/** The name of an aggregate of two columns is made of both; the binder uses the first only. */
function pairName(node: Node, before: readonly NamedExpr[]): string | undefined {
  if (node.kind !== 'FunctionCallExpression' || !/^covariance/.test(node.get('Name').name)) return undefined;
  const [x, y] = argumentsOf(node).map(explicitName);
  if (x === undefined || y === undefined)
    return unsupported(node, 'this aggregate has no certain name', 'give it one: name = …');
  return freshName(
    `${node.get('Name').name}_${x}_${y}`,
    before.map((i) => ({ name: i.name, type: i.expr.type })),
  );
}

/** Names that come twice get a number, as the binder's. */
function numbered(items: readonly NamedExpr[], keys: readonly NamedExpr[]): NamedExpr[] {
  const taken = new Set(keys.map((k) => k.name));
  return items.map((item) => {
    let name = item.name;
    for (let n = 1; taken.has(name); n++) name = `${item.name}${n}`;
    taken.add(name);
    return { ...item, name };
  });
}

const argumentsOf = (node: Node) => node.child('ArgumentList')?.list('Expressions') ?? [];

/** Computes the aggregates in expressions under names of their own. */
export class AggregateCollector {
  readonly calls: { name: string; call: AggregateCall }[] = [];
  /** Hidden columns that go with a `*`, by name: who asks for one behind it finds it. */
  readonly carried = new Map<string, AggregateCall>();

  constructor(
    private readonly operator: Node,
    private readonly input: Rel,
    private readonly cx: Context,
  ) {}

  /** Lowers an expression in which calls of aggregates become columns of the aggregation. */
  lower(node: Node): Expr {
    if (node.kind === 'FunctionCallExpression' && node.reference?.kind === 'aggregate') return this.aggregate(node);
    if (node.kind === 'ParenthesizedExpression' || node.kind === 'SimpleNamedExpression')
      return this.lower(node.get('Expression'));
    if (!containsAggregate(node)) return lowerExpr(node, this.cx);
    if (node.kind === 'FunctionCallExpression') {
      return call(
        node.get('Name').name,
        node.type ?? 'dynamic',
        argumentsOf(node).map((a) => this.lower(a)),
        node.span,
      );
    }
    const left = node.child('Left');
    const right = node.child('Right');
    if (left && right) {
      return call(
        node.get('Operator').text.toLowerCase(),
        node.type ?? 'dynamic',
        [this.lower(left), this.lower(right)],
        node.span,
      );
    }
    if (node.kind === 'ElementExpression' || node.kind === 'PathExpression') {
      const selector = node.get('Selector');
      const key =
        node.kind === 'PathExpression'
          ? ({ kind: 'Literal', type: 'string', value: selector.name } as const)
          : lowerExpr(selector.child('Expression') ?? selector, this.cx);
      return call('.', 'dynamic', [this.lower(node.get('Expression')), key], node.span);
    }
    if (node.kind === 'UnaryMinusExpression')
      return call('unary-', node.type ?? 'dynamic', [this.lower(node.get('Expression'))], node.span);
    return unsupported(node, 'an aggregate in this place is not supported');
  }

  private aggregate(node: Node): Expr {
    const args = argumentsOf(node).map((a) => lowerExpr(unnamed(a), this.cx));
    const name = node.get('Name').name;
    const result = freshName(
      `${name}_`,
      this.input.columns,
      this.calls.map((c) => ({ name: c.name, type: 'long' })),
    );
    const type = node.type ?? args[0]?.type ?? 'dynamic';
    // The schema is made in this process, of the different values.
    const isSchema = name === 'buildschema';
    const made = isSchema ? 'distinct_values' : name;
    this.calls.push({ name: result, call: { name: made, type, args, span: node.span } });
    const value = column({ name: result, type });
    return isSchema ? call('schema_of', 'dynamic', [value], node.span) : value;
  }

  /** arg_max, arg_min, take_any and their kin, which give several columns; undefined for other aggregates. */
  several(node: Node, ownName: string | undefined, keys: readonly NamedExpr[]): ResultColumn[] | undefined {
    if (node.kind !== 'FunctionCallExpression' || node.reference?.kind !== 'aggregate') return undefined;
    const name = node.get('Name').name.toLowerCase();
    const args = argumentsOf(node);
    const end = /^arg_?(max|min)$/.exec(name)?.[1];
    if (end) {
      const [by, ...returned] = args;
      const key = lowerExpr(unnamed(by!), this.cx);
      // The older names give max_v, max_v_w where arg_max(v, w) gives v, w.
      const old = name.includes('_') ? undefined : `${end}_${explicitName(by!) ?? ''}`;
      const given = ownName ?? old ?? explicitName(by!);
      const byName = given ?? this.unexplained(keys, returned) ?? `${end}_`;
      const first = this.add(`arg_${end}_key`, key.type, [key], node);
      const taken = old ? [explicitName(by!) ?? ''] : [byName];
      const rest = this.returned(returned, keys, taken).map(({ name: n, expr }) => ({
        name: old ? `${old}_${n}` : n,
        expr: this.add(`arg_${end}_value`, expr.type, [key, expr], node),
      }));
      if (!old) this.carry(returned, (value) => ({ name: `arg_${end}_value`, args: [key, value] }), node);
      return [{ name: byName, expr: first, naming: given === undefined ? 'bound' : undefined }, ...rest];
    }
    if (name === 'percentiles' || name === 'percentilesw') {
      const weighted = name === 'percentilesw';
      const [value, ...rest] = args.map((a) => lowerExpr(unnamed(a), this.cx));
      const weights = weighted ? rest.slice(0, 1) : [];
      return rest.slice(weights.length).map((p, i) => ({
        name: `${ownName ?? 'percentile'}_${i}`,
        naming: 'bound',
        expr: this.add(weighted ? 'percentilew' : 'percentile', value!.type, [value!, ...weights, p], node),
      }));
    }
    if (name === 'take_any' || name === 'any' || name === 'anyif' || name === 'take_anyif') {
      if (args.length === 1 && args[0]!.kind !== 'StarExpression') return undefined;
      if (name.endsWith('if')) return undefined;
      this.carry(args, (value) => ({ name: 'take_any', args: [value] }), node);
      return this.returned(args, keys, []).map(({ name: n, expr }) => ({
        name: n,
        expr: this.add('take_any', expr.type, [expr], node),
      }));
    }
    return undefined;
  }

  private add(name: string, type: Column['type'], args: readonly Expr[], node: Node): Expr {
    const result = freshName(
      `${name}_`,
      this.input.columns,
      this.calls.map((c) => ({ name: c.name, type: 'long' })),
    );
    this.calls.push({ name: result, call: { name, type, args, span: node.span } });
    return column({ name: result, type });
  }

  private carry(nodes: readonly Node[], call: (value: Expr) => { name: string; args: Expr[] }, node: Node): void {
    if (!nodes.some((n) => n.kind === 'StarExpression')) return;
    for (const c of this.input.columns.filter((i) => i.hidden && !this.carried.has(i.name)))
      this.carried.set(c.name, { ...call(column(c)), type: c.type, span: node.span });
  }

  private returned(nodes: readonly Node[], keys: readonly NamedExpr[], taken: readonly string[]): NamedExpr[] {
    return nodes.flatMap((n): NamedExpr[] => {
      if (n.kind === 'StarExpression') {
        const gone = new Set([...keys.map((k) => k.name), ...taken]);
        return passOn(this.input.columns.filter((c) => !gone.has(c.name) && !c.hidden));
      }
      const name = explicitName(n) ?? n.text;
      return [{ name, expr: lowerExpr(unnamed(n), this.cx) }];
    });
  }

  /** The binder's name for the key of an arg_max over an expression. */
  private unexplained(keys: readonly NamedExpr[], returned: readonly Node[]): string | undefined {
    const explained = new Set([
      ...keys.map((k) => k.name),
      ...this.input.columns.map((c) => c.name),
      ...returned.map((r) => explicitName(r)),
    ]);
    return (this.operator.columns ?? []).map((c) => c.name).find((n) => !explained.has(n));
  }
}

function containsAggregate(node: Node): boolean {
  if (node.kind === 'FunctionCallExpression' && node.reference?.kind === 'aggregate') return true;
  return node.children.some(containsAggregate);
}
