import { attempt, type Diagnostic, failure, type Result } from '../base/index.js';
import { type EmitOptions, emit, type Statement } from '../emit/index.js';
import type { Rel } from '../ir/index.js';
import { Binder, type StoredFunction } from '../kql/index.js';
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
  /** What is known of the data; see NeedsAnswer. */
  readonly answers?: readonly Answer[] | undefined;
  /** Names of existing tables, for wildcards. */
  readonly tableNames?: () => readonly string[];
}

export interface Compiled extends Statement {
  readonly notices: readonly Diagnostic[];
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
    const binding = attempt(() => this.binder.bind(kql));
    if (!binding.ok) return binding;
    const bound = binding.value;
    const errors = bound.diagnostics.filter((d) => d.severity === 'error');
    if (errors.length) return failure(errors);
    return lower(bound, {
      binder: this.binder,
      table: (name) => this.table(name),
      inline: (name) => options.inline?.get(name),
      tableNames: options.tableNames ?? (() => []),
      watchlistColumns: (alias) => this.library.watchlistColumns?.(alias) ?? [],
      ownWatchlist: (alias) => this.library.ownWatchlist?.(alias) ?? false,
      answers: options.answers,
      parameters: options.parameters,
    });
  }

  compile(kql: string, options: CompileOptions): Result<Compiled> {
    const lowered = this.lower(kql, options);
    if (!lowered.ok) return lowered;
    return this.emit(lowered.value.rel, options, lowered.value.notices);
  }

  /** The statement for the whole query or, for `explain`, for one of its steps. */
  emit(rel: Rel, options: CompileOptions, notices: readonly Diagnostic[] = []): Result<Compiled> {
    return attempt(() => ({ ...emit(optimise(rel, options), options), notices }));
  }
}
