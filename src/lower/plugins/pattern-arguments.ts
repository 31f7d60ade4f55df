import { call, column, type Expr, type Literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, findColumn, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { freshName, passOn, project } from '../rel-helpers.js';

/** Arguments by place, of which `'~'` stands for one that is left out. */
export class PatternArguments {
  constructor(
    private readonly nodes: readonly Node[],
    private readonly input: Rel,
    private readonly cx: Context,
  ) {}

  private expr(i: number): Expr | undefined {
    const node = this.nodes[i];
    const value = node && lowerExpr(node, withRow(this.cx, this.input.columns));
    return value?.kind === 'Literal' && value.value === '~' ? undefined : value;
  }

  /** A number within bounds. */
  number(i: number, name: string, otherwise: number, least: number, most: number): number {
    const value = this.expr(i);
    if (value === undefined) return otherwise;
    const known = value.kind === 'Literal' ? Number(value.value) : Number.NaN;
    if (known >= least && known <= most) return known;
    return unsupported(this.nodes[i]!, `${name} wants a literal number from ${least} to ${most}`);
  }

  /** The weight of a row; a count when there is none. */
  weight(i: number): (Expr & { readonly kind: 'Column' }) | undefined {
    const value = this.expr(i);
    if (value === undefined) return undefined;
    if (value.kind === 'Column' && ['int', 'long', 'real', 'decimal'].includes(value.type)) return value;
    return unsupported(this.nodes[i]!, 'the weight must be a column of numbers');
  }

  column(i: number): Column {
    const value = this.expr(i);
    const found = value?.kind === 'Column' ? findColumn(this.input.columns, value.name) : undefined;
    return found ?? unsupported(this.nodes[i] ?? this.nodes[0]!, 'this plugin wants a column here');
  }

  value(i: number): Expr {
    const node = this.nodes[i];
    if (!node) return unsupported(this.nodes[0]!, 'this plugin wants more arguments');
    return lowerExpr(node, { ...this.cx, row: undefined });
  }

  /** From there on, what stands for any value in columns of its type. */
  wildcards(from: number): ReadonlyMap<string, Literal> {
    const found = new Map<string, Literal>();
    for (let i = from; i < this.nodes.length; i++) {
      const value = this.expr(i);
      if (value === undefined) continue;
      if (value.kind !== 'Literal') return unsupported(this.nodes[i]!, 'a wildcard must be a literal');
      found.set(value.type, value);
    }
    return found;
  }
}

/** Columns of the rows that a pattern is made of: not those that a partition keeps its groups apart by. */
export function dimensionsOf(input: Rel, cx: Context, ...without: readonly (string | undefined)[]): Column[] {
  const per = new Set(cx.per?.map((p) => p.name));
  return input.columns.filter((c) => !c.hidden && !per.has(c.name) && !without.includes(c.name));
}

/** Calls that weigh a group: how many rows, or the sum of their weights. */
export function weighing(name: string, weight: Expr | undefined, test?: Expr) {
  const tests = test ? [test] : [];
  const suffix = test ? 'if' : '';
  if (!weight) return { name, call: { name: `count${suffix}`, type: 'long' as const, args: tests } };
  const value = weight.type === 'decimal' ? call('toreal', 'real', [weight]) : weight;
  const type = value.type === 'real' ? ('real' as const) : ('long' as const);
  return { name, call: { name: `sum${suffix}`, type, args: [value, ...tests] } };
}

export interface PatternSearch {
  readonly operation: string;
  readonly settings: unknown;
  readonly dimensions: readonly Column[];
  readonly calls: readonly ReturnType<typeof weighing>[];
  /** Columns before the pattern. */
  readonly measures: readonly Column[];
  readonly wildcards: ReadonlyMap<string, Literal>;
  /** The weight's column, which is in no pattern. */
  readonly weight?: Column | undefined;
}

/**
 * Equal rows go out once, with their weight. A pattern comes back as a value and a flag for each column: the flag says that
 * any value fits.
 */
export function patternsOf(node: Node, input: Rel, cx: Context, search: PatternSearch): Rel {
  const { dimensions, calls, measures, wildcards, weight } = search;
  const groups = passOn(cx.per ?? []);
  const per = (cx.per ?? []).map((c): Column => ({ name: c.name, type: c.type }));
  const keys: NamedExpr[] = [...groups, ...passOn(dimensions)];
  const keyColumns: Column[] = [...per, ...dimensions.map(({ name, type }) => ({ name, type }))];
  const counted: Rel = {
    kind: 'Aggregate',
    input,
    keys,
    calls,
    columns: [...keyColumns, ...calls.map((c) => ({ name: c.name, type: c.call.type }))],
  };
  const flags: Column[] = [];
  for (const d of dimensions)
    flags.push({ name: freshName(`any_${d.name}`, dimensions, measures, flags, per), type: 'bool' });
  const clash = measures.find((m) => dimensions.some((d) => d.name === m.name) || weight?.name === m.name);
  if (clash) return unsupported(node, `the rows have a column ${clash.name} already`, 'project-rename it');
  const found: Rel = {
    kind: 'Hosted',
    input: counted,
    operation: { name: search.operation, settings: search.settings, per: per.length },
    columns: [...per, ...measures, ...keyColumns.slice(per.length), ...flags],
    span: node.span,
  };
  const order = input.columns.filter((c) => c.name === weight?.name || dimensions.some((d) => d.name === c.name));
  const items = order.map((c): NamedExpr => {
    const wildcard = wildcards.get(c.type) ?? { kind: 'Literal', type: c.type, value: c.type === 'string' ? '' : null };
    const flag = flags[dimensions.findIndex((d) => d.name === c.name)];
    if (!flag) return { name: c.name, expr: wildcard };
    const value = column(c);
    return { name: c.name, expr: wildcards.has(c.type) ? call('iff', c.type, [column(flag), wildcard, value]) : value };
  });
  return project(found, [...groups, ...passOn(measures), ...items], node.span);
}
