import { attempt, failure, type Result, success } from '../base/index.js';
import { type EmitOptions, emit, type Statement } from '../emit/index.js';
import type { Rel } from '../ir/index.js';
import { Binder, type StoredFunction } from '../kql/index.js';
import { type Lowered, lower } from '../lower/index.js';
import { optimise } from '../optimise/index.js';
import { type Column, catalogue, type TableSchema } from '../tables/index.js';

/** The names that queries of a workspace may use. */
export interface Library {
  function(name: string): StoredFunction | undefined;
  /** Tables beyond the catalogue: custom tables of the workspace, tables that a check assumes. */
  table?(name: string): TableSchema | undefined;
  watchlistColumns?(alias: string): readonly Column[];
}

export interface CompileOptions {
  /** Ticks since the Unix epoch. */
  readonly now: bigint;
  readonly window?: EmitOptions['window'];
  readonly exists: (table: string) => boolean;
  /** Names of rewrites to leave out. */
  readonly without?: ReadonlySet<string> | undefined;
  readonly database?: string | undefined;
  /** Tables whose rows come with the query. */
  readonly inline?: ReadonlyMap<string, Rel> | undefined;
  /** Names of existing tables, for wildcards. */
  readonly tableNames?: () => readonly string[];
}

export interface Compiled extends Statement {
  readonly lowered: Lowered;
}

/** KQL to SQL. Bound functions are kept, so one compiler serves many queries of the same library. */
export class Compiler {
  private readonly binder: Binder;

  constructor(private readonly library: Library) {
    this.binder = new Binder({
      table: (name) => this.table(name),
      function: (name) => library.function(name),
      watchlistColumns: (alias) => library.watchlistColumns?.(alias) ?? [],
    });
  }

  private inline: ReadonlyMap<string, Rel> | undefined;

  private table(name: string): TableSchema | undefined {
    const own = this.inline?.get(name);
    if (own) return { name, columns: own.columns };
    return catalogue.table(name) ?? this.library.table?.(name);
  }

  /** Parses, binds and lowers. Diagnostics of a failure carry spans in the text. */
  lower(kql: string, options: CompileOptions): Result<Lowered> {
    this.inline = options.inline;
    const bound = this.binder.bind(kql);
    const errors = bound.diagnostics.filter((d) => d.severity === 'error');
    if (errors.length) return failure(errors);
    return lower(bound, {
      binder: this.binder,
      table: (name) => this.table(name),
      inline: (name) => options.inline?.get(name),
      tableNames: options.tableNames ?? (() => []),
      watchlistColumns: (alias) => this.library.watchlistColumns?.(alias) ?? [],
      now: options.now,
    });
  }

  compile(kql: string, options: CompileOptions): Result<Compiled> {
    const lowered = this.lower(kql, options);
    if (!lowered.ok) return lowered;
    return this.emit(lowered.value, lowered.value.rel, options);
  }

  /** The statement for the whole query or, for `explain`, for one of its steps. */
  emit(lowered: Lowered, rel: Rel, options: CompileOptions): Result<Compiled> {
    const statement = emitted(rel, options);
    return statement.ok ? success({ ...statement.value, lowered }, lowered.notices) : statement;
  }
}

function emitted(rel: Rel, options: CompileOptions): Result<Statement> {
  return attempt(() => emit(optimise(rel, options), options));
}
