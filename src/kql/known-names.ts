import { bridge, items, type NamedSymbol } from './bridge.js';

/** Every name of the language that the official parser knows, without its internal ones (`__name`). */
export interface KnownNames {
  readonly functions: readonly string[];
  readonly aggregates: readonly string[];
  readonly plugins: readonly string[];
  /** Scalar operators, as a query spells them. */
  readonly scalarOperators: readonly string[];
  /** Kinds of nodes: `MvExpandOperator`. */
  readonly operators: readonly string[];
  /** Kinds of nodes: `LetStatement`. */
  readonly statements: readonly string[];
  /** Kinds of nodes of other expressions that give a table: `DataTableExpression`. */
  readonly tables: readonly string[];
}

const tables =
  /^(DataTable|ContextualDataTable|ExternalData|InlineExternalTable|MaterializedViewCombine|DataScope|ToTable|Materialize)Expression$/;

interface Lists {
  Functions: { All: readonly NamedSymbol[] };
  Aggregates: { All: readonly NamedSymbol[] };
  PlugIns: { All: readonly NamedSymbol[] };
  Syntax: {
    SyntaxKind: Record<string, number>;
    SyntaxFacts: { GetOperatorKind(kind: number): number; GetText(kind: number): string };
  };
}

export function knownNames(): KnownNames {
  const lists = bridge().language as unknown as Lists;
  const { SyntaxKind, SyntaxFacts } = lists.Syntax;
  const namesOf = (list: { All: readonly NamedSymbol[] }) => {
    const names = items(list.All).map((s) => s.Name);
    return [...new Set(names.filter((n) => !n.startsWith('__')))].sort();
  };
  const kinds = Object.entries(SyntaxKind).filter(([, value]) => typeof value === 'number');
  const spelled = kinds.filter(([, k]) => SyntaxFacts.GetOperatorKind(k) !== 0).map(([, k]) => SyntaxFacts.GetText(k));
  const named = (pattern: RegExp) =>
    kinds
      .map(([kind]) => kind)
      .filter((kind) => pattern.test(kind))
      .sort();
  return {
    functions: namesOf(lists.Functions),
    aggregates: namesOf(lists.Aggregates),
    plugins: namesOf(lists.PlugIns),
    scalarOperators: [...new Set([...spelled, 'unary-', 'unary+'])].sort(),
    operators: named(/^(?!Bad).*Operator$/),
    statements: named(/Statement$/),
    tables: named(tables),
  };
}
