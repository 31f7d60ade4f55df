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
import type { Rel } from '../ir/index.js';
import type { Store } from '../store/index.js';
import { type Compiled, type CompileOptions, Compiler, type Library } from './compile.js';
import { countsOf } from './counts.js';
import type { ExplainRunner, Plan } from './plan.js';
import type { QueryRequest, QueryResult, QuerySource } from './result.js';
import { kustoValue } from './values.js';

/** Runs KQL over a store. */
export class WorkspaceRunner implements ExplainRunner {
  private compiler: Compiler;

  constructor(
    readonly store: Store,
    readonly library: Library,
    private readonly clock: Clock = systemClock,
  ) {
    this.compiler = new Compiler(library);
  }

  /** Forgets bound functions, after parsers or watchlists changed. */
  refresh(): void {
    this.compiler = new Compiler(this.library);
  }

  async query(
    kql: string,
    request: QueryRequest = {},
    inline?: ReadonlyMap<string, Rel>,
  ): Promise<Result<QueryResult>> {
    const compiled = await this.compile(kql, request, inline);
    if (!compiled.ok) return compiled;
    const answer = await this.run(compiled.value, request);
    return answer.ok ? success({ ...answer.value, notices: located(compiled.diagnostics, request.source) }) : answer;
  }

  /** The statement that `query` would run. */
  async compile(kql: string, request: QueryRequest = {}, inline?: ReadonlyMap<string, Rel>): Promise<Result<Compiled>> {
    const options = await this.options(request, inline);
    const compiled = this.compiler.compile(kql, options);
    return compiled.ok ? compiled : failure(located(compiled.diagnostics, sourceOf(kql, request)));
  }

  async plan(kql: string, request: QueryRequest = {}): Promise<Result<Plan>> {
    const options = await this.options(request);
    const lowered = this.compiler.lower(kql, options);
    if (!lowered.ok) return failure(located(lowered.diagnostics, sourceOf(kql, request)));
    const rows = async (rel: Rel): Promise<Result<QueryResult>> => {
      const compiled = this.compiler.emit(lowered.value, rel, options);
      return compiled.ok ? this.run(compiled.value, request) : compiled;
    };
    const counts = async (rels: readonly Rel[]): Promise<Result<readonly number[]>> => {
      if (rels.length === 0) return success([]);
      const answer = await rows(countsOf(rels));
      if (!answer.ok) return answer;
      const found = new Map(answer.value.rows.map(([at, n]) => [Number(at), Number(n)]));
      return success(rels.map((_, i) => found.get(i) ?? 0));
    };
    return success({ steps: lowered.value.steps, rows, counts });
  }

  private async options(request: QueryRequest, inline?: ReadonlyMap<string, Rel>): Promise<CompileOptions> {
    const tables = await this.store.tables();
    return {
      now: ticksFromMs(request.at ?? this.clock.now()),
      window: request.window && {
        from: ticksFromMs(request.window.from),
        to: ticksFromMs(request.window.to),
        on: request.window.on ?? 'TimeGenerated',
      },
      exists: (name) => tables.has(name),
      tableNames: () => [...tables],
      inline,
    };
  }

  private async run(compiled: Compiled, request: QueryRequest): Promise<Result<QueryResult>> {
    try {
      const answer = await this.store.query(compiled, { signal: request.signal, timeoutMs: request.timeoutMs });
      const { columns } = compiled;
      const rows = answer.rows.map((row) => columns.map((c, i) => kustoValue(c.type, row[i])));
      return success({ columns: columns.map(({ name, type }) => ({ name, type })), rows, notices: [] });
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
