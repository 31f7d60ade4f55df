import { column, type Expr, literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node, StoredParameter } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, Scope, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { project } from '../rel-helpers.js';
import { lowerStatements } from '../statements.js';

/** Plugins that are queries themselves: written in KQL over columns of fixed names, then bound and lowered as any query. */

/** The rows by another name: `T` of the text. Columns that the user named have the names that the text knows. */
export interface Tabular {
  readonly name: string;
  readonly rel: Rel;
}

/** @param values what the text's variables stand for */
export function lowerText(
  text: string,
  tables: readonly Tabular[],
  values: Readonly<Record<string, Expr>>,
  cx: Context,
): Rel {
  const parameters: StoredParameter[] = [
    ...tables.map((t): StoredParameter => ({ name: t.name, type: '(*)' })),
    ...Object.entries(values).map(([name, e]): StoredParameter => ({ name, type: e.type })),
  ];
  // What is bound is kept under its name: the text and the types of its variables.
  const name = [text, ...parameters.map((p) => `${p.name}:${p.type}`)].join('\n');
  const { bound } = cx.session.binder.bindFunction(
    { name, parameters, body: text },
    tables.map((t) => ({ name: t.name, columns: t.rel.columns })),
  );
  const error = bound.diagnostics.find((d) => d.severity === 'error');
  if (error) throw new Error(`${error.code} ${error.message} in ${text}`);
  const scope = new Scope();
  for (const { name, rel } of tables) {
    const shared: Rel = rel.kind === 'Shared' ? rel : { kind: 'Shared', name, input: rel, columns: rel.columns };
    scope.set(name, { kind: 'rel', get: () => shared });
  }
  for (const [name, e] of Object.entries(values)) scope.set(name, { kind: 'scalar', get: () => e });
  const inside: Context = { ...cx, scope, steps: undefined, row: undefined, per: undefined };
  const result = lowerStatements(bound.root, inside);
  if (!('columns' in result)) throw new Error(`the text of a plugin gives no table: ${text}`);
  return result;
}

export const argumentsOf = (node: Node): readonly Node[] => node.child('ArgumentList')?.list('Expressions') ?? [];

/** The column that an argument names. */
export function columnArgument(node: Node, input: Rel, cx: Context): Column {
  const e = lowerExpr(node, withRow(cx, input.columns));
  return e.kind === 'Column' ? { name: e.name, type: e.type } : unsupported(node, 'a column is wanted here');
}

export const isColumn = (node: Node, input: Rel): boolean =>
  node.kind === 'NameReference' && input.columns.some((c) => c.name === node.name);

/** A value that no row changes. */
export const constantArgument = (node: Node, cx: Context): Expr => lowerExpr(node, { ...cx, row: undefined });

/**
 * Columns to slice by. The text knows them as d0, d1, …, after a constant `k`, so that there is always one to group and
 * join by. Groups of an outer partition are dimensions like the others.
 */
export class Dimensions {
  private readonly own: readonly Column[];
  private readonly outer: readonly Column[];

  constructor(own: readonly Column[], cx: Context) {
    this.own = own;
    this.outer = (cx.per ?? []).filter((p) => !own.some((c) => c.name === p.name));
  }

  private get all(): readonly Column[] {
    return [...this.own, ...this.outer];
  }

  /** `k, d0, d1`: for by, on, distinct and project. */
  get list(): string {
    return ['k', ...this.all.map((_, i) => `d${i}`)].join(', ');
  }

  /** `prev(k) != k or prev(d0) != d0`: the row begins a group of the sorted rows. */
  get changes(): string {
    return this.list
      .split(', ')
      .map((d) => `prev(${d}) != ${d}`)
      .join(' or ');
  }

  /** The input with the columns that the text reads only. */
  rows(input: Rel, named: Readonly<Record<string, Column>>): Tabular {
    const items: NamedExpr[] = [
      ...Object.entries(named).map(([name, c]) => ({ name, expr: column(c) })),
      { name: 'k', expr: literal('long', 1n) },
      ...this.all.map((c, i) => ({ name: `d${i}`, expr: column(c) })),
    ];
    return { name: 'T', rel: project(input, items) };
  }

  /**
   * The result under the names that the binder gives it. `first` are the text's names of the columns before the
   * dimensions, `last` of those after.
   */
  named(result: Rel, first: readonly string[], last: readonly string[], node: Node, operator: Node): Rel {
    const order = [...first, ...this.own.map((_, i) => `d${i}`), ...last];
    const names = operator.columns ?? node.columns ?? [];
    const find = (name: string) => result.columns.find((c) => c.name === name)!;
    const items = order.map((name, i) => ({ name: names[i]?.name ?? name, expr: column(find(name)) as Expr }));
    const groups = this.outer.map((c, i) => ({ name: c.name, expr: column(find(`d${this.own.length + i}`)) as Expr }));
    return project(result, [...items, ...groups], node.span);
  }
}
