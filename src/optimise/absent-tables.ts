import { type Rel, rewriteRels } from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** A known table that was never filled is empty; said early, whole branches of a view fold away. */
export const absentTables = (exists: (table: string) => boolean): Rewrite => ({
  name: 'absent-tables',
  reason: 'a workspace with two connectors need not plan the branches of the other fifteen',
  apply: (root) =>
    rewriteRels(
      root,
      (rel): Rel =>
        rel.kind === 'Scan' && !exists(rel.table)
          ? { kind: 'Values', columns: rel.columns, rows: [], span: rel.span }
          : rel,
    ),
});
