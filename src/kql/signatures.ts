import type { KqlType } from '../tables/index.js';
import { bridge, items, type List, type NamedSymbol, type TypeSymbol } from './bridge.js';

/** A way to call a built-in function, as the official binder has it. */
export interface Signature {
  readonly name: string;
  readonly isAggregate: boolean;
  readonly parameters: readonly SignatureParameter[];
  /** `Declared`, or how the result's type follows from the arguments: `Parameter0`, `Common`, `Widest`, `Custom`, … */
  readonly returns: string;
  readonly type: KqlType | undefined;
}

export interface SignatureParameter {
  readonly name: string;
  /** `Declared`, or a class of types: `Scalar`, `Number`, `DynamicArray`, … */
  readonly kind: string;
  readonly types: readonly string[];
  /** `Expression`, `Constant`, `Literal`, `Column`, … */
  readonly argument: string;
  readonly min: number;
  readonly max: number;
  /** Texts that the function knows, when it knows some only. */
  readonly values: readonly string[];
}

interface RawParameter {
  Name: string;
  TypeKind: number;
  DeclaredTypes: List<TypeSymbol> | null;
  ArgumentKind: number;
  MinOccurring: number;
  MaxOccurring: number;
  Values: List<unknown> | null;
}

interface RawFunction extends NamedSymbol {
  Signatures: List<{ Parameters: List<RawParameter>; ReturnKind: number; DeclaredReturnType: TypeSymbol | null }>;
}

/** Every signature of the scalar functions and aggregates that the official parser knows. */
export function signatures(): readonly Signature[] {
  const { Symbols, GlobalState } = bridge().language;
  const { System } = globalThis as unknown as { System: { Enum: { toString(type: unknown, value: number): string } } };
  const spelled = (type: string, value: number) => System.Enum.toString(Symbols[type], value);
  const ofFunction = (f: RawFunction, isAggregate: boolean) =>
    items(f.Signatures).map(
      (s): Signature => ({
        name: f.Name,
        isAggregate,
        returns: spelled('ReturnTypeKind', s.ReturnKind),
        type: s.DeclaredReturnType?.Name as KqlType | undefined,
        parameters: items(s.Parameters).map((p) => ({
          name: p.Name,
          kind: spelled('ParameterTypeKind', p.TypeKind),
          types: items(p.DeclaredTypes).map((t) => t.Name),
          argument: spelled('ArgumentKind', p.ArgumentKind),
          min: p.MinOccurring,
          max: p.MaxOccurring,
          values: items(p.Values).map(String),
        })),
      }),
    );
  const functions = items(GlobalState.Default.Functions).filter((f) => !f.Name.startsWith('__')) as RawFunction[];
  const aggregates = items(GlobalState.Default.Aggregates) as RawFunction[];
  return [...functions.flatMap((f) => ofFunction(f, false)), ...aggregates.flatMap((f) => ofFunction(f, true))];
}
