import type { Code, Diagnostic } from '../base/index.js';
import { type Column, catalogue, type TableSchema } from '../tables/index.js';
import {
  assumed,
  columnsMissed,
  diagnosticsTable,
  ofResources,
  resourceColumn,
  spelledAt,
  unknownFunction,
  unknownName,
  unknownTable,
  watchlistsIn,
} from './assumed.js';
import { bridge, type Globals, items, parsed, type RawDiagnostic } from './bridge.js';
import { baseGlobals } from './globals.js';
import { nearestName } from './nearest.js';
import { columnsOf, Node, scalarType } from './node.js';
import { ownFunctions } from './own-functions.js';
import type { StoredFunction, StoredParameter } from './stored-function.js';
import {
  type FunctionSymbols,
  ownSymbol,
  quoteName,
  type ScalarTypes,
  type Symbols,
  schemaText,
  symbolOf,
} from './symbols.js';
import { tooStrict } from './too-strict.js';
import { tablesOfWildcards, wildcardsIn, wildNodes } from './wildcards.js';

/** What names mean in the workspace. Look-ups are asked only for names that the text spells. */
export interface Names {
  table(name: string): TableSchema | undefined;
  function(name: string): StoredFunction | undefined;
  /** Tables that a wildcard may find, and a search without a list; none when left out. */
  tableNames?(): readonly string[];
  /** Columns of a watchlist's items; an unknown alias gives none. */
  watchlistColumns?(alias: string): readonly Column[];
  /**
   * Set for a check without the workspace: a table that nobody knows is taken as open, that is with whatever columns the
   * text names, and gives the warning RUL3004; a function that nobody knows, and that is no slip of the pen, the warning
   * RUL3008. What binds so cannot be lowered.
   */
  readonly assumesTables?: boolean | undefined;
}

/** The argument of a tabular parameter; an open one has whatever columns the text names. */
interface Tabular {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly isOpen?: boolean;
}

/** A parsed and bound text. */
export interface Bound {
  readonly root: Node;
  /** Columns of the result; a scalar result (a function's) is undefined. */
  readonly columns: readonly Column[] | undefined;
  readonly scalar: Column['type'] | undefined;
  /** The result may have further columns, as it comes from an assumed table. */
  readonly isOpen: boolean;
  /** Findings of the official parser and binder, spans in the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses and binds texts with Microsoft's parser. Each stored function is bound once, with its declared parameters; its
 * callers see a symbol with the resulting columns, because the binder would analyse nested bodies again at every call.
 */
export class Binder {
  private readonly functions = new Map<string, BoundFunction | undefined>();
  private readonly expansions = new Map<string, BoundFunction>();
  private readonly binding: string[] = [];

  constructor(private readonly names: Names) {}

  bind(text: string): Bound {
    return this.bindWith(text, '', []);
  }

  /** The bound body of a stored function; undefined when nobody knows the name or it calls itself. */
  function(name: string): BoundFunction | undefined {
    if (this.functions.has(name)) return this.functions.get(name);
    const stored = this.names.function(name);
    if (!stored || this.binding.includes(name) || this.binding.length > 64) return undefined;
    this.binding.push(name);
    try {
      const bound = this.bindFunction(stored, []);
      this.functions.set(name, bound);
      return bound;
    } finally {
      this.binding.pop();
    }
  }

  /**
   * Binds a stored function whose tabular parameters have the given columns. Texts that the call gives are constants of
   * the body, so that it may name columns by them (`column_ifexists(field, '')`).
   */
  bindFunction(
    stored: StoredFunction,
    tabular: readonly Tabular[],
    constants: ReadonlyMap<string, string> = new Map(),
  ): BoundFunction {
    const key = JSON.stringify([stored.name, tabular.map((t) => [t.name, schemaText(t.columns)]), [...constants]]);
    let known = this.expansions.get(key);
    if (!known) {
      known = this.bindBody(stored, tabular, constants);
      this.expansions.set(key, known);
    }
    return known;
  }

