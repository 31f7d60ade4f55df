import { existsSync } from 'node:fs';
import { attempt, type Diagnostic, DiagnosticError } from '../base/index.js';
import {
  type Content,
  contentIndex,
  type FunctionContent,
  type LoadedFile,
  type LooseQuery,
  resolvedFunctions,
  splitQueries,
  storedFunctions,
} from '../content/index.js';
import { missingColumns } from '../detect/index.js';
import { emit } from '../emit/index.js';
import { Binder, type Bound, type FunctionSource, type StoredFunction, syntaxErrors } from '../kql/index.js';
import { lower, NeedsAnswer } from '../lower/index.js';
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

/**
 * incomplete: right as far as can be told, but it names a table or function that is not here. A file has the worst verdict
 * of the queries that it holds.
 */
export type Verdict = 'ok' | 'incomplete' | 'failed' | 'unparsable';

export interface CheckedFile {
  readonly name: string;
  /** Of the first thing that the file holds. */
  readonly kind: Content['type'] | undefined;
  readonly verdict: Verdict;
  /** Rules, functions and queries in the file. */
  readonly parts: number;
  /** Errors and warnings, with their place in the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads, binds and compiles the rules, hunting queries, parsers, functions and queries of files and folders, those in
 * Markdown pages and deployment templates too.
 *
 * Names mean what the files under the paths say, then the workspace, then what ships. A table or function that nobody
 * knows gives one warning, and the file is bound but not compiled. Files that hold none of these are left out.
 *
 * Errors  CLI6002 a path cannot be read
 */
export async function checkContent(paths: readonly string[], options: CheckOptions = {}): Promise<CheckedFile[]> {
  const own = await contentIndex({ parsers: paths, builtIn: false, pages: true });
  const unreadable = own.diagnostics.filter((d) => d.code === 'CLI6002');
  if (unreadable.length > 0) throw new DiagnosticError(unreadable);
  const { contentDir, store } = options;
  const shared = await contentIndex({ workspace: contentDir && existsSync(contentDir) ? contentDir : undefined });
  const names = new WorkspaceNames({ function: (name) => own.function(name) ?? shared.function(name) }, store);
  await names.reload();
  const checker = new Checker(names);
  const twice = own.diagnostics.filter((d) => d.code === 'RUL3003');
  const files = new Map<string, LoadedFile[]>();
  for (const file of own.files.filter((f) => f.content || f.diagnostics.length > 0))
    files.set(file.name, [...(files.get(file.name) ?? []), file]);
  return [...files].map(([name, parts], i) => {
    const found = parts.flatMap((part) => checker.check(part));
    options.onFile?.(i + 1, files.size);
    const kept = noteworthy([...found, ...twice.filter((d) => d.source?.name === name)]);
    return { name, kind: parts[0]?.content?.type, verdict: verdictOf(kept), parts: parts.length, diagnostics: kept };
  });
}

/** Each finding once, without those that need nobody's attention. */
export const noteworthy = (found: readonly Diagnostic[]): Diagnostic[] =>
  distinct(found.filter((d) => d.severity !== 'info' && !isOptionalFunction(d)));

export function verdictOf(diagnostics: readonly Diagnostic[]): Verdict {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.some(isSyntax)) return 'unparsable';
  if (errors.length > 0) return 'failed';
  return diagnostics.some(isAbsence) ? 'incomplete' : 'ok';
}

const isAbsence = (d: Diagnostic) => d.code === 'RUL3004' || d.code === 'RUL3008';

/** A name in `union isfuzzy=true` that is not here. */
const isFuzzyName = (d: Diagnostic) => d.code === 'KS205';

