import { createRequire } from 'node:module';
import { fail } from '../base/index.js';

/** The slice of Microsoft's language service that this room uses. Its objects come from C# and keep their names. */
export interface Language {
  GlobalState: { Default: Globals };
  KustoCode: { Parse(text: string): Code; ParseAndAnalyze(text: string, globals: Globals): Code };
  Syntax: { SyntaxKind: unknown };
  Binding: { Binder: { GetExpressionResultName(expression: RawNode, otherwise: null): string | null } };
  Symbols: {
    TableSymbol: { $ctor3?: unknown; new (name: string, ...more: unknown[]): TableSymbol };
    [name: string]: unknown;
  };
}

export interface Globals {
  Database: DatabaseSymbol;
  Functions: List<NamedSymbol>;
  Aggregates: List<NamedSymbol>;
  PlugIns: List<NamedSymbol>;
  WithDatabase(database: DatabaseSymbol): Globals;
  WithFunctions(functions: unknown): Globals;
}

export interface NamedSymbol {
  Name: string;
  Kind?: number;
}

export interface DatabaseSymbol extends NamedSymbol {
  AddMembers(members: unknown[]): DatabaseSymbol;
}

export interface TypeSymbol extends NamedSymbol {
  Columns?: List<ColumnSymbol>;
  IsOpen?: boolean;
}

export type TableSymbol = TypeSymbol;

export interface ColumnSymbol extends NamedSymbol {
  Type: TypeSymbol;
  OriginalColumns?: List<ColumnSymbol>;
}

export interface List<T> {
  Count: number;
  getItem(index: number): T;
}

export interface Code {
  Syntax: RawNode;
  ResultType: TypeSymbol | null;
  GetDiagnostics(): List<RawDiagnostic>;
}

export interface RawDiagnostic {
  Code: string;
  Message: string;
  Severity: string;
  Start: number;
  Length: number;
}

/** A node, token or list of the syntax tree. */
export interface RawNode {
  Kind: number;
  ChildCount: number;
  GetChild(index: number): RawNode | null;
  GetName(index: number): string | null;
  /** Where white space and comments before it begin, and where its own text does. */
  TriviaStart: number;
  TextStart: number;
  End: number;
  /** Of a token: what it is, and the white space and comments before it. */
  Text?: string;
  Trivia?: string;
  ReferencedSymbol?: (NamedSymbol & { Type?: TypeSymbol; Signatures?: unknown }) | null;
  ResultType?: TypeSymbol | null;
  LiteralValue?: unknown;
  ConstantValue?: unknown;
  IsConstant?: boolean;
  GetCalledFunctionBody?(): RawNode | null;
}

interface System {
  Enum: { toString(type: unknown, value: number): string };
}

let loaded: { language: Language; kindName(kind: number): string } | undefined;

/** Loads the language service on first use (0.4 s): it installs globals, so it is required once, `bridge` first. */
export function bridge(): { language: Language; kindName(kind: number): string } {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const scope = globalThis as unknown as { Kusto: { Language: Language }; System: System };
  const language = scope.Kusto.Language;
  const names = new Map<number, string>();
  const kindName = (kind: number) => {
    let name = names.get(kind);
    if (name === undefined) {
      name = scope.System.Enum.toString(language.Syntax.SyntaxKind, kind);
      names.set(kind, name);
    }
    return name;
  };
  loaded = { language, kindName };
  return loaded;
}

/** The items of one of its lists, which are plain arrays in places. */
export function items<T>(list: List<T> | readonly T[] | null | undefined): T[] {
  if (!list) return [];
  if (Array.isArray(list)) return [...(list as readonly T[])];
  return itemsOfList(list as List<T>);
}

function itemsOfList<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, i) => list.getItem(i));
}

/** The official parser takes minutes for thousands of open brackets. */
const maxDepth = 400;
const quoted =
  /```[\s\S]*?```|@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|[()[\]{}]/g;

function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [piece] of text.matchAll(quoted)) {
    if (piece.length > 1) continue;
    depth += '([{'.includes(piece) ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** The official binder looks through every use of a let again: tables that double 22 times keep it for half a minute. */
const maxUses = 50_000;
const spelled =
  /```[\s\S]*?```|\/\/[^\n]*|(?:\blet\s+)?(?:\[\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s*\]|[A-Za-z_]\w*)(?:\s*=(?![=~]))?|@?"(?:[^"\\\n]|\\.)*"|@?'(?:[^'\\\n]|\\.)*'/g;

/** How often names of lets stand in the most used let, once each stands for its own text. */
function usesOf(text: string): number {
  const uses = new Map<string, number>();
  let [name, sum, most] = ['', 1, 1];
  for (const [piece] of text.matchAll(spelled)) {
    const bare = piece.replace(/^let\s+|\s*=$/g, '');
    if (piece !== bare && /^let\s.*=$/s.test(piece)) {
      uses.set(name, sum);
      [name, sum] = [bare, 1];
    } else sum += uses.get(bare) ?? 0;
    most = Math.max(most, sum);
  }
  return most;
}

/** Parses, and binds when names are given. The official parser throws on some literals (`2.11:30:00`) instead of telling. */
export function parsed(text: string, globals?: Globals): Code {
  const { KustoCode } = bridge().language;
  if (depthOf(text) > maxDepth) return fail('KQL1003', `the query nests brackets deeper than ${maxDepth}`);
  if (globals && usesOf(text) > maxUses)
    return fail('KQL1003', `the names of this query stand for more than ${maxUses} others`);
  try {
    return globals ? KustoCode.ParseAndAnalyze(text, globals) : KustoCode.Parse(text);
  } catch (error) {
    if (error instanceof RangeError) return fail('KQL1003', 'the query is nested too deep');
    return fail('KQL1002', 'the parser cannot read a literal of this query', {
      hint: 'write a time span with days as timespan(2.11:30:00)',
    });
  }
}
