import { attempt, type Diagnostic, failure, type Result } from '../base/index.js';
import { type EmitOptions, emit, type Statement } from '../emit/index.js';
import type { Rel } from '../ir/index.js';
import { Binder, isCondition, type StoredFunction } from '../kql/index.js';
import { type Answer, type Lowered, lower } from '../lower/index.js';
import { optimise } from '../optimise/index.js';
import { type Column, catalogue, type TableSchema } from '../tables/index.js';

/** The names that queries of a workspace may use. */
export interface Library {
  function(name: string): StoredFunction | undefined;
  /** Tables beyond the catalogue: custom tables of the workspace, tables that a check assumes. */
  table?(name: string): TableSchema | undefined;
  watchlistColumns?(alias: string): readonly Column[];
  /** Whether the list was imported here, and its rows are not those of a Sentinel workspace. */
  ownWatchlist?(alias: string): boolean;
  /**
   * Hash of everything beyond the text and the catalogue that the query's meaning rests on: stored functions, custom
   * tables, watchlist columns. Without it nothing is cached.
   */
  functionsHash?(kql: string): string;
}

export interface CompileOptions {
  readonly windowOn?: EmitOptions['windowOn'];
  readonly exists: (table: string) => boolean;
  /** Names of rewrites to leave out. */
  readonly without?: ReadonlySet<string> | undefined;
  readonly database?: string | undefined;
  /** Tables that come with the query: names, columns and rows. */
  readonly inline?: ReadonlyMap<string, Rel> | undefined;
  /** Rows in place of those of a table that is known otherwise; what a query means does not depend on them. */
  readonly rows?: ReadonlyMap<string, Rel> | undefined;
  /** Values of declared query parameters, as texts. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** See `QueryRequest`. */
  readonly conditions?: readonly string[] | undefined;
  /** What is known of the data; see NeedsAnswer. */
  readonly answers?: readonly Answer[] | undefined;
  /** Names of existing tables, for wildcards. */
  readonly tableNames?: () => readonly string[];
}

export interface Compiled extends Statement {
  readonly notices: readonly Diagnostic[];
}

/** Trees are walked by recursion: what is nested too deep for the stack is refused like anything else. */
function shallow<T>(make: () => Result<T>): Result<T> {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure([{ code: 'KQL1003', severity: 'error', message: 'the query is nested too deep' }]);
  }
}

/** KQL to SQL. Bound functions are kept, so one compiler serves many queries of the same library. */
export class Compiler {
  private readonly binder: Binder;

  constructor(private readonly library: Library) {
    this.binder = new Binder({
      table: (name) => this.table(name),
      function: (name) => library.function(name),
      watchlistColumns: (alias) => library.watchlistColumns?.(alias) ?? [],
      tableNames: () => this.tableNames(),
    });
  }

  private tableNames: () => readonly string[] = () => [];
  private inline: ReadonlyMap<string, Rel> | undefined;

  private table(name: string): TableSchema | undefined {
    const own = this.inline?.get(name);
    if (own) return { name, columns: own.columns };
    return catalogue.table(name) ?? this.library.table?.(name);
  }

  /** Parses, binds and lowers. Diagnostics of a failure carry spans in the text. Throws NeedsAnswer. */
  lower(kql: string, options: CompileOptions): Result<Lowered> {
    this.inline = options.inline;
    this.tableNames = options.tableNames ?? (() => []);
    const binding = shallow(() => attempt(() => this.binder.bind(kql)));
    if (!binding.ok) return binding;
    const bound = binding.value;
    const errors = bound.diagnostics.filter((d) => d.severity === 'error');
    if (errors.length) return failure(errors);
    const names = {
      binder: this.binder,
      table: (name: string) => this.table(name),
      inline: (name: string) => options.inline?.get(name),
      tableNames: options.tableNames ?? (() => []),
      watchlistColumns: (alias: string) => this.library.watchlistColumns?.(alias) ?? [],
      ownWatchlist: (alias: string) => this.library.ownWatchlist?.(alias) ?? false,
      answers: options.answers,
      parameters: options.parameters,
    };
    return shallow(() => lower(bound, names));
  }

  compile(kql: string, options: CompileOptions): Result<Compiled> {
    const lowered = this.lower(kql, options);
    if (!lowered.ok) return lowered;
    const { rel, notices } = lowered.value;
    const conditions = options.conditions ?? [];
    if (conditions.length === 0) return this.emit(rel, options, notices);
    const tested = this.tested(rel, conditions, options);
    return tested.ok ? this.emit(tested.value.rel, options, [...notices, ...tested.value.notices]) : tested;
  }

  /** The relation with a column for each condition, which is bound and lowered as any KQL over its columns. */
  private tested(rel: Rel, conditions: readonly string[], options: CompileOptions): Result<Lowered> {
    const taken = new Set(rel.columns.map((column) => column.name));
    const name = (i: number): string => {
      let found = `condition_${i}`;
      while (taken.has(found)) found = `_${found}`;
      return found;
    };
    const items = conditions.map((condition, i) => `${name(i)} = (\n${condition}\n)`);
    const text = `Result__ | extend ${items.join(', ')}`;
    const source = { name: 'condition', text };
    const refused = (message: string): Result<never> =>
      failure([{ code: 'KQL1002', severity: 'error', message, source }]);
    const broken = conditions.find((condition) => !isCondition(condition));
    if (broken !== undefined) return refused(`${broken} is not one condition`);
    const tested = this.lower(text, { ...options, inline: new Map([...(options.inline ?? []), ['Result__', rel]]) });
    if (!tested.ok) return failure(tested.diagnostics.map((d) => ({ source, ...d })));
    const at = tested.value.rel.columns.slice(-conditions.length).findIndex((column) => column.type !== 'bool');
    return at < 0 ? tested : refused(`${conditions[at]} is neither true nor false`);
  }

  /** The statement for the whole query or, for `explain`, for one of its steps. */
  emit(rel: Rel, options: CompileOptions, notices: readonly Diagnostic[] = []): Result<Compiled> {
    return shallow(() => attempt(() => ({ ...emit(optimise(rel, options), options), notices })));
  }
}
