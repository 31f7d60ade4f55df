import type { Hosted } from '../ir/index.js';
import { qualified, sql } from '../sql/index.js';
import type { Emission } from './context.js';
import { emitRel } from './relation.js';
import { renderSelect, type Select } from './select.js';

/** A stage that is filled from outside the engine, once however many places read it. */
export function emitHosted(rel: Hosted, e: Emission): Select {
  let table = e.hosted.get(rel);
  if (!table) {
    const select = emitRel(rel.input, e);
    table = e.stageName(rel.operation.name);
    e.hosted.set(rel, table);
    e.stages.push({ name: table.text, select: renderSelect(select), hosted: rel });
  }
  const alias = e.alias();
  return {
    items: rel.columns.map((c) => ({
      name: c.name,
      sql: qualified(alias, c.name),
      type: c.type,
      nullable: c.type !== 'string',
      plain: true,
    })),
    from: sql`${table} AS ${alias}`,
    where: [],
  };
}