  private bindBody(
    stored: StoredFunction,
    tabular: readonly Tabular[],
    constants: ReadonlyMap<string, string>,
  ): BoundFunction {
    const scalars = stored.parameters.filter((p) => !p.type.startsWith('(') && !constants.has(p.name));
    const lets = [...constants].map(([name, value]) => `let ${quoteName(name)}=${quoteText(value)};`).join('');
    const prefix = scalars.length
      ? `declare query_parameters(${scalars.map((p) => `${quoteName(p.name)}:${p.type}${p.default === undefined ? '' : `=${p.default}`}`).join(', ')});`
      : '';
    const declared = stored.parameters
      .filter((p) => p.type.startsWith('('))
      .map((p): Tabular => {
        const given = tabular.find((t) => t.name === p.name);
        return given ?? { name: p.name, columns: columnsOfTypeText(p.type), isOpen: p.type === '(*)' };
      });
    const bound = this.bindWith(stored.body, prefix + lets, declared);
    return { stored, bound };
  }

  /** A watchlist that is not here has the columns that the text names, as it would be an empty one. */
  private bindWith(text: string, prefix: string, tabular: readonly Tabular[]): Bound {
    let bound = this.bindOver(text, prefix, tabular, []);
    const aliases = watchlistsIn(text);
    if (aliases.every((alias) => this.names.watchlistColumns?.(alias).length)) return bound;
    for (let guessed: readonly string[] = []; ; ) {
      const more = columnsMissed(bound.diagnostics, text).filter((name) => !guessed.includes(name));
      if (more.length === 0) return bound;
      guessed = [...guessed, ...more];
      const next = this.bindOver(text, prefix, tabular, guessed);
      if (errorsOf(next) >= errorsOf(bound)) return bound;
      bound = next;
    }
  }

  private bindOver(text: string, prefix: string, tabular: readonly Tabular[], guessed: readonly string[]): Bound {
    const whole = prefix + text;
    const code = parsed(whole, this.globalsFor(whole, tabular, guessed));
    const shift = -prefix.length;
    const columns = columnsOf(code.ResultType);
    const root = new Node(code.Syntax, shift);
    const diagnostics = items(code.GetDiagnostics())
      .map((d) => this.explained(toDiagnostic(d, shift), whole, shift))
      .filter((d) => !tooStrict(d, root))
      .map((d) => this.textInDefender(d, whole, shift))
      .map((d) => this.hinted(d, whole, shift));
    return {
      root,
      columns,
      scalar: columns ? undefined : scalarType(code.ResultType),
      isOpen: code.ResultType?.IsOpen === true,
      diagnostics: this.names.assumesTables
        ? [...assumed(diagnostics, whole, shift), ...ofResources(whole, shift), ...this.ofWildcards(whole, root)]
        : diagnostics,
    };
  }

