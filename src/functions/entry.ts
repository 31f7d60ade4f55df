import { type Code, type Diagnostic, fail, type Span } from '../base/index.js';
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
  /** The result may differ from Kusto's, whose algorithm is not published or an estimate; says by how much. */
  readonly approximate?: string;
  /** What a reader of the SQL would stumble over. */
  readonly trap?: string;
  readonly docs?: string;
  /** The value is a bag with these members, of which Kusto makes a column each. */
  readonly parts?: readonly Part[];
}

/** A column that a function of several columns gives, by the last part of its name. */
export interface Part {
  readonly name: string;
  readonly type: KqlType;
}

export interface ScalarFunction extends Described {
  readonly kind: 'scalar';
  readonly nulls: Nulls;
  /** Arity and types are the binder's affair; behaviour that varies by type asks `arg.type`. */
  emit(args: readonly Arg[], context: EmitContext): Sql;
  /** Elements of the array that the call gives, as an array of JSON texts: one that is expanded at once need not be made. */
  elements?(args: readonly Arg[]): Sql | undefined;
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

/**
 * A value in this process, by KQL type: string → string (never null); int → number; long → bigint; real → number, NaN and
 * infinities too; decimal → text; bool → boolean; datetime → ticks of 100 ns since the Unix epoch as bigint; timespan →
 * ticks as bigint; guid → text in lower case; dynamic → what JSON.parse gives, whole numbers past 2^53 as bigint. Null is
 * null. Values leave the same way; a long may also leave as a safe number.
 */
export type HostedValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Json
  | readonly unknown[]
  | { readonly [key: string]: unknown };

/** A dynamic result as JSON text: numbers stay as they are written, so that the real `2.0` does not become the long `2`. */
export class Json {
  constructor(readonly json: string) {}
}

/** What an operation outside the engine may use beside its rows. */
export interface Host {
  /** Gives others a turn, and ends the work when the query was cancelled or is late. Call it every few hundred rows. */
  breathe(): Promise<void>;
  /** A database file in MaxMind's format that the user named, if any. */
  readonly geoDatabase?: string | undefined;
  /** Hosts, files and folders that queries may read external data from; none when left out. */
  readonly external?: readonly string[] | undefined;
  /** Told of external data that may not be read, which then has no rows; without it the query is refused. */
  readonly onMissing?: ((why: Diagnostic) => void) | undefined;
}

/**
 * A scalar function that the engine cannot express. It runs in this process, once for each distinct tuple of arguments, and
 * must be pure. Its result is joined to the rows.
 */
export interface HostedFunction extends Described {
  readonly kind: 'hosted';
  /** Arguments that were left out are missing. Bytes that are no UTF-8 cannot be a result. */
  evaluate(args: readonly HostedValue[], host: Host): HostedValue;
  readonly examples: readonly Example[];
}

/** A name that Vedette knows and does not run, with the reason and what to use instead. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly name: string;
  readonly reason: string;
  readonly instead?: string | undefined;
}

export type Entry = ScalarFunction | AggregateFunction | WindowFunction | HostedFunction | Refusal;

export const scalar = (
  f: Omit<ScalarFunction, 'kind' | 'nulls' | 'examples'> & { nulls?: Nulls; examples?: readonly Example[] },
): ScalarFunction => ({ nulls: 'propagate', examples: [], ...f, kind: 'scalar' });

export const aggregate = (
  f: Omit<AggregateFunction, 'kind' | 'nulls' | 'examples'> & Partial<Pick<AggregateFunction, 'nulls' | 'examples'>>,
): AggregateFunction => ({ nulls: 'possible', examples: [], ...f, kind: 'aggregate' });

export const windowFunction = (
  f: Omit<WindowFunction, 'kind' | 'nulls' | 'examples'> & Partial<Pick<WindowFunction, 'nulls' | 'examples'>>,
): WindowFunction => ({ nulls: 'possible', examples: [], ...f, kind: 'window' });

export const hosted = (f: Omit<HostedFunction, 'kind'>): HostedFunction => ({ ...f, kind: 'hosted' });

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
