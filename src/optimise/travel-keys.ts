import {
  columnsRead,
  conjunction,
  type Expr,
  type Join,
  mapExpr,
  type Rel,
  rewriteRels,
  type Shared,
} from '../ir/index.js';
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

/** The keys that travel. A null key joins with null, yet no null is in a list: so strings only. */
export function travellingKeys(rel: Join): Join['keys'] {
  if (!dropsUnmatchedRight.has(rel.joinKind) || !reads(rel.right) || !selective(rel.left)) return [];
  return rel.keys.filter((k) => k.left.kind === 'Column' && k.left.type === 'string' && k.right.type === 'string');
}

function travelled(rel: Join): Rel {
  const strings = travellingKeys(rel);
  if (strings.length === 0) return rel;
  const left: Shared =
    rel.left.kind === 'Shared'
      ? rel.left
      : { kind: 'Shared', name: 'left', input: rel.left, columns: rel.left.columns };
  let right = rel.right;
  for (const key of strings) {
    const conditions: Expr[] = [];
    if (key.right.kind === 'Column') right = withoutHeld(right, key.right.name, conditions);
    const ofLeft = conditions.map((c) => mapExpr(c, (x) => (x.kind === 'Column' ? key.left : x)));
    const kept: Rel = { kind: 'Filter', input: left, predicate: conjunction(ofLeft), columns: left.columns };
    const columns = [{ name: 'key', type: key.left.type }];
    const distinct: Rel = {
      ...{ kind: 'Aggregate', input: ofLeft.length > 0 ? kept : left, calls: [], columns },
      keys: [{ name: 'key', expr: key.left }],
    };
    // Every leg of a union gets the test: the set is then computed once.
    const set: Rel = { kind: 'Shared', name: 'keys', input: distinct, columns };
    const test: Expr = { kind: 'InSubquery', type: 'bool', value: key.right, rel: set, ignoreCase: false };
    right = { kind: 'Filter', input: right, predicate: test, columns: right.columns };
  }
  return { ...rel, left, right };
}

/** Takes held conditions on a column off the relation: they are asked of the few keys instead of the many rows. */
function withoutHeld(rel: Rel, name: string, taken: Expr[]): Rel {
  if (rel.kind === 'Project') {
    const item = rel.items.find((i) => i.name === name)?.expr;
    return item?.kind === 'Column' ? { ...rel, input: withoutHeld(rel.input, item.name, taken) } : rel;
  }
  if (rel.kind !== 'Filter') return rel;
  const input = withoutHeld(rel.input, name, taken);
  if (!rel.held || [...columnsRead([rel.predicate])].some((n) => n !== name)) return { ...rel, input };
  taken.push(rel.predicate);
  return input;
}

/** Whether a table is scanned below. */
function reads(rel: Rel): boolean {
  if (rel.kind === 'Scan') return true;
  if (rel.kind === 'Join') return reads(rel.left) || reads(rel.right);
  if (rel.kind === 'Union') return rel.inputs.some(reads);
  // What several places share is computed as a whole anyway.
  return 'input' in rel && !/^(Shared|Limit|Hosted)$/.test(rel.kind) && reads(rel.input);
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
