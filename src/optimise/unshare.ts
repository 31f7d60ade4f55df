import { countUses, rewriteRels } from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** A relation that only one place uses needs no name of its own. */
export const unshare: Rewrite = {
  name: 'unshare',
  reason: 'most lets are used once, and a border around them would stop filters from moving in',
  apply(root) {
    const uses = countUses(root);
    return rewriteRels(root, (rel, original) => {
      const once = rel.kind === 'Shared' && original.kind === 'Shared' && uses.get(original) === 1;
      return once ? rel.input : rel;
    });
  },
};
