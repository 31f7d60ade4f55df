import { type Diagnostic, DiagnosticError, ticksFromMs } from '../../base/index.js';
import { emit, engineTypes, type Statement, statementParameters } from '../../emit/index.js';
import { type Answer, type Lowered, NeedsAnswer } from '../../lower/index.js';
import { optimise, rewrites } from '../../optimise/index.js';
import type { EngineResult, Store } from '../../store/index.js';
import type { TableSchema } from '../../tables/index.js';
import { type CompileOptions, Compiler } from '../compile.js';
import { computedStage } from '../hosted.js';
import type { QueryResult } from '../result.js';
import { kustoValue } from '../values.js';
import { difference } from './compare.js';
import type { Generated } from './generate.js';
import { nameMark, textMark } from './hostile.js';
import { leaked } from './statement.js';
import { fuzzTables } from './tables.js';

export type Verdict =
  | { readonly kind: 'answered' }
  | { readonly kind: 'refused'; readonly code: string }
  /** `limit`: stopped in time by a limit. */
  | { readonly kind: 'limit'; readonly code: string }
  | { readonly kind: 'crash' | 'engine' | 'type' | 'differs' | 'leak' | 'echo' | 'slow'; readonly why: string };

export const isFailure = (v: Verdict): boolean => 'why' in v;

/** A query of a few rows that takes longer than this has hung. */
const limitMs = 20_000;
const memoryBytes = 1_000_000_000;
const at = Date.UTC(2026, 2, 5);

/** Runs queries over the fuzzing tables with and without the optimiser's rewrites. A query is bound once for both. */
export class FuzzChecker {
  private readonly compiler: Compiler;
  private readonly without = new Set(rewrites({ exists: () => true }).map((r) => r.name));
  private readonly options: CompileOptions;

  private constructor(
    private readonly store: Store,
    tables: ReadonlySet<string>,
  ) {
    const schemas = new Map<string, TableSchema>(fuzzTables().map((t) => [t.schema.name, t.schema]));
    this.compiler = new Compiler({ function: () => undefined, table: (name) => schemas.get(name) });
    this.options = { exists: (name) => tables.has(name), tableNames: () => [...schemas.keys()] };
  }

  static async over(store: Store): Promise<FuzzChecker> {
    for (const { schema, rows } of fuzzTables()) {
      await store.ensureTable(schema);
      if (rows.length > 0) await store.insert(schema.name, rows, { token: schema.name });
    }
    return new FuzzChecker(store, await store.tables());
  }

  async check(q: Pick<Generated, 'kql' | 'stable' | 'ordered' | 'echo'>): Promise<Verdict> {
    const startedAt = performance.now();
    try {
      const verdict = await this.compared(q);
      const ms = performance.now() - startedAt;
      return verdict.kind === 'answered' && ms > 2 * limitMs ? { kind: 'slow', why: `${Math.round(ms)} ms` } : verdict;
    } catch (error) {
      if (error instanceof DiagnosticError) return verdictOf(error.diagnostics);
      if (error instanceof Mistyped) return { kind: 'type', why: error.message };
      const why =
        error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error);
      return { kind: 'crash', why };
    }
  }

  private async compared(q: Pick<Generated, 'kql' | 'stable' | 'ordered' | 'echo'>): Promise<Verdict> {
    const lowered = await this.lowered(q.kql);
    const statements = [new Set<string>(), this.without].map((without) =>
      emit(optimise(lowered.rel, { ...this.options, without }), this.options),
    );
    for (const { stages, sql } of statements)
      for (const statement of [...stages.map((s) => s.sql), sql]) {
        const leak = leaked(statement, { text: textMark, name: nameMark });
        if (leak) return { kind: 'leak', why: leak };
      }
    const [rewritten, plain] = statements as [Statement, Statement];
    const answer = await this.run(rewritten);
    const { columns, rows } = answer;
    const echoed = columns.findIndex((c) => c.name === q.echo.name);
    if (echoed < 0) return { kind: 'echo', why: `no column ${q.echo.name}` };
    const wrong = rows.find((row) => row[echoed] !== q.echo.text);
    if (wrong)
      return { kind: 'echo', why: `${JSON.stringify(q.echo.text)} came back as ${JSON.stringify(wrong[echoed])}` };
    if (sameText(rewritten, plain)) return { kind: 'answered' };
    const other = await this.run(plain).catch((error: unknown) => error);
    if (!isResult(other)) {
      const verdict = other instanceof DiagnosticError ? verdictOf(other.diagnostics) : undefined;
      // A rewrite may leave out what is refused.
      return verdict && !isFailure(verdict) ? verdict : { kind: 'differs', why: `without rewrites: ${other}` };
    }
    const why = q.stable ? difference(answer, other, q.ordered) : undefined;
    return why ? { kind: 'differs', why } : { kind: 'answered' };
  }

  /** Looks at the data where the columns depend on them, as the runner does. */
  private async lowered(kql: string): Promise<Lowered> {
    const answers: Answer[] = [];
    for (;;) {
      try {
        const result = this.compiler.lower(kql, { ...this.options, answers });
        if (!result.ok) throw new DiagnosticError(result.diagnostics);
        return result.value;
      } catch (error) {
        if (!(error instanceof NeedsAnswer) || answers.length > 20) throw error;
        answers.push((await this.run(emit(optimise(error.question.rel, this.options), this.options))).rows);
      }
    }
  }

  private async run({ stages, sql, columns }: Statement): Promise<QueryResult> {
    const staged = stages.map(({ hosted, ...stage }) =>
      hosted ? { ...stage, computed: computedStage(hosted) } : stage,
    );
    const parameters = statementParameters(ticksFromMs(at), undefined);
    const answer = await this.store.query(
      { stages: staged, sql, parameters },
      { timeoutMs: limitMs, maxMemoryBytes: memoryBytes },
    );
    const wrong = mistyped(columns, answer);
    if (wrong) throw new Mistyped(wrong);
    const rows = answer.rows.map((row) => columns.map((c, i) => kustoValue(c.type, row[i])));
    return { columns: columns.map(({ name, type }) => ({ name, type })), rows, notices: [] };
  }
}

const isResult = (answer: unknown): answer is QueryResult => (answer as QueryResult).rows !== undefined;

/** The statement need not run twice where no rewrite applied. */
const sameText = (a: Statement, b: Statement): boolean =>
  a.sql === b.sql && a.stages.length === b.stages.length && a.stages.every((s, i) => s.sql === b.stages[i]!.sql);

class Mistyped extends Error {}

/** A value of another type than the column's is a wrong answer, or an error of the engine in the next operator. */
function mistyped(columns: Statement['columns'], answer: EngineResult): string | undefined {
  for (const [i, { type }] of answer.columns.entries()) {
    const wanted = columns[i]!;
    const found = type.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1');
    // A version is a decimal of more digits than others.
    const others = { bool: /^UInt8$/, decimal: /^Decimal/ }[wanted.type as string];
    if (found !== engineTypes[wanted.type] && found !== 'Nothing' && !others?.test(found))
      return `the ${wanted.type} ${wanted.name} came as ${type}`;
  }
  return undefined;
}

function verdictOf(diagnostics: readonly Diagnostic[]): Verdict {
  const worst = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0];
  if (!worst) return { kind: 'crash', why: 'a refusal without a reason' };
  const { code, message } = worst;
  if (code === 'KQL2004') return { kind: 'engine', why: message };
  if (/^(ENG|CLI)/.test(code)) return { kind: 'crash', why: `${code} ${message}` };
  if (code.startsWith('KQL2')) return { kind: 'limit', code };
  return { kind: 'refused', code };
}