/** The official parser numbers findings of syntax below 100, those of names and types from 100 on. */
const isSyntax = (d: Diagnostic) => d.code === 'RUL3001' || /^KS0\d\d$/.test(d.code);

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((d) => {
    // What is assumed is said once a file, however often it is named.
    const key = isAbsence(d) ? d.message : `${d.code} ${d.span?.start} ${d.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** The queries that a text file holds: itself, or what blank lines divide when it cannot be read as one. */
export function queriesOf(content: LooseQuery | FunctionContent): readonly LooseQuery[] {
  const whole: LooseQuery =
    content.type === 'query'
      ? content
      : { type: 'query', title: content.title, text: content.body, source: content.source, hash: content.hash };
  if (syntaxErrors(whole.text).length === 0) return [whole];
  return splitQueries(whole);
}

/** That a query reads files or addresses is said once: running it needs leave, which a check does not. */
function readsOutside(content: Content): Diagnostic[] {
  const text =
    content.type === 'query'
      ? content.text
      : content.type === 'rule' || content.type === 'hunting'
        ? content.query
        : content.body;
  const found = /^(?:(?!\/\/).)*?\b(externaldata|inline_external_table)\b(?=\s*\()/im.exec(text);
  if (!found) return [];
  const start = found.index + found[0].length - found[1]!.length;
  const message = 'external data are read when this runs, if that is allowed then';
  const hint = 'run it with --allow-external PLACE';
  const span = { start, end: start + found[1]!.length };
  return [located({ code: 'RUL3009', severity: 'warning', message, hint, span }, content.source)];
}

export class Checker {
  private readonly binder: Binder;
  /** Knows only what is here, as a run does. */
  private readonly strict: Binder;

  constructor(private readonly names: WorkspaceNames) {
    const here = {
      table: (name: string) => this.table(name),
      function: (name: string) => names.function(name),
      watchlistColumns: (alias: string) => names.watchlistColumns(alias),
    };
    this.binder = new Binder({ ...here, assumesTables: true });
    this.strict = new Binder(here);
  }

  check({ content, diagnostics }: LoadedFile): Diagnostic[] {
    if (!content) return [...diagnostics];
    const found = this.checkThing(content);
    const missing =
      content.type === 'rule' && found.columns
        ? missingColumns(content, { columns: found.columns }).map((d) => atStart(d, content.source))
        : [];
    return [...diagnostics, ...found.diagnostics, ...missing, ...readsOutside(content)];
  }

  private checkThing(content: Content): { diagnostics: Diagnostic[]; columns?: readonly Column[] | undefined } {
    if (content.type === 'rule' || content.type === 'hunting') return this.checkQuery(content.query, content.source);
    if (content.type === 'parser') return this.checkFunction(content);
    const queries = content.type === 'query' || content.isPlain ? queriesOf(content) : [];
    if (content.type === 'function' && queries.length < 2) return this.checkFunction(content);
    return { diagnostics: queries.flatMap((q) => this.checkQuery(q.text, q.source).diagnostics) };
  }

  private table(name: string) {
    return catalogue.table(name) ?? this.names.table(name);
  }

  private checkQuery(query: string, source: FunctionSource) {
    const bound = this.binder.bind(query);
    const findings = bound.diagnostics.map((d) => located(d, source));
    if (findings.some((d) => isAbsence(d) || d.severity === 'error'))
      return { diagnostics: findings, columns: bound.isOpen ? undefined : bound.columns };
    const found =
      bound.isOpen || this.behind(query, isAbsence)
        ? this.compileWithout(query, source)
        : this.compile(bound, source, this.binder);
    return { diagnostics: [...findings, ...found], columns: bound.isOpen ? undefined : bound.columns };
  }

  /** Binds as a run does, where `union isfuzzy=true` passes over what is not here; what still fails then lacks it. */
  private compileWithout(query: string, source: FunctionSource, isCall = false): Diagnostic[] {
    const bound = this.strict.bind(query);
    const errors = bound.diagnostics.filter((d) => d.severity === 'error');
    const place = (d: Diagnostic) => (isCall ? atStart(d, source) : located(d, source));
    const found = errors.length > 0 ? errors.map(place) : this.compile(bound, source, this.strict, isCall);
    // What Vedette does not support is an error with the missing tables too.
    const isForWant = found.length > 0 && found.every((d) => /^(KS|KQL1001)/.test(d.code));
    if (!isForWant) return found;
    const missed = this.behind(query, (d) => isAbsence(d) || isFuzzyName(d));
    // Nothing by name: a search or a wildcard, which finds the tables of a workspace only.
    return missed ? [atStart({ ...missed, code: 'RUL3004', severity: 'warning' }, source)] : [];
  }

  /** A finding of the text or of what it calls, and so on. */
  private behind(query: string, is: (d: Diagnostic) => boolean): Diagnostic | undefined {
    const direct = this.binder.bind(query).diagnostics.find(is);
    if (direct) return direct;
    for (const name of resolvedFunctions(query, (n) => this.names.function(n)).keys()) {
      const inner = this.binder.function(name)?.bound.diagnostics.find(is);
      if (inner) return { ...inner, message: `function ${name}: ${inner.message}` };
    }
    return undefined;
  }

  private checkFunction(content: FunctionContent): { diagnostics: Diagnostic[]; columns?: readonly Column[] } {
    const [stored] = storedFunctions(content);
    if (!stored) return { diagnostics: [] };
    const { bound } = this.binder.bindFunction(stored, []);
    const findings = bound.diagnostics.filter((d) => !wantsConstant(d, stored)).map((d) => located(d, content.source));
    if (bound.diagnostics.some((d) => isAbsence(d) || d.severity === 'error')) return { diagnostics: findings };
    // What a tabular parameter is filled with decides what comes out, so there is nothing to compile on its own.
    if (stored.parameters.some((p) => p.type.startsWith('('))) return { diagnostics: findings };
    // A name that another layer hides would compile the other function.
    if (this.names.function(stored.name)?.body !== stored.body) return { diagnostics: findings };
    const query = callOf(stored);
    if (bound.isOpen || this.behind(query, isAbsence))
      return { diagnostics: [...findings, ...this.compileWithout(query, content.source, true)] };
    const call = this.binder.bind(query);
    const errors = call.diagnostics.filter((d) => d.severity === 'error').map((d) => atStart(d, content.source));
    const found = errors.length > 0 ? errors : this.compile(call, content.source, this.binder, true);
    return { diagnostics: [...findings, ...found] };
  }

  /** What the later stages refuse. Spans of a called function are not those of the call. */
  private compile(bound: Bound, source: FunctionSource, binder: Binder, isCall = false): Diagnostic[] {
    let isWild = false;
    const lowering = () =>
      lower(bound, {
        binder,
        table: (name) => this.table(name),
        tableNames: () => {
          isWild = true;
          return [];
        },
        watchlistColumns: (alias) => this.names.watchlistColumns(alias),
      });
    const lowered = answerable(lowering);
    // Its columns depend on data, which a check has none of.
    if (!lowered) return [];
    const exists = () => true;
    const result = lowered.ok ? attempt(() => emit(optimise(lowered.value.rel, { exists }), { exists })) : lowered;
    if (result.ok) return [];
    if (isWild && !lowered.ok)
      return [
        atStart(
          { code: 'RUL3004', severity: 'warning', message: 'it reads all tables, and a check knows none' },
          source,
        ),
      ];
    return result.diagnostics.map((d) => (isCall ? atStart(d, source) : located(d, source)));
  }
}

function answerable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NeedsAnswer) return undefined;
    throw error;
  }
}

/** A parameter is a constant where the function is called with one; only the call can tell. */
const wantsConstant = ({ code, span }: Diagnostic, { body, parameters }: StoredFunction): boolean =>
  /^KS1(29|3[0-2])$/.test(code) && parameters.some((p) => p.name === (span && body.slice(span.start, span.end)));

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
