import { bind } from '../functions/index.js';
import { type Call, columnsRead, containsSubquery, type Expr } from '../ir/index.js';
import type { Sql } from '../sql/index.js';
import type { Emission, Scope } from './context.js';
import type { Emitted } from './expression.js';

const choices = new Set(['iff', 'iif', 'case']);

export const containsChoice = (e: Expr): boolean =>
  e.kind === 'Call' && (choices.has(e.name) || e.args.some(containsChoice));

/**
 * Emits a choice with the columns that two of its arguments read, and another choice made, bound to names. The engine looks
 * for conditions of an index in the whole of a computed column, and takes each use of a column for another one: of
 * `a = iff(c, f(a), a)`, written fifteen times over, it would plan the first `a` 32,768 times.
 */
export function withChosenBound(call: Call, scope: Scope, e: Emission, emit: (scope: Scope) => Emitted): Emitted {
  if (!choices.has(call.name) || call.args.some(containsSubquery)) return emit(scope);
  const reads = call.args.map((a) => columnsRead([a]));
  const shared = [...scope.values()].filter((i) => i.chosen && reads.filter((r) => r.has(i.name)).length > 1);
  let nullable = false;
  const bindFrom = (at: number, inner: Scope): Sql => {
    const item = shared[at];
    if (item)
      return bind(
        item.sql,
        `of_${e.alias().text}`,
        (sql) => bindFrom(at + 1, new Map([...inner, [item.name, { ...item, sql, chosen: undefined }]])),
        0,
      );
    const emitted = emit(inner);
    nullable = emitted.nullable;
    return emitted.sql;
  };
  const sql = bindFrom(0, scope);
  return { sql, nullable };
}
