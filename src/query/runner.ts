import {
  type Clock,
  type Diagnostic,
  DiagnosticError,
  failure,
  type Result,
  success,
  systemClock,
  ticksFromMs,
} from '../base/index.js';
import { renderStatement, statementParameters } from '../emit/index.js';
import type { Rel } from '../ir/index.js';
import { type Answer, type Lowered, NeedsAnswer } from '../lower/index.js';
import type { EngineResult, Store } from '../store/index.js';
import { type CacheKey, QueryCache } from './cache.js';
import { type Compiled, type CompileOptions, Compiler, type Library } from './compile.js';
import { countsOf } from './counts.js';
import { computedStage, type Means } from './hosted.js';
import type { Cost, ExplainRunner, Plan } from './plan.js';
import type { QueryRequest, QueryResult, QuerySource } from './result.js';
import { kustoValue } from './values.js';

/** Operators whose columns depend on data, in one query. */
const maxQuestions = 20;

export interface RunnerOptions {
  readonly clock?: Clock | undefined;
  /** Folder where compiled queries are kept between processes. */
  readonly cacheFolder?: string | undefined;
  /** A database in MaxMind's format for geo_info_from_ip_address; the file that VEDETTE_GEO_DATABASE names by default. */
  readonly geoDatabase?: string | undefined;
  /** Hosts, files and folders that queries may read external data from; none when left out. */
  readonly allowExternal?: readonly string[] | undefined;
  /** What a query over external data that it may not read does: it fails (the default), or takes it for empty and says so. */
  readonly missingExternal?: 'fail' | 'empty' | undefined;
  /** Names of the optimiser's rewrites to leave out; the answers are the same. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** Runs KQL over a store. */
export class WorkspaceRunner implements ExplainRunner {
  private compiler: Compiler;
  private readonly cache: QueryCache;
  private readonly lowered = new Map<string, Lowered>();
  private readonly clock: Clock;
  private readonly means: Means;
  private readonly mayLack: boolean;
  private readonly without: ReadonlySet<string> | undefined;

  constructor(
    readonly store: Store,
    readonly library: Library,
    options: RunnerOptions = {},
  ) {
    this.compiler = new Compiler(library);
    this.cache = new QueryCache(options.cacheFolder);
    this.clock = options.clock ?? systemClock;
    this.without = options.without;
    this.means = {
      geoDatabase: options.geoDatabase ?? process.env.VEDETTE_GEO_DATABASE,
      external: options.allowExternal,
    };
    this.mayLack = options.missingExternal === 'empty';
  }

  /** Forgets bound functions, after parsers or watchlists changed. */
  refresh(): void {
    this.compiler = new Compiler(this.library);
    this.lowered.clear();
  }

  async query(
    kql: string,
    request: QueryRequest = {},
    inline?: ReadonlyMap<string, Rel>,
  ): Promise<Result<QueryResult>> {
    const compiled = await this.compile(kql, request, inline);
    if (!compiled.ok) return compiled;
    const answer = await this.runOrSpare(compiled.value, kql, request, inline);
    if (!answer.ok) return answer;
    const notices = [...compiled.value.notices, ...answer.value.notices];
    return success({ ...answer.value, notices: located(notices, request.source) });
  }

  /**
   * Sending keys of a join's left side ahead keeps that side in memory. When it turns out too large for that, the query
   * runs once more without.
   */
  private async runOrSpare(
    compiled: Compiled,
    kql: string,
    request: QueryRequest,
    inline: ReadonlyMap<string, Rel> | undefined,
  ): Promise<Result<QueryResult>> {
    const answer = await this.run(compiled, request);
    const tooLarge = !answer.ok && compiled.stages.length > 0 && answer.diagnostics.some((d) => d.code === 'KQL2002');
    if (!tooLarge) return answer;
    const options = await this.options({ ...request, without: [...(request.without ?? []), 'travel-keys'] }, inline);
    const spare = (await this.answered(options, request, (known) => this.compiler.compile(kql, known))).result;
    return spare.ok && spare.value.sql !== compiled.sql ? this.run(spare.value, request) : answer;
  }

