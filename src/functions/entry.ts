import { type Code, fail, type Span } from '../base/index.js';
import type { Expr, LiteralValue } from '../ir/index.js';
import { literalValue } from '../ir/index.js';
import type { Sql } from '../sql/index.js';
import type { KqlType } from '../tables/index.js';

/**
 * An emitted argument. SQL types by KQL type: string String (never NULL); int Int32, long Int64, real Float64,
 * bool Bool or UInt8, decimal Decimal(38, 18), datetime DateTime64(7, 'UTC'), timespan Int64 ticks of 100 ns, guid UUID,
 * dynamic String of JSON text. All but string may be Nullable; a dynamic null is NULL, never the text `null`.
 */
export interface Arg {
  readonly sql: Sql;
  readonly type: KqlType;
  /** False only when the SQL value can never be NULL. */
  readonly nullable: boolean;
  readonly expr: Expr;
  /** The value, when the argument is a literal. */
  readonly literal: LiteralValue | undefined;
}

export interface EmitContext {
  /** The function's KQL name as called. */
  readonly name: string;
  /** The result type, as the official binder gives it. */
  readonly type: KqlType;
  readonly span: Span | undefined;
  /** Refuses this form of the function: a wrong answer is worse. */
  refuse(message: string, hint?: string): never;
}

/** Whether the result can be NULL: `propagate`: when an argument can; `never`; `possible`: also for non-null arguments. */
export type Nulls = 'propagate' | 'never' | 'possible';

/** KQL text and the value it must have, as a result cell prints it in JSON. */
export type Example = readonly [kql: string, expected: unknown];

interface Described {
  readonly name: string;
  /** What a reader of the SQL would stumble over. */
  readonly trap?: string;
  readonly docs?: string;
}

export interface ScalarFunction extends Described {
  readonly kind: 'scalar';
  readonly nulls: Nulls;
  /** Arity and types are the binder's affair; behaviour that varies by type asks `arg.type`. */
  emit(args: readonly Arg[], context: EmitContext): Sql;
  readonly examples: readonly Example[];
}

export interface AggregateFunction extends Described {
  readonly kind: 'aggregate';
  readonly nulls: 'never' | 'possible';
  /** The result depends on the order of the rows. */
  readonly ordered?: true;
  emit(args: readonly Arg[], context: EmitContext): Sql;
  /** Whole queries and the rows they must give. */
  readonly examples: readonly (readonly [query: string, rows: readonly (readonly unknown[])[]])[];
}

/**
 * A function over the ordered rows (`prev`, `row_number`); `over` is the OVER clause: partition, order and frame. Restart
 * arguments never reach it: they become part of the partition.
 */
export interface WindowFunction extends Described {
  readonly kind: 'window';
  readonly nulls: 'never' | 'possible';
  /** Rows that the frame holds beside the current one: those before it, unless told otherwise. */
  readonly frame?: 'following';
  emit(args: readonly Arg[], over: Sql, context: EmitContext): Sql;
  readonly examples: readonly (readonly [query: string, rows: readonly (readonly unknown[])[]])[];
}

/** A name that Vedette knows and does not run, with the reason and what to use instead. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly name: string;
  readonly reason: string;
  readonly instead?: string | undefined;
}

export type Entry = ScalarFunction | AggregateFunction | WindowFunction | Refusal;

export const scalar = (
  f: Omit<ScalarFunction, 'kind' | 'nulls' | 'examples'> & { nulls?: Nulls; examples?: readonly Example[] },
): ScalarFunction => ({ nulls: 'propagate', examples: [], ...f, kind: 'scalar' });

export const aggregate = (
  f: Omit<AggregateFunction, 'kind' | 'nulls' | 'examples'> & Partial<Pick<AggregateFunction, 'nulls' | 'examples'>>,
): AggregateFunction => ({ nulls: 'possible', examples: [], ...f, kind: 'aggregate' });

export const windowFunction = (
  f: Omit<WindowFunction, 'kind' | 'nulls' | 'examples'> & Partial<Pick<WindowFunction, 'nulls' | 'examples'>>,
): WindowFunction => ({ nulls: 'possible', examples: [], ...f, kind: 'window' });

export const refuse = (name: string, reason: string, instead?: string): Refusal => ({
  kind: 'refusal',
  name,
  reason,
  instead,
});

export function emitContext(name: string, type: KqlType, span: Span | undefined, code: Code = 'KQL4005'): EmitContext {
  return {
    name,
    type,
    span,
    refuse: (message, hint) => fail(code, `${name}: ${message}`, { span, hint }),
  };
}

export const toArg = (expr: Expr, sql: Sql, nullable: boolean): Arg => ({
  sql,
  type: expr.type,
  nullable,
  expr,
  literal: literalValue(expr),
});
