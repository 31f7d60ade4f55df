import { type Diagnostic, fail, type Span } from '../base/index.js';
import { column, type Expr, type Rel } from '../ir/index.js';
import type { Binder, Node } from '../kql/index.js';
import type { Column, TableSchema } from '../tables/index.js';
import type { Facts } from './facts.js';
import type { Serialized } from './serialized.js';

/** What a name stands for, beside columns. Values are computed on first use, so an unused let costs and breaks nothing. */
export type Binding =
  | { readonly kind: 'scalar'; readonly get: () => Expr }
  | { readonly kind: 'rel'; readonly get: () => Rel; readonly source?: string | undefined }
  | { readonly kind: 'pattern'; readonly declaration: Node; readonly scope: Scope }
  | { readonly kind: 'function'; readonly declaration: Node; readonly scope: Scope };

/** Lexical scope of let names, parameters and `as` names. */
export class Scope {
  private readonly bindings = new Map<string, Binding>();

  constructor(private readonly parent?: Scope) {}

  set(name: string, binding: Binding): void {
    this.bindings.set(name, binding);
  }

  /** Functions that were declared with `view`: a search over every table looks into them too. */
  views(): readonly string[] {
    const own = [...this.bindings].filter(
      ([, b]) => b.kind === 'function' && b.declaration.child('ViewKeyword')?.text === 'view',
    );
    return [...new Set([...(this.parent?.views() ?? []), ...own.map(([name]) => name)])];
  }

  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.parent?.find(name);
  }
}

/** One operator of a pipeline, kept for `rule explain`. */
export interface Step {
  /**
   * `<operator>:<source>`: the source is the leftmost table or function of the right side of a join or lookup, else of the
   * pipeline; lets are looked through. Repeated ids get `:2`, `:3`, …
   */
  readonly id: string;
  readonly operator: string;
  readonly span: Span;
  readonly rel: Rel;
  /** The rows that reach the operator. */
  readonly input: Rel;
}

/** What one lowering shares. */
export interface Session {
  readonly binder: Binder;
  table(name: string): TableSchema | undefined;
  inline(name: string): Rel | undefined;
  /** Names of all tables that could be meant by a wildcard. */
  readonly tableNames: () => readonly string[];
  readonly notices: Diagnostic[];
  readonly tables: Set<string>;
  /** Stored functions that the query resolved to. */
  readonly functions: Set<string>;
  readonly facts: Facts;
  /** What `set` statements gave options that mean something. */
  readonly options: Map<string, Expr>;
  /** Values of declared query parameters that came with the query, as texts. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly steps: Step[];
  /** Calls of functions whose bodies were put in so far. */
  readonly calls: { count: number };
  readonly serialized: Serialized;
  readonly watchlist: (alias: string) => readonly Column[];
  /** Whether the workspace keeps the list itself, see `ownItems`. */
  readonly ownWatchlist: (alias: string) => boolean;
}

export interface Context {
  readonly session: Session;
  readonly scope: Scope;
  /** Columns that scalar expressions may name; none outside a row. */
  readonly row?: Row | undefined;
  /** Inside mv-apply and partition: aggregates, sorts and limits work within groups of these columns. */
  readonly per?: readonly Column[] | undefined;
  /** Operators are recorded as steps: those of the query's own text, not of the stored functions that it calls. */
  readonly steps?: true | undefined;
  /** Leftmost table or function of the pipeline being lowered, for step ids. */
  readonly source?: string | undefined;
  /** Inside a scan: the steps whose state an expression may read, and their places. */
  readonly states?: ReadonlyMap<string, number> | undefined;
  /** Inside a pattern of a graph: its nodes and edges. */
  readonly elements?: Elements | undefined;
  readonly depth: number;
}

/** What expressions say of the nodes and edges of a pattern; undefined where they mean something else. */
export interface Elements {
  property(element: string, property: string, node: Node): Expr | undefined;
  call(name: string, args: readonly Node[], node: Node, cx: Context): Expr | undefined;
}

/** The columns in reach of a scalar expression. A join has two sides. */
export interface Row {
  readonly columns: readonly Column[];
  readonly left?: readonly Column[];
  readonly right?: readonly Column[];
}

const maxDepth = 200;
const maxCalls = 50_000;

export function deeper(cx: Context, node: Node): Context {
  if (cx.depth > maxDepth) fail('KQL1003', 'the query calls functions too deeply', { span: node.span });
  cx.session.calls.count += 1;
  if (cx.session.calls.count > maxCalls)
    fail('KQL1003', `the functions that the query calls call more than ${maxCalls} others`, { span: node.span });
  return { ...cx, depth: cx.depth + 1 };
}

export const withRow = (cx: Context, columns: readonly Column[]): Context => ({ ...cx, row: { columns } });

export const findColumn = (columns: readonly Column[], name: string): Column | undefined =>
  columns.find((c) => c.name === name);

export function columnNamed(cx: Context, node: Node, name: string): Expr {
  const found = findColumn(cx.row?.columns ?? [], name);
  if (!found) fail('KQL1001', `there is no column '${name}' here`, { span: node.span });
  return column(found, node.span);
}

export function unsupported(node: Node, what: string, hint?: string): never {
  fail('KQL4005', what, { span: node.span, hint });
}
