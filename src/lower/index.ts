import { attempt, type Diagnostic, fail, type Result } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Binder, Bound } from '../kql/index.js';
import type { Column, TableSchema } from '../tables/index.js';
import { type Context, Scope, type Session, type Step } from './context.js';
import type { Answer } from './facts.js';
import { findGraph } from './graph/graph.js';
import { lowerStatements } from './statements.js';

export type { Step } from './context.js';
export { type Coverage, coverageOf, refusedNames } from './coverage.js';
export { type Answer, NeedsAnswer, type Question } from './facts.js';

export interface LowerOptions {
  readonly binder: Binder;
  table(name: string): TableSchema | undefined;
  /** Rows that come with the query and stand for a table. */
  inline?(name: string): Rel | undefined;
  tableNames(): readonly string[];
  watchlistColumns(alias: string): readonly Column[];
  ownWatchlist?(alias: string): boolean;
  /** Values of declared query parameters, as texts. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Answers to the questions that lowering asked before, in order. */
  readonly answers?: readonly Answer[] | undefined;
}

/** A query in relational form, and what it touches. */
export interface Lowered {
  readonly rel: Rel;
  readonly steps: readonly Step[];
  readonly notices: readonly Diagnostic[];
  readonly tables: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
}

/** Turns a bound query into a relation. Throws NeedsAnswer when its columns depend on data not yet known. */
export function lower(bound: Bound, options: LowerOptions): Result<Lowered> {
  const session: Session = {
    binder: options.binder,
    table: (name) => options.table(name),
    inline: (name) => options.inline?.(name),
    tableNames: () => options.tableNames(),
    watchlist: (alias) => options.watchlistColumns(alias),
    ownWatchlist: (alias) => options.ownWatchlist?.(alias) ?? false,
    notices: [],
    tables: new Set(),
    functions: new Set(),
    facts: { answers: options.answers ?? [], asked: 0 },
    steps: [],
    calls: { count: 0 },
    serialized: new WeakSet(),
    parameters: options.parameters ?? {},
    options: new Map(),
  };
  const cx: Context = { session, scope: new Scope(), steps: true, depth: 0 };
  return attempt(() => {
    const value = lowerStatements(bound.root, cx);
    if ('columns' in value && findGraph(value)) {
      const hint = '| graph-to-table nodes, or | graph-match …';
      fail('KQL1002', 'a graph is no result', { span: bound.root.span, hint });
    }
    const rel: Rel =
      'columns' in value
        ? value
        : {
            kind: 'Project',
            input: { kind: 'Values', columns: [], rows: [[]] },
            items: [{ name: 'print_0', expr: value }],
            columns: [{ name: 'print_0', type: value.type }],
          };
    return {
      rel,
      steps: session.steps,
      notices: session.notices,
      tables: session.tables,
      functions: session.functions,
    };
  });
}
