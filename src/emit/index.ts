import { countUses, type Rel } from '../ir/index.js';
import type { Column } from '../tables/index.js';
import { Emission, type EmitOptions } from './context.js';
import { emitRel } from './relation.js';
import { renderSelect, type Select, wrap } from './select.js';

export type { EmitOptions } from './context.js';
export { engineTypes, nullableType } from './types.js';

/** A statement for ClickHouse and the columns it returns. */
export interface Statement {
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** Emits a relation as one SELECT statement; relations used twice become materialised common table expressions. */
export function emit(rel: Rel, options: EmitOptions): Statement {
  const e = new Emission(options, countUses(rel));
  const hidden = new Set(rel.columns.filter((c) => c.hidden).map((c) => c.name));
  const emitted = emitRel(rel, e);
  const whole = emitted.union && hidden.size > 0 ? wrap(emitted, e.alias()) : emitted;
  const select: Select = { ...whole, items: whole.items.filter((i) => !hidden.has(i.name)) };
  const main = renderSelect(select);
  const columns = rel.columns.filter((c) => !c.hidden);
  return { sql: e.definitions.length ? `WITH ${e.definitions.join(',\n')}\n${main}` : main, columns };
}
