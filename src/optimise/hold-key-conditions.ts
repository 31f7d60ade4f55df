import {
  columnsRead,
  conjunction,
  conjunctsOf,
  containsSubquery,
  type Expr,
  type Rel,
  rewriteRels,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';
import { travellingKeys } from './travel-keys.js';

/**
 * Keeps conditions on a join's right key from being pushed towards the scans when the left side's keys will travel there:
 * the keys that arrive can satisfy them already.
 */
export const holdKeyConditions: Rewrite = {
  name: 'hold-key-conditions',
  reason: 'whether an address is private is asked of four keys instead of ten million rows',
  apply: (root) =>
    rewriteRels(root, (rel) => {
      if (rel.kind !== 'Join') return rel;
      const right = travellingKeys(rel).reduce(
        (r, k) => (k.right.kind === 'Column' ? held(r, k.right.name) : r),
        rel.right,
      );
      return right === rel.right ? rel : { ...rel, right };
    }),
};

function held(rel: Rel, name: string): Rel {
  if (rel.kind === 'Project') {
    const item = rel.items.find((i) => i.name === name)?.expr;
    return item?.kind === 'Column' ? { ...rel, input: held(rel.input, item.name) } : rel;
  }
  if (rel.kind !== 'Filter' || rel.held) return rel;
  const parts = conjunctsOf(rel.predicate);
  const onKey = parts.filter((p) => isOf(p, name));
  const others = parts.filter((p) => !isOf(p, name));
  const below = held(rel.input, name);
  const input = others.length > 0 ? { ...rel, input: below, predicate: conjunction(others) } : below;
  return onKey.length > 0 ? { ...rel, input, predicate: conjunction(onKey), held: true } : input;
}

/** Whether the condition is settled by the value of the column alone. */
function isOf(condition: Expr, name: string): boolean {
  const read = columnsRead([condition]);
  return read.size === 1 && read.has(name) && !containsSubquery(condition) && !varies(condition);
}

const varies = (e: Expr): boolean => e.kind === 'Call' && (/^(rand|new_guid)$/.test(e.name) || e.args.some(varies));
