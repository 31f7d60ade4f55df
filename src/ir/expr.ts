import type { Span } from '../base/index.js';
import type { KqlType } from '../tables/index.js';
import type { Rel } from './rel.js';

/**
 * Literal values: string → string; int, long → bigint; real → number; decimal, guid → text; bool → boolean;
 * datetime, timespan → ticks of 100 ns (datetime since the Unix epoch) as bigint; dynamic → JSON text. null is null.
 */
export type LiteralValue = string | number | bigint | boolean | null;

export interface Literal {
  readonly kind: 'Literal';
  readonly type: KqlType;
  readonly value: LiteralValue;
  readonly span?: Span | undefined;
}

/** A column of the relation that the expression is evaluated over. */
export interface ColumnRef {
  readonly kind: 'Column';
  readonly type: KqlType;
  readonly name: string;
  readonly span?: Span | undefined;
}

/** A scalar function or operator, by its KQL name: `strlen`, `==`, `has_cs`, `and`. */
export interface Call {
  readonly kind: 'Call';
  readonly type: KqlType;
  readonly name: string;
  readonly args: readonly Expr[];
  readonly span?: Span | undefined;
}

/** The first column of the first row of a relation: `toscalar(…)`. */
export interface ScalarSubquery {
  readonly kind: 'ScalarSubquery';
  readonly type: KqlType;
  readonly rel: Rel;
  readonly span?: Span | undefined;
}

/** Membership of a value in the first column of a relation: `x in (T)`. Never null. */
export interface InSubquery {
  readonly kind: 'InSubquery';
  readonly type: 'bool';
  readonly value: Expr;
  readonly rel: Rel;
  readonly ignoreCase: boolean;
  readonly span?: Span | undefined;
}

/** A time that only the run knows: what `now()` answers. */
export interface RunTime {
  readonly kind: 'RunTime';
  readonly type: 'datetime';
  readonly name: 'now';
  readonly span?: Span | undefined;
}

export type Expr = Literal | ColumnRef | Call | ScalarSubquery | InSubquery | RunTime;

/** A call of an aggregate function inside an Aggregate. */
export interface AggregateCall {
  readonly name: string;
  readonly type: KqlType;
  readonly args: readonly Expr[];
  readonly span?: Span | undefined;
}

export const literal = (type: KqlType, value: LiteralValue, span?: Span): Literal => ({
  kind: 'Literal',
  type,
  value,
  span,
});
export const column = (c: { readonly name: string; readonly type: KqlType }, span?: Span): ColumnRef => ({
  kind: 'Column',
  type: c.type,
  name: c.name,
  span,
});
export const call = (name: string, type: KqlType, args: readonly Expr[], span?: Span): Call => ({
  kind: 'Call',
  type,
  name,
  args,
  span,
});

/** The value of a literal, undefined for anything else. */
export const literalValue = (e: Expr | undefined): LiteralValue | undefined =>
  e?.kind === 'Literal' ? e.value : undefined;