  /** A function whose body has an error is no symbol; what is wrong is that error, not the name. */
  private explained(d: Diagnostic, text: string, shift: number): Diagnostic {
    if ((d.code !== unknownTable && d.code !== unknownName) || !d.span) return d;
    const name = text.slice(d.span.start - shift, d.span.end - shift).replace(/\s*\(.*$/s, '');
    const inner = this.functions.get(name)?.bound.diagnostics.find((i) => i.severity === 'error');
    return inner ? { ...d, code: inner.code, message: `function ${name}: ${inner.message}` } : d;
  }

  /** Defender's own tables hold as text what Sentinel holds as dynamic, so its queries group by such columns. */
  private textInDefender(d: Diagnostic, text: string, shift: number): Diagnostic {
    if (d.code !== 'KS116' || !d.message.includes("'dynamic'")) return d;
    const name = spelledAt(d, text, shift);
    const isDefenders = [...spelledNames(text)].some((t) => {
      const columns = catalogue.table(t)?.columns;
      return columns?.some((c) => c.name === 'Timestamp') && columns.some((c) => c.name === name);
    });
    if (!isDefenders) return d;
    return {
      ...d,
      severity: 'warning',
      message: `${name} is dynamic: its JSON is compared`,
      hint: `tostring(${name})`,
    };
  }

  /** The nearest known name for one that nobody knows. */
  private hinted(d: Diagnostic, text: string, shift: number): Diagnostic {
    const isColumn = d.code === unknownName;
    if (d.hint || !d.span || (!isColumn && d.code !== unknownTable && d.code !== unknownFunction)) return d;
    const name = spelledAt(d, text, shift);
    const known = isColumn
      ? [...spelledNames(text)].flatMap((t) => this.names.table(t)?.columns.map((c) => c.name) ?? [])
      : d.code === unknownTable
        ? catalogue.names()
        : builtInFunctions();
    const nearest = nearestName(name, known);
    return nearest ? { ...d, hint: `did you mean ${nearest}?` } : d;
  }

  /** The tables that a wildcard finds are those of a workspace; a check has none. */
  private ofWildcards(text: string, root: Node): Diagnostic[] {
    if (wildcardsIn(text).length === 0) return [];
    return wildNodes(root).map(({ name, span }) => ({
      code: 'RUL3004',
      severity: 'warning',
      message: `no table that ${name} finds is known here`,
      span,
    }));
  }

  /** Building symbols for all tables would take seconds, so only names that the text spells get one. */
  private globalsFor(text: string, tabular: readonly Tabular[], guessed: readonly string[]): Globals {
    const { language } = bridge();
    const symbols = language.Symbols as unknown as Symbols;
    const tableSymbol = (name: string, columns: readonly Column[]) => symbolOf(symbols, name, columns);
    const members: unknown[] = tabular.map((t) => tableSymbol(t.name, t.columns).WithIsOpen(t.isOpen === true));
    const taken = new Set(tabular.map((t) => t.name));
    if (this.names.assumesTables) {
      const anyTable = /\b(search|find)\b/i.test(text) ? ['*'] : [];
      for (const wildcard of new Set([...wildcardsIn(text), ...anyTable]))
        members.push(tableSymbol(wildcard.replaceAll('*', 'any_table_'), noColumns).WithIsOpen(true));
    }
    // Grows while it is walked: the binder expands functions over tables, so the names of their bodies must mean something too.
    const spelled = new Set(spelledNames(text));
    for (const name of tablesOfWildcards(text, () => this.names.tableNames?.() ?? [])) spelled.add(name);
    for (const name of spelled) {
      if (taken.has(name)) continue;
      if (name === '_GetWatchlist') {
        members.push(
          new symbols.FunctionSymbol!.$ctor16!(
            name,
            '(watchlistAlias:string, keys:dynamic=dynamic([]))',
            `{ datatable(${schemaText(this.watchlistColumns(text, guessed))})[] }`,
            null,
          ),
        );
        continue;
      }
      if (name === '_GetWatchlistAlias') {
        const body = `{ datatable(${schemaText(watchlistAliasColumns)})[] }`;
        members.push(new symbols.FunctionSymbol!.$ctor16!(name, '()', body, null));
        continue;
      }
      const own = ownFunctions.find((f) => f.name === name);
      if (own) {
        members.push(ownSymbol(own, symbols));
        continue;
      }
      const stored = this.names.function(name);
      if (stored) {
        if (stored.parameters.some(isTabular)) for (const inner of spelledNames(stored.body)) spelled.add(inner);
        const symbol = this.functionSymbol(stored, symbols, tableSymbol);
        if (symbol) members.push(symbol);
        continue;
      }
      const table = this.names.table(name);
      const isOpen =
        this.names.assumesTables === true && resourceColumn(text) !== undefined && name === diagnosticsTable;
      if (table) members.push(tableSymbol(name, table.columns).WithIsOpen(isOpen));
    }
    const base = baseGlobals(spelled);
    return base.WithDatabase(base.Database.AddMembers(members));
  }

  private functionSymbol(
    stored: StoredFunction,
    symbols: Symbols,
    tableSymbol: (name: string, columns: readonly Column[]) => ReturnType<typeof symbolOf>,
  ): unknown {
    const { $ctor16: FromText, $ctor6: FromTypes } = symbols.FunctionSymbol as unknown as FunctionSymbols;
    const parameters = `(${stored.parameters.map((p) => `${quoteName(p.name)}:${p.type}${p.default === undefined ? '' : `=${p.default}`}`).join(', ')})`;
    if (stored.parameters.some(isTabular)) {
      // What comes out depends on the table that goes in: the binder expands the body at each call.
      return new FromText(stored.name, parameters, `{ ${stored.body} }`, null);
    }
    const bound = this.function(stored.name)?.bound;
    if (!bound || bound.diagnostics.some((d) => d.severity === 'error')) return undefined;
    // With a body the binder would analyse it at every call, so the symbol states its result instead. The text form is
    // only the short way to parameters with defaults.
    const declared = new FromText(stored.name, parameters, '{ print 1 }', null);
    const scalarTypes = symbols.ScalarTypes as unknown as ScalarTypes;
    // Over an assumed table most types are unknown; a column that is left open fits every use.
    const isGuess =
      this.names.assumesTables === true &&
      bound.diagnostics.some((d) => /^RUL300[48]$/.test(d.code) || d.message.startsWith('The fuzzy name'));
    const result = bound.columns
      ? tableSymbol('', isGuess ? bound.columns.filter((c) => c.type !== 'dynamic') : bound.columns).WithIsOpen(
          bound.isOpen || isGuess,
        )
      : scalarTypes.GetSymbol(bound.scalar ?? 'dynamic');
    return new FromTypes(stored.name, result, declared.Signatures.getItem(0).Parameters, null);
  }

  private watchlistColumns(text: string, guessed: readonly string[]): Column[] {
    const columns = new Map<string, Column>(guessed.map((name) => [name, { name, type: 'string' }]));
    for (const c of watchlistItemColumns) columns.set(c.name, c);
    for (const alias of watchlistsIn(text))
      for (const c of this.names.watchlistColumns?.(alias) ?? []) columns.set(c.name, c);
    return [...columns.values()];
  }
}

const errorsOf = (bound: Bound) => bound.diagnostics.filter((d) => d.severity === 'error').length;

const noColumns: readonly Column[] = [];

export interface BoundFunction {
  readonly stored: StoredFunction;
  readonly bound: Bound;
}

/** What `_GetWatchlist` returns beside the columns of the list itself. */
export const watchlistItemColumns: readonly Column[] = [
  { name: '_DTItemId', type: 'string' },
  { name: 'LastUpdatedTimeUTC', type: 'datetime' },
  { name: 'SearchKey', type: 'string' },
  { name: 'WatchlistItem', type: 'dynamic' },
];

/** What `_GetWatchlistAlias` returns. */
export const watchlistAliasColumns: readonly Column[] = [{ name: 'WatchlistAlias', type: 'string' }];

const isTabular = (p: StoredParameter) => p.type.startsWith('(');

const quoteText = (text: string) =>
  `'${text
    .replace(/[\\']/g, (c) => `\\${c}`)
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')}'`;

/** A line break in a name would end the literal, and with it the list of columns. */

/** Every identifier of the text, in brackets and quotes too, comments included: too many costs little, too few is wrong. */
function spelledNames(text: string): ReadonlySet<string> {
  return new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
}

/** The columns of `(a:long, b:string)`; `(*)` and `()` give none. */
function columnsOfTypeText(type: string): Column[] {
  return [...type.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, name, t]) => ({ name: name!, type: t as Column['type'] }));
}

let functionNames: string[] | undefined;
function builtInFunctions(): readonly string[] {
  const { Functions, Aggregates } = bridge().language.GlobalState.Default;
  functionNames ??= [...items(Functions), ...items(Aggregates)].map((f) => f.Name);
  return functionNames;
}

export function toDiagnostic(d: RawDiagnostic, shift: number): Diagnostic {
  const start = Math.max(0, d.Start + shift);
  return {
    code: d.Code as Code,
    severity: d.Severity === 'Error' ? 'error' : d.Severity === 'Warning' ? 'warning' : 'info',
    message: d.Message,
    span: { start, end: Math.max(start, d.Start + shift + d.Length) },
  };
}
