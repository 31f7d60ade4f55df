import type { Column } from '../tables/index.js';
import type { OwnFunction } from './own-functions.js';

const controls: Record<string, string> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
};

export const quoteName = (name: string) => `['${name.replace(/[\\'\n\r\t\0\b\f]/g, (c) => controls[c] ?? `\\${c}`)}']`;

export const schemaText = (columns: readonly Column[]) =>
  columns.map((c) => `${quoteName(c.name)}:${c.type}`).join(', ');

export function ownSymbol({ name, parameters, type }: OwnFunction, symbols: Symbols): unknown {
  const { $ctor16: FromText, $ctor6: FromTypes } = symbols.FunctionSymbol as unknown as FunctionSymbols;
  const declared = new FromText(name, parameters, '{ print 1 }', null);
  const result = (symbols.ScalarTypes as unknown as ScalarTypes).GetSymbol(type);
  return new FromTypes(name, result, declared.Signatures.getItem(0).Parameters, null);
}

export type Symbols = Record<string, Record<string, new (...args: unknown[]) => unknown>>;

export interface OpenableSymbol {
  WithIsOpen(open: boolean): unknown;
}

/** The official symbol reads a schema as text, which costs milliseconds for a wide table; a schema keeps its symbols. */
const knownSymbols = new WeakMap<readonly Column[], Map<string, OpenableSymbol>>();

export function symbolOf(symbols: Symbols, name: string, columns: readonly Column[]): OpenableSymbol {
  const named = knownSymbols.get(columns) ?? new Map<string, OpenableSymbol>();
  const known = named.get(name);
  if (known) return known;
  const symbol = new symbols.TableSymbol!.$ctor7!(name, `(${schemaText(columns)})`, null) as OpenableSymbol;
  knownSymbols.set(columns, named.set(name, symbol));
  return symbol;
}

export interface ScalarTypes {
  GetSymbol(name: string): unknown;
}

export interface FunctionSymbols {
  $ctor16: new (
    name: string,
    parameters: string,
    body: string,
    description: null,
  ) => { Signatures: { getItem(i: number): { Parameters: unknown } } };
  $ctor6: new (name: string, result: unknown, parameters: unknown, description: null) => unknown;
}
