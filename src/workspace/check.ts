import { existsSync } from 'node:fs';
import { attempt, type Diagnostic, DiagnosticError } from '../base/index.js';
import {
  type Content,
  contentIndex,
  type FunctionContent,
  type LoadedFile,
  storedFunctions,
} from '../content/index.js';
import { missingColumns } from '../detect/index.js';
import { emit } from '../emit/index.js';
import { Binder, type Bound, type FunctionSource, type StoredFunction } from '../kql/index.js';
import { lower } from '../lower/index.js';
import { optimise } from '../optimise/index.js';
import type { Store } from '../store/index.js';
import { type Column, catalogue } from '../tables/index.js';
import { WorkspaceNames } from './names.js';
import { isOptionalFunction } from './notices.js';

export interface CheckOptions {
  /** Content folder of the workspace; its functions may be called. */
  readonly contentDir?: string | undefined;
  /** Its custom tables and watchlists may be named. */
  readonly store?: Store | undefined;
  readonly onFile?: ((done: number, files: number) => void) | undefined;
}

export type Verdict = 'ok' | 'failed' | 'unparsable';

export interface CheckedFile {
  readonly name: string;
  readonly kind: Content['type'] | undefined;
  readonly verdict: Verdict;
  /** Errors and warnings, with their place in the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads, binds and compiles the rules, hunting queries, parsers and functions of files and folders.
 *
 * Names mean what the files under the paths say, then the workspace, then what ships. A table that nobody knows is assumed
 * to be open: one warning, and the file is bound but not compiled. Files that hold neither rule nor function are left out.
 *
 * Errors  CLI6002 a path cannot be read
 */
export async function checkContent(paths: readonly string[], options: CheckOptions = {}): Promise<CheckedFile[]> {
  const own = await contentIndex({ parsers: paths, builtIn: false });
  const unreadable = own.diagnostics.filter((d) => d.code === 'CLI6002');
  if (unreadable.length > 0) throw new DiagnosticError(unreadable);
  const { contentDir, store } = options;
  const shared = await contentIndex({ workspace: contentDir && existsSync(contentDir) ? contentDir : undefined });
  const names = new WorkspaceNames({ function: (name) => own.function(name) ?? shared.function(name) }, store);
  await names.reload();
  const checker = new Checker(names);
  const twice = own.diagnostics.filter((d) => d.code === 'RUL3003');
  const files = own.files.filter((file) => file.content || file.diagnostics.length > 0);
  return files.map((file, i) => {
    const found = checker.check(file);
    options.onFile?.(i + 1, files.length);
    return checkedFile(file, [...found, ...twice.filter((d) => d.source?.name === file.name)]);
  });
}

function checkedFile(file: LoadedFile, found: readonly Diagnostic[]): CheckedFile {
  const diagnostics = distinct(found.filter((d) => d.severity !== 'info' && !isOptionalFunction(d)));
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const verdict = errors.some(isSyntax) ? 'unparsable' : errors.length > 0 ? 'failed' : 'ok';
  return { name: file.name, kind: file.content?.type, verdict, diagnostics };
}

/** The official parser numbers findings of syntax below 100, those of names and types from 100 on. */
const isSyntax = (d: Diagnostic) => d.code === 'RUL3001' || /^KS0\d\d$/.test(d.code);

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((d) => {
    // A table that is assumed is said once a file, however often it is named.
    const key = d.code === 'RUL3004' ? d.message : `${d.code} ${d.span?.start} ${d.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

class Checker {
  private readonly binder: Binder;

  constructor(private readonly names: WorkspaceNames) {
    this.binder = new Binder({
      table: (name) => this.table(name),
      function: (name) => names.function(name),
      watchlistColumns: (alias) => names.watchlistColumns(alias),
      assumesTables: true,
    });
  }

  check({ content, diagnostics }: LoadedFile): Diagnostic[] {
    if (!content) return [...diagnostics];
    const found =
      content.type === 'parser' || content.type === 'function'
        ? this.checkFunction(content)
        : this.checkQuery(content.query, content.source);
    const missing =
      content.type === 'rule' && found.columns
        ? missingColumns(content, { columns: found.columns }).map((d) => atStart(d, content.source))
        : [];
    return [...diagnostics, ...found.diagnostics, ...missing];
  }

  private table(name: string) {
    return catalogue.table(name) ?? this.names.table(name);
  }

  private checkQuery(query: string, source: FunctionSource) {
    const bound = this.binder.bind(query);
    const findings = bound.diagnostics.map((d) => located(d, source));
    if (!isCompilable(bound)) return { diagnostics: findings, columns: bound.isOpen ? undefined : bound.columns };
    return { diagnostics: [...findings, ...this.compile(bound, source)], columns: bound.columns };
  }

  private checkFunction(content: FunctionContent): { diagnostics: Diagnostic[]; columns?: readonly Column[] } {
    const [stored] = storedFunctions(content);
    if (!stored) return { diagnostics: [] };
    const { bound } = this.binder.bindFunction(stored, []);
    const findings = bound.diagnostics.filter((d) => !wantsConstant(d, stored)).map((d) => located(d, content.source));
    // What a tabular parameter is filled with decides what comes out, so there is nothing to compile on its own.
    if (!isCompilable(bound) || stored.parameters.some((p) => p.type.startsWith('('))) return { diagnostics: findings };
    // A name that another layer hides would compile the other function.
    if (this.names.function(stored.name)?.body !== stored.body) return { diagnostics: findings };
    const call = this.binder.bind(callOf(stored));
    const errors = call.diagnostics.filter((d) => d.severity === 'error').map((d) => atStart(d, content.source));
    return { diagnostics: [...findings, ...(errors.length > 0 ? errors : this.compile(call, content.source, true))] };
  }

  /** What the later stages refuse. Spans of a called function are not those of the call. */
  private compile(bound: Bound, source: FunctionSource, isCall = false): Diagnostic[] {
    const lowered = lower(bound, {
      binder: this.binder,
      table: (name) => this.table(name),
      tableNames: () => [],
      watchlistColumns: (alias) => this.names.watchlistColumns(alias),
    });
    const exists = () => true;
    const result = lowered.ok ? attempt(() => emit(optimise(lowered.value.rel, { exists }), { exists })) : lowered;
    if (result.ok) return [];
    return result.diagnostics.map((d) => (isCall ? atStart(d, source) : located(d, source)));
  }
}

/** A parameter is a constant where the function is called with one; only the call can tell. */
const wantsConstant = ({ code, span }: Diagnostic, { body, parameters }: StoredFunction): boolean =>
  /^KS1(29|3[0-2])$/.test(code) && parameters.some((p) => p.name === (span && body.slice(span.start, span.end)));

const isCompilable = (bound: Bound) =>
  !bound.isOpen && !bound.diagnostics.some((d) => d.severity === 'error' || d.code === 'RUL3004');

/** A call with a typed null for each parameter that has no default. */
const callOf = (stored: StoredFunction): string =>
  `${stored.name}(${stored.parameters
    .filter((p) => p.default === undefined)
    .map((p) => (p.type === 'string' ? `''` : `${p.type}(null)`))
    .join(', ')})`;

const located = (d: Diagnostic, { name, text, map }: FunctionSource): Diagnostic =>
  d.span && !d.source
    ? { ...d, source: { name, text }, span: { start: map(d.span.start), end: map(d.span.end) } }
    : { ...d, source: d.source ?? { name, text } };

const atStart = (d: Diagnostic, { name, text, map }: FunctionSource): Diagnostic => ({
  ...d,
  source: { name, text },
  span: { start: map(0), end: map(0) },
});
