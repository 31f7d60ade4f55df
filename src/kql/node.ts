import type { Span } from '../base/index.js';
import type { Column, KqlType } from '../tables/index.js';
import { kqlTypes } from '../tables/index.js';
import { bridge, items, type RawNode, type TypeSymbol } from './bridge.js';

/** What a name or call refers to, as the binder resolved it. */
export interface Reference {
  readonly name: string;
  /** `variable`: a let, parameter or `as` name. `function`: built in, stored or declared by let. */
  readonly kind: 'column' | 'table' | 'variable' | 'function' | 'aggregate' | 'plugin' | 'operator' | 'other';
}

/**
 * One node of the official syntax tree with what the binder found out about it. Kinds and child names are the official
 * ones (`FilterOperator`, `Condition`), so Microsoft's documentation of the tree applies.
 */
export class Node {
  private cachedChildren: readonly Node[] | undefined;

  constructor(
    private readonly raw: RawNode,
    private readonly shift: number,
  ) {}

  get kind(): string {
    return bridge().kindName(this.raw.Kind);
  }

  get span(): Span {
    return { start: this.raw.TextStart + this.shift, end: this.raw.End + this.shift };
  }

  /** The source text without surrounding white space; of a token without the comments before it too. */
  get text(): string {
    if (typeof this.raw.Text === 'string') return this.raw.Text;
    // Its own toString() takes quadratic time. A comment before a node belongs to it as far as the parser is concerned.
    const pieces: string[] = [];
    const open: RawNode[] = [this.raw];
    for (let node = open.pop(); node; node = open.pop()) {
      if (typeof node.Text === 'string') pieces.push(pieces.length > 0 ? (node.Trivia ?? '') : '', node.Text);
      else
        for (let i = node.ChildCount - 1; i >= 0; i--) {
          const child = node.GetChild(i);
          if (child) open.push(child);
        }
    }
    return pieces.join('').trim();
  }

  get children(): readonly Node[] {
    if (!this.cachedChildren) {
      const all: Node[] = [];
      for (let i = 0; i < this.raw.ChildCount; i++) {
        const child = this.raw.GetChild(i);
        if (child) all.push(new Node(child, this.shift));
      }
      this.cachedChildren = all;
    }
    return this.cachedChildren;
  }

  /** The child of that name, or undefined when the source leaves it out. */
  child(name: string): Node | undefined {
    for (let i = 0; i < this.raw.ChildCount; i++) {
      if (this.raw.GetName(i) === name) {
        const child = this.raw.GetChild(i);
        return child ? new Node(child, this.shift) : undefined;
      }
    }
    return undefined;
  }

  /** The child of that name; its absence is a bug of ours. */
  get(name: string): Node {
    const child = this.child(name);
    if (!child) throw new Error(`${this.kind} has no ${name}`);
    return child;
  }

  /** The elements of a list child, separators taken off; empty when the child is left out. */
  list(name: string): readonly Node[] {
    return this.child(name)?.elements ?? [];
  }

  /** The elements of this list, separators taken off. */
  get elements(): readonly Node[] {
    return this.children.map((c) => (c.kind === 'SeparatedElement' ? c.children[0]! : c));
  }

  /** The name that a declaration or reference spells, brackets and quotes taken off. */
  get name(): string {
    const simple = (this.raw as { SimpleName?: string }).SimpleName;
    return simple ?? this.raw.Text ?? this.text;
  }

  get reference(): Reference | undefined {
    const symbol = this.raw.ReferencedSymbol;
    if (!symbol) return undefined;
    return { name: symbol.Name, kind: referenceKind(symbol) };
  }

  /** Scalar type of the expression; undefined for tabular ones and for what the binder does not know. */
  get type(): KqlType | undefined {
    return scalarType(this.raw.ResultType);
  }

  /** Columns of a tabular expression; undefined for scalar ones. */
  get columns(): readonly Column[] | undefined {
    return columnsOf(this.raw.ResultType);
  }

  get isTabular(): boolean {
    return isTable(this.raw.ResultType);
  }

  /** Columns may exist that the binder does not know. */
  get isOpen(): boolean {
    return this.raw.ResultType?.IsOpen === true;
  }

  /** For each result column of a union or join: the names it had in the inputs. */
  get originalNames(): readonly (readonly string[])[] {
    return items(this.raw.ResultType?.Columns).map((c) => items(c.OriginalColumns).map((o) => o.Name));
  }

  /** The name of a column that this expression lends it: `tostring(x)` is `x`, `d.a` is `d_a`; undefined: a numbered one. */
  get lentName(): string | undefined {
    return bridge().language.Binding.Binder.GetExpressionResultName(this.raw, null) ?? undefined;
  }

  /** The value of a literal as the parser decoded it (strings without quotes and escapes). */
  get literalValue(): unknown {
    return this.raw.LiteralValue;
  }

  /** The value of a literal or of a name that stands for a constant. */
  get constantValue(): unknown {
    return this.raw.ConstantValue;
  }

  get isConstant(): boolean {
    return this.raw.IsConstant === true;
  }

  /** The body of the let-declared function that this call runs, bound with the argument types of this very call. */
  get calledBody(): Node | undefined {
    const body = this.raw.GetCalledFunctionBody?.();
    // Offsets inside an expansion count in the declaration, which stands in the same text.
    return body ? new Node(body, this.shift) : undefined;
  }
}

function referenceKind(symbol: object): Reference['kind'] {
  const { language } = bridge();
  const is = (name: string) => symbol instanceof (language.Symbols[name] as new () => object);
  if (is('ColumnSymbol')) return 'column';
  if (is('TableSymbol')) return 'table';
  if (is('VariableSymbol') || is('ParameterSymbol')) return 'variable';
  if (is('OperatorSymbol')) return 'operator';
  if (is('FunctionSymbol'))
    return aggregates().has(symbol) ? 'aggregate' : plugins().has(symbol) ? 'plugin' : 'function';
  return 'other';
}

let aggregateSymbols: Set<object> | undefined;
function aggregates(): Set<object> {
  aggregateSymbols ??= new Set(items(bridge().language.GlobalState.Default.Aggregates));
  return aggregateSymbols;
}

let pluginSymbols: Set<object> | undefined;
function plugins(): Set<object> {
  pluginSymbols ??= new Set(items(bridge().language.GlobalState.Default.PlugIns));
  return pluginSymbols;
}

function isTable(type: TypeSymbol | null | undefined): boolean {
  return type != null && type instanceof (bridge().language.Symbols.TableSymbol as unknown as new () => object);
}

export function columnsOf(type: TypeSymbol | null | undefined): readonly Column[] | undefined {
  if (!isTable(type)) return undefined;
  return items(type?.Columns).map((c) => ({ name: c.Name, type: scalarType(c.Type) ?? 'dynamic' }));
}

/** `dynamic` covers the binder's finer dynamic types; `unknown` and tables give undefined. */
export function scalarType(type: TypeSymbol | null | undefined): KqlType | undefined {
  const name = type?.Name;
  if (!name) return undefined;
  if ((kqlTypes as readonly string[]).includes(name)) return name as KqlType;
  return name.startsWith('dynamic') ? 'dynamic' : undefined;
}
