import { call, column, literal, type NamedExpr } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { KqlType } from '../../tables/index.js';
import { unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { extend, passOn, project } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';

/**
 * Spreads a bag into columns. Which columns there are depends on the data unless the query declares them
 * (`evaluate bag_unpack(d) : (a: string, *)`) or the bag is built by `bag_pack` from literal names.
 */
export const bagUnpack: LowerPlugin = (node, input, cx, operator) => {
  const args = node.get('ArgumentList').list('Expressions');
  const bag = args[0]!;
  const value = lowerExpr(bag, withRow(cx, input.columns));
  if (value.kind !== 'Column') return unsupported(bag, 'bag_unpack wants a column');
  const prefix = args[1]
    ? String(lowerExpr(args[1], cx).kind === 'Literal' ? (lowerExpr(args[1], cx) as { value: unknown }).value : '')
    : '';
  const declared = declaredColumns(operator);
  if (!declared) {
    return unsupported(
      node,
      'the columns of bag_unpack depend on the data',
      'declare them: evaluate bag_unpack(bag) : (name: type, *)',
    );
  }
  const rest = input.columns.filter((c) => c.name !== value.name);
  const unpacked = declared.columns
    .filter((c) => !rest.some((r) => r.name === c.name))
    .map((c): NamedExpr => {
      const element = call('.', 'dynamic', [column(value), literal('string', c.name.slice(prefix.length))]);
      return { name: c.name, expr: c.type === 'dynamic' ? element : call(`to${c.type}`, c.type, [element]) };
    });
  const all = extend(input, unpacked);
  const kept = all.columns.filter(
    (c) => c.name !== value.name && (declared.open || declared.columns.some((d) => d.name === c.name)),
  );
  return project(all, passOn(kept));
};

function declaredColumns(operator: Node): { columns: { name: string; type: KqlType }[]; open: boolean } | undefined {
  const schema = operator.child('Schema')?.child('Schema');
  if (!schema) return undefined;
  return {
    columns: schema
      .list('Columns')
      .map((c) => ({ name: c.get('Name').name, type: c.get('Type').text.toLowerCase() as KqlType })),
    open: schema.child('AsteriskToken') !== undefined && schema.get('AsteriskToken').text === '*',
  };
}
