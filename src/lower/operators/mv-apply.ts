import { column, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import { type Context, Scope } from '../context.js';
import { freshName, passOn, project } from '../rel-helpers.js';
import { lowerSubquery } from '../subquery.js';
import type { LowerOperator } from './index.js';
import { joinOf } from './join.js';
import { expanded } from './mv-expand.js';

/**
 * Expands arrays and runs a subquery over the elements of each row. Every row gets a number; the subquery's aggregates,
 * sorts and limits work within it, and its result is joined back to the row.
 */
export const mvApply: LowerOperator = (node, input, cx) => {
  const id = freshName('row_id', input.columns, node.columns ?? []);
  const numbered: Rel = {
    kind: 'Shared',
    name: 'rows',
    columns: [...input.columns, { name: id, type: 'long' }],
    input: {
      kind: 'Window',
      input,
      items: [{ name: id, call: { name: 'row_id', type: 'long', args: [] } }],
      columns: [...input.columns, { name: id, type: 'long' }],
    },
    span: node.span,
  };
  const per = [{ name: id, type: 'long' as const }];
  const rows = expanded(node, numbered, cx, { pairs: false, indexName: itemIndex(node) });
  const inner: Context = { ...cx, per, scope: new Scope(cx.scope), steps: undefined };
  const result = lowerSubquery(node.get('Subquery').get('Expression'), rows, inner);
  const own = new Set(input.columns.map((c) => c.name));
  const aggregated = input.columns.some((c) => !result.columns.some((r) => r.name === c.name));
  if (!aggregated) return project(result, passOn(result.columns.filter((c) => c.name !== id)), node.span, true);
  const expandedNames = new Set(node.list('Expressions').map((e) => e.get('Expression').name));
  const added = result.columns.filter((c) => c.name !== id && (!own.has(c.name) || expandedNames.has(c.name)));
  const right = project(result, passOn([...added, ...per]));
  const left = project(
    numbered,
    passOn([
      ...input.columns.filter((c) => !expandedNames.has(c.name) && !added.some((a) => a.name === c.name)),
      ...per,
    ]),
    undefined,
    true,
  );
  const key = column(per[0]!);
  const joined = joinOf('inner', left, right, [{ left: key, right: key }]);
  const wanted = joined.columns.filter((c) => c.name !== id && c.name !== `${id}1`);
  return project(joined, passOn(wanted), node.span, true);
};

const itemIndex = (node: Node) =>
  node
    .list('Parameters')
    .find((p) => p.get('Name').name.toLowerCase() === 'with_itemindex')
    ?.get('Expression').name;