  /** The statement that `query` would run. */
  async compile(kql: string, request: QueryRequest = {}, inline?: ReadonlyMap<string, Rel>): Promise<Result<Compiled>> {
    const options = await this.options(request, inline);
    const key = inline ? undefined : this.keyOf(kql, options);
    const known = key && (await this.cache.find(key));
    if (known) return success(known);
    const answered = await this.answered(options, request, (known) => this.compiler.compile(kql, known));
    const compiled = answered.result;
    if (!compiled.ok) return failure(located(compiled.diagnostics, sourceOf(kql, request)));
    if (key && answered.questions === 0) await this.cache.keep(key, compiled.value);
    return compiled;
  }

  /** As `compile`, as a text that a person can run. */
  async sql(kql: string, request: QueryRequest = {}, inline?: ReadonlyMap<string, Rel>): Promise<Result<string>> {
    const compiled = await this.compile(kql, request, inline);
    return compiled.ok ? success(renderStatement(compiled.value, this.parameters(request))) : compiled;
  }

  async plan(kql: string, request: QueryRequest = {}): Promise<Result<Plan>> {
    const options = await this.options(request);
    const { result: lowered } = await this.answered(options, request, (known) => this.compiler.lower(kql, known));
    if (!lowered.ok) return failure(located(lowered.diagnostics, sourceOf(kql, request)));
    return success(this.planOf(lowered.value, request, options));
  }

  /**
   * The same names over other rows: tables have those that are given for a window, and the others none. What queries mean
   * is kept between calls, so the same query over many sets of rows is bound and lowered once.
   */
  over(rowsIn: (window: QueryRequest['window']) => ReadonlyMap<string, Rel>): ExplainRunner {
    const lowered = async (kql: string, request: QueryRequest) => {
      const rows = rowsIn(request.window);
      const tableNames = [...rows.keys()].sort();
      const options: CompileOptions = {
        exists: () => false,
        tableNames: () => tableNames,
        rows,
        without: this.without,
      };
      const key = JSON.stringify([kql, tableNames]);
      const known = this.lowered.get(key);
      if (known) return { options, result: success(known) };
      const answered = await this.answered(options, request, (o) => this.compiler.lower(kql, o));
      const { result } = answered;
      if (result.ok && answered.questions === 0) this.lowered.set(key, result.value);
      return { options, result: result.ok ? result : failure(located(result.diagnostics, sourceOf(kql, request))) };
    };
    return {
      query: async (kql, request = {}) => {
        const { options, result } = await lowered(kql, request);
        if (!result.ok) return result;
        const compiled = this.compiler.emit(result.value.rel, options);
        const answer = compiled.ok ? await this.run(compiled.value, request) : compiled;
        if (!answer.ok) return failure(located(answer.diagnostics, sourceOf(kql, request)));
        return success({ ...answer.value, notices: located(result.value.notices, request.source) });
      },
      plan: async (kql, request = {}) => {
        const { options, result } = await lowered(kql, request);
        return result.ok ? success(this.planOf(result.value, request, options)) : result;
      },
    };
  }

  private planOf(lowered: Lowered, request: QueryRequest, options: CompileOptions): Plan {
    const rows = async (rel: Rel): Promise<Result<QueryResult>> => {
      const compiled = this.compiler.emit(rel, options);
      return compiled.ok ? this.run(compiled.value, request) : compiled;
    };
    const counts = async (rels: readonly Rel[]): Promise<Result<readonly number[]>> => {
      if (rels.length === 0) return success([]);
      const answer = await rows(countsOf(rels));
      if (!answer.ok) return answer;
      const found = new Map(answer.value.rows.map(([at, n]) => [Number(at), Number(n)]));
      return success(rels.map((_, i) => found.get(i) ?? 0));
    };
    const cost = async (rel: Rel): Promise<Result<Cost>> => {
      const compiled = this.compiler.emit(countsOf([rel]), options);
      if (!compiled.ok) return compiled;
      const begin = performance.now();
      const answer = await this.execute(compiled.value, request);
      if (!answer.ok) return answer;
      return success({ ms: performance.now() - begin, rowsRead: answer.value.rowsRead ?? 0 });
    };
    return { steps: lowered.steps, result: lowered.rel, rows, counts, cost };
  }

