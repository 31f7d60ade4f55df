import { type Expr, type Join, type Rel, rewriteRels, type Shared } from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/**
 * Sends the keys of a join's selective left side to the scans of its right side. The left side is computed once and
 * used twice: as the set of keys and as the operand of the join.
 */
export const travelKeys: Rewrite = {
  name: 'travel-keys',
  reason: 'ten links from the left leave ten rows of ten million on the right, found through the skip index',
  apply: (root) => rewriteRels(root, (rel) => (rel.kind === 'Join' ? travelled(rel) : rel)),
};

const dropsUnmatchedRight = new Set<Join['joinKind']>(['inner', 'innerunique', 'leftouter', 'leftsemi', 'rightsemi']);

function travelled(rel: Join): Rel {
  if (!dropsUnmatchedRight.has(rel.joinKind) || !reads(rel.right) || !selective(rel.left)) return rel;
  const keys = rel.keys.filter(
    (k) => k.left.kind === 'Column' && k.right.type === k.left.type && k.right.type !== 'dynamic',
  );
  // A null key joins with null, yet no null is in a list.
  const strings = keys.filter((k) => k.left.type === 'string');
  if (strings.length === 0) return rel;
  const left: Shared =
    rel.left.kind === 'Shared'
      ? rel.left
      : { kind: 'Shared', name: 'left', input: rel.left, columns: rel.left.columns };
  let right = rel.right;
  for (const key of strings) {
    const set: Rel = {
      kind: 'Aggregate',
      input: left,
      keys: [{ name: 'key', expr: key.left }],
      calls: [],
      columns: [{ name: 'key', type: key.left.type }],
    };
    const test: Expr = { kind: 'InSubquery', type: 'bool', value: key.right, rel: set, ignoreCase: false };
    right = { kind: 'Filter', input: right, predicate: test, columns: right.columns };
  }
  return { ...rel, left, right };
}

/** Whether a table is scanned below. */
function reads(rel: Rel): boolean {
  if (rel.kind === 'Scan') return true;
  if (rel.kind === 'Join') return reads(rel.left) || reads(rel.right);
  if (rel.kind === 'Union') return rel.inputs.some(reads);
  // What several places share is computed as a whole anyway.
  return 'input' in rel && rel.kind !== 'Shared' && rel.kind !== 'Limit' && reads(rel.input);
}

/** A side that was filtered or joined is worth sending; a whole table is not. */
function selective(rel: Rel): boolean {
  switch (rel.kind) {
    case 'Values':
    case 'Filter':
    case 'Limit':
      return true;
    case 'Join':
      return selective(rel.left) || selective(rel.right);
    case 'Scan':
    case 'Range':
      return false;
    case 'Union':
      return rel.inputs.every(selective);
    default:
      return selective(rel.input);
  }
}
