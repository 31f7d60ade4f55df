import { type Rel, rewriteRels } from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/**
 * A known table that was never filled is empty; said early, whole branches of a view fold away. `rows` are the tables whose
 * rows come with the query.
 */
export const absentTables = (exists: (table: string) => boolean, rows?: ReadonlyMap<string, Rel>): Rewrite => ({
  name: 'absent-tables',
  reason: 'a workspace with two connectors need not plan the branches of the other fifteen',
  apply: (root) =>
    rewriteRels(root, (rel): Rel => {
      if (rel.kind !== 'Scan') return rel;
      const given = rows?.get(rel.table);
      if (given) return given;
      return exists(rel.table) ? rel : { kind: 'Values', columns: rel.columns, rows: [], span: rel.span };
    }),
});
