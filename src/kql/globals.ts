import { bridge, type Globals, items, type NamedSymbol } from './bridge.js';

interface Constructors {
  Parameter: { ctor: new (...args: unknown[]) => unknown };
  Signature: { $ctor5: new (returns: unknown, parameters: unknown) => unknown };
  FunctionSymbol: { $ctor4: new (name: string, signatures: unknown) => NamedSymbol };
  ParameterTypeKind: { StringOrDynamic: number };
  ScalarTypes: { String: unknown };
}

interface Overloaded extends NamedSymbol {
  Signatures: { getItem(index: number): unknown };
}

let known: Globals | undefined;

/**
 * What the binder knows before a database is added: its own functions, but for what the service does otherwise. A set of
 * functions of one's own costs a tenth of a second, so only texts that spell the name get it.
 */
export function baseGlobals(spelled: ReadonlySet<string>): Globals {
  const { Default } = bridge().language.GlobalState;
  if (!spelled.has('coalesce')) return Default;
  known ??= withTextsInCoalesce(Default);
  return known;
}

/**
 * `coalesce` of texts and dynamic values is a text, as it is for `iff` and `case`. The binder finds no common type, but
 * public ASIM parsers fill columns of text so (TargetUsername of AWSCloudTrail), and their unions with the other parsers
 * have one such column, not one a type.
 */
function withTextsInCoalesce(base: Globals): Globals {
  const symbols = bridge().language.Symbols as unknown as Constructors;
  const scope = globalThis as unknown as { System: { Array: { init(values: unknown[], type: unknown): unknown } } };
  const list = (values: unknown[], type: unknown) => scope.System.Array.init(values, type);
  const { Parameter, Signature, FunctionSymbol, ParameterTypeKind, ScalarTypes } = symbols;
  const functions = items(base.Functions).map((f) => {
    if (f.Name !== 'coalesce') return f;
    const own = (f as Overloaded).Signatures.getItem(0);
    const [minimum, maximum] = [2, 64];
    const text = new Parameter.ctor(
      ...['arg', ParameterTypeKind.StringOrDynamic, 0, null, null, false, null, minimum, maximum, null, ''],
    );
    const mixed = new Signature.$ctor5(ScalarTypes.String, list([text], Parameter));
    return new FunctionSymbol.$ctor4(f.Name, list([own, mixed], Signature));
  });
  return base.WithFunctions(list(functions, FunctionSymbol));
}
