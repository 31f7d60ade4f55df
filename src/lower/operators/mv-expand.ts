import { call, column, type Expand, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { explicitName, freeNames, replacedName, unnamed } from '../naming.js';
import { extend } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { parametersOf } from './union.js';

export const mvExpand: LowerOperator = (node, input, cx) => {
  const parameters = parametersOf(node);
  const rowLimit = node.child('RowLimitClause')?.child('RowLimit');
  return expanded(node, input, cx, {
    pairs: (parameters.get('bagexpansion') ?? parameters.get('kind'))?.text.toLowerCase() === 'array',
    indexName: parameters.get('with_itemindex')?.name,
    limit: rowLimit && lowerExpr(rowLimit, withRow(cx, input.columns)),
  });
};

/** Types as older queries call them. */
const otherSpellings: Record<string, KqlType> = {
  ...{ double: 'real', time: 'timespan', date: 'datetime', boolean: 'bool', uuid: 'guid', uniqueid: 'guid' },
};

/** The expansion, and the conversion of the elements to the types that `to typeof()` asks for. */
export function expanded(node: Node, input: Rel, cx: Context, how: Pick<Expand, 'pairs' | 'indexName' | 'limit'>): Rel {
  const row = withRow(cx, input.columns);
  const known = new Set([...input.columns.map((c) => c.name), ...(how.indexName ? [how.indexName] : [])]);
  const free = freeNames(node, known);
  const items: NamedExpr[] = [];
  const casts: { name: string; type: KqlType }[] = [];
  for (const e of node.list('Expressions')) {
    const value = e.get('Expression');
    const name = explicitName(value) ?? replacedName(value, input.columns) ?? free.shift();
    if (name === undefined) return unsupported(e, 'this expression has no name', 'give it one: name = …');
    const expr = lowerExpr(unnamed(value), row);
    if (expr.type !== 'dynamic') return unsupported(e, `mv-expand wants a dynamic value, not a ${expr.type}`);
    items.push({ name, expr });
    const spelled = e.child('ToTypeOf')?.child('TypeOf')?.list('Types')[0]?.text.toLowerCase();
    const to = spelled === undefined ? undefined : (otherSpellings[spelled] ?? (spelled as KqlType));
    if (to && to !== 'dynamic') casts.push({ name, type: to });
  }
  const replaced = new Set(items.map((i) => i.name));
  const index: Column[] = how.indexName ? [{ name: how.indexName, type: 'long' }] : [];
  const columns: Column[] = [
    ...input.columns.map((c): Column => (replaced.has(c.name) ? { name: c.name, type: 'dynamic' } : c)),
    ...items
      .filter((i) => !input.columns.some((c) => c.name === i.name))
      .map((i): Column => ({ name: i.name, type: 'dynamic' })),
  ];
  const expand: Rel = { kind: 'Expand', input, items, ...how, columns: [...columns, ...index], span: node.span };
  if (casts.length === 0) return expand;
  return extend(
    expand,
    casts.map((c) => ({
      name: c.name,
      expr: call(`to${c.type}`, c.type, [column({ name: c.name, type: 'dynamic' })]),
    })),
    node.span,
  );
}