  /** Compiles; where the columns of the result depend on data, looks at the data and compiles again. */
  private async answered<T>(
    options: CompileOptions,
    request: QueryRequest,
    compile: (options: CompileOptions) => Result<T>,
  ): Promise<{ result: Result<T>; questions: number }> {
    const answers: Answer[] = [];
    for (;;) {
      try {
        return { result: compile({ ...options, answers }), questions: answers.length };
      } catch (error) {
        if (!(error instanceof NeedsAnswer) || answers.length >= maxQuestions) throw error;
        const statement = this.compiler.emit(error.question.rel, options);
        const answer = statement.ok ? await this.run(statement.value, request) : statement;
        if (!answer.ok) return { result: answer, questions: answers.length };
        answers.push(answer.value.rows);
      }
    }
  }

  private async options(request: QueryRequest, inline?: ReadonlyMap<string, Rel>): Promise<CompileOptions> {
    const tables = await this.store.tables();
    return {
      windowOn: request.window && (request.window.on ?? 'TimeGenerated'),
      exists: (name) => tables.has(name),
      tableNames: () => [...new Set([...tables, ...(inline?.keys() ?? [])])],
      inline,
      parameters: request.parameters,
      conditions: request.conditions,
      without: new Set([...(this.without ?? []), ...(request.without ?? [])]),
    };
  }

  private keyOf(kql: string, options: CompileOptions): CacheKey | undefined {
    const text = options.conditions?.length ? `${kql}\n// ${JSON.stringify(options.conditions)}` : kql;
    const functions = this.library.functionsHash?.([kql, ...(options.conditions ?? [])].join('\n'));
    if (functions === undefined || options.without?.size) return undefined;
    // A condition may call functions too, and is as much a part of the text.
    return {
      kql: text,
      functions,
      tables: options.tableNames?.() ?? [],
      windowOn: options.windowOn ?? '',
      parameters: options.parameters ?? {},
    };
  }

  private parameters(request: QueryRequest) {
    const window = request.window && { from: ticksFromMs(request.window.from), to: ticksFromMs(request.window.to) };
    return statementParameters(ticksFromMs(request.at ?? this.clock.now()), window);
  }

  private async run(compiled: Compiled, request: QueryRequest): Promise<Result<QueryResult>> {
    const notices: Diagnostic[] = [];
    const onMissing = (d: Diagnostic) =>
      notices.push({ ...d, severity: 'warning', message: `${d.message}: it is empty` });
    const answer = await this.execute(compiled, request, this.mayLack ? { ...this.means, onMissing } : this.means);
    if (!answer.ok) return answer;
    const { columns } = compiled;
    const rows = answer.value.rows.map((row) => columns.map((c, i) => kustoValue(c.type, row[i])));
    return success({ columns: columns.map(({ name, type }) => ({ name, type })), rows, notices });
  }

  private async execute(compiled: Compiled, request: QueryRequest, means = this.means): Promise<Result<EngineResult>> {
    try {
      const stages = compiled.stages.map(({ hosted, ...stage }) =>
        hosted ? { ...stage, computed: computedStage(hosted, means) } : stage,
      );
      const staged = { stages, sql: compiled.sql, parameters: this.parameters(request) };
      return success(await this.store.query(staged, { signal: request.signal, timeoutMs: request.timeoutMs }));
    } catch (error) {
      if (error instanceof DiagnosticError) return failure(error.diagnostics);
      throw error;
    }
  }
}

const sourceOf = (kql: string, request: QueryRequest): QuerySource =>
  request.source ?? { name: 'query', text: kql, map: (offset) => offset };

/** Moves spans from the query into the author's file. */
function located(diagnostics: readonly Diagnostic[], source: QuerySource | undefined): Diagnostic[] {
  if (!source) return [...diagnostics];
  return diagnostics.map((d) =>
    d.span && !d.source
      ? {
          ...d,
          source: { name: source.name, text: source.text },
          span: { start: source.map(d.span.start), end: source.map(d.span.end) },
        }
      : d,
  );
}
