import { type Node, parseTree } from '../../kql/index.js';
import type { Verdict } from './check.js';
import type { Generated } from './generate.js';

/** How many smaller queries are tried. */
const maxTries = 600;

/**
 * The smallest query that fails in the same way: nodes of the official tree are left out, or give way to a node inside
 * them, as long as the failure stays.
 */
export async function shrink(
  q: Generated,
  verdict: Verdict,
  check: (q: Generated) => Promise<Verdict>,
): Promise<string> {
  const wanted = kindOf(verdict);
  let best = q.kql;
  let tries = 0;
  for (let again = true; again; ) {
    again = false;
    for (const smaller of smallerOnes(best)) {
      if (++tries > maxTries) return best;
      if (kindOf(await check({ ...q, kql: smaller })) !== wanted) continue;
      best = smaller;
      again = true;
      break;
    }
  }
  return best;
}

/** The failure without what differs from query to query: names, numbers, places. */
const kindOf = (v: Verdict): string =>
  `${v.kind} ${
    'why' in v
      ? v.kind === 'engine' || v.kind === 'crash'
        ? v.why
            .replace(/[^A-Za-z ]+/g, '')
            .split(' ')
            .slice(0, 5)
            .join(' ')
        : ''
      : ''
  }`;

function smallerOnes(kql: string): string[] {
  const found = new Set<string>();
  const cut = (from: number, to: number, by: string) => found.add((kql.slice(0, from) + by + kql.slice(to)).trim());
  const root = parseTree(kql);
  const visit = (node: Node): void => {
    const { start, end } = node.span;
    if (/Statement$/.test(node.kind) || node.kind === 'SeparatedElement') cut(start, end, '');
    // `rows | operator`: the rows alone, or the operator left out of the middle.
    if (node.kind === 'PipeExpression') cut(start, end, node.children[0]!.text);
    if (end - start > 1 && !/Token|Keyword/.test(node.kind))
      for (const inner of descendants(node, 3))
        if (inner.span.end - inner.span.start < end - start) cut(start, end, inner.text);
    node.children.forEach(visit);
  };
  visit(root);
  return [...found].filter((t) => t.length < kql.length && t.length > 0).sort((a, b) => a.length - b.length);
}

function descendants(node: Node, depth: number): Node[] {
  if (depth === 0) return [];
  return node.children.flatMap((c) => [
    ...(/Expression|Literal|NameReference|Operator$|Path/.test(c.kind) ? [c] : []),
    ...descendants(c, depth - 1),
  ]);
}
