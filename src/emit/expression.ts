import { fail } from '../base/index.js';
import {
  type Arg,
  aggregateFunction,
  emitContext,
  scalarFunction,
  toArg,
  windowFunctionNamed,
} from '../functions/index.js';
import { type AggregateCall, type Call, columnsRead, type Expr, type Rel } from '../ir/index.js';
import { name, Sql, sql, text } from '../sql/index.js';
import type { Emission, Scope } from './context.js';
import { emitRel } from './relation.js';
import { renderSelect, type Select, wrap } from './select.js';
import { emitLiteral, nullableType, timeParameter } from './types.js';

export interface Emitted {
  readonly sql: Sql;
  readonly nullable: boolean;
}

/** Emits a scalar expression over the columns in scope. */
export function emitExpr(expr: Expr, scope: Scope, e: Emission): Emitted {
  switch (expr.kind) {
    case 'Literal':
      return { sql: emitLiteral(expr), nullable: expr.value === null && expr.type !== 'string' };
    case 'Column': {
      const item = scope.get(expr.name);
      if (!item) throw new Error(`column ${expr.name} is not in scope`);
      return { sql: item.sql, nullable: item.nullable };
    }
    case 'Call':
      return emitCall(expr, scope, e);
    case 'RunTime':
      return { sql: timeParameter(expr.name), nullable: false };
    case 'ScalarSubquery': {
      const one = scalar(expr.rel, e);
      return expr.type === 'string' ? { sql: sql`ifNull(${one}, '')`, nullable: false } : { sql: one, nullable: true };
    }
    case 'InSubquery': {
      const value = emitExpr(expr.value, scope, e);
      const set = firstColumn(emitRel(expr.rel, e), e);
      const folded = expr.ignoreCase
        ? { ...set, items: set.items.map((i) => ({ ...i, sql: sql`lowerUTF8(${i.sql})`, plain: false })) }
        : set;
      const needle = expr.ignoreCase ? sql`lowerUTF8(${value.sql})` : value.sql;
      const test = sql`${needle} IN (${Sql.of(renderSelect(folded), true)})`;
      return { sql: value.nullable ? sql`ifNull(${test}, false)` : test, nullable: false };
    }
  }
}

/** The value of a subquery by a name of the statement's WITH clause: it is computed once, however often it is used. */
function scalar(rel: Rel, e: Emission): Sql {
  let known = e.scalars.get(rel);
  if (!known) {
    const first = firstColumn(emitRel(rel, e), e);
    const select = renderSelect({ ...first, limit: first.limit ?? Sql.of('1', true) });
    known = { name: name(`scalar__${e.scalars.size + 1}`), select };
    e.scalars.set(rel, known);
  }
  return known.name;
}

/** Only the first column, as a SELECT that takes further clauses. */
function firstColumn(select: Select, e: Emission): Select {
  const body = select.union ? wrap(select, e.alias()) : select;
  return { ...body, items: body.items.slice(0, 1) };
}

function emitArgs(args: readonly Expr[], scope: Scope, e: Emission): Arg[] {
  return args.map((a) => {
    const emitted = emitExpr(a, scope, e);
    return toArg(a, emitted.sql, emitted.nullable);
  });
}

function emitCall(expr: Call, scope: Scope, e: Emission): Emitted {
  const entry = scalarFunction(expr.name);
  if (!entry) {
    fail('KQL4002', `the function ${expr.name} is not supported`, { span: expr.span });
  }
  if (entry.kind === 'refusal') {
    fail('KQL4002', `${entry.name} is not supported: ${entry.reason}`, { span: expr.span, hint: entry.instead });
  }
  const args = emitArgs(expr.args, scope, e);
  const result = entry.emit(args, emitContext(expr.name, expr.type, expr.span));
  const nullable =
    expr.type !== 'string' &&
    (entry.nulls === 'possible' || (entry.nulls === 'propagate' && args.some((a) => a.nullable)));
  // ClickHouse folds `if(<constant>, x, NULL)` to a NULL of no type, which neither aggregates nor tables take. Decimals stay
  // as they are: those of parse_version are wider than the others.
  const folds = nullable && expr.type !== 'decimal' && args.length > 0 && columnsRead(expr.args).size === 0;
  return { sql: folds ? sql`CAST(${result}, ${text(nullableType(expr.type))})` : result, nullable };
}

/** The elements of an array as JSON texts, where it need not be made for them. */
export function emitElements(expr: Expr, scope: Scope, e: Emission): Sql | undefined {
  const entry = expr.kind === 'Call' ? scalarFunction(expr.name) : undefined;
  if (expr.kind !== 'Call' || entry?.kind !== 'scalar') return undefined;
  return entry.elements?.(emitArgs(expr.args, scope, e));
}

/** Whether the result of an aggregate depends on the order of the rows. */
export const isOrdered = (call: AggregateCall): boolean => {
  const entry = aggregateFunction(call.name);
  return entry?.kind === 'aggregate' && entry.ordered === true;
};

/** Emits a call of an aggregate function. */
export function emitAggregate(call: AggregateCall, scope: Scope, e: Emission): Emitted {
  const entry = aggregateFunction(call.name);
  if (!entry) fail('KQL4003', `the aggregate ${call.name} is not supported`, { span: call.span });
  if (entry.kind === 'refusal') {
    fail('KQL4003', `${entry.name} is not supported: ${entry.reason}`, { span: call.span, hint: entry.instead });
  }
  const result = entry.emit(emitArgs(call.args, scope, e), emitContext(call.name, call.type, call.span));
  return { sql: result, nullable: call.type !== 'string' && entry.nulls === 'possible' };
}

/** Emits a function over the ordered rows; `over` makes the OVER clause for the frame that the function wants. */
export function emitWindow(
  call: AggregateCall,
  over: (frame: 'preceding' | 'following') => Sql,
  scope: Scope,
  e: Emission,
): Emitted {
  const entry = windowFunctionNamed(call.name);
  if (!entry || entry.kind === 'refusal') {
    fail('KQL4002', `the function ${call.name} is not supported`, { span: call.span });
  }
  const result = entry.emit(
    emitArgs(call.args, scope, e),
    over(entry.frame ?? 'preceding'),
    emitContext(call.name, call.type, call.span),
  );
  return { sql: result, nullable: call.type !== 'string' && entry.nulls === 'possible' };
}
